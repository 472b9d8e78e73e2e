"""Readers: a room's stream over a real connection, resumed after the last event as a browser resumes it."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

from tests.soak.browser import AWAY, Browser
from tests.soak.fragments import messages
from tests.soak.history import DELETE, EDIT, MESSAGE, Answer, Heard, Line, Reading

SILENCE = 18.0
"""Seconds; the site says something at least that often."""
STEADY = 5.0
"""A line that held for so long was a good one: the next try comes at once."""
SMALL = 4096
BETWEEN_STALLS, STALL = (15.0, 45.0), (1.0, 8.0)
"""Seconds that a slow reader reads, and stops reading: the site's buffers fill. By time, so that it can catch up."""
_LINGER_NOT = struct.pack("ii", 1, 0)


class Reader:
    """Reads in a thread of its own until it is ended."""

    def __init__(self, name: str, browser: Browser, room: str, seed: int, *, is_slow: bool = False) -> None:
        self.reading = Reading(name, room, is_slow)
        self.answers: list[Answer] = []
        self._browser = browser
        self._random = random.Random(f"{seed} {name}")
        self._ended = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def position(self) -> int:
        heard = self.reading.heard
        return heard[-1].seq if heard else 0

    def drop(self, *, rudely: bool) -> None:
        """Break the line, as a train in a tunnel does; rudely is without a word to the site."""
        sock = self._browser.socket
        if sock is None:
            return
        with suppress(OSError):
            if rudely:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            sock.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self._ended.set()
        self.drop(rudely=False)

    def join(self) -> None:
        self._thread.join(SILENCE + 15)
        assert not self._thread.is_alive(), f"{self.reading.reader} does not end"
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        tries = 0
        try:
            while not self._ended.is_set():
                with suppress(*AWAY):
                    self._read()
                self._browser.close()
                lines = self.reading.lines
                if lines and lines[-1].closed_at is None:
                    lines[-1].closed_at = now = time.monotonic()
                    tries = 0 if now - lines[-1].opened_at > STEADY else tries
                self._ended.wait(_pause(tries, self._random))
                tries += 1
        except BaseException as fault:
            self._fault = fault
            raise

    def _read(self) -> None:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(self.position)} if self.position else {})
        answer = self._browser.send("GET", f"/rooms/{self.reading.room}/stream?after=0", headers=headers)
        if answer.status != 200:
            said = answer.read().decode(errors="replace")
            self.answers.append(Answer(time.monotonic(), answer.status, f"GET stream: {said}"[:300]))
            raise HTTPException(answer.status)
        self.reading.lines.append(Line(time.monotonic()))
        if self._browser.socket is not None:
            self._browser.socket.settimeout(SILENCE)
            if self.reading.is_slow:
                self._browser.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self._events(answer)

    def _events(self, answer: HTTPResponse) -> None:
        fields: dict[str, str] = {}
        stalls_at = time.monotonic() + self._random.uniform(*BETWEEN_STALLS)
        while line := answer.readline().decode():
            if self.reading.is_slow and time.monotonic() > stalls_at:
                self._ended.wait(self._random.uniform(*STALL))
                stalls_at = time.monotonic() + self._random.uniform(*BETWEEN_STALLS)
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
                continue
            if "id" in fields and fields.get("event") in (MESSAGE, EDIT, DELETE):
                self._note(int(fields["id"]), fields["event"], fields["data"])
            fields = {}

    def _note(self, seq: int, kind: str, markup: str) -> None:
        (shown,) = messages(markup)
        line = len(self.reading.lines) - 1
        self.reading.heard.append(Heard(seq, kind, shown.seq, shown.text, shown.is_deleted, time.monotonic(), line))


def _pause(tries: int, chance: random.Random) -> float:
    """Seconds before the next try, as the site's own live.js does it."""
    if tries == 0:
        return chance.uniform(0.1, 0.4)
    most = 30.0 if tries > 40 else 5.0 if tries > 10 else 2.0
    return min(most, 0.55 * 1.3**tries) * chance.uniform(0.5, 1.0)
