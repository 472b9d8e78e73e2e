"""The audit trail: one line for each thing a host, an admin or the site itself did."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.identity.models import AuditEntry, User


def record(
    session: Session,
    action: str,
    *,
    actor: User | None = None,
    subject: User | None = None,
    subject_name: str | None = None,
    room_id: int | None = None,
    **detail: str | int | float | bool | None,
) -> AuditEntry:
    """Write one line inside the caller's transaction, so that a deed and its line are stored together or not at all.

    ``subject_name`` is the name the subject was seen under, where that is not the account's: the line must
    not tell a host which account hides behind a rolled name. ``detail`` never holds a secret or an address.
    """
    entry = AuditEntry(
        at=clock.now(),
        action=action,
        actor_id=actor.id if actor else None,
        actor_name=actor.username if actor else "",
        subject_id=subject.id if subject else None,
        subject_name=subject_name if subject_name is not None else subject.username if subject else "",
        room_id=room_id,
        detail=detail or None,
    )
    session.add(entry)
    return entry
