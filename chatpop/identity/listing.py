"""Listing accounts for the people who run the site: found by any of their names, paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.names.models import Name

PAGE_SIZE = 50
TIERS = ("guest", "member")
STATES = ("active", "abandoned", "disabled", "admin")
SORTS = ("created", "seen")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list; empty texts mean everybody. ``after`` is the cursor that a page before has given."""

    query: str = ""
    tier: str = ""
    state: str = ""
    sort: str = "created"
    after: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """Accounts, newest first; ``following`` is the cursor of the next page, empty at the end."""

    users: list[User]
    following: str


def page(wanted: Wanted) -> Listed:
    """Up to 50 accounts. A cursor that makes no sense starts from the beginning."""
    statement = select(User)
    for condition in _conditions(wanted):
        statement = statement.where(condition)
    statement = _after(_sorted(statement, wanted.sort), wanted)
    found = list(db.session.scalars(statement.limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE]
    return Listed(shown, _cursor(shown[-1], wanted.sort) if len(found) > PAGE_SIZE else "")


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.tier in TIERS:
        found.append(User.is_registered.is_(wanted.tier == "member"))
    if wanted.state == "admin":
        found.append(User.is_admin.is_(True))
    elif wanted.state == "disabled":
        found.append(User.is_disabled.is_(True))
    elif wanted.state == "abandoned":
        found += [User.is_abandoned.is_(True), User.is_disabled.is_(False)]
    elif wanted.state == "active":
        found += [User.is_abandoned.is_(False), User.is_disabled.is_(False)]
    if wanted.query:
        found.append(_matches(wanted.query))
    return found


def _matches(query: str) -> ColumnElement[bool]:
    """By the beginning of any name that the account has or had, by the whole e-mail address, or by #number."""
    ways: list[ColumnElement[bool]] = []
    if query.startswith("#") and query[1:].isascii() and query[1:].isdigit() and len(query) < 19:
        return User.id == int(query[1:])
    letters = "".join(char for char in query if char.isascii() and char.isalnum())
    if letters:
        named = select(Name.user_id).where(Name.key.startswith(canonical_key(letters)), Name.user_id.is_not(None))
        ways.append(User.id.in_(named))
    if "@" in query:
        ways = [func.lower(User.email) == query.lower()]
    return or_(*ways) if ways else User.id < 0


def _sorted(statement: Select[User], sort: str) -> Select[User]:
    """Numbers are given in the order of making, so the newest account has the highest."""
    return statement.order_by(*([User.last_seen_at.desc()] if sort == "seen" else []), User.id.desc())


def _after(statement: Select[User], wanted: Wanted) -> Select[User]:
    moment, _, number = wanted.after.rpartition("~")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return statement
    if wanted.sort != "seen":
        return statement.where(User.id < int(number))
    try:
        seen = datetime.fromisoformat(moment)
    except ValueError:
        return statement
    if seen.tzinfo is None:
        return statement
    return statement.where(or_(User.last_seen_at < seen, (User.last_seen_at == seen) & (User.id < int(number))))


def _cursor(user: User, sort: str) -> str:
    return f"{user.last_seen_at.isoformat()}~{user.id}" if sort == "seen" else f"~{user.id}"
