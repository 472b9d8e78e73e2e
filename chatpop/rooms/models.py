"""Rooms, who is in them, and their log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.names.models import MAX_NAME_LENGTH

NAME_LIMIT = 60
TOPIC_LIMIT = 200
BODY_LIMIT = 5_000
CLIENT_ID_LIMIT = 64
REASON_LIMIT = 200


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class EventKind(StrEnum):
    """Kinds of log entries; the value is the ``event:`` of the live stream."""

    MESSAGE = "message"
    EDIT = "edit"
    REACTION = "reaction"
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

    slow_mode_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    """The least time between two messages of one person; 0 is none."""
    closed_to_guests_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when only members may join and write; null while all may."""
    pinned_seq: Mapped[int | None] = mapped_column(BigId)
    """The number of the message that is shown on top of the log."""

    @property
    def is_private(self) -> bool:
        return self.visibility == Visibility.PRIVATE

    @property
    def is_closed_to_guests(self) -> bool:
        return self.closed_to_guests_at is not None


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
    read_seq: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    """The log number up to which the user has read."""

    mute: Mapped[Mute | None] = relationship(
        primaryjoin="and_(foreign(Mute.room_id) == Participation.room_id,"
        " foreign(Mute.user_id) == Participation.user_id)",
        viewonly=True,
        uselist=False,
    )
    """Loaded with the place by ``finding.find_participation``, so that writing costs no further query."""
    moderator: Mapped[Moderator | None] = relationship(
        primaryjoin="and_(foreign(Moderator.room_id) == Participation.room_id,"
        " foreign(Moderator.user_id) == Participation.user_id)",
        viewonly=True,
        uselist=False,
    )


class Moderator(Base):
    """Somebody whom the host lets look after the room; the right follows the account, not the name."""

    __tablename__ = "moderators"
    __table_args__ = (UniqueConstraint("user_id", "room_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    shown_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    """The name that the person had in the room when promoted."""
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    appointed_at: Mapped[datetime] = mapped_column(Moment)


class Mute(Base):
    """Somebody who may read in the room but not write, until a moment. It outlives leaving and joining again."""

    __tablename__ = "mutes"
    __table_args__ = (UniqueConstraint("user_id", "room_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    shown_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    reason: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    placed_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)


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
    is_removed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it was deleted by somebody who looks after the room, not by its author."""
    reply_to_seq: Mapped[int | None] = mapped_column(BigId)
    """The number of the message of the same room that this one answers."""
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    """The moment of the last edit. What the message said before is kept nowhere."""
    is_reacted_to: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether somebody ever has: without it nothing is asked about reactions."""


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
