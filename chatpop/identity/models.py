"""Accounts, the browsers that are recognised, and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base

ADDRESS_LENGTH = 45
HASH_LENGTH = 64


class User(Base):
    """A guest (``is_registered`` false) or a member; a visitor has no row.

    Serves as Flask-Login's user: ``get_id``, ``is_active`` and the like.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    is_registered: Mapped[bool] = mapped_column(default=False)
    is_abandoned: Mapped[bool] = mapped_column(default=False)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=0)
    """Raised to end everything that was issued before."""
    fingerprint_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH), index=True)
    fingerprint_data: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )
    registration_ip: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    last_login_ip: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    registered_at: Mapped[datetime | None] = mapped_column(Moment)
    abandoned_at: Mapped[datetime | None] = mapped_column(Moment)
    renamed_at: Mapped[datetime | None] = mapped_column(Moment)
    items_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Uploads it keeps; changed in one transaction with their rows."""

    __table_args__ = (
        Index("uq_users_email_lower", func.lower(text("email")), unique=True),
        Index("ix_users_idle_guests", "is_registered", "is_abandoned", "last_seen_at"),
        # Tokens name the account by its id, so SQLite must never give a deleted account's id again.
        {"sqlite_autoincrement": True},
    )

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return not (self.is_abandoned or self.is_disabled)

    def get_id(self) -> str:
        return str(self.id)

    @property
    def tier(self) -> str:
        return "member" if self.is_registered else "guest"


class Device(Base):
    """A browser recognised by its own secret; only hashes of the secret are stored."""

    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH), index=True)
    label: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    rotated_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Session(Base):
    """A logged-in browser or program: the family of its refresh tokens."""

    __tablename__ = "sessions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id", ondelete="SET NULL"))
    audience: Mapped[str] = mapped_column(String(8))
    epoch: Mapped[int]
    assurance: Mapped[int]
    """How surely the one who began it is the account's owner; see ``sessions.Assurance``."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class RefreshToken(Base):
    """One link of a session's chain: used once, then replaced by its one successor."""

    __tablename__ = "refresh_tokens"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ResumeCode(Base):
    """The one live code that brings a guest to another browser; only its hash is stored."""

    __tablename__ = "resume_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Handover(Base):
    """One browser letting another one in: started, arrived, confirmed, completed; or refused on the way."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]
    code_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    number: Mapped[int]
    """What the new browser shows and the old one has to choose, 10 to 99."""
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    arrival_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH), unique=True)
    """Hash of the secret that the new browser got when it arrived."""
    label: Mapped[str | None] = mapped_column(String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)


class Passkey(Base):
    """A key that an authenticator keeps for an account; ``public_key`` is in COSE form."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigId)
    label: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class PasskeyChallenge(Base):
    """A challenge that is waiting for its one answer; ``user_id`` is null where nobody is logged in yet."""

    __tablename__ = "passkey_challenges"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    challenge_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class PersonalAccessToken(Base):
    """A member's key for a program: shown once, only its hash is stored; dead when the epoch is raised."""

    __tablename__ = "personal_access_tokens"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class AuditEntry(Base):
    """Who did what to whom, and when: what hosts, admins and the site itself did. Never changed, only added.

    Names are written down as they were, because the rows they came from may be gone.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_room", "room_id", "id"),
        Index("ix_audit_entries_subject", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    action: Mapped[str] = mapped_column(String(40), index=True)
    """A verb in the past with its noun, like ``message_deleted`` or ``user_banned``."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(64), default="")
    """Empty where the site did it itself, or somebody at the command line."""
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    subject_name: Mapped[str] = mapped_column(String(64), default="")
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    detail: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )
