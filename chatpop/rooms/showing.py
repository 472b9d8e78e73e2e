"""Showing everybody what has become of a message's files."""

from __future__ import annotations

from sqlalchemy import select

from chatpop.core import database
from chatpop.extensions import db
from chatpop.rooms.live import live
from chatpop.rooms.models import Message
from chatpop.uploads.models import Upload


def files_changed(upload_id: int) -> None:
    """One of them looks otherwise than before; nothing happens where it hangs on no message."""
    statement = select(Message.room_id, Message.seq).join(Upload, Upload.message_id == Message.id)
    with database.reading(), db.engine.connect() as connection:
        row = connection.execute(statement.where(Upload.id == upload_id)).one_or_none()
    if row is not None:
        live.tell_files(row.room_id, row.seq)


def file_ended(upload: Upload) -> None:
    """Its owner has deleted it, and the message is left without it."""
    with database.reading(), db.engine.connect() as connection:
        statement = select(Message.room_id, Message.seq).where(Message.id == upload.message_id)
        row = connection.execute(statement).one_or_none()
    if row is not None:
        live.tell_files(row.room_id, row.seq)
