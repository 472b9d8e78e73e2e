"""Guests by the dozen who have not been seen for a while, written straight into the tables."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, insert, select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from chatpop.identity.models import Session as LoginSession
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState
from chatpop.uploads.models import Upload

DAY = timedelta(days=1)


def make_guests(app: Flask, count: int, *, unseen: timedelta, prefix: str = "Idler") -> list[int]:
    """Each with a name, a browser and a session; returns their ids."""
    if count == 0:
        return []
    with app.app_context(), transaction() as session:
        now = clock.now()
        seen, first = now - unseen, session.scalar(select(func.count(User.id))) or 0
        users = [user_row(f"{prefix}x{first + number}q", seen) for number in range(count)]
        ids = list(session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), users))
        session.execute(
            insert(Name), [_name(str(user["username"]), id_, seen) for user, id_ in zip(users, ids, strict=True)]
        )
        session.execute(insert(Device), [_device(id_, seen) for id_ in ids])
        session.execute(insert(LoginSession), [_session(id_, seen) for id_ in ids])
        return ids


def give_file(app: Flask, user_id: int, *, private: bool) -> str:
    """A file of the account's; returns its public id."""
    with app.app_context(), transaction() as session:
        public_id = f"{'private' if private else 'public'}-{user_id}".ljust(22, "x")
        session.add(
            Upload(
                public_id=public_id,
                owner_id=user_id,
                is_private=private,
                is_attachment=False,
                name="cat.png",
                media_type="image/png",
                size=10,
                sha256="0" * 64,
                created_at=clock.now(),
            )
        )
        session.get_one(User, user_id).items_count += 1
        return public_id


def abandoned(app: Flask) -> set[int]:
    """The ids of all forgotten accounts."""
    with app.app_context():
        return set(db.session.scalars(select(User.id).where(User.is_abandoned.is_(True))))


def user_row(name: str, seen: datetime) -> dict[str, object]:
    return {
        "username": name,
        "is_registered": False,
        "is_abandoned": False,
        "is_disabled": False,
        "is_admin": False,
        "epoch": 0,
        "fingerprint_hash": "f" * 64,
        "fingerprint_data": {"user_agent": "Firefox"},
        "registration_ip": "192.0.2.7",
        "last_login_ip": "192.0.2.8",
        "created_at": seen,
        "last_seen_at": seen,
        "items_count": 0,
    }


def _name(name: str, user_id: int, seen: datetime) -> dict[str, object]:
    return {
        "key": canonical_key(name),
        "display": name,
        "user_id": user_id,
        "kind": NameKind.ACCOUNT,
        "state": NameState.ACTIVE,
        "claimed_at": seen,
    }


def _device(user_id: int, seen: datetime) -> dict[str, object]:
    return {
        "user_id": user_id,
        "secret_hash": f"{user_id:064d}",
        "label": "Firefox",
        "created_at": seen,
        "rotated_at": seen,
        "last_seen_at": seen,
    }


def _session(user_id: int, seen: datetime) -> dict[str, object]:
    return {"user_id": user_id, "audience": "pages", "epoch": 0, "assurance": 2, "created_at": seen}
