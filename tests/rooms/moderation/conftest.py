"""A room with its host, a moderator, somebody who talks, and somebody outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import AuditEntry
from chatpop.rooms.finding import find_any
from chatpop.rooms.models import Message, Participation
from chatpop.rooms.tags import author_tag
from tests.support.people import Person


@dataclass
class Scene:
    """hana hosts, mod looks after, gus talks, oto is outside; ``code`` is the room."""

    app: Flask
    code: str
    hana: Person
    mod: Person
    gus: Person
    oto: Person
    names: dict[int, str] = field(default_factory=dict)
    """The names they have in the room, by the identity of the object."""

    def name(self, someone: Person) -> str:
        if id(someone) not in self.names:
            self.names[id(someone)] = someone.name or ""
        return self.names[id(someone)]

    def path(self, rest: str = "") -> str:
        return f"/rooms/{self.code}{rest}"

    def tag(self, someone: Person) -> str:
        """The tag of somebody who is in the room."""
        with self.app.app_context():
            room = find_any(self.code)
            place = db.session.scalars(
                select(Participation).where(Participation.room_id == room.id, Participation.name == self.name(someone))
            ).one()
            return author_tag(room, place)

    def person(self, someone: Person, rest: str = "") -> str:
        return self.path(f"/people/{self.tag(someone)}{rest}")

    def acts(self) -> list[str]:
        """What the audit trail says, oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))

    def line(self, action: str) -> AuditEntry:
        with self.app.app_context():
            return db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)).one()

    def message(self, seq: int) -> Message:
        with self.app.app_context():
            return db.session.scalars(select(Message).where(Message.seq == seq)).one()


@pytest.fixture
def scene(app: Flask, hana: Person, gus: Person, oto: Person, person: Callable[[], Person]) -> Scene:
    mod = person()
    code = hana.open_room()
    made = Scene(app, code, hana, mod, gus, oto)
    for each in (mod, gus):
        made.names[id(each)] = each.join(code).json["username"]
    assert hana.post(made.person(mod, "/moderator")).status_code == 303
    oto.open_room()
    return made


def form_of(page: str, action: str) -> str:
    """The path of the one form whose action ends like this."""
    found = re.findall(rf'action="([^"]*{action})"', page)
    assert len(found) == 1, (action, found)
    return str(found[0])
