"""The sleep of a forgotten guest: for some days the same browser may still wake the account.

Asleep it is as dead as any forgotten account, but its names stay its own and its browsers are remembered.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.database import BigId, Moment
from chatpop.core.transactions import transaction
from chatpop.extensions import Base
from chatpop.identity.fingerprint import Evidence
from chatpop.identity.models import User
from chatpop.settings import registry


class Sleep(Base):
    """A forgotten guest that can be woken until then. The row goes when it is woken or the time is over."""

    __tablename__ = "sleeps"

    user_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)


def fall_asleep(session: Session, user_id: int) -> bool:
    """Let a guest who is just being forgotten sleep (``GUEST_SLEEP_DAYS``); False where no sleep is granted.

    Inside the caller's transaction. A later change of the setting does not reach those who sleep already.
    """
    days = registry.GUEST_SLEEP_DAYS.get()
    if days > 0:
        session.add(Sleep(user_id=user_id, ends_at=clock.now() + timedelta(days=days)))
    return days > 0


def wake(user_id: int, evidence: Evidence, config: Config) -> User | None:
    """Make the sleeping guest a living one again; None if it does not sleep, or not any more.

    For its own browser only. It is the same row with its names, rooms and messages; private uploads went when it
    was forgotten. The evidence is the present request's, as for a new guest.
    """
    with transaction() as session:
        user = session.get(User, user_id, with_for_update=True)
        sleep = session.scalar(select(Sleep).where(Sleep.user_id == user_id))
        now = clock.now()
        if user is None or sleep is None or sleep.ends_at <= now or user.is_disabled:
            return None
        session.delete(sleep)
        user.is_abandoned, user.abandoned_at, user.last_seen_at = False, None, now
        user.fingerprint_hash = evidence.hash(config.secret_key, include_ip=config.fingerprint_include_ip)
        user.fingerprint_data = evidence.data(None)
        return user
