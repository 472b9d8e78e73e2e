"""Faults in what is stored, acknowledged and shown on pages, one each; see ``mutations``."""

from __future__ import annotations

import random

from tests.soak.history import DELETE, EDIT, MESSAGE, Ack, History, Post, Row, Shown


def _room(history: History, chance: random.Random) -> str:
    return chance.choice(sorted(history.log))


def _acknowledged(history: History, chance: random.Random) -> Post:
    return chance.choice([post for post in history.posts if post.acks])


def drop_a_message(history: History, chance: random.Random) -> None:
    post = _acknowledged(history, chance)
    history.log[post.room] = [row for row in history.log[post.room] if row.seq != post.acks[0].seq]


def renumber_after_a_drop(history: History, chance: random.Random) -> None:
    """Lost without a trace in the numbers."""
    post = _acknowledged(history, chance)
    rows = [row for row in history.log[post.room] if row.client_id != post.client_id]
    history.log[post.room] = [row._replace(seq=number) for number, row in enumerate(rows, 1)]


def drop_the_last_message(history: History, chance: random.Random) -> None:
    """From the log, the pages and the readers alike: only the acknowledgement tells."""
    post = max((post for post in history.posts if post.acks), key=lambda post: post.acks[0].at)
    seq = post.acks[0].seq
    history.log[post.room] = history.log[post.room][: seq - 1]
    history.pages[post.room] = [one for one in history.pages[post.room] if one.seq < seq]
    for reading in history.readings:
        if reading.room == post.room:
            reading.heard = [one for one in reading.heard if one.seq < seq]


def acknowledge_what_is_not_there(history: History, chance: random.Random) -> None:
    room = _room(history, chance)
    number = len(history.log[room]) + 1
    history.posts.append(Post(room, "w1", "never-stored", "says nothing", 1e6, [Ack(number, 1e6)]))


def garble_a_text(history: History, chance: random.Random) -> None:
    standing = {(room, row.seq) for room, rows in history.log.items() for row in rows if not row.is_deleted}
    post = chance.choice([one for one in history.posts if one.acks and (one.room, one.acks[0].seq) in standing])
    rows, place = history.log[post.room], post.acks[0].seq - 1
    rows[place] = rows[place]._replace(text="something else")


def store_twice(history: History, chance: random.Random) -> None:
    rows = history.log[_room(history, chance)]
    row = chance.choice([row for row in rows if row.kind == MESSAGE])
    rows.append(row._replace(seq=len(rows) + 1, about=len(rows) + 1))


def acknowledge_a_repeat_anew(history: History, chance: random.Random) -> None:
    post = _acknowledged(history, chance)
    post.acks.append(Ack(post.acks[0].seq + 1, post.acks[0].at + 1))


def give_a_number_twice(history: History, chance: random.Random) -> None:
    rows = history.log[_room(history, chance)]
    rows.append(chance.choice(rows))


def swap_two_in_the_log(history: History, chance: random.Random) -> None:
    """Acknowledged as 1 and stored as 2."""
    rows = history.log[_room(history, chance)]
    one, two = rows[0], rows[1]
    rows[0], rows[1] = two._replace(seq=1, about=1), one._replace(seq=2, about=2)


def number_against_time(history: History, chance: random.Random) -> None:
    """Two messages of one writer, one after the other's acknowledgement, everywhere in the wrong order."""
    room = _room(history, chance)
    first, second = [post for post in history.posts if post.room == room][:2]
    first.sent_at, second.sent_at = second.sent_at, first.sent_at
    (one,), (two,) = first.acks, second.acks
    first.acks, second.acks = [one._replace(at=two.at)], [two._replace(at=one.at)]


def revive_in_the_log(history: History, chance: random.Random) -> None:
    deletion = chance.choice(history.deletions)
    rows = history.log[deletion.room]
    rows[deletion.seq - 1] = rows[deletion.seq - 1]._replace(text="is back", is_deleted=False)


def keep_a_deleted_text(history: History, chance: random.Random) -> None:
    deletion = chance.choice(history.deletions)
    rows = history.log[deletion.room]
    rows[deletion.seq - 1] = rows[deletion.seq - 1]._replace(text="is kept")


def revive_on_the_pages(history: History, chance: random.Random) -> None:
    deletion = chance.choice(history.deletions)
    pages = history.pages[deletion.room]
    place = next(place for place, one in enumerate(pages) if one.seq == deletion.seq)
    pages[place] = Shown(deletion.seq, "is back", False)


def store_what_nobody_sent(history: History, chance: random.Random) -> None:
    rows = history.log[_room(history, chance)]
    number = len(rows) + 1
    rows.append(Row(number, MESSAGE, number, "nobody's", "boo", False))


def delete_what_nobody_deleted(history: History, chance: random.Random) -> None:
    rows = history.log[_room(history, chance)]
    row = chance.choice([row for row in rows if row.kind == MESSAGE and not row.is_deleted])
    rows[row.seq - 1] = row._replace(text="", is_deleted=True)
    rows.append(Row(len(rows) + 1, DELETE, row.seq, row.client_id, "", True))


def leave_one_out_of_the_pages(history: History, chance: random.Random) -> None:
    pages = history.pages[_room(history, chance)]
    del pages[chance.randrange(len(pages))]


def show_the_pages_out_of_order(history: History, chance: random.Random) -> None:
    pages = history.pages[_room(history, chance)]
    pages[0], pages[1] = pages[1], pages[0]


def lose_an_edit(history: History, chance: random.Random) -> None:
    """The number of the edit is there; the message says what it said before."""
    post = next(post for post in history.posts if post.acks and post.acks[0].seq == 1)
    rows, pages = history.log[post.room], history.pages[post.room]
    rows[0] = rows[0]._replace(text=post.text)
    pages[0] = pages[0]._replace(text=post.text)


def edit_what_nobody_edited(history: History, chance: random.Random) -> None:
    rows = history.log[_room(history, chance)]
    edited = {row.about for row in rows if row.kind == EDIT} | {edit.seq for edit in history.edits}
    row = next(row for row in rows if row.kind == MESSAGE and row.seq not in edited)
    rows.append(Row(len(rows) + 1, EDIT, row.seq, row.client_id, row.text, False))


def show_an_old_text_on_the_pages(history: History, chance: random.Random) -> None:
    edit = next(edit for edit in history.edits if edit.seq == 1)
    post = next(post for post in history.posts if post.room == edit.room and post.acks and post.acks[0].seq == 1)
    history.pages[edit.room][0] = Shown(1, post.text, False)
