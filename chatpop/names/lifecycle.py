"""What becomes of a forgotten guest's names: they rest and are free again, or are nobody's for good."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.names.models import Name, NameState
from chatpop.settings import registry


def release_names(session: Session, user_id: int, spoken: Collection[str]) -> None:
    """Let a guest's active names go, inside the caller's transaction; members' names are never given here.

    A name whose key is in ``spoken`` has been seen by others and is retired (``NAME_RETIRE_SPOKEN``), so that
    nobody can pose as who used it. The others rest for ``NAME_REST_DAYS``; then ``registry.claim`` gives them out.
    """
    own = update(Name).where(Name.user_id == user_id, Name.state == NameState.ACTIVE)
    own = own.execution_options(synchronize_session=False)
    if spoken and registry.NAME_RETIRE_SPOKEN.get():
        session.execute(own.where(Name.key.in_(spoken)).values(state=NameState.RETIRED))
    rests_until = clock.now() + timedelta(days=registry.NAME_REST_DAYS.get())
    session.execute(own.values(state=NameState.RESTING, rests_until=rests_until))
