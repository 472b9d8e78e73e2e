"""Hanging files on a message: one's own, brought for its room, not sent yet; all of them or none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.rooms.models import Message, Room
from chatpop.uploads import attaching
from chatpop.uploads.models import Upload
from chatpop.uploads.refusals import NotAttachable
from tests.support.people import Person
from tests.uploads.sending import all_uploads, keep


@pytest.fixture
def brought(app: Flask, hana: Person, gus: Person) -> Iterator[tuple[int, int, int, list[str]]]:
    """The ids of a message, hana and the room, and the keys of her two files and one of gus's."""
    code = hana.open_room()
    hana.say(code, "look")
    keys = [keep(someone).split("/")[2] for someone in (hana, hana, gus)]
    with app.app_context():
        with transaction() as session:
            room_id, message_id = session.scalars(select(Room.id)).one(), session.scalars(select(Message.id)).one()
            session.execute(update(Upload).values(is_attachment=True, room_id=room_id))
            owner_id = session.scalars(select(User.id).order_by(User.id)).first() or 0
        yield message_id, owner_id, room_id, keys


def test_files_hang_on_their_message_in_order(app: Flask, brought: tuple[int, int, int, list[str]]) -> None:
    message_id, owner_id, room_id, keys = brought
    with transaction() as session:
        made = attaching.attach(session, message_id, [keys[1], keys[0], keys[0]], owner_id, room_id)
        assert [upload.public_id for upload in made] == keys[:2]
    found = attaching.attachments_of([message_id, 77])
    assert [upload.public_id for upload in found[message_id]] == keys[:2]
    assert list(found) == [message_id]


@pytest.mark.parametrize("wrong", ["another's", "unknown", "other room", "sent before", "too many"])
def test_what_may_not_be_attached_leaves_everything_as_it_was(
    app: Flask, brought: tuple[int, int, int, list[str]], wrong: str
) -> None:
    message_id, owner_id, room_id, keys = brought
    wanted = {"another's": keys, "unknown": [keys[0], "x" * 22], "too many": [f"{n:022}" for n in range(11)]}
    with transaction() as session:
        if wrong == "sent before":
            session.execute(update(Upload).where(Upload.public_id == keys[1]).values(message_id=message_id))
        if wrong == "other room":
            room_id += 1
    with pytest.raises(NotAttachable), transaction() as session:
        attaching.attach(session, message_id, wanted.get(wrong, keys[:2]), owner_id, room_id)
    assert next(upload for upload in all_uploads(app) if upload.public_id == keys[0]).message_id is None


def test_a_message_without_files_needs_nothing(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        assert attaching.attach(session, 1, [], 1, 1) == []
