"""What is counted while the site works: the counters, their labels, and how a request is counted.

Labels are endpoints, status classes and a few fixed words: never a name, an address, a code or an id.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from chatpop.core import tallies

PREFIX = "chatpop_"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the durations' buckets, in seconds; longer ones fall into the last, open bucket."""
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Counter:
    """A number that only rises. ``name`` is without the prefix and without ``_total``."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


REQUESTS = Counter("requests", "Requests answered.", ("endpoint", "status"))
AUTH_REFUSALS = Counter("auth_refusals", "Requests refused for who sent them.", ("kind",))
UNROLLED_JOINS = Counter("unrolled_joins", "Joins under a name that was not rolled by the caller.")
LIMIT_REFUSALS = Counter("limit_refusals", "Requests refused by a limit.", ("bucket",))
ROLLS = Counter("rolls", "Names rolled.")
ROLL_REFUSALS = Counter("roll_refusals", "Rolls refused.", ("bucket",))
GUESTS_MADE = Counter("guests_made", "Visitors charged for becoming a guest.")
COUNTERS = (REQUESTS, AUTH_REFUSALS, UNROLLED_JOINS, LIMIT_REFUSALS, ROLLS, ROLL_REFUSALS, GUESTS_MADE)
DURATIONS = "request_seconds"
DURATION_SUMS = "request_microseconds"

AUTH_KINDS = {
    "login_failed": "wrong_password",
    "wrong_password": "wrong_password",
    "passkey_refused": "wrong_passkey",
    "code_refused": "wrong_code",
    "arrival_refused": "wrong_code",
    "too_many_failures": "throttled",
    "too_many_tries": "throttled",
    "cross_site": "cross_site",
    "bad_token": "bad_form_token",
    "invalid_token": "bad_bearer",
    "bad_access_token": "bad_access_token",
    "expired_access_token": "expired_access_token",
    "account_disabled": "disabled",
    "admins_only": "not_an_admin",
    "stale_login": "stale_login",
}
"""Codes of refusals (and the two of tokens that can't be read) by the kind under which they are counted."""
ROLL_BUCKETS = {
    "rolls": "person",
    "rolls-in": "room",
    "rolls-from": "network",
    "class-pass-rolls": "class_pass",
}
GUEST_BUCKETS = ("guests", "class-pass-guests")
_ROOM = re.compile(r"-\d+$")


def note_request(endpoint: str, status: int, seconds: float) -> None:
    """Count one answered request and how long it took."""
    tallies.count(REQUESTS.name, endpoint, f"{status // 100}xx")
    tallies.count(DURATIONS, endpoint, str(bisect_left(BOUNDS, seconds)))
    tallies.count(DURATION_SUMS, endpoint, amount=int(seconds * MICROSECONDS))


def note_refusal(code: str) -> None:
    """Count a refusal if it is one that tells of abuse; others are part of everyday use."""
    if code in AUTH_KINDS:
        tallies.count(AUTH_REFUSALS.name, AUTH_KINDS[code])
    elif code == "not_rolled":
        tallies.count(UNROLLED_JOINS.name)


def note_charge(what: str, is_refused: bool) -> None:
    """Count what a bucket of ``core.limits`` has let through or refused."""
    kind = kind_of(what)
    if is_refused:
        tallies.count(LIMIT_REFUSALS.name, kind)
        if kind in ROLL_BUCKETS:
            tallies.count(ROLL_REFUSALS.name, ROLL_BUCKETS[kind])
    elif kind == "rolls":
        tallies.count(ROLLS.name)
        tallies.count_of_day("rolls")
    elif kind in GUEST_BUCKETS:
        tallies.count(GUESTS_MADE.name)


def kind_of(what: str) -> str:
    """A bucket's noun without the number of its room."""
    return _ROOM.sub("", what)
