"""Who may join and who may write: mutes, rooms closed to guests, bans at the door.

All that writing needs to know comes with the room and the place; it costs no query of its own.
"""

from __future__ import annotations

from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.limits import Bucket
from chatpop.core.texts import at_time, text
from chatpop.identity import bans
from chatpop.identity.bans import Banned
from chatpop.identity.fingerprint import Evidence as BrowserEvidence
from chatpop.identity.guests import Newcomer
from chatpop.identity.models import User
from chatpop.rooms.models import Mute, Participation, Room
from chatpop.rooms.moderation import roles
from chatpop.web.client_address import network_of


class Muted(DomainError):
    """``until`` is a moment in ISO 8601."""

    status, code = 403, "muted"

    def __init__(self, mute: Mute) -> None:
        said = text("You can read here, but not write until %(time)s.", time=at_time(mute.until))
        if mute.reason:
            said = text("%(sentence)s Reason given: %(reason)s", sentence=said, reason=mute.reason)
        super().__init__(text("%(sentence)s Your text is kept.", sentence=said), until=mute.until.isoformat())


class ClosedToGuests(DomainError):
    status, code = 403, "closed_to_guests"
    sentence = "This room is for members only at present. Register or log in to take part; reading stays open."


def check_may_write(room: Room, author: User, place: Participation) -> None:
    """Raises :class:`Muted`, :class:`ClosedToGuests`."""
    mute = mute_of(place)
    if mute is not None:
        raise Muted(mute)
    if is_shut_out(room, author) and not _looks_after(room, author, place):
        raise ClosedToGuests


def may_write(room: Room, author: User, place: Participation) -> bool:
    """Whether :func:`check_may_write` lets them: what pages offer."""
    return mute_of(place) is None and (not is_shut_out(room, author) or _looks_after(room, author, place))


def pace(room: Room, author: User, place: Participation) -> list[Bucket]:
    """What a message is charged to under slow mode; who looks after the room writes at any pace."""
    if not room.slow_mode_seconds or _looks_after(room, author, place):
        return []
    return [Bucket("slow-mode", f"room:{room.id}:user:{author.id}", 1, room.slow_mode_seconds)]


def mute_of(place: Participation) -> Mute | None:
    """The mute that is in force."""
    return place.mute if place.mute is not None and place.mute.until > clock.now() else None


def is_shut_out(room: Room, user: User | None) -> bool:
    """Whether the room is closed to guests, and this is one, or a visitor."""
    return room.is_closed_to_guests and (user is None or not user.is_registered)


def check_may_join(room: Room, user: User | None, newcomer: Newcomer, config: Config) -> None:
    """Whether the one at the door may come in; inside the joining transaction, with the user's row locked.

    Raises ``Banned``, :class:`ClosedToGuests`.
    """
    if user is not None and roles.role_of(room, user).looks_after:
        return
    found = bans.find(evidence(user, newcomer.evidence, config), room.id)
    if found is not None:
        raise Banned(found)
    if is_shut_out(room, user):
        raise ClosedToGuests


def evidence(user: User | None, browser: BrowserEvidence, config: Config) -> bans.Evidence:
    """Who stands at the door. A visitor's device is what its headers say; members answer for themselves alone.

    So a ban of a network or a device, which hits whoever shares it, keeps no member out.
    """
    if user is not None and user.is_registered:
        return bans.Evidence(user.id)
    network = network_of(browser.client_ip)
    if user is not None:
        return bans.Evidence(user.id, user.fingerprint_hash, network)
    if config.guest_recognition == "none":
        return bans.Evidence(None, None, network)
    fingerprint = browser.hash(config.secret_key, include_ip=config.fingerprint_include_ip)
    return bans.Evidence(None, fingerprint, network)


def _looks_after(room: Room, user: User, place: Participation) -> bool:
    return room.host_id == user.id or place.moderator is not None or roles.is_admin(user)
