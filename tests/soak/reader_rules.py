"""Rules about what readers got, and when."""

from __future__ import annotations

from collections.abc import Iterator

from tests.soak.history import DELETE, Heard, History, Reading
from tests.soak.wrong import Wrong, by_seq, texts, who

SETTLED_SECONDS = 10.0
"""A reader who comes so long after an acknowledged deletion must not be sent the text any more."""


def readers_get_all_in_order(history: History) -> Iterator[Wrong]:
    for reading in history.readings:
        yield from _steps(reading)
        end = max((row.seq for row in history.log.get(reading.room, [])), default=0)
        last = max((one.seq for one in reading.heard), default=0)
        if last < end:
            yield Wrong("skipped", "P3", f"{who(reading)} never got {last + 1} to {end}")


def _steps(reading: Reading) -> Iterator[Wrong]:
    position, seen = 0, set[int]()
    for one in reading.heard:
        if one.seq in seen:
            yield Wrong("doubled", "P3", f"{who(reading)} got {one.seq} again after {position}")
        elif one.seq < position:
            yield Wrong("reordered", "P3", f"{who(reading)} got {one.seq} after {position}")
        elif one.seq > position + 1:
            yield Wrong("skipped", "P3", f"{who(reading)} got {one.seq} right after {position}")
        seen.add(one.seq)
        position = max(position, one.seq)


def readers_agree_with_the_log(history: History) -> Iterator[Wrong]:
    """And so with each other."""
    stored, texts_of = by_seq(history), texts(history)
    sent = {(post.room, post.client_id): {post.text} for post in history.posts}
    for reading in history.readings:
        for one in reading.heard:
            row = stored[reading.room].get(one.seq)
            if row is None:
                yield Wrong("lost", "P1 P4", f"{who(reading)} got {one.seq}, which is not in the log")
            elif (one.kind, one.about) != (row.kind, row.about):
                yield Wrong("differing", "P4", f"{who(reading)} got {one.seq} as {one.kind} of {one.about}")
            elif not one.is_deleted:
                known = texts_of.get((reading.room, one.about))
                if one.text not in (known.ever if known else sent.get((reading.room, row.client_id), ())):
                    yield Wrong("differing", "P4", f"{who(reading)} got {one.seq} with another text: {one.text!r}")


def readers_are_told_the_last_state(history: History) -> Iterator[Wrong]:
    """The last event about a message shows it as it is stored; who never got that event has skipped it."""
    stored = by_seq(history)
    for reading in history.readings:
        last_told: dict[int, Heard] = {}
        for one in reading.heard:
            if one.about not in last_told or one.seq >= last_told[one.about].seq:
                last_told[one.about] = one
        for about, one in last_told.items():
            row = stored[reading.room].get(about)
            if row is not None and not row.is_deleted and (one.is_deleted or one.text != row.text):
                yield Wrong("differing", "P7", f"{who(reading)} was told last that {about} says {one.text!r}")


def deleted_stays_deleted(history: History) -> Iterator[Wrong]:
    stored = by_seq(history)
    gone: dict[tuple[str, int], float] = {}
    for deletion in history.deletions:
        if deletion.acknowledged_at is not None:
            gone[deletion.room, deletion.seq] = deletion.acknowledged_at
            row = stored[deletion.room].get(deletion.seq)
            if row is not None and not row.is_deleted:
                yield Wrong("revived", "P6", f"{deletion.room} {deletion.seq} was deleted, and is there again")
    for room, rows in history.log.items():
        for row in rows:
            if row.is_deleted and row.text:
                yield Wrong("revived", "P6", f"{room} {row.seq} is deleted, and its text is kept")
    for reading in history.readings:
        yield from _revivals(reading, gone)


def _revivals(reading: Reading, gone: dict[tuple[str, int], float]) -> Iterator[Wrong]:
    known = set[int]()
    for one in reading.heard:
        if one.is_deleted:
            known.add(one.about)
            continue
        if one.kind == DELETE:
            yield Wrong("revived", "P6", f"{who(reading)} got the deletion {one.seq} with the text of {one.about}")
        deleted_at = gone.get((reading.room, one.about), float("inf"))
        if one.about in known or reading.lines[one.line].opened_at > deleted_at + SETTLED_SECONDS:
            yield Wrong("revived", "P6", f"{who(reading)} got {one.about} again after its deletion")
