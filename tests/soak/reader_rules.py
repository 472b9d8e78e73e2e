"""Rules about what readers got, and when."""

from __future__ import annotations

from collections.abc import Iterator

from tests.soak.history import DELETE, MESSAGE, History, Reading
from tests.soak.wrong import Wrong, by_seq, who

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
    stored = by_seq(history)
    texts = {(post.room, post.client_id): post.text for post in history.posts}
    for reading in history.readings:
        for one in reading.heard:
            row = stored[reading.room].get(one.seq)
            if row is None:
                yield Wrong("lost", "P1 P4", f"{who(reading)} got {one.seq}, which is not in the log")
            elif (one.kind, one.about) != (row.kind, row.about):
                yield Wrong("differing", "P4", f"{who(reading)} got {one.seq} as {one.kind} of {one.about}")
            elif one.kind == MESSAGE and not one.is_deleted and one.text != texts.get((reading.room, row.client_id)):
                yield Wrong("differing", "P4", f"{who(reading)} got {one.seq} with another text: {one.text!r}")


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
