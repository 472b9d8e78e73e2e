"""A site with something of everything, and empty ones to restore it into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from chatpop.backups.manifest import Manifest
from chatpop.backups.restoring import restore_backup
from chatpop.backups.saving import make_backup
from chatpop.extensions import db
from chatpop.identity.models import AuditEntry, Passkey, User
from chatpop.settings import changing
from chatpop.uploads.storage import the_store
from tests.accounts.acts import make_member
from tests.support.people import Person
from tests.support.postgres import make_database

KEY = "A-file_with_22_letters"
CONTENT = bytes(range(256)) * 700

NewSite = Callable[..., Flask]


def save(app: Flask, file: Path | None = None, *, with_files: bool = True) -> Path:
    with app.app_context():
        return make_backup(app.config["CHATPOP"], db.engine, the_store(), file, with_files=with_files)


def restore(app: Flask, file: Path, *, force: bool = False) -> Manifest:
    with app.app_context():
        return restore_backup(app.config["CHATPOP"], db.engine, the_store(), file, force=force)


@pytest.fixture
def new_site(make_app: Callable[..., Flask], tmp_path: Path, request: pytest.FixtureRequest) -> NewSite:
    """A site without a database yet, by its kind; its secret key comes from its folder."""

    def make(kind: str = "sqlite", name: str = "new", **environ: str) -> Flask:
        folder = tmp_path / name
        folder.mkdir()
        url = f"sqlite:///{folder}/chatpop.sqlite3"
        if kind == "postgres":
            url = make_database(request.getfixturevalue("postgres_url"), f"chatpop_{name}")
        return make_app(**{"DATABASE_URL": url, "DATA_DIR": str(folder), "SECRET_KEY": "", **environ})

    return make


@pytest.fixture
def filled(app: Flask, gus: Person, tmp_path: Path) -> Flask:
    """Rooms, guests, a member, a deleted user, a changed setting, bytes, documents and a file."""
    mia = make_member(Person(app))
    code = mia.open_room("Tee & Größe 🍵")
    gus.join(code)
    gus.say(code, 'He said "hi",\n\\N and\ttabs 👋')
    mia.say(code, "Hello")
    mia.post(f"/rooms/{code}/messages/2/deletion")
    with app.app_context():
        changing.change("MAX_ROOMS_GUEST", "4")
        user_id = db.session.scalars(select(User.id)).first()
        now = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
        keys = {"credential_id": b"\x00\xff\\x", "public_key": b"", "sign_count": 2**40, "label": "", "created_at": now}
        db.session.execute(insert(Passkey).values(user_id=user_id, **keys))
        entry = insert(AuditEntry).values(at=now, action="tested", actor_id=None, subject_id=user_id, room_id=None)
        for detail in ({"deep": [1, None, "ü"]}, None, {}):
            db.session.execute(entry.values(detail=detail))
        db.session.commit()
        source = tmp_path / "source"
        source.write_bytes(CONTENT)
        the_store().put(KEY, source, "image/png")
    return app


def last_user(app: Flask) -> int:
    with app.app_context():
        return int(db.session.scalar(text("SELECT max(id) FROM users")) or 0)
