"""Reading the audit trail, with the changes of settings in their place, newest first, paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from chatpop.extensions import db
from chatpop.identity.models import AuditEntry, User
from chatpop.settings.models import SettingChange

PAGE_SIZE = 50
SETTING_CHANGED = "setting_changed"


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. ``since`` and ``until`` are moments, ``until`` excluded; empty texts and None mean all."""

    action: str = ""
    actor: str = ""
    subject: str = ""
    room_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done."""

    at: datetime
    action: str
    actor_id: int | None
    actor_name: str
    subject_id: int | None
    subject_name: str
    room_id: int | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trail:
    """Lines, newest first; ``following`` is the cursor of the next page, empty at the end."""

    lines: list[Line]
    following: str


def page(wanted: Filter) -> Trail:
    """Up to 50 lines. A cursor that makes no sense starts from the beginning."""
    entry_below, change_below = _read_cursor(wanted.after)
    entries = _entries(wanted, entry_below)
    changes = _changes(wanted, change_below)
    merged = sorted([*entries, *changes], key=lambda row: (row[1].at, row[0]), reverse=True)
    shown = merged[:PAGE_SIZE]
    if len(merged) <= PAGE_SIZE:
        return Trail([line for _, line, _ in shown], "")
    lowest = {"entry": entry_below, "change": change_below}
    for _, _, (source, number) in shown:
        lowest[source] = number
    cursor = "-".join(str(lowest[source] or "") for source in ("entry", "change"))
    return Trail([line for _, line, _ in shown], cursor)


def about(user_id: int, limit: int = 30) -> list[Line]:
    """The last lines of which the account is actor or subject."""
    touched = or_(AuditEntry.subject_id == user_id, AuditEntry.actor_id == user_id)
    found = db.session.scalars(select(AuditEntry).where(touched).order_by(AuditEntry.id.desc()).limit(limit))
    return [_line(entry) for entry in found]


def actions() -> list[str]:
    """Every kind of line there is, for the filter."""
    found = db.session.scalars(select(AuditEntry.action).distinct())
    return sorted({*found, SETTING_CHANGED})


def _entries(wanted: Filter, below: int | None) -> list[tuple[int, Line, tuple[str, int]]]:
    if wanted.action == SETTING_CHANGED:
        return []
    conditions: list[ColumnElement[bool]] = []
    if wanted.action:
        conditions.append(AuditEntry.action == wanted.action)
    if wanted.actor:
        conditions.append(_is_name(AuditEntry.actor_name, AuditEntry.actor_id, wanted.actor))
    if wanted.subject:
        conditions.append(_is_name(AuditEntry.subject_name, AuditEntry.subject_id, wanted.subject))
    if wanted.room_id is not None:
        conditions.append(AuditEntry.room_id == wanted.room_id)
    if wanted.since is not None:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditEntry.at < wanted.until)
    if below is not None:
        conditions.append(AuditEntry.id < below)
    found = db.session.scalars(
        select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc()).limit(PAGE_SIZE + 1)
    )
    return [(entry.id, _line(entry), ("entry", entry.id)) for entry in found]


def _changes(wanted: Filter, below: int | None) -> list[tuple[int, Line, tuple[str, int]]]:
    if wanted.action not in ("", SETTING_CHANGED) or wanted.subject or wanted.room_id is not None:
        return []
    statement = select(SettingChange, User).outerjoin(User, User.id == SettingChange.changed_by)
    if wanted.actor:
        statement = statement.where(_is_name(User.username, User.id, wanted.actor))
    if wanted.since is not None:
        statement = statement.where(SettingChange.changed_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(SettingChange.changed_at < wanted.until)
    if below is not None:
        statement = statement.where(SettingChange.id < below)
    rows = db.session.execute(statement.order_by(SettingChange.id.desc()).limit(PAGE_SIZE + 1))
    return [(change.id, _change_line(change, user), ("change", change.id)) for change, user in rows]


def _is_name(name: Any, number: Any, asked: str) -> ColumnElement[bool]:
    """By the name in any case, or by #number."""
    digits = asked.removeprefix("#")
    if asked.startswith("#") and digits.isascii() and digits.isdigit() and len(digits) < 19:
        return number == int(digits)  # type: ignore[no-any-return]
    return name.icontains(asked, autoescape=True)  # type: ignore[no-any-return]


def _line(entry: AuditEntry) -> Line:
    return Line(
        entry.at,
        entry.action,
        entry.actor_id,
        entry.actor_name,
        entry.subject_id,
        entry.subject_name,
        entry.room_id,
        entry.detail or {},
    )


def _change_line(change: SettingChange, user: User | None) -> Line:
    detail = {"setting": change.name, "from": change.old or "default", "to": change.new or "default"}
    name = user.username if user else ""
    return Line(change.changed_at, SETTING_CHANGED, change.changed_by, name, None, "", None, detail)


def _read_cursor(text: str) -> tuple[int | None, int | None]:
    entry, _, change = text.partition("-")
    return _number(entry), _number(change)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
