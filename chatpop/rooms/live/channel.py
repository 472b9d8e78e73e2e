"""One room as one process knows it: its readers, how far it is broadcast, and its last frames.

All methods but the marked ones are called under the hub's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

from chatpop.rooms.history import RoomState
from chatpop.rooms.live.listeners import Listener
from chatpop.rooms.live.presence import Part, Person, Presence, part_of
from chatpop.rooms.live.wire import Frame

UNKNOWN = -1
RECENT_FRAMES = 100
RECENT_BYTES = 65_536


class Channel:
    """``position`` is the last seq taken for broadcast: whoever goes live has sent exactly that far."""

    __slots__ = (
        "changes",
        "check",
        "code",
        "fresh",
        "known",
        "live",
        "others",
        "people",
        "people_data",
        "people_due",
        "position",
        "readers",
        "recent",
        "recent_bytes",
        "rests_until",
        "room_id",
        "shown",
        "size",
        "state",
        "state_data",
    )  # fmt: skip

    def __init__(self, room_id: int, code: str) -> None:
        self.room_id = room_id
        self.code = code
        self.position = UNKNOWN
        self.known = UNKNOWN
        """The highest seq that somebody has told of."""
        self.check = False
        """Whether the log is to be read although nobody has told of anything."""
        self.fresh: dict[int, Frame] = {}
        """Frames handed in by this process's own writers, not broadcast yet."""
        self.rests_until = 0.0
        """The moment (monotonic) before which nothing is sent, so that what comes meanwhile goes out as one."""
        self.live: dict[Listener, None] = {}
        self.size = 0
        """Readers that are live or on their way there."""
        self.recent: dict[int, Frame] = {}
        self.recent_bytes = 0
        self.changes = 0
        """How many broadcast entries have altered earlier ones; see :meth:`keep`."""
        self.people: Counter[Person] = Counter()
        self.readers = 0
        self.others: list[Part] = []
        self.shown: Presence | None = None
        self.people_data: bytes | None = None
        self.people_due = 0.0
        """The earliest moment (monotonic) of the next ``people`` event."""
        self.state: RoomState | None = None
        """What holds in the room, as last read."""
        self.state_data: bytes | None = None
        """The frame of it, for who comes; None while there is nothing to tell."""

    @property
    def own_part(self) -> Part:
        return part_of(self.people, self.readers)

    def arrive(self, person: Person | None) -> None:
        self.size += 1
        if person is None:
            self.readers += 1
        else:
            self.people[person] += 1

    def depart(self, listener: Listener) -> None:
        self.live.pop(listener, None)
        self.size -= 1
        person = listener.person
        if person is None:
            self.readers -= 1
        elif self.people[person] > 1:
            self.people[person] -= 1
        else:
            del self.people[person]

    def tell(self, seq: int | None, frame: Frame | None = None) -> bool:
        """Take note of a fact (None: something may have been missed); whether it is news."""
        if seq is None:
            self.check = True
            return True
        if self.position != UNKNOWN and seq <= self.position:
            return False
        self.known = max(self.known, seq)
        if frame is not None:
            self.fresh[seq] = frame
        return True

    def take_fresh(self) -> list[Frame]:
        """Handed-in frames that follow the position without a gap."""
        if self.position == UNKNOWN or not self.fresh:
            return []
        run = takewhile(lambda seq: seq in self.fresh, range(self.position + 1, self.known + 1))
        return [self.fresh[seq] for seq in run]

    def advance(self, frames: Iterable[Frame]) -> list[Listener]:
        """Go on over ``frames``; the readers that are to get them."""
        for frame in frames:
            self.position = frame.seq
            if frame.changes is not None:
                self.changes += 1
                self._forget_message(frame.changes)
            self._remember(frame)
        if self.fresh:
            self.fresh = {seq: frame for seq, frame in self.fresh.items() if seq > self.position}
        self.known = max(self.known, self.position)
        return list(self.live)

    def alter(self, seq: int) -> None:
        """The message with this number looks otherwise: frames made before show it as it was."""
        self.changes += 1
        self._forget_message(seq)
        self.fresh.pop(seq, None)

    def keep(self, frames: Iterable[Frame], changes: int) -> None:
        """Remember frames that a replay has rendered.

        ``changes`` is the counter from before their reading: when an entry that alters earlier ones
        was broadcast since, a frame could show a message as it was, and a deleted one would come back.
        """
        if changes == self.changes:
            for frame in frames:
                if frame.seq <= self.position:
                    self._remember(frame)

    def remembered(self, after: int) -> list[bytes] | None:
        """The frames after ``after`` up to the position, or None if not all are remembered."""
        wanted = range(after + 1, self.position + 1)
        if len(wanted) > len(self.recent):
            return None
        found = [frame.data for seq in wanted if (frame := self.recent.get(seq)) is not None]
        return found if len(found) == len(wanted) else None

    def _remember(self, frame: Frame) -> None:
        self._forget(frame.seq)
        self.recent[frame.seq] = frame
        self.recent_bytes += len(frame.data)
        while len(self.recent) > RECENT_FRAMES or self.recent_bytes > RECENT_BYTES:
            self._forget(min(self.recent))

    def _forget_message(self, seq: int) -> None:
        """Every frame that shows the message's words as they were: its own, and those of what answers it."""
        for told in [told for told, frame in self.recent.items() if seq in (told, frame.quotes)]:
            self._forget(told)

    def _forget(self, seq: int) -> None:
        frame = self.recent.pop(seq, None)
        if frame is not None:
            self.recent_bytes -= len(frame.data)
