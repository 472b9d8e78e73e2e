"""Who reads which room in this process: coming, catching up, going.

Order is kept by one rule. A channel's position is moved by the writer alone, which takes the list of live
readers in the same turn; and a reader goes live only in a turn in which it has been sent exactly up to
the position. So every reader gets every entry once and in order, and a lost, doubled or late fact does
no harm: facts only say when to look; what is sent comes from the log.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from flask import Flask

from chatpop.core import database
from chatpop.core.errors import ServiceAway
from chatpop.rooms import history
from chatpop.rooms.history import LogEntry, RoomState
from chatpop.rooms.live.channel import UNKNOWN, Channel
from chatpop.rooms.live.listeners import Listener
from chatpop.rooms.live.news import News
from chatpop.rooms.live.wire import Frame, files_frame, log_frame, state_frame

BATCH = 200
WRITES_PER_TURN = 256
"""After so many writes others get their turn: a message to thousands must not hold up the pages."""
_CATCH_UP_SECONDS = 5.0


class Hub:
    """Channels and their readers. ``lock`` guards both; it is never held over a read or a write."""

    def __init__(self, app: Flask, on_rooms_changed: Callable[[], None], on_left: Callable[[Listener], None]) -> None:
        """``on_rooms_changed``: a room got its first or lost its last reader; ``on_left``: a stream ends."""
        self.app = app
        self.lock = threading.Lock()
        self.channels: dict[int, Channel] = {}
        self._on_rooms_changed = on_rooms_changed
        self._on_left = on_left
        self.people_changed: set[int] = set()
        """Rooms whose readers, of this process or another, are not the ones last shown."""
        self.states_changed: set[int] = set()
        """Rooms in which something else may hold by now: slow mode, closed to guests, a pinned message."""
        self.files_changed: set[tuple[int, int]] = set()
        """Messages (room id, seq) of which a file may look otherwise by now."""
        self.news = News()

    def tell(self, room_id: int, seq: int | None, entry: LogEntry | None = None) -> None:
        """The room's log has got to ``seq`` (None: look); ``entry`` is the entry, if at hand."""
        channel = self.channels.get(room_id)
        if channel is None:
            return
        frame = log_frame(entry) if entry is not None and entry.seq > channel.position else None
        with self.lock:
            is_news = channel.tell(seq, frame)
        if is_news:
            self.news.add(room_id, channel.rests_until)

    def look(self, room_ids: Iterable[int]) -> None:
        """Ask the database which of these rooms have gone on. Raises ``SQLAlchemyError``."""
        with self.app.app_context(), database.reading():
            last = history.last_seqs(list(room_ids))
        for room_id, seq in last.items():
            self.tell(room_id, seq)

    def look_at_people(self, room_ids: Iterable[int]) -> None:
        """Others have come to these rooms or left them."""
        with self.lock:
            self.people_changed.update(room_id for room_id in room_ids if room_id in self.channels)

    def look_at_states(self, room_ids: Iterable[int]) -> None:
        """What holds in these rooms may have changed."""
        with self.lock:
            self.states_changed.update(room_id for room_id in room_ids if room_id in self.channels)

    def look_at_files(self, room_id: int, seq: int) -> None:
        """What hangs on this message may look otherwise."""
        with self.lock:
            if room_id in self.channels:
                self.files_changed.add((room_id, seq))

    def show_files(self) -> None:
        """Read what hangs on those messages, and show it to their rooms' readers. Raises ``SQLAlchemyError``."""
        with self.lock:
            due, self.files_changed = self.files_changed, set()
        while due:
            room_id, seq = next(iter(due))
            try:
                with self.app.app_context():
                    self._show_files(room_id, history.message_entry(room_id, seq))
            except BaseException:
                with self.lock:
                    self.files_changed |= due
                raise
            due.discard((room_id, seq))

    def show_states(self) -> None:
        """Read what holds in those rooms, and tell their readers where it is news. Raises ``SQLAlchemyError``."""
        with self.lock:
            due = [room_id for room_id in self.states_changed if room_id in self.channels]
            self.states_changed.clear()
        if not due:
            return
        try:
            with self.app.app_context():
                for room_id, state in history.states(due).items():
                    self._show_state(room_id, state)
        except BaseException:
            self.look_at_states(due)
            raise

    def enter(self, listener: Listener) -> None:
        """Subscribe the reader to its room and fix where its replay begins.

        Raises ``SQLAlchemyError``, and :class:`ServiceAway` when this process can't catch up with
        what the reader has from another one.
        """
        subscription = listener.subscription
        with self.lock:
            channel = self.channels.get(subscription.room_id)
            if channel is None:
                channel = self.channels[subscription.room_id] = Channel(subscription.room_id, subscription.code)
                self.states_changed.add(subscription.room_id)
                self._on_rooms_changed()
            listener.channel = channel
            channel.arrive(subscription.who)
            self.people_changed.add(channel.room_id)
        try:
            listener.sent = self._start(channel, subscription.after)
        except BaseException:
            self.leave(listener)
            raise

    def leave(self, listener: Listener) -> None:
        """Forget the reader and end its stream; may be called again."""
        with self.lock:
            channel = listener.channel
            if channel is not None:
                listener.channel = None
                channel.depart(listener)
                self.people_changed.add(channel.room_id)
                if not channel.size:
                    del self.channels[channel.room_id]
                    self._on_rooms_changed()
        if channel is not None:
            self._on_left(listener)
            listener.close()

    def joining(self, listener: Listener) -> Iterator[bytes]:
        """What the reader has missed, in batches; at the end it is live. Raises ``SQLAlchemyError``."""
        while True:
            with self.lock:
                channel = listener.channel
                if channel is None:
                    return
                if listener.sent >= channel.position:
                    channel.live[listener] = None
                    others = [channel.people_data, channel.state_data]
                    break
                goal, ready = channel.position, channel.remembered(listener.sent)
            if ready is not None:
                listener.sent = goal
                yield b"".join(ready)
            else:
                frames = self._replay(channel, listener.sent, goal)
                listener.sent = frames[-1].seq if frames else goal
                yield b"".join(frame.data for frame in frames)
        yield from (data for data in others if data is not None)

    def send(self, listeners: Iterable[Listener], data: bytes) -> None:
        """Push to each; those that are gone or too slow are dropped."""
        for number, listener in enumerate(listeners, 1):
            if not listener.push(data):
                self.leave(listener)
            if not number % WRITES_PER_TURN:
                time.sleep(0)

    def end_all(self) -> None:
        """End every stream."""
        with self.lock:
            listeners = [listener for channel in self.channels.values() for listener in channel.live]
        for listener in listeners:
            self.leave(listener)

    def read(self, channel: Channel, after: int, limit: int, ready: Mapping[int, Frame]) -> list[Frame]:
        """Frames of the log after ``after``; those in ``ready`` are not rendered again."""
        with self.app.app_context(), database.reading():
            entries = history.read_log(channel.room_id, after, limit)
            return [ready.get(entry.seq) or log_frame(entry) for entry in entries]

    def _show_state(self, room_id: int, state: RoomState) -> None:
        channel = self.channels.get(room_id)
        if channel is None or channel.state == state:
            return
        frame = state_frame(state)
        with self.lock:
            is_told = channel.state is not None or not state.is_plain
            channel.state = state
            if not is_told:
                return
            channel.state_data = frame
            listeners = list(channel.live)
        self.send(listeners, frame)

    def _show_files(self, room_id: int, entry: LogEntry | None) -> None:
        channel = self.channels.get(room_id)
        if channel is None or entry is None:
            return
        frame = files_frame(entry)
        with self.lock:
            channel.alter(entry.seq)
            listeners = list(channel.live)
        self.send(listeners, frame)

    def _replay(self, channel: Channel, after: int, goal: int) -> list[Frame]:
        changes = channel.changes
        found = self.read(channel, after, min(BATCH, goal - after), {})
        frames = [frame for frame in found if frame.seq <= goal]
        with self.lock:
            channel.keep(frames, changes)
        return frames

    def _start(self, channel: Channel, after: int | None) -> int:
        """The seq after which the reader's replay begins: ``after`` as far as it is true, else now."""
        if channel.position == UNKNOWN or (after is not None and after > channel.position):
            with self.app.app_context(), database.reading():
                last = history.last_seqs([channel.room_id]).get(channel.room_id, 0)
            with self.lock:
                if channel.position == UNKNOWN:
                    channel.position = last
            self.news.add(channel.room_id)  # facts may have come before the position
            if after is not None and after > channel.position:
                after = min(after, last)
                self._wait_for(channel, after)
        return channel.position if after is None else after

    def _wait_for(self, channel: Channel, seq: int) -> None:
        """Another process has sent the reader more than this one knows of yet."""
        self.tell(channel.room_id, seq)
        deadline = time.monotonic() + _CATCH_UP_SECONDS
        while channel.position < seq:
            if time.monotonic() > deadline:
                raise ServiceAway
            time.sleep(0.01)
