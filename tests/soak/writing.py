"""Writers: each message is sent until it is acknowledged, some twice, some left in doubt, some taken back."""

from __future__ import annotations

import random
import secrets
import threading
import time
from typing import Any

from tests.soak.browser import AWAY, Browser
from tests.soak.history import Ack, Answer, Deletion, Edit, History, Post

PATIENCE = 60.0
"""Seconds after which a writer gives a message up."""
REPEATED, DOUBTFUL, TAKEN_BACK, EDITED = 0.03, 0.1, 0.03, 0.05
"""Shares: of acknowledged messages sent again, of failed ones not sent again, of others taken back, and edited."""
REMEMBERED = 500
"""Messages that a writer may still edit or take back."""
TOO_LATE = 403
_PAUSE = 0.1


class Writer:
    """One guest who writes in all rooms, in a thread of its own."""

    def __init__(self, name: str, browser: Browser, rooms: list[str], seed: int, pause: float) -> None:
        """``pause``: seconds between two messages, on the average."""
        self.history = History()
        self.acknowledged = 0
        self._name = name
        self._browser = browser
        self._rooms = rooms
        self._random = random.Random(f"{seed} {name}")
        self._pause = pause
        self._number = 0
        self._kept: list[tuple[str, int]] = []
        self._ended = threading.Event()
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()

    def join(self) -> None:
        """Until the message at hand is acknowledged or given up."""
        self._thread.join(PATIENCE + 30)
        assert not self._thread.is_alive(), f"{self._name} does not end"
        if self.fault is not None:
            raise self.fault

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self._write()
                self._ended.wait(self._pause * self._random.uniform(0.5, 1.5))
        except BaseException as fault:
            self.fault = fault
            raise
        finally:
            self._browser.close()

    def _write(self) -> None:
        self._number += 1
        room = self._random.choice(self._rooms)
        text = f"{self._name} says {self._number}"
        post = Post(room, self._name, f"{self._name}-{self._number}-{secrets.token_hex(4)}", text, time.monotonic())
        self.history.posts.append(post)
        self._send(post)
        if not post.acks:
            return
        self.acknowledged += 1
        if self._random.random() < REPEATED:
            self._send(post)
        self._kept.append((room, post.acks[0].seq))
        if self._random.random() < EDITED:
            self._edit(*self._random.choice(self._kept))
        if self._random.random() < TAKEN_BACK:
            self._take_back(*self._kept.pop(self._random.randrange(len(self._kept))))
        del self._kept[:-REMEMBERED]

    def _send(self, post: Post) -> None:
        sent = {"body": post.text, "client_id": post.client_id}
        answer = self._until_answered(f"/rooms/{post.room}/messages", sent, may_doubt=not post.acks)
        if answer is not None:
            post.acks.append(Ack(int(answer["seq"]), time.monotonic()))

    def _edit(self, room: str, seq: int) -> None:
        """After a step of the clock it may be too late for it."""
        edit = Edit(room, seq, f"{self._name} says {self._number} instead")
        self.history.edits.append(edit)
        path = f"/rooms/{room}/messages/{seq}/edit"
        answer = self._until_answered(path, {"body": edit.text}, may_doubt=True, allowed=(TOO_LATE,))
        if answer is not None and "code" not in answer:
            edit.acknowledged_at = time.monotonic()

    def _take_back(self, room: str, seq: int) -> None:
        deletion = Deletion(room, seq)
        self.history.deletions.append(deletion)
        if self._until_answered(f"/rooms/{room}/messages/{seq}/deletion", {}, may_doubt=True) is not None:
            deletion.acknowledged_at = time.monotonic()

    def _until_answered(
        self, path: str, sent: dict[str, str], *, may_doubt: bool, allowed: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """The answer; None for one given up, or left in doubt on purpose."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                status, answer = self._browser.call(path, sent)
            except (*AWAY, ValueError):
                status, answer = 0, {}
            if status in (200, 201, *allowed):
                return answer
            if status:
                self.history.answers.append(Answer(time.monotonic(), status, f"POST {path}: {answer}"[:300]))
            if may_doubt and self._random.random() < DOUBTFUL:
                return None
            time.sleep(_PAUSE)
        return None
