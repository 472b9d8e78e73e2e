"""The one table of names: guests' and members', account names and room names."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
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
