"""Changing a setting: checked, stored, and written down with who did it."""

from __future__ import annotations

import json

from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.settings import registry, store
from chatpop.settings.models import SettingChange, StoredSetting


def change(name: str, raw: object, *, changed_by: int | None = None) -> None:
    """Store a new value. Raises ``UnknownSetting`` or ``BadSetting``; nothing is stored then."""
    setting = registry.find(name)
    _store(setting.name, json.dumps(setting.parse(raw)), changed_by)


def reset(name: str, *, changed_by: int | None = None) -> None:
    """Go back to the default. Raises ``UnknownSetting``."""
    _store(registry.find(name).name, None, changed_by)


def latest_changes(limit: int = 30) -> list[SettingChange]:
    """The last changes, newest first."""
    return list(db.session.scalars(select(SettingChange).order_by(SettingChange.id.desc()).limit(limit)))


def _store(name: str, value: str | None, changed_by: int | None) -> None:
    with transaction() as session:
        row = session.get(StoredSetting, name, with_for_update=True)
        old = row.value if row else None
        if value is None and row is not None:
            session.delete(row)
        elif value is not None and row is not None:
            row.value = value
        elif value is not None:
            session.add(StoredSetting(name=name, value=value))
        session.add(SettingChange(name=name, old=old, new=value, changed_by=changed_by, changed_at=clock.now()))
    store.forget()
