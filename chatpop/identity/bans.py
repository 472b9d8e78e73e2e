"""Bans: who may not come in, to one room or to the whole site, by account, by device, or by network.

An account's ban follows the account under all its names, through an upgrade too. A device is the header
fingerprint, which strangers share, and a network has many people behind it: so both need an end, and
:func:`sharing` says beforehand how many others they would hit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Index, String, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from chatpop.core import clock
from chatpop.core.database import BigId, Moment
from chatpop.core.errors import DomainError
from chatpop.core.texts import at_time, text
from chatpop.extensions import Base, db
from chatpop.identity import audit
from chatpop.identity.ban_evidence import Evidence as Evidence
from chatpop.identity.ban_evidence import Sharing as Sharing
from chatpop.identity.ban_evidence import evidence_of as evidence_of
from chatpop.identity.ban_evidence import sharing as sharing
from chatpop.identity.models import HASH_LENGTH, User
from chatpop.web.client_address import UNKNOWN

ACCOUNT, DEVICE, NETWORK = KINDS = ("account", "device", "network")
MOST_DAYS = 30
"""The longest ban of a device or a network."""
REASON_LIMIT = 200
SHOWN_NAME_LIMIT = 64
NETWORK_LENGTH = 49


class Ban(Base):
    """One ban by one kind of evidence. ``room_id`` null is the whole site; ``expires_at`` null is for good."""

    __tablename__ = "bans"
    __table_args__ = (
        Index("ix_bans_user", "user_id", "room_id"),
        Index("ix_bans_room", "room_id", "placed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    fingerprint_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH), index=True)
    network: Mapped[str | None] = mapped_column(String(NETWORK_LENGTH), index=True)
    reason: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    shown_name: Mapped[str] = mapped_column(String(SHOWN_NAME_LIMIT))
    """The name that the person was seen under: all that a host ever gets to know."""
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    placed_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def kind(self) -> str:
        if self.fingerprint_hash is not None:
            return DEVICE
        return NETWORK if self.network is not None else ACCOUNT


class BanNeedsEnd(DomainError):
    status, code = 422, "ban_needs_end"
    sentence = text(
        "A ban of a device or a network hits others too: it needs an end, %(most_days)s days from now at most.",
        most_days=MOST_DAYS,
    )


class BanIsOver(DomainError):
    status, code, sentence = 422, "ban_is_over", "The end of a ban must lie in the future."


class NothingToBan(DomainError):
    status, code = 422, "nothing_to_ban"
    sentence = "Choose what to ban: the account, the device, or the network. Of some people the last two are not known."


class Banned(DomainError):
    """At the door. ``until`` is None for good."""

    status, code = 403, "banned"

    def __init__(self, ban: Ban) -> None:
        self.until, self.reason, self.is_site_wide = ban.expires_at, ban.reason, ban.room_id is None
        if self.until is None:
            said = (
                text("You are banned from this site.") if self.is_site_wide else text("You are banned from this room.")
            )
        elif self.is_site_wide:
            said = text("You are banned from this site until %(time)s.", time=at_time(self.until))
        else:
            said = text("You are banned from this room until %(time)s.", time=at_time(self.until))
        if self.reason:
            said = text("%(sentence)s Reason given: %(reason)s", sentence=said, reason=self.reason)
        details = {"until": self.until.isoformat()} if self.until else {}
        super().__init__(said, **details)


def find(evidence: Evidence, room_id: int | None, session: Session | None = None) -> Ban | None:
    """The ban in force that meets the evidence, an account's before others; None to let them in.

    A look-up for a room includes site-wide bans; without a room it is those alone. ``session`` is one to
    use in place of the request's.
    """
    met = [
        column == value
        for column, value in (
            (Ban.user_id, evidence.user_id),
            (Ban.fingerprint_hash, evidence.fingerprint_hash),
            (Ban.network, evidence.network if evidence.network != UNKNOWN else None),
        )
        if value is not None
    ]
    if not met:
        return None
    found: Ban | None = (session or db.session).scalar(
        select(Ban)
        .where(or_(*met), in_force(), within(room_id))
        .order_by(Ban.user_id.is_(None), Ban.expires_at.desc(), Ban.id)
        .limit(1)
    )
    return found


def in_force(now: datetime | BindParameter[Any] | None = None) -> ColumnElement[bool]:
    """The condition that a ban is neither lifted nor over; ``now`` is a parameter in statements that are kept."""
    return and_(
        Ban.lifted_at.is_(None), or_(Ban.expires_at.is_(None), Ban.expires_at > (clock.now() if now is None else now))
    )


def within(room_id: int | None) -> ColumnElement[bool]:
    """The condition that a ban counts in the room; without one, everywhere."""
    return Ban.room_id.is_(None) if room_id is None else or_(Ban.room_id.is_(None), Ban.room_id == room_id)


def place(
    session: Session,
    target: User,
    *,
    kinds: set[str],
    room_id: int | None,
    until: datetime | None,
    reason: str,
    shown_name: str,
    by: User | None,
) -> list[Ban]:
    """Ban ``target`` inside the caller's transaction: a row for each of ``kinds``, and one audit line.

    An earlier ban of the same account in the same place is replaced. Raises :class:`NothingToBan`,
    :class:`BanNeedsEnd`, :class:`BanIsOver`.
    """
    evidence, now = evidence_of(target), clock.now()
    known = {ACCOUNT: evidence.user_id, DEVICE: evidence.fingerprint_hash, NETWORK: evidence.network}
    if not kinds or any(known.get(kind) is None for kind in kinds):
        raise NothingToBan
    if until is not None and until <= now:
        raise BanIsOver
    if kinds - {ACCOUNT} and (until is None or until > now + timedelta(days=MOST_DAYS)):
        raise BanNeedsEnd
    if ACCOUNT in kinds:
        _end_earlier(session, target.id, room_id)
    rows = [
        Ban(
            room_id=room_id,
            user_id=target.id if kind == ACCOUNT else None,
            fingerprint_hash=evidence.fingerprint_hash if kind == DEVICE else None,
            network=evidence.network if kind == NETWORK else None,
            reason=reason.strip()[:REASON_LIMIT],
            shown_name=shown_name,
            placed_by=by.id if by else None,
            placed_at=now,
            expires_at=until,
        )
        for kind in KINDS
        if kind in kinds
    ]
    session.add_all(rows)
    session.flush()
    audit.record(
        session,
        "user_banned",
        actor=by,
        subject=target,
        subject_name=shown_name,
        room_id=room_id,
        kinds=",".join(row.kind for row in rows),
        until=until.isoformat() if until else None,
        reason=rows[0].reason,
    )
    return rows


def lift(session: Session, ban: Ban, by: User | None) -> None:
    """End a ban inside the caller's transaction, with its audit line; lifting twice is lifting once."""
    if ban.lifted_at is not None:
        return
    ban.lifted_at = clock.now()
    subject = session.get(User, ban.user_id) if ban.user_id is not None else None
    audit.record(
        session,
        "ban_lifted",
        actor=by,
        subject=subject,
        subject_name=ban.shown_name,
        room_id=ban.room_id,
        kinds=ban.kind,
    )


