"""How much one person may do in a minute, in all rooms together."""

from __future__ import annotations

from chatpop.core import limits
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.core.texts import text
from chatpop.identity.models import User
from chatpop.settings import registry

MINUTE = 60


class TooFast(TooMany):
    code = "too_fast"

    def __init__(self, refusal: limits.BucketEmpty, what: str = "messages") -> None:
        said = text("%(limit)s %(what)s a minute are the most.", limit=refusal.limit, what=text(what))
        if what == "messages":
            said = text("%(sentence)s Your text is kept.", sentence=said)
        super().__init__(
            said,
            limit=refusal.limit,
            retry_after=refusal.retry_after or 1,
        )


def bucket_of(author: User, what: str = "messages") -> Bucket:
    """As many of ``what`` as the tier may write messages."""
    return bucket_for(author.id, what, is_registered=author.is_registered)


def bucket_for(user_id: int, what: str = "messages", *, is_registered: bool) -> Bucket:
    """The same for an account of which only this is at hand."""
    setting = registry.MAX_MESSAGES_PER_MINUTE_MEMBER if is_registered else registry.MAX_MESSAGES_PER_MINUTE_GUEST
    return Bucket(what, f"user:{user_id}", setting.get(), MINUTE)


def spend(author: User, what: str = "messages") -> None:
    """Count one; in the process while Redis is away. Raises :class:`TooFast`."""
    try:
        limits.spend([bucket_of(author, what)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooFast(refusal, what) from None
