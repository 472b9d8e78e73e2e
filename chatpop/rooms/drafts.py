"""Files that were brought for a message that is not written yet. They are their owner's alone until it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Room
from chatpop.uploads import retention
from chatpop.uploads.models import Upload


def find_drafts(room: Room, user: User, public_ids: Sequence[str]) -> Sequence[Upload]:
    """Those of these files that can still go with a message, in the order in which they were brought."""
    if not public_ids:
        return []
    statement = select(Upload).where(
        Upload.public_id.in_(public_ids),
        Upload.owner_id == user.id,
        Upload.room_id == room.id,
        Upload.message_id.is_(None),
    )
    return db.session.scalars(statement.order_by(Upload.id)).all()


def take_back(uploads: Iterable[Upload]) -> None:
    """End files whose message came to nothing."""
    ids = [upload.id for upload in uploads]
    if not ids:
        return
    with transaction() as session:
        for upload_id in sorted(ids):
            retention.delete_one(session, upload_id)
