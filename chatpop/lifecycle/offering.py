"""Which guest could be merged into a member: proven by its browser or its code; and what would move."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from chatpop.core import ids
from chatpop.extensions import db
from chatpop.identity import spelled_codes
from chatpop.identity.models import Device, ResumeCode, User
from chatpop.names.models import Name
from chatpop.rooms.models import Message, Participation, Room


@dataclass(frozen=True, slots=True)
class Preview:
    """What would move. ``shared`` are rooms where both are: the member's place stays."""

    guest: User
    names: list[str]
    rooms: list[str]
    places: list[str]
    shared: list[str]
    messages: int


def is_mergeable(user: User) -> bool:
    """Whether the account is a live guest."""
    return user.is_active and not user.is_registered


def find_guest(device_secret: str | None = None, resume_code: str | None = None) -> User | None:
    """The live guest who is proven by a browser's secret or a resume code; None for nobody."""
    found = _by_device(device_secret) if device_secret else None
    if resume_code:
        found = _by_code(resume_code)
    return found if found is not None and is_mergeable(found) else None


def preview(member: User, guest: User) -> Preview:
    own = select(Room.name).join(Participation).where(Participation.user_id == guest.id).order_by(Room.name)
    both = Room.id.in_(select(Participation.room_id).where(Participation.user_id == member.id))
    names = select(Name.display).where(Name.user_id == guest.id).order_by(Name.claimed_at)
    hosted = select(Room.name).where(Room.host_id == guest.id).order_by(Room.name)
    return Preview(
        guest=guest,
        names=list(db.session.scalars(names)),
        rooms=list(db.session.scalars(hosted)),
        places=list(db.session.scalars(own.where(~both))),
        shared=list(db.session.scalars(own.where(both))),
        messages=db.session.scalar(select(func.count(Message.id)).where(Message.author_id == guest.id)) or 0,
    )


def _by_device(secret: str) -> User | None:
    found: User | None = db.session.scalar(
        select(User)
        .join(Device, Device.user_id == User.id)
        .where(Device.secret_hash == ids.hash_token(secret), Device.revoked_at.is_(None))
    )
    return found


def _by_code(typed: str) -> User | None:
    found: User | None = db.session.scalar(
        select(User)
        .join(ResumeCode, ResumeCode.user_id == User.id)
        .where(ResumeCode.code_hash == ids.hash_token(spelled_codes.read(typed)))
    )
    return found
