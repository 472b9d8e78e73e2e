"""Handing over: a browser that is logged in lets another one in (SECURITY, row 16).

The old browser shows a code (as a QR link), the new one brings it and shows a number, and the old one
has to pick that number: who was tricked into scanning somebody else's code sees no number to pick.
Everything is over after two minutes, and a wrong number ends it at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from chatpop.config import Config
from chatpop.core import clock, ids
from chatpop.core.errors import DomainError, NotFound
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import spelled_codes, tries
from chatpop.identity.comebacks import Browser, let_in
from chatpop.identity.guests import Welcome
from chatpop.identity.models import Handover, User

OPEN = timedelta(seconds=120)
COLLECT = timedelta(seconds=60)
"""How long the new browser may take to come for its session once its number was picked."""
KEPT = timedelta(hours=1)
CODE_LENGTH = 12
"""60 bits, for two minutes, behind a throttle and the number."""
NUMBERS = range(10, 100)
CHOICES = 3
TRIES, TRY_WINDOW = 5, 15 * 60


class State(StrEnum):
    WAITING = "waiting"
    ARRIVED = "arrived"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    OVER = "over"


class HandoverNotFound(NotFound):
    code = "handover_not_found"


class ArrivalRefused(DomainError):
    """Wrong, used or too late: one answer for all."""

    status, code = 422, "arrival_refused"
    sentence = "This code is not valid, or it is too late. Codes last two minutes: make a new one on the other device."


class HandoverOver(DomainError):
    status, code = 409, "handover_over"
    sentence = "It did not work: a wrong number, or more than two minutes. Start again on the device you are known on."


class NotConfirmed(DomainError):
    status, code = 409, "not_confirmed"
    sentence = "Not yet. Choose the number on the device you are known on, then continue here."


@dataclass(frozen=True, slots=True)
class Arrival:
    """The new browser's side: the ``secret`` it keeps, and the number it shows."""

    secret: str
    number: int


def start(user: User, secret: str) -> Handover:
    """Begin; earlier ones of the same account are over. ``secret`` is the site's."""
    public_id, now = ids.short_token(), clock.now()
    handover = Handover(
        public_id=public_id,
        user_id=user.id,
        epoch=user.epoch,
        code_hash=_code_hash(code_of(public_id, secret)),
        number=secrets.choice(NUMBERS),
        expires_at=now + OPEN,
    )
    with transaction() as session:
        session.get_one(User, user.id, with_for_update=True)
        session.execute(delete(Handover).where((Handover.user_id == user.id) | (Handover.expires_at < now - KEPT)))
        session.add(handover)
    return handover


def code_of(public_id: str, secret: str) -> str:
    """The code to show; derived from the site's secret, so that it is stored nowhere."""
    return spelled_codes.from_hex(keyed_tag(derive_key(secret, "handover"), "code", public_id), CODE_LENGTH)


def choices(handover: Handover, secret: str) -> list[int]:
    """The right number among others, in rising order; the same each time the page asks."""
    key = derive_key(secret, "handover")
    shuffled = sorted(NUMBERS, key=lambda number: keyed_tag(key, "choice", handover.public_id, str(number)))
    others = [number for number in shuffled if number != handover.number]
    return sorted([handover.number, *others[: CHOICES - 1]])


def state_of(handover: Handover) -> State:
    """How far it is; what has run out is over."""
    if handover.completed_at is not None:
        return State.COMPLETED
    if handover.refused_at is not None or handover.expires_at <= clock.now():
        return State.OVER
    if handover.confirmed_at is not None:
        return State.CONFIRMED
    return State.ARRIVED if handover.arrival_hash is not None else State.WAITING


def find(public_id: str, user: User) -> Handover:
    """The old browser's own. Raises :class:`HandoverNotFound`."""
    found: Handover | None = db.session.scalar(
        select(Handover).where(Handover.public_id == public_id, Handover.user_id == user.id)
    )
    if found is None:
        raise HandoverNotFound
    return found


def find_arrival(arrival_secret: str | None) -> Handover | None:
    """The one that the new browser has come for; None if it has none."""
    if arrival_secret is None:
        return None
    found: Handover | None = db.session.scalar(
        select(Handover).where(Handover.arrival_hash == ids.hash_token(arrival_secret))
    )
    return found


def arrive(typed: str, label: str, network: Sequence[Bucket]) -> Arrival:
    """The new browser brings the code; the first one counts. Raises :class:`ArrivalRefused`, ``TooManyTries``."""
    digest, arrival_secret = _code_hash(spelled_codes.read(typed)), ids.secret_token()
    with tries.counted(network, ArrivalRefused), transaction() as session:
        handover = session.scalar(select(Handover).where(Handover.code_hash == digest).with_for_update())
        if handover is None or state_of(handover) != State.WAITING:
            raise ArrivalRefused
        handover.arrival_hash, handover.label = ids.hash_token(arrival_secret), label[:80]
        return Arrival(arrival_secret, handover.number)


def confirm(public_id: str, user: User, number: int | None) -> None:
    """The old browser picks a number; the wrong one, or none, ends it.

    Raises :class:`HandoverOver`, :class:`HandoverNotFound`.
    """
    with transaction() as session:
        handover = _locked(session, (Handover.public_id == public_id) & (Handover.user_id == user.id))
        if handover is None:
            raise HandoverNotFound
        is_right = state_of(handover) == State.ARRIVED and handover.number == number
        if is_right:
            now = clock.now()
            handover.confirmed_at, handover.expires_at = now, now + COLLECT
        elif handover.completed_at is None:
            handover.refused_at = clock.now()
    if not is_right:
        raise HandoverOver


def complete(arrival_secret: str | None, browser: Browser, config: Config) -> Welcome:
    """The new browser collects its own device and session, once.

    Raises :class:`NotConfirmed`, :class:`HandoverOver`.
    """
    if arrival_secret is None:
        raise HandoverOver
    with transaction() as session:
        handover = _locked(session, Handover.arrival_hash == ids.hash_token(arrival_secret))
        state = state_of(handover) if handover is not None else State.OVER
        if state == State.ARRIVED:
            raise NotConfirmed
        if handover is None or state != State.CONFIRMED:
            raise HandoverOver
        user = session.get(User, handover.user_id, with_for_update=True)
        if user is None or not user.is_active or user.epoch != handover.epoch:
            raise HandoverOver
        handover.completed_at = clock.now()
        return let_in(session, user, browser, config)


def _locked(session: Session, condition: ColumnElement[bool]) -> Handover | None:
    found: Handover | None = session.scalar(select(Handover).where(condition).with_for_update())
    return found


def _code_hash(code: str) -> str:
    return ids.hash_token(f"handover:{code}")
