"""What the stream view asks for, and the times the engine keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatpop.rooms.live.presence import Person


@dataclass(frozen=True, slots=True)
class Subscription:
    """One reader of one room, authorised by the caller.

    It lives as long as the stream, so ``allowed`` must capture ids only: no row, no request.
    """

    room_id: int
    code: str
    after: int | None
    """The last log entry the reader has; None is live from now."""
    person: tuple[str, str] | None
    """Tag and name of the participant; None is a reading visitor."""
    network: str
    """What the limit of streams counts by."""
    allowed: Callable[[], bool]
    """Whether the stream may go on; asked every 15 s, and at once after ``live.recheck``."""
    audience: str | None = None
    """Streams of one room with the same audience share one answer of ``allowed``."""

    @property
    def who(self) -> Person | None:
        return Person(*self.person) if self.person else None


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; the defaults are the promises of SECURITY ("SSE") and PERF."""

    tick: float = 1.0
    """Between two rounds; also the least time between two ``people`` events of a room."""
    beats: int = 15
    """Ticks between two heartbeats (and checks of ``allowed``) of one stream."""
    life: float = 600.0
    life_jitter: float = 60.0
    poll_down: float = 2.0
    """Between two looks at the log while Redis is away; ``poll_up`` while it is there."""
    poll_up: float = 10.0
    quiet: float = 1.5
    """Silence of Redis after which it is asked for a sign of life, and then given up."""
    patience: float = 10.0
    """How long a reader may take for one batch of a replay."""
    typing: float = 6.0
    """How long somebody types who gives no further sign."""
    part_beat: float = 15.0
    """Between two signs of life of a process; it is forgotten after three."""
