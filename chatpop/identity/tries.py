"""Counting failed tries of a network, so that codes can't be guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chatpop.core import limits
from chatpop.core.errors import DomainError, ServiceAway, TooMany
from chatpop.core.limits import Bucket


class TooManyTries(TooMany):
    code = "too_many_tries"
    sentence = "Too many codes were tried from your network. Please wait before you try again."


@contextmanager
def counted(buckets: Sequence[Bucket], failure: type[DomainError]) -> Iterator[None]:
    """Run one try; what raises ``failure`` inside counts. Raises :class:`TooManyTries` when a bucket is full.

    While Redis is away failures are counted in this process, at a quarter of the limit.
    """
    for bucket in buckets:
        _check(bucket)
    try:
        yield
    except failure:
        try:
            limits.spend(buckets, without_redis=True)
        except limits.BucketEmpty as full:
            raise TooManyTries(limit=full.limit, retry_after=full.retry_after or 1) from None
        raise


def _check(bucket: Bucket) -> None:
    try:
        left = limits.standing(bucket)
    except ServiceAway:
        return
    if left.remaining == 0:
        raise TooManyTries(limit=left.limit, retry_after=max(1, left.reset))
