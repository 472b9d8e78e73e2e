"""Forcing a re-roll: the old name is nobody's, the new one follows the person, and they are told once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.lifecycle import rerolling
from chatpop.names.models import Name
from chatpop.rooms.live import live
from chatpop.rooms.models import Participation
from tests.accounts.acts import log_in, make_member, user_called
from tests.support.people import Person


def reroll(app: Flask, user_id: int, name: str, *, relabel: bool = False) -> str:
    with app.app_context():
        return rerolling.reroll(user_id, name, relabel=relabel, by=None).new


def states(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {name.display: name.state for name in db.session.scalars(select(Name))}


def places(app: Flask, user_id: int) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(Participation.name).where(Participation.user_id == user_id)))


def test_a_guests_name_is_replaced_everywhere_but_on_old_messages(
    app: Flask, hana: Person, oto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = hana.open_room()
    hana.say(code, "before")
    old = str(hana.name)
    user = user_called(app, old)
    rechecked: list[int] = []
    monkeypatch.setattr(live, "recheck", rechecked.append)
    new = reroll(app, user.id, old)
    assert hana.name == new != old
    assert places(app, user.id) == {new}
    assert states(app) == {old: "retired", new: "active"}
    assert len(rechecked) == 1, "the live line of the room looks again who is there"
    page = oto.get(f"/rooms/{code}").text
    assert old in page, "what was written keeps its name"
    hana.say(code, "after")
    assert new in oto.get(f"/rooms/{code}").text


def test_the_person_is_told_once(app: Flask, hana: Person) -> None:
    hana.open_room()
    old = str(hana.name)
    new = reroll(app, user_called(app, old).id, old)
    told = hana.get("/").text
    assert f"you are {new} now, no longer {old}" in told
    assert "no longer" not in hana.get("/").text


def test_old_messages_are_relabelled_on_demand_and_stay_one_persons(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, "before")
    old = str(hana.name)
    new = reroll(app, user_called(app, old).id, old, relabel=True)
    hana.say(code, "after")
    page = oto.get(f"/rooms/{code}").text
    assert (old in page, new in page) == (False, True)
    tags = {part.partition('"')[0] for part in page.split('data-author="')[1:]}
    assert len(tags) == 1


def test_who_ignores_the_person_goes_on_ignoring_relabelled_messages(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    hana.say(code, "said long ago")
    gus.join(code)
    tag = gus.get(f"/rooms/{code}").text.partition('data-author="')[2].partition('"')[0]
    gus.post(f"/rooms/{code}/ignores", data={"tag": tag})
    old = str(hana.name)
    reroll(app, user_called(app, old).id, old, relabel=True)
    hana.say(code, "after")
    page = gus.get(f"/rooms/{code}").text
    assert ("said long ago" in page, "after</div>" in page) == (False, False)


def test_a_members_room_name_is_replaced_alone_and_the_log_in_stays(app: Flask, hana: Person) -> None:
    mia = make_member(Person(app))
    code = hana.open_room()
    rolled = mia.roll(code)
    mia.join(code, rolled)
    user = user_called(app, "Mia-Rivers")
    new = reroll(app, user.id, rolled)
    assert mia.name == "Mia-Rivers"
    assert places(app, user.id) == {new}
    account_new = reroll(app, user.id, "Mia-Rivers")
    assert mia.name == account_new
    elsewhere = Person(app)
    assert log_in(elsewhere, "mia@example.com").status_code == 303
    assert elsewhere.name == account_new


def test_nobody_gets_the_old_name_again_not_even_its_owner(app: Flask, hana: Person, oto: Person) -> None:
    hana.open_room()
    old = str(hana.name)
    reroll(app, user_called(app, old).id, old)
    for someone in (hana, oto):
        answer = someone.get("/api/accounts/check-username/", query_string={"username": old})
        assert answer.json["available"] is False


def test_a_name_that_is_not_the_accounts_is_not_touched(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    gus.open_room()
    user = user_called(app, str(hana.name))
    for name in (str(gus.name), "NobodyAtAll", "Ωmega"):
        with pytest.raises(rerolling.NameNotInUse):
            reroll(app, user.id, name)
    assert set(states(app).values()) == {"active"}
