"""Passwords: which are strong enough, and their hashes.

Rules of NIST SP 800-63B-4: no composition rules, nothing of the received string is changed or cut,
common and contextual words are refused. Hashes are argon2id (RFC 9106, second profile).
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chatpop.core.errors import DomainError, ServiceAway
from chatpop.core.hub import off_the_hub
from chatpop.core.texts import text
from chatpop.settings import registry

MAX_LENGTH: Final = 256
SCORED_LENGTH: Final = 72
"""zxcvbn takes quadratic time; what is strong in its first 72 characters is strong."""
MIN_SCORE: Final = 3
SITE_WORDS: Final = ("chatpop",)
_SHORTEST_CONTEXT: Final = 4

T = TypeVar("T")


class WeakPassword(DomainError):
    status, code = 422, "weak_password"
    sentence = "This password is too easy to guess. Use a longer one, or several unrelated words."


class Busy(ServiceAway):
    code = "busy"
    sentence = "Many people are logging in right now. Please try again in a few seconds."


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash takes."""

    memory_kib: int
    passes: int
    lanes: int


PRODUCTION: Final = Cost(memory_kib=64 * 1024, passes=3, lanes=4)


def check(password: str, context: Sequence[str]) -> None:
    """Length, and how hard it is to guess for somebody who knows ``context`` (names, e-mail).

    Raises :class:`WeakPassword`.
    """
    least = registry.PASSWORD_MIN_LENGTH.get()
    if len(password) < least:
        raise WeakPassword(text("Password must be at least %(least)s characters long", least=least))
    if len(password) > MAX_LENGTH:
        raise WeakPassword(text("Password must be at most %(max_length)s characters long", max_length=MAX_LENGTH))
    words = [word for text in (*SITE_WORDS, *context) for word in _words(text)]
    if _is_mostly(password, words) or off_the_hub(lambda: _score(password, words)) < MIN_SCORE:
        raise WeakPassword


def _words(text: str) -> list[str]:
    """The text, the parts that an address is made of, and its name in one piece."""
    parts = _split(text)
    return [text.lower(), *parts, "".join(_split(text.partition("@")[0]))]


def _split(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text.lower()).split()


def _is_mostly(password: str, words: Sequence[str]) -> bool:
    """Whether more than half of it is the site's, the person's or the mailbox's name."""
    rest = password.lower()
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= _SHORTEST_CONTEXT:
            rest = rest.replace(word, "")
    return len(rest) * 2 < len(password)


def _score(password: str, words: Sequence[str]) -> int:
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # its dictionaries: a process that checks none starts without

    return int(zxcvbn(password[:SCORED_LENGTH], user_inputs=list(words))["score"])


class Hasher:
    """Two hashes at a time (64 MiB each); who waits longer than ten seconds is asked to come back."""

    AT_ONCE = 2
    PATIENCE_SECONDS = 10.0

    def __init__(self, cost: Cost) -> None:
        self.cost = cost
        self.runs = 0
        """Hashes computed by this process: that a failed log-in costs the same, whoever it is for, is counted."""
        self._slots = threading.BoundedSemaphore(self.AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash to store, with its parameters and a fresh salt. Raises :class:`Busy`."""
        argon = self._argon()
        return self._run(lambda: argon.hash(_bytes(password)))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` belongs to the stored hash; without one it costs the same. Raises :class:`Busy`."""
        argon, against = self._argon(), stored or self._nobodys()
        return self._run(lambda: _matches(argon, against, password)) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon().check_needs_rehash(stored)

    def _argon(self) -> PasswordHasher:
        cost = self.cost
        return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)

    def _nobodys(self) -> str:
        """A well-formed hash of nothing, at today's cost."""
        salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        return f"$argon2id$v=19$m={self.cost.memory_kib},t={self.cost.passes},p={self.cost.lanes}${salt}${digest}"

    def _run(self, work: Callable[[], T]) -> T:
        if not self._slots.acquire(timeout=self.PATIENCE_SECONDS):
            raise Busy
        try:
            self.runs += 1
            return off_the_hub(work)
        finally:
            self._slots.release()


hasher = Hasher(PRODUCTION)


def _matches(argon: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return argon.verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
