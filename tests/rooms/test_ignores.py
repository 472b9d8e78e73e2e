"""Ignoring a person in a room: hidden for the one who ignores, with and without scripts, until undone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from chatpop.rooms import ignoring
from tests.accounts.acts import make_member
from tests.support.people import Person
from tests.support.rows import row_counts


@pytest.fixture
def tea(hana: Person, gus: Person) -> str:
    """A room where hana hosts and gus has spoken."""
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "buy my things")
    hana.say(code, "welcome all")
    return code


def tag_of(reader: Person, code: str, body: str) -> str:
    found = re.search(rf'data-author="(\w+)">(?:(?!</li>).)*{body}', reader.get(f"/rooms/{code}").text, re.S)
    assert found, body
    return found.group(1)


def ignore(someone: Person, code: str, tag: str, *, htmx: bool = False) -> int:
    return someone.post(f"/rooms/{code}/ignores", data={"tag": tag}, htmx=htmx).status_code


def test_the_ignored_persons_messages_are_gone_for_the_one_who_ignores_alone(
    hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    gus_tag = tag_of(hana, tea, "buy my things")
    assert ignore(hana, tea, gus_tag) == 303
    page = hana.get(f"/rooms/{tea}").text
    assert "buy my things" not in page, "the page itself, for browsers without scripts"
    assert "welcome all" in page
    assert f'data-tags="{gus_tag}"' in page, "the list for the script, which hides what comes live"
    assert "buy my things" not in hana.get(f"/rooms/{tea}/messages?after=0", htmx=True).text
    for other in (gus, oto):
        assert "buy my things" in other.get(f"/rooms/{tea}").text
        assert "data-tags" not in other.get(f"/rooms/{tea}").text


def test_it_is_undone_from_the_list(hana: Person, gus: Person, tea: str) -> None:
    tag = tag_of(hana, tea, "buy my things")
    ignore(hana, tea, tag)
    listed = hana.get(f"/rooms/{tea}/ignores").text
    assert str(gus.name) in listed
    assert hana.post(f"/rooms/{tea}/ignores/{tag}/end").status_code == 303
    assert "buy my things" in hana.get(f"/rooms/{tea}").text
    assert "You ignore nobody here." in hana.get(f"/rooms/{tea}/ignores").text
    assert hana.post(f"/rooms/{tea}/ignores/{tag}/end").status_code == 303, "undoing twice is undoing once"


def test_another_name_or_another_room_of_the_same_person_is_another_person(hana: Person, gus: Person, tea: str) -> None:
    ignore(hana, tea, tag_of(hana, tea, "buy my things"))
    second = hana.open_room("Second")
    gus.join(second)
    gus.say(second, "me in the second room")
    assert "me in the second room" in hana.get(f"/rooms/{second}").text
    gus.post(f"/rooms/{tea}/departure")
    gus.join(tea, gus.roll(tea))
    gus.say(tea, "a new face")
    assert "a new face" in hana.get(f"/rooms/{tea}").text, "or the list would link two names"


def test_ignoring_twice_is_ignoring_once(app: Flask, hana: Person, tea: str) -> None:
    tag = tag_of(hana, tea, "buy my things")
    assert (ignore(hana, tea, tag), ignore(hana, tea, tag)) == (303, 303)
    assert row_counts(app)["ignores"] == 1


def test_members_ignore_too(app: Flask, hana: Person, person: Callable[[], Person], tea: str) -> None:
    mia = make_member(person())
    mia.join(tea, "Mia-Rivers")
    assert ignore(mia, tea, tag_of(mia, tea, "buy my things")) == 303
    assert "buy my things" not in mia.get(f"/rooms/{tea}").text


def test_what_is_refused(app: Flask, hana: Person, gus: Person, oto: Person, tea: str) -> None:
    before = row_counts(app)["ignores"]
    gus_tag, hana_tag = tag_of(hana, tea, "buy my things"), tag_of(hana, tea, "welcome all")
    assert ignore(hana, tea, hana_tag, htmx=True) == 422, "oneself"
    assert ignore(hana, tea, "0123456789abcdef", htmx=True) == 404, "nobody"
    assert ignore(oto, tea, gus_tag, htmx=True) == 401, "a visitor"
    answer = oto.post(f"/rooms/{tea}/ignores", data={"tag": gus_tag})
    assert answer.headers["Location"] == f"/rooms/{tea}/join", "is sent to join"
    oto.open_room("Elsewhere")
    assert ignore(oto, tea, gus_tag, htmx=True) == 403, "an outsider"
    sent = {"tag": gus_tag, "csrf_token": "wrong"}
    assert hana.post(f"/rooms/{tea}/ignores", data=sent).status_code == 400, "a wrong token"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert hana.post(f"/rooms/{tea}/ignores", data={"tag": gus_tag}, headers=foreign).status_code == 403
    assert row_counts(app)["ignores"] == before


def test_a_private_rooms_list_is_nobody_elses(hana: Person, oto: Person) -> None:
    code = hana.open_room("Secret", visibility="private")
    oto.open_room("Elsewhere")
    assert oto.get(f"/rooms/{code}/ignores").status_code == 404
    assert ignore(oto, code, "0123456789abcdef") == 404


def test_ignoring_has_a_limit(hana: Person, tea: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignoring, "IGNORES_PER_HOUR", 1)
    tag = tag_of(hana, tea, "buy my things")
    ignore(hana, tea, tag)
    refused = hana.post(f"/rooms/{tea}/ignores", data={"tag": tag}, htmx=True)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
