"""Everything the site knows of one account, put together for the admin's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from chatpop.extensions import db
from chatpop.identity import audit_log, bans
from chatpop.identity.audit_log import Line
from chatpop.identity.bans import Ban, Sharing
from chatpop.identity.disabling import AccountNotFound
from chatpop.identity.models import Device, User
from chatpop.names import registry
from chatpop.names.models import Name
from chatpop.rooms import reviewing
from chatpop.rooms.models import Message, Participation, Room
from chatpop.uploads.models import Upload

ROOMS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A room of the account: ``name`` is what it is called there, None for a host who has left."""

    room: Room
    name: str | None
    is_host: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One account. ``reports`` counts the open ones about it; ``file_bytes`` are those of its uploads."""

    user: User
    names: Sequence[Name]
    places: list[Place]
    devices: int
    messages: int
    files: int
    file_bytes: int
    reports: int
    bans: Sequence[Ban]
    sharing: Sharing
    knows_device: bool
    knows_network: bool
    lines: list[Line]


def look_at(user_id: int) -> Person:
    """Raises ``AccountNotFound``."""
    user = db.session.get(User, user_id)
    if user is None:
        raise AccountNotFound
    known = bans.evidence_of(user)
    files = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(Upload.owner_id == user.id)
    ).one()
    return Person(
        user=user,
        names=registry.names_of(db.session(), user.id),
        places=_places(user),
        devices=_count(select(func.count(Device.id)).where(Device.user_id == user.id, Device.revoked_at.is_(None))),
        messages=_count(select(func.count(Message.id)).where(Message.author_id == user.id)),
        files=files[0],
        file_bytes=int(files[1]),
        reports=reviewing.about(user.id),
        bans=_bans(user, known),
        sharing=bans.sharing(user),
        knows_device=known.fingerprint_hash is not None,
        knows_network=known.network is not None,
        lines=audit_log.about(user.id),
    )


def _places(user: User) -> list[Place]:
    rows = db.session.execute(
        select(Room, Participation.name)
        .outerjoin(Participation, (Participation.room_id == Room.id) & (Participation.user_id == user.id))
        .where((Participation.user_id == user.id) | (Room.host_id == user.id))
        .order_by(Room.active_at.desc())
        .limit(ROOMS_SHOWN)
    )
    return [Place(room, name, room.host_id == user.id) for room, name in rows]


def _bans(user: User, known: bans.Evidence) -> Sequence[Ban]:
    """Those in force that meet the account anywhere, by whatever they go by."""
    met = Ban.user_id == user.id
    if known.fingerprint_hash is not None:
        met |= Ban.fingerprint_hash == known.fingerprint_hash
    if known.network is not None and not user.is_registered:
        met |= Ban.network == known.network
    return db.session.scalars(select(Ban).where(met, bans.in_force()).order_by(Ban.placed_at.desc(), Ban.id)).all()


def _count(statement: Select[int]) -> int:
    return db.session.scalar(statement) or 0
