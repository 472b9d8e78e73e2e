"""Failed log-ins, as the throttle counts them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base


class LoginFailure(Base):
    """One failed log-in (or one under way) on the account of ``who``: a log-in name, a browser or a network.

    Names and browsers stand as keyed hashes: what people type into a log-in form may be their password.
    """

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_who_failed_at", "who", "failed_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    who: Mapped[str] = mapped_column(String(80))
    failed_at: Mapped[datetime] = mapped_column(Moment, index=True)
