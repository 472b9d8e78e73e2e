"""A site that is killed while people talk: nothing acknowledged is lost, doubled or out of order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")
UNLIMITED = {"MAX_MESSAGES_PER_MINUTE_GUEST": "100000"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("site"), **UNLIMITED) as running:
        yield running


class Talk:
    """Two guests who write without a pause, each message until it is acknowledged."""

    def __init__(self, site: RunningSite) -> None:
        hana, gus = Caller(site.address), Caller(site.address)
        self.code = hana.open_room("Tea")
        gus.join(self.code)
        self.people = {"hana": hana, "gus": gus}
        self.acknowledged: dict[int, str] = {}
        self._ended = threading.Event()
        self._faults: list[BaseException] = []
        self._threads = [threading.Thread(target=self._write, args=one) for one in self.people.items()]

    def _write(self, who: str, person: Caller) -> None:
        number = 0
        try:
            while not self._ended.is_set():
                number += 1
                text = f"{who} {number}"
                self.acknowledged[person.say(self.code, text)] = text
        except BaseException as fault:
            self._faults.append(fault)
            raise

    def __enter__(self) -> Talk:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)
        assert not self._faults

    def goes_on(self, count: int = 20) -> None:
        """Returns when ``count`` more messages are acknowledged."""
        enough = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= enough or self._faults, seconds=60)


def _power_cut(site: RunningSite) -> None:
    site.kill_everything()
    site.start()


DISASTERS: dict[str, Callable[[RunningSite], None]] = {
    "the web worker is killed": RunningSite.kill_web_worker,
    "the web process and its worker are killed": RunningSite.kill_web,
    "the power fails": _power_cut,
}


@pytest.mark.parametrize("disaster", DISASTERS)
def test_no_acknowledged_message_is_lost_doubled_or_out_of_order_when(site: RunningSite, disaster: str) -> None:
    _talk_through(site, lambda: DISASTERS[disaster](site))


def _talk_through(site: RunningSite, disaster: Callable[[], None]) -> None:
    talk = Talk(site)
    member, visitor = talk.people["gus"].cookies(), ""
    with LiveReader(site.port, talk.code, member) as one, LiveReader(site.port, talk.code, visitor) as other:
        with talk:
            talk.goes_on()
            disaster()
            talk.goes_on()
        last = max(talk.acknowledged)
        for reader in (one, other):
            until(lambda reader=reader: reader.heard and reader.heard[-1].seq >= last)  # type: ignore[misc]
            assert reader.connections > 1

    written = [talk.acknowledged[seq] for seq in sorted(talk.acknowledged)]
    assert sorted(talk.acknowledged) == list(range(1, last + 1))
    assert one.bodies == other.bodies == written
    assert [event.seq for event in one.heard] == list(range(1, last + 1))


def test_after_a_power_cut_everybody_is_who_they_were(site: RunningSite) -> None:
    hana, gus = Caller(site.address), Caller(site.address)
    code = hana.open_room("Tea")
    name = gus.join(code)
    gus.say(code, "before")

    _power_cut(site)

    assert name in gus.page("/")
    assert gus.say(code, "after") == 2
    page = hana.page(f"/rooms/{code}")
    assert page.index(">before<") < page.index(">after<")
    assert page.count(f'<span class="message-author">{name}</span>') == 2
