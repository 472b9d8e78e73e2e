"""The figures of each day, kept when the rows they were counted from are gone."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.extensions import Base


class DailyFigure(Base):
    """How many of one kind on one day (UTC), written once when the day is over."""

    __tablename__ = "daily_figures"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    """A ``daily_figures.Kind``."""
    count: Mapped[int]
