"""Mutes, bans and the right of a moderator come with a guest that is merged, and go back with an undo."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.bans import Ban
from chatpop.identity.models import User
from chatpop.lifecycle import merging
from chatpop.rooms.models import Moderator, Mute
from tests.accounts.acts import make_member, user_called
from tests.conftest import both_databases
from tests.rooms.moderation.conftest import Scene, scene
from tests.support.people import Person

__all__ = ["scene"]


def owners(app: Flask) -> list[int]:
    with app.app_context():
        return [*db.session.scalars(select(Ban.user_id)), *db.session.scalars(select(Mute.user_id))]


@both_databases
def test_a_member_inherits_the_bans_and_mutes_of_a_guest_and_gives_them_back(scene: Scene, app: Flask) -> None:
    mia = make_member(Person(app))
    name, member = scene.name(scene.gus), user_called(app, "Mia-Rivers").id
    scene.hana.post(scene.person(scene.gus, "/mute"), data={"length": "1d"})
    scene.hana.post(scene.person(scene.gus, "/ban"), data={"length": "forever"})
    guest = user_called(app, name).id
    with app.app_context():
        users = [db.session.get_one(User, user_id) for user_id in (member, guest)]
        record = merging.merge(*users)
    assert owners(app) == [member, member]
    assert mia.get(scene.path()).status_code == 403
    with app.app_context():
        merging.undo(db.session.get_one(User, member), record.id, None)
    assert owners(app) == [guest, guest]
    assert mia.get(scene.path()).status_code == 200


@both_databases
def test_two_mutes_become_the_longer_one_and_two_rights_one(scene: Scene, app: Flask) -> None:
    mia = make_member(Person(app))
    scene.names[id(mia)] = mia.join(scene.code).json["username"]
    for someone, length in ((mia, "10m"), (scene.gus, "30d")):
        scene.hana.post(scene.person(someone, "/mute"), data={"length": length})
    with app.app_context():
        longer = max(db.session.scalars(select(Mute.until)))
        users = [user_called(app, each) for each in ("Mia-Rivers", scene.name(scene.gus))]
        merging.merge(*users)
        of_mia = select(Mute.until).where(Mute.user_id == users[0].id)
        assert list(db.session.scalars(of_mia)) == [longer]
        assert len(list(db.session.scalars(select(Moderator.id)))) == 1
