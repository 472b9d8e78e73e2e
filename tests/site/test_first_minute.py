"""The first minute of a site: one command, two people, and they talk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader

pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def test_two_people_talk_both_ways_without_having_typed_anything_but_their_messages(site: RunningSite) -> None:
    hana, gus = Caller(site.address), Caller(site.address)
    code = hana.open_room("Tea")
    gus.join(code)
    with LiveReader(site.port, code, hana.cookies()) as hanas, LiveReader(site.port, code, gus.cookies()) as guses:
        hana.say(code, "Anybody here?")
        until(lambda: guses.bodies == ["Anybody here?"], seconds=2)
        gus.say(code, "Me!")
        until(lambda: hanas.bodies == guses.bodies == ["Anybody here?", "Me!"], seconds=2)


def test_a_message_taken_back_is_taken_back_for_those_who_were_away_too(site: RunningSite) -> None:
    gus = Caller(site.address)
    code = gus.open_room("Tea")
    seq = gus.say(code, "wrong room")
    with LiveReader(site.port, code) as here:
        status, _ = gus.call(f"/rooms/{code}/messages/{seq}/deletion", {})
        assert status == 200
        until(lambda: [event.kind for event in here.heard] == ["message", "delete"], seconds=2)
    with LiveReader(site.port, code) as later:
        until(lambda: len(later.heard) == 2)
        assert "wrong room" not in later.bodies
