"""What the home and account pages say about merging; asks only where a template looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity import cookies
from chatpop.identity.cookies import Kind
from chatpop.identity.models import Session, User
from chatpop.identity.recognition import present_session_id, present_viewer
from chatpop.lifecycle import merging, offering
from chatpop.lifecycle.models import Merge

FRESH = timedelta(hours=1)
"""So long after logging in the home page makes the offer; the account page always does."""


def merge_offer(*, only_fresh: bool = False) -> User | None:
    """The guest that this browser was before the present member logged in."""
    if present_viewer().tier != "member" or (only_fresh and not _has_just_logged_in()):
        return None
    return offering.find_guest(device_secret=cookies.read(Kind.DEVICE))


def open_merges() -> Sequence[tuple[Merge, str]]:
    """The present member's merges that can still be undone."""
    viewer = present_viewer()
    return merging.merges_of(viewer.user) if viewer.user is not None and viewer.user.is_registered else []


def _has_just_logged_in() -> bool:
    session = db.session.get(Session, present_session_id() or 0)
    return session is not None and clock.now() - session.created_at < FRESH
