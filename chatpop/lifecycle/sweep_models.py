"""The record of each run of the sweep."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.names.models import MAX_NAME_LENGTH


class Source(StrEnum):
    """What made the sweep run."""

    SCHEDULE = "schedule"
    COMMAND = "command"
    ADMIN = "admin"


class SweepRun(Base):
    """One run. An asked-for one that has not begun yet waits in the queue; one that never ended was broken off."""

    __tablename__ = "sweep_runs"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(8))
    """A :class:`Source`."""
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    admin_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default="")
    is_forced: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime] = mapped_column(Moment, index=True)
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    is_held_back: Mapped[bool] = mapped_column(default=False)
    guests: Mapped[int] = mapped_column(default=0)
    """Living guests when it began."""
    due: Mapped[int] = mapped_column(default=0)
    swept: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
