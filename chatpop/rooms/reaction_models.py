"""Reactions to messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.core.texts import text
from chatpop.extensions import Base
from chatpop.names.models import MAX_NAME_LENGTH
from chatpop.rooms.report_models import TAG_LENGTH

PALETTE = {
    "👍": text("thumbs up"),
    "❤️": text("heart"),
    "😂": text("laughing"),
    "🎉": text("party"),
    "😮": text("surprised"),
    "😢": text("sad"),
    "🙏": text("thank you"),
    "👏": text("applause"),
    "🔥": text("fire"),
    "👀": text("eyes"),
    "🤔": text("thinking"),
    "👎": text("thumbs down"),
}
"""The signs one can react with, in the order in which they are offered, and how they are read out."""
SIGN_LIMIT = 8


class Reaction(Base):
    """One person's sign under one message; the name and the tag are those they had in the room then."""

    __tablename__ = "reactions"
    __table_args__ = (UniqueConstraint("message_id", "user_id", "emoji"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    emoji: Mapped[str] = mapped_column(String(SIGN_LIMIT))
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(Moment)
