"""Rules about what is stored in the end: the log, and the pages that show it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.soak.history import DELETE, EDIT, MESSAGE, History, Post
from tests.soak.wrong import Wrong, by_seq, name, texts


def acknowledged_is_stored(history: History) -> Iterator[Wrong]:
    stored, texts_of = by_seq(history), texts(history)
    for post in history.posts:
        for ack in post.acks[:1]:
            row = stored[post.room].get(ack.seq)
            if row is None or row.kind != MESSAGE or row.client_id != post.client_id:
                yield Wrong("lost", "P1", f"{name(post)}, acknowledged as {ack.seq}, is not stored there")
            elif not row.is_deleted and row.text not in texts_of[post.room, ack.seq].last:
                yield Wrong("lost", "P1", f"{name(post)} is stored with another text: {row.text!r}")


def stored_once(history: History) -> Iterator[Wrong]:
    for room, rows in history.log.items():
        times = Counter(row.client_id for row in rows if row.kind == MESSAGE)
        for client_id, count in times.items():
            if count > 1:
                yield Wrong("doubled", "P2 P5", f"{client_id} is stored {count} times in {room}")
    for post in history.posts:
        if len({ack.seq for ack in post.acks}) > 1:
            numbers = ", ".join(str(ack.seq) for ack in post.acks)
            yield Wrong("doubled", "P2", f"{name(post)} was acknowledged under several numbers: {numbers}")


def log_is_whole(history: History) -> Iterator[Wrong]:
    for room, rows in history.log.items():
        expected = 1
        for row in sorted(rows):
            if row.seq < expected:
                yield Wrong("doubled", "P3", f"number {row.seq} is given twice in {room}")
            elif row.seq > expected:
                yield Wrong("lost", "P3", f"numbers {expected} to {row.seq - 1} are missing in the log of {room}")
            expected = max(expected, row.seq + 1)


def nothing_is_invented(history: History) -> Iterator[Wrong]:
    sent = {(post.room, post.client_id) for post in history.posts}
    asked = {(DELETE, deletion.room, deletion.seq) for deletion in history.deletions}
    asked |= {(EDIT, edit.room, edit.seq) for edit in history.edits}
    for room, rows in history.log.items():
        for row in rows:
            if (room, row.client_id) not in sent:
                yield Wrong("invented", "P5", f"{room} {row.seq} is {row.client_id!r}, which nobody sent")
            if row.kind != MESSAGE and (row.kind, room, row.about) not in asked:
                yield Wrong("invented", "P6", f"{room} {row.seq} is a {row.kind} of {row.about} that nobody asked for")


def order_is_that_of_acknowledgement(history: History) -> Iterator[Wrong]:
    """What was acknowledged before another message was first sent has the lower number."""
    by_room: dict[str, list[Post]] = defaultdict(list)
    for post in history.posts:
        if post.acks:
            by_room[post.room].append(post)
    for posts in by_room.values():
        posts.sort(key=lambda post: post.acks[0].seq)
        earliest: Post | None = None
        for post in reversed(posts):
            if earliest is not None and earliest.acks[0].at < post.sent_at:
                yield Wrong("reordered", "P4", f"{name(post)} was sent after the acknowledgement of {name(earliest)}")
            if earliest is None or post.acks[0].at < earliest.acks[0].at:
                earliest = post


def pages_show_the_log(history: History) -> Iterator[Wrong]:
    for room, shown in history.pages.items():
        rows = {row.seq: row for row in history.log.get(room, []) if row.kind == MESSAGE}
        numbers = [one.seq for one in shown]
        if numbers != sorted(set(numbers)):
            yield Wrong("reordered", "P4", f"the pages of {room} show messages twice or out of order")
        for seq in rows.keys() ^ set(numbers):
            yield Wrong("lost" if seq in rows else "invented", "P1", f"{room} {seq} is in the log or the pages alone")
        for one in shown:
            row = rows.get(one.seq)
            if row is not None and (one.is_deleted, one.text) != (row.is_deleted, row.text):
                kind = "revived" if row.is_deleted else "differing"
                yield Wrong(kind, "P4 P6", f"the pages of {room} show {one.seq} unlike the log: {one.text!r}")
