"""Hanging files on a message. They are brought for its room first, then sent with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chatpop.core.texts import text
from chatpop.extensions import db
from chatpop.uploads.models import Upload
from chatpop.uploads.refusals import NotAttachable

MOST = 10
"""Files on one message."""
TOO_MANY = text("%(most)s files are the most that one message can carry.", most=MOST)


def attach(session: Session, message_id: int, upload_ids: Sequence[str], owner_id: int, room_id: int) -> list[Upload]:
    """Hang the files with these public ids on the message, inside the caller's transaction; all or none.

    They must be the author's own, brought for this room and not sent yet. Raises :class:`NotAttachable`.
    """
    wanted = list(dict.fromkeys(upload_ids))
    if not wanted:
        return []
    if len(wanted) > MOST:
        raise NotAttachable(TOO_MANY)
    free = (
        Upload.public_id.in_(wanted)
        & (Upload.owner_id == owner_id)
        & (Upload.room_id == room_id)
        & Upload.message_id.is_(None)
    )
    statement = update(Upload).where(free).values(message_id=message_id)
    done = session.execute(statement.execution_options(synchronize_session=False))
    if done.rowcount != len(wanted):  # type: ignore[attr-defined]
        raise NotAttachable
    return list(session.scalars(select(Upload).where(Upload.message_id == message_id).order_by(Upload.id)))


def attachments_of(message_ids: Iterable[int], session: Session | None = None) -> dict[int, list[Upload]]:
    """Message id -> its files in the order in which they were brought; messages without files are left out.

    ``session`` is one to use in place of the request's.
    """
    wanted = list(message_ids)
    found: dict[int, list[Upload]] = {}
    if wanted:
        statement = select(Upload).where(Upload.message_id.in_(wanted)).order_by(Upload.id)
        for upload in (session or db.session).scalars(statement):
            found.setdefault(upload.message_id or 0, []).append(upload)
    return found
