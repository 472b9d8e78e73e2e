"""The short way to a roll in a room: that nobody is banned, and whether a name is free, asked in one plain query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, and_, bindparam, exists, or_, select

from chatpop.core import clock, database
from chatpop.core.database import Moment
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.bans import Ban
from chatpop.names import registry
from chatpop.names.key import canonical_key
from chatpop.names.rolling import Look
from chatpop.rooms.finding import clean_code
from chatpop.rooms.models import Room, Visibility
from chatpop.web.client_address import UNKNOWN


@dataclass(frozen=True, slots=True)
class Doorway:
    """A room as far as a roll needs it, and what was seen of its first candidate."""

    id: int
    code: str
    look: Look


def clear_way(code: str, evidence: bans.Evidence, candidate: str | None) -> Doorway | None:
    """The public room with this code, for somebody whom no ban meets, neither there nor on the whole site.

    None says only that the long way has to be taken: :func:`finding.find_room` and ``check_site_ban`` judge.
    """
    asked = {
        "code": clean_code(code),
        "user_id": evidence.user_id,
        "device": evidence.fingerprint_hash,
        "network": evidence.network if evidence.network != UNKNOWN else None,
        "key": canonical_key(candidate) if candidate is not None else None,
        "now": clock.now(),
    }
    with database.looking(db.engine) as connection:
        row = connection.execute(_clear_way(), asked).one_or_none()
    return Doorway(row.id, row.code, Look(candidate, row.is_taken)) if row is not None else None


@cache
def _clear_way() -> Select[int, str, bool]:
    """Built once: that takes longer than asking it. A value that is not known (null) equals nothing."""
    meets = or_(
        Ban.user_id == bindparam("user_id"),
        Ban.fingerprint_hash == bindparam("device"),
        Ban.network == bindparam("network"),
    )
    in_force = and_(
        Ban.lifted_at.is_(None), or_(Ban.expires_at.is_(None), Ban.expires_at > bindparam("now", type_=Moment()))
    )
    here = or_(Ban.room_id.is_(None), Ban.room_id == Room.id)
    return select(Room.id, Room.code, registry.is_taken().label("is_taken")).where(
        Room.code == bindparam("code"),
        Room.visibility == Visibility.PUBLIC,
        ~exists().where(meets, in_force, here).correlate(Room),
    )
