"""What admins do and look at, as tests write it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import AuditEntry, User
from tests.support.people import Person


def id_of(app: Flask, someone: Person) -> int:
    """The number of the account that this browser is."""
    name = someone.name
    with app.app_context():
        return db.session.scalars(select(User.id).where(User.username == name)).one()


def account(app: Flask, user_id: int) -> User:
    with app.app_context():
        return db.session.get_one(User, user_id)


def audit_actions(app: Flask) -> list[str]:
    """What was written down, oldest first."""
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def change(admin: Person, verb: str, *ids: int, confirmed: bool = True, **options: str) -> int:
    """Send the bulk form of the people page, as its confirmation page would."""
    data = {"change": verb, "ids": [str(user_id) for user_id in ids], **options}
    return admin.post("/admin/people/changes", data=data | ({"confirmed": "1"} if confirmed else {})).status_code