def placed_with(session: Session, ban: Ban) -> Sequence[Ban]:
    """The ban and those placed by the same act, as far as they are in force."""
    return session.scalars(
        select(Ban)
        .where(
            Ban.room_id == ban.room_id if ban.room_id is not None else Ban.room_id.is_(None),
            Ban.placed_at == ban.placed_at,
            Ban.shown_name == ban.shown_name,
            in_force(),
        )
        .order_by(Ban.id)
    ).all()


def in_force_in(room_id: int | None) -> Sequence[Ban]:
    """The bans placed in one room (None: on the whole site) that count now, newest first."""
    where = Ban.room_id == room_id if room_id is not None else Ban.room_id.is_(None)
    return db.session.scalars(select(Ban).where(where, in_force()).order_by(Ban.placed_at.desc(), Ban.id)).all()


def forget_evidence() -> int:
    """Delete the bans of devices and networks that are over, and with them the evidence; returns how many.

    Opens no transaction of its own; the caller's commit ends it.
    """
    over = or_(Ban.lifted_at.is_not(None), Ban.expires_at <= clock.now())
    gone = Ban.__table__.delete().where(Ban.user_id.is_(None), over)  # type: ignore[attr-defined]
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]


def _end_earlier(session: Session, user_id: int, room_id: int | None) -> None:
    same_place = Ban.room_id == room_id if room_id is not None else Ban.room_id.is_(None)
    earlier = update(Ban).where(Ban.user_id == user_id, same_place, Ban.lifted_at.is_(None))
    session.execute(earlier.values(lifted_at=clock.now()).execution_options(synchronize_session=False))
