"""The oracle reads messages as the site really renders them."""

from __future__ import annotations

from flask import Flask

from chatpop.core import clock
from chatpop.rooms.history import LogEntry
from chatpop.rooms.models import EventKind, Message
from chatpop.rooms.rendering import render_entry
from tests.soak.fragments import Fragment, messages


def rendered(app: Flask, seq: int, body: str, *, is_deleted: bool = False) -> str:
    now = clock.now()
    message = Message(
        room_id=1, seq=seq, author_name="Gus", author_tag="t" * 16, author_is_verified=False,
        body=body, client_id="c", created_at=now, deleted_at=now if is_deleted else None,
    )  # fmt: skip
    with app.test_request_context():
        return render_entry(LogEntry(seq, EventKind.MESSAGE, message, "ABCDEF"))


def test_messages_and_deleted_ones_are_read(app: Flask) -> None:
    markup = rendered(app, 1, "w1 says 1") + rendered(app, 2, "", is_deleted=True) + rendered(app, 3, "2 < 3 & so")

    assert messages(markup) == [
        Fragment(1, "w1 says 1", False),
        Fragment(2, "", True),
        Fragment(3, "2 < 3 & so", False),
    ]


def test_other_items_are_no_messages() -> None:
    assert messages('<li class="older"><a href="/rooms/ABCDEF?before=3">Earlier messages</a></li>') == []
