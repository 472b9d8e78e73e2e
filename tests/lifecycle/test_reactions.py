"""What becomes of a person's reactions: forgotten, merged, taken away, deleted, under another name."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle import belongings, forgetting
from chatpop.lifecycle.deletion import finish_deletions
from chatpop.lifecycle.rerolling import reroll
from chatpop.names.models import NameState
from chatpop.rooms.reaction_models import Reaction
from tests.accounts.acts import log_in, make_member, register
from tests.conftest import both_databases
from tests.lifecycle.test_abandoning import LATER, forget, states, user_of
from tests.lifecycle.test_deletion import delete
from tests.lifecycle.test_export import fetch
from tests.lifecycle.test_merging import MEMBER, merge, undo
from tests.rooms.test_reactions import react, shown
from tests.support.people import Person


def rows(app: Flask) -> list[tuple[str, str, str]]:
    """Name, sign and tag of every reaction, the tag of each as it was kept."""
    with app.app_context():
        return [(row.name, row.emoji, row.tag) for row in db.session.scalars(select(Reaction).order_by(Reaction.id))]


def own(app: Flask) -> set[str]:
    """The accounts that reactions belong to."""
    with app.app_context():
        return set(db.session.scalars(select(User.username).join(Reaction, Reaction.user_id == User.id)))


@both_databases
def test_a_name_that_only_reacted_has_spoken(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    hana.say(code, "hello")
    gus.join(code)
    assert react(gus, code).status_code == 200
    name = str(gus.name)
    user_id = user_of(app, name).id
    assert forget(app, user_id) is True
    assert states(app, user_id) == {name: NameState.RETIRED}
    assert shown(hana.get(f"/rooms/{code}").text)[0][0] == "🎉", "the reaction stays"


def test_who_has_reacted_has_left_something_that_others_see(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    hana.say(code, "hello")
    gus.join(code)
    react(gus, code)
    user_id = user_of(app, str(gus.name)).id
    forget(app, user_id)
    with freeze_time(clock.now() + 2 * LATER), app.app_context():
        is_over = forgetting._is_over(1)
        assert user_id not in db.session.scalars(select(User.id).where(is_over)).all()
        db.session.query(Reaction).delete()
        assert user_id in db.session.scalars(select(User.id).where(is_over)).all()


@both_databases
def test_merging_moves_reactions_and_an_undo_brings_them_back(app: Flask, hana: Person, gus: Person) -> None:
    register(Person(app))
    code = gus.open_room()
    gus.say(code, "one")
    gus.say(code, "two")
    hana.join(code)
    react(hana, code, "👍", 1)
    react(hana, code, "🎉", 2)
    guest, before = str(hana.name), rows(app)
    mia = make_member_at(hana)
    mia.join(code, MEMBER)
    react(mia, code, "👍", 1)
    full = sorted(rows(app))
    assert merge(mia, guest).status_code in (200, 303)
    assert own(app) == {MEMBER}
    assert [(name, emoji) for name, emoji, _ in rows(app)] == [(guest, "🎉"), (MEMBER, "👍")], "of two one"
    assert rows(app)[0][2] != before[1][2], "the tag is the member's under that name"
    assert undo(app, mia).status_code == 303
    assert sorted(rows(app)) == full


def test_the_order_of_locks_holds_reactions_after_messages() -> None:
    kinds = [part.kind for part in belongings.BELONGINGS]
    assert kinds.index("message") < kinds.index("reaction")


def test_a_copy_of_ones_data_has_them(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    hana.say(code, "one")
    react(hana, code, "👍")
    (row,) = fetch(app, hana)["reactions"]
    assert (row["code"], row["seq"], row["emoji"], row["name"]) == (code, 1, "👍", hana.name)


@both_databases
def test_deleting_the_account_deletes_them(app: Flask, hana: Person, person: Callable[[], Person]) -> None:
    mia = make_member(person())
    code = hana.open_room()
    hana.say(code, "one")
    mia.join(code, MEMBER)
    react(mia, code)
    assert delete(mia).status_code == 303
    with app.app_context():
        finish_deletions()
    assert rows(app) == []
    assert 'class="reactions"' not in hana.get(f"/rooms/{code}").text


def test_a_forced_new_name_is_theirs_too_where_messages_are_relabelled(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    hana.say(code, "one")
    gus.join(code)
    react(gus, code)
    old = str(gus.name)
    with app.app_context():
        new = reroll(user_of(app, old).id, old, relabel=True, by=None).new
    assert [name for name, _, _ in rows(app)] == [new]
    assert react(gus, code).json["reactions"] == {}, "the tag is the new one: it can be taken back"


def make_member_at(guest: Person) -> Person:
    """The guest's browser, logged in as the member."""
    assert log_in(guest).status_code == 303
    return guest
