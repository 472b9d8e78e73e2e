"""Rendering log entries and people without any viewer: the same markup in page, reply and stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from markupsafe import Markup

from chatpop.rooms.formatting import body_html
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live.presence import Presence
from chatpop.rooms.models import Message


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as ``rooms/_message.html`` takes it."""

    seq: int
    dom_id: str
    author_name: str
    author_tag: str
    is_verified: bool
    created_at: datetime
    html: Markup
    is_deleted: bool


def message_view(message: Message) -> MessageView:
    return MessageView(
        seq=message.seq,
        dom_id=f"message-{message.seq}",
        author_name=message.author_name,
        author_tag=message.author_tag,
        is_verified=message.author_is_verified,
        created_at=message.created_at,
        html=body_html(message.body),
        is_deleted=message.deleted_at is not None,
    )


def render_entry(entry: LogEntry) -> str:
    """The fragment of the entry's message as it stands now; works outside of requests."""
    template = current_app.jinja_env.get_template("rooms/_message.html")
    return template.render(m=message_view(entry.message), code=entry.code)


def render_people(presence: Presence) -> str:
    """The fragment of who is here; works outside of requests."""
    return current_app.jinja_env.get_template("rooms/_people.html").render(presence=presence)
