"""Rooms, who is in them, and their log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.names.models import MAX_NAME_LENGTH

NAME_LIMIT = 60
TOPIC_LIMIT = 200
BODY_LIMIT = 5_000
CLIENT_ID_LIMIT = 64


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class EventKind(StrEnum):
    """Kinds of log entries; the value is the ``event:`` of the live stream."""

    MESSAGE = "message"
    DELETE = "delete"


class Room(Base):
    """A place to talk. ``last_seq`` is the number of the newest log entry."""

    __tablename__ = "rooms"
    __table_args__ = (Index("ix_rooms_public_activity", "visibility", "active_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    topic: Mapped[str] = mapped_column(String(TOPIC_LIMIT), default="")
    visibility: Mapped[str] = mapped_column(String(8))
    invite: Mapped[str] = mapped_column(String(43))
    """The secret part of a private room's link."""
    host_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    last_seq: Mapped[int] = mapped_column(BigId, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    active_at: Mapped[datetime] = mapped_column(Moment)
    """The moment of the last message, else of the opening."""

    @property
    def is_private(self) -> bool:
        return self.visibility == Visibility.PRIVATE


class Participation(Base):
    """One user in one room under one name."""

    __tablename__ = "participations"
    __table_args__ = (UniqueConstraint("user_id", "room_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    name_key: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), index=True)
    joined_at: Mapped[datetime] = mapped_column(Moment)


class Message(Base):
    """A message, and the log entry of its writing. The name and tier are those of that moment."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("room_id", "seq"),
        UniqueConstraint("author_id", "room_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(BigId)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    author_tag: Mapped[str] = mapped_column(String(16))
    """Equal for the messages of one person under one name in one room, and for no others."""
    author_is_verified: Mapped[bool] = mapped_column(default=False)
    """Whether a member wrote under their own account name."""
    body: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(String(CLIENT_ID_LIMIT))
    created_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class RoomEvent(Base):
    """A log entry that is no message: what happened later to the message ``message_id``."""

    __tablename__ = "room_events"
    __table_args__ = (UniqueConstraint("room_id", "seq"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(8))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)

    message: Mapped[Message] = relationship()
