"""Faults in what readers got, one each; see ``mutations``."""

from __future__ import annotations

import random

from tests.soak.history import DELETE, EDIT, MESSAGE, Heard, History, Post, Reading


def _reading(history: History, chance: random.Random) -> Reading:
    return chance.choice(history.readings)


def _inner(reading: Reading, chance: random.Random) -> int:
    """The place of an event that is neither a reader's first nor last."""
    return chance.randrange(1, len(reading.heard) - 1)


def deliver_twice(history: History, chance: random.Random) -> None:
    reading = _reading(history, chance)
    place = _inner(reading, chance)
    reading.heard.insert(place, reading.heard[place])


def deliver_again_later(history: History, chance: random.Random) -> None:
    """As after a reconnect with too low a Last-Event-ID."""
    reading = _reading(history, chance)
    reading.heard.append(reading.heard[_inner(reading, chance)])


def swap_two_for_one_reader(history: History, chance: random.Random) -> None:
    heard = _reading(history, chance).heard
    place = chance.randrange(len(heard) - 1)
    heard[place], heard[place + 1] = heard[place + 1], heard[place]


def skip_one_for_one_reader(history: History, chance: random.Random) -> None:
    reading = _reading(history, chance)
    del reading.heard[_inner(reading, chance)]


def skip_the_first_for_one_reader(history: History, chance: random.Random) -> None:
    del _reading(history, chance).heard[0]


def leave_one_reader_behind(history: History, chance: random.Random) -> None:
    _reading(history, chance).heard.pop()


def tell_two_readers_different_things(history: History, chance: random.Random) -> None:
    """The numbers are in order, the messages under them are not."""
    heard = _reading(history, chance).heard
    first, second, *_ = (place for place, one in enumerate(heard) if one.text)
    heard[first], heard[second] = _as(heard[second], heard[first]), _as(heard[first], heard[second])


def _as(what: Heard, where: Heard) -> Heard:
    return what._replace(seq=where.seq, about=where.seq, at=where.at, line=where.line)


def revive_for_one_reader(history: History, chance: random.Random) -> None:
    post = _deleted(history, chance)
    reading = next(one for one in history.readings if one.room == post.room)
    last = reading.heard[-1]
    reading.heard.append(Heard(last.seq + 1, MESSAGE, post.acks[0].seq, post.text, False, last.at, last.line))


def send_a_deleted_text_to_a_late_reader(history: History, chance: random.Random) -> None:
    post = _deleted(history, chance)
    reading = next(one for one in history.readings if one.room == post.room)
    for line in reading.lines:
        line.opened_at += 1e6
    place = post.acks[0].seq - 1
    reading.heard[place] = reading.heard[place]._replace(text=post.text, is_deleted=False)


def tell_a_deletion_with_its_text(history: History, chance: random.Random) -> None:
    reading = _reading(history, chance)
    place = next(place for place, one in enumerate(reading.heard) if one.kind == DELETE)
    reading.heard[place] = reading.heard[place]._replace(text="still here", is_deleted=False)


def tell_an_old_text_last(history: History, chance: random.Random) -> None:
    """The edit comes, and shows what the message said before."""
    heard = _reading(history, chance).heard
    first = next(one for one in heard if one.about == 1)
    place = max(place for place, one in enumerate(heard) if one.about == 1)
    heard[place] = heard[place]._replace(text=first.text)


def skip_an_edit_for_one_reader(history: History, chance: random.Random) -> None:
    heard = _reading(history, chance).heard
    del heard[next(place for place, one in enumerate(heard) if one.kind == EDIT)]


def tell_an_edit_that_nobody_wrote(history: History, chance: random.Random) -> None:
    heard = _reading(history, chance).heard
    place = next(place for place, one in enumerate(heard) if one.kind == EDIT and not one.is_deleted)
    heard[place] = heard[place]._replace(text="boo")


def _deleted(history: History, chance: random.Random) -> Post:
    """An acknowledged message that was taken back."""
    gone = {(deletion.room, deletion.seq) for deletion in history.deletions}
    return chance.choice([post for post in history.posts if post.acks and (post.room, post.acks[0].seq) in gone])
