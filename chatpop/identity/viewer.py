"""The viewer: who a page is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chatpop.identity.models import User
from chatpop.settings import registry


@dataclass(frozen=True, slots=True)
class Viewer:
    """A visitor (``user`` None), guest or member, as rule files take it."""

    user: User | None
    visitor_id: str | None
    """The random id of a visitor's signed cookie; given at the first roll."""

    @property
    def tier(self) -> str:
        return self.user.tier if self.user else "anonymous"

    @property
    def name(self) -> str | None:
        return self.user.username if self.user else None

    @property
    def rollers(self) -> list[str]:
        """Under which the viewer's held names stand; the first is the one that rolls."""
        found = [f"user:{self.user.id}"] if self.user else []
        return [*found, *([f"visitor:{self.visitor_id}"] if self.visitor_id else [])]

    @property
    def kept_until(self) -> datetime | None:
        """When a guest would be forgotten if never seen again; None for members and "never"."""
        days = registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get()
        if self.user is None or self.user.is_registered or days < 0:
            return None
        return self.user.last_seen_at + timedelta(days=days)
