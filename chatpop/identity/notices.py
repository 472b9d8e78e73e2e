"""Word to a person about what was done to their account; shown once, on their next page."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from chatpop.core import clock, database
from chatpop.core.database import BigId, Moment
from chatpop.core.texts import Text, text
from chatpop.extensions import Base, db

SENTENCE_LIMIT = 300


class Notice(Base):
    """A sentence that ``user_id`` has not seen yet."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sentence: Mapped[str] = mapped_column(String(SENTENCE_LIMIT))
    created_at: Mapped[datetime] = mapped_column(Moment)


def leave(session: Session, user_id: int, sentence: Text) -> None:
    """Leave a sentence for the account's owner, inside the caller's transaction; its values are strings.

    It is kept in two parts, so that the owner's page can say it in its own language.
    """
    parts = json.dumps([sentence.template, sentence.values], ensure_ascii=False)
    session.add(Notice(user_id=user_id, sentence=parts, created_at=clock.now()))


def take(user_id: int) -> list[Text]:
    """What waits for the account's owner, oldest first; it is gone afterwards.

    Two pages loading at once don't both show a sentence: the deletion decides. Runs on a connection of its
    own, because pages only read.
    """
    waiting = select(Notice.id).where(Notice.user_id == user_id).limit(1)
    with database.reading(), db.engine.connect() as connection:
        if connection.execute(waiting).first() is None:
            return []
    taken = delete(Notice).where(Notice.user_id == user_id).returning(Notice.id, Notice.sentence)
    with database.writing(), db.engine.begin() as connection:
        return [_read(row.sentence) for row in sorted(connection.execute(taken), key=lambda row: row.id)]


def _read(kept: str) -> Text:
    """A notice of an older version is one English sentence."""
    if not kept.startswith("["):
        return text(kept)
    template, values = json.loads(kept)
    return text(template, **values)
