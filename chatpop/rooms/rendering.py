"""Rendering log entries and people without any viewer: the same markup in page, reply and stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from flask import current_app
from markupsafe import Markup

from chatpop.names.key import canonical_key
from chatpop.rooms.formatting import body_html, plain_text
from chatpop.rooms.history import LogEntry, Page, RoomState
from chatpop.rooms.live.presence import Person, Presence
from chatpop.rooms.models import EventKind, Message
from chatpop.rooms.pace import named as named_pace
from chatpop.rooms.reaction_models import PALETTE
from chatpop.rooms.reactions import Tally
from chatpop.rooms.replying import WORDS_LIMIT
from chatpop.uploads.models import Thumbnail, Upload
from chatpop.web.languages import neutral

PICTURE_SIDE = 320
"""Pixels of the longer side of a picture in the log; the small version is drawn finer than that."""
FIRST_WAIT, LONGEST_WAIT = 5, 60
"""Seconds after which a page asks by itself for a small version of which it has heard nothing."""
ENDING_LIMIT = 5
MOST_TAGS = 100
"""Of one sign, or a sign of thousands would be sent to thousands; who comes later is counted."""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as ``rooms/_attachments.html`` takes it. ``width`` and ``height`` are pixels on the page."""

    name: str
    href: str
    small: str
    """The address of the picture that is shown; empty for what is no picture, or none yet."""
    width: int
    height: int
    is_waiting: bool
    """Whether the small version of the picture is still to come."""
    ending: str
    size: int


@dataclass(frozen=True, slots=True)
class OriginalView:
    """What a message answers, as ``rooms/_message.html`` shows it. ``words`` are empty where there is no text."""

    seq: int
    author_name: str
    author_tag: str
    words: str
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class TallyView:
    """One sign under a message. ``tags`` are of the first who have set it: a page finds its reader among them."""

    emoji: str
    words: str
    count: int
    tags: str


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
    is_removed: bool
    files: list[FileView]
    original: OriginalView | None
    edited_at: datetime | None
    tallies: list[TallyView]

    @property
    def is_waiting(self) -> bool:
        """Whether a small version is still to come."""
        return any(file.is_waiting for file in self.files)


def message_view(entry: LogEntry) -> MessageView:
    message, is_deleted = entry.message, entry.message.deleted_at is not None
    return MessageView(
        seq=message.seq,
        dom_id=f"message-{message.seq}",
        author_name=message.author_name,
        author_tag=message.author_tag,
        is_verified=message.author_is_verified,
        created_at=message.created_at,
        html=body_html(message.body, {canonical_key(one.name): one.tag for one in entry.mentions}),
        is_deleted=is_deleted,
        is_removed=message.is_removed,
        files=[] if is_deleted else [_file_view(upload) for upload in entry.files],
        original=original_view(entry.original) if entry.original is not None and not is_deleted else None,
        edited_at=message.edited_at if not is_deleted else None,
        tallies=[_tally_view(tally) for tally in entry.tallies],
    )


def _tally_view(tally: Tally) -> TallyView:
    words = PALETTE.get(tally.emoji, tally.emoji)
    return TallyView(tally.emoji, words, tally.count, " ".join(tally.tags[:MOST_TAGS]))


def original_view(message: Message) -> OriginalView:
    return OriginalView(
        seq=message.seq,
        author_name=message.author_name,
        author_tag=message.author_tag,
        words=plain_text(message.body, WORDS_LIMIT),
        is_deleted=message.deleted_at is not None,
    )


def message_views(page: Page) -> list[MessageView]:
    """The messages of a page, with all that is shown with them."""
    return [message_view(entry) for entry in page.entries]


def _file_view(upload: Upload) -> FileView:
    href = f"/files/{upload.public_id}/{quote(upload.name, safe='')}"
    is_waiting = upload.thumbnail == Thumbnail.WANTED
    is_shown = upload.is_picture and not is_waiting and upload.thumbnail != Thumbnail.FAILED
    scale = min(1.0, PICTURE_SIDE / max(upload.width or 1, upload.height or 1))
    stem, _, ending = upload.name.rpartition(".")
    return FileView(
        name=upload.name,
        href=href,
        small=f"{href}?size=thumbnail" if is_shown else "",
        width=max(1, round((upload.width or 1) * scale)),
        height=max(1, round((upload.height or 1) * scale)),
        is_waiting=is_waiting,
        ending=ending if stem and len(ending) <= ENDING_LIMIT else "file",
        size=upload.size,
    )


def render_entry(entry: LogEntry) -> str:
    """The fragment of what the entry is about: the message, or its reactions alone.

    Made once for each entry; works outside of requests.
    """
    if entry.fragment is None:
        name = "rooms/_reactions.html" if entry.kind == EventKind.REACTION else "rooms/_message.html"
        entry.fragment = _neutral(name, m=message_view(entry), code=entry.code)
    return entry.fragment


def render_files(entry: LogEntry, wait: int = FIRST_WAIT) -> str:
    """The fragment of what hangs on the entry's message now; works outside of requests.

    ``wait`` is the number of seconds after which the page asks once more, where a small version is still to come.
    """
    return _neutral("rooms/_attachments.html", m=message_view(entry), code=entry.code, wait=wait)


def render_people(presence: Presence, code: str) -> str:
    """The fragment of who is here; works outside of requests."""
    return _neutral("rooms/_people.html", presence=presence, code=code)


def render_typists(people: Sequence[Person]) -> str:
    """The fragment of who is typing; works outside of requests."""
    return _neutral("rooms/_typists.html", people=people)


@dataclass(frozen=True, slots=True)
class StateView:
    """A room's state as ``rooms/_room_state.html`` takes it."""

    pace: str
    """How people say the least time between two messages; empty is none."""
    is_closed: bool
    pinned: MessageView | None
    pinned_line: str = ""
    """The text of the pinned message in one line; empty for a message of files alone."""


def state_view(state: RoomState) -> StateView:
    pinned = state.pinned if state.pinned is not None and state.pinned.deleted_at is None else None
    pace = named_pace(state.slow_mode_seconds) if state.slow_mode_seconds else ""
    if pinned is None:
        return StateView(pace, state.is_closed, None)
    shown = message_view(LogEntry(pinned.seq, EventKind.MESSAGE, pinned))
    return StateView(pace, state.is_closed, shown, plain_text(pinned.body))


def render_state(state: RoomState) -> str:
    """The fragment of what holds in the room; works outside of requests."""
    return _neutral("rooms/_room_state.html", state=state_view(state), code=state.code)


def _neutral(template: str, **values: object) -> str:
    """A fragment in English, whoever asks: all viewers get the same one, and each browser puts its own words in."""
    with neutral():
        return current_app.jinja_env.get_template(template).render(**values)
