"""One message to one browser until it is told, wants no more, or has been tried often enough."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import delete, update

from chatpop.config import Config
from chatpop.core import clock, errands, redis_keys
from chatpop.core.transactions import transaction
from chatpop.extensions import redis_store
from chatpop.push import sending
from chatpop.push.models import PushSubscription
from chatpop.push.sending import Outcome

JOB = "push-message"
JOB_SECONDS = 60
PAUSES = (timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
"""Before the second, third and last attempt; a service may ask for a longer one."""
LONGEST_PAUSE = timedelta(hours=2)
TOLD_SECONDS = 86_400

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Note:
    """What one browser is told: ``subscription`` says where, ``payload`` what, ``topic`` which note it replaces."""

    subscription: PushSubscription
    payload: dict[str, str]
    topic: str


def send_job(message_id: int, subscription_id: int, attempt: int = 1, after: timedelta | None = None) -> None:
    """Let a worker make the attempt."""
    errands.send(JOB, message_id, subscription_id, attempt, timeout=JOB_SECONDS, after=after)


def is_told(message_id: int, subscription_id: int) -> bool:
    """Whether this browser has been told of the message; not known while Redis is away."""
    with suppress(RedisError):
        return bool(redis_store.client.exists(redis_keys.push_told(message_id, subscription_id)))
    return False


def deliver(note: Note, message_id: int, attempt: int, config: Config) -> str:
    """Make one attempt and draw the consequences; returns the outcome's name. Neither text nor address is logged."""
    subscription_id = note.subscription.id
    answer = sending.send(note.subscription, note.payload, note.topic, config)
    log.info("push", subscription=subscription_id, outcome=answer.outcome.name, status=answer.status, attempt=attempt)
    if answer.outcome is Outcome.TOLD:
        _note_told(message_id, subscription_id)
    elif answer.outcome is Outcome.GONE:
        with transaction() as session:
            session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))
    elif answer.outcome is Outcome.LATER and attempt <= len(PAUSES):
        asked = timedelta(seconds=answer.wait or 0)
        pause = min(max(PAUSES[attempt - 1], asked), LONGEST_PAUSE)
        send_job(message_id, subscription_id, attempt + 1, pause)
    return answer.outcome.name


def _note_told(message_id: int, subscription_id: int) -> None:
    with suppress(RedisError):
        redis_store.client.set(redis_keys.push_told(message_id, subscription_id), 1, ex=TOLD_SECONDS)
    with transaction() as session:
        told = update(PushSubscription).where(PushSubscription.id == subscription_id)
        session.execute(told.values(told_at=clock.now()).execution_options(synchronize_session=False))
