"""Who is called by name in a message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.names.models import MAX_NAME_LENGTH
from chatpop.rooms.report_models import TAG_LENGTH


class Mention(Base):
    """``user_id`` was in the room under ``name`` when the message called it. The tag stands for that name alone."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("message_id", "tag"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(Moment)
