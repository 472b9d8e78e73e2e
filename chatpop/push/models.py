"""Browsers that want to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.identity.models import HASH_LENGTH

ENDPOINT_LIMIT = 1000


class PushSubscription(Base):
    """One browser of a guest or member. It lives as long as what lets that browser in: its device, else its session."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (CheckConstraint("session_id IS NOT NULL OR device_id IS NOT NULL", name="has_browser"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(String(ENDPOINT_LIMIT))
    """The address at the browser's push service. Who knows it may be able to send to it: never shown, never logged."""
    endpoint_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65))
    """The browser's key for the content: an uncompressed point of P-256."""
    auth: Mapped[bytes] = mapped_column(LargeBinary(16))
    label: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
