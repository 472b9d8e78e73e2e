"""The one table of names (guests' and members', account names and room names), and the operator's word packs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base

MAX_NAME_LENGTH = 64


class NameKind(StrEnum):
    ACCOUNT = "account"
    ROOM = "room"


class NameState(StrEnum):
    ACTIVE = "active"
    RESTING = "resting"
    RETIRED = "retired"


class Name(Base):
    """A name that somebody has claimed. The unique ``key`` alone decides who got it.

    ``user_id`` is null only when the owner's account is gone and the name is kept from others.
    """

    __tablename__ = "names"
    __table_args__ = (Index("uq_names_key", "key", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    display: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8), default=NameState.ACTIVE, index=True)
    claimed_at: Mapped[datetime] = mapped_column(Moment)
    rests_until: Mapped[datetime | None] = mapped_column(Moment)


class PackKind(StrEnum):
    """What the words of a pack are for."""

    RESERVED = "reserved"
    BLOCKED = "blocked"
    FIRST = "first"
    SECOND = "second"


class WordPack(Base):
    """A list of words that an operator adds to ours. ``words`` stand apart by one blank, in rising order."""

    __tablename__ = "word_packs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    language: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    is_enabled: Mapped[bool]
    version: Mapped[int]
    """Counts the changes from 1; by it other processes see that there is something to read."""
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime] = mapped_column(Moment)
