"""What the writer looks at next, and when."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from chatpop.rooms.live import writer
from chatpop.rooms.live.channel import Channel
from chatpop.rooms.live.hub import Hub
from chatpop.rooms.live.listeners import Listener
from chatpop.rooms.live.news import News
from chatpop.rooms.live.subscription import Subscription
from chatpop.rooms.live.wire import Frame
from chatpop.rooms.live.writer import Writer


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(time, "monotonic", moved)
    return moved


def test_a_room_that_rests_is_passed_over_until_its_time(clock: Clock) -> None:
    news = News()
    news.add(1, due=1000.5)
    news.add(2)
    assert (news.take(), news.take()) == (2, None)
    clock.now = 1000.5
    assert (news.take(), news.take()) == (1, None)


def test_a_room_is_put_off_only_where_there_is_something_about_it(clock: Clock) -> None:
    news = News()
    news.put_off(1, 1001.0)
    assert news.take() is None
    news.add(1)
    news.put_off(1, 1001.0)
    assert news.take() is None
    clock.now = 1001.0
    assert news.take() == 1


def test_waiting_ends_when_a_room_is_due() -> None:
    news = News()
    news.add(1, due=time.monotonic() + 0.05)
    news.wait()
    began = time.monotonic()
    while (found := news.take()) is None:
        news.wait()
    assert (found, time.monotonic() - began < 1) == (1, True)


class Slow(Listener):
    """A reader whose every write takes as long as ``seconds`` says."""

    __slots__ = ("clock", "got", "seconds")

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__(
            Subscription(room_id=1, code="TESTED", after=0, person=None, network="n", allowed=lambda: True)
        )
        self.clock, self.seconds = clock, seconds
        self.got: list[bytes] = []

    def push(self, data: bytes) -> bool:
        self.clock.now += self.seconds
        self.got.append(data)
        return True

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("seconds", "rest"), [(0.0001, 0.0), (0.004, 0.012), (0.5, writer.MOST_REST_SECONDS)])
def test_a_room_rests_after_a_long_write_and_then_gets_all_as_one(
    app: Flask, clock: Clock, seconds: float, rest: float
) -> None:
    hub = Hub(app, lambda: None, lambda _: None)
    writing = Writer(hub, lambda *_: None)
    channel, reader = Channel(1, "TESTED"), Slow(clock, seconds)
    channel.position, channel.live, channel.size = 0, {reader: None}, 1
    hub.channels[1] = channel

    def say(seq: int) -> None:
        channel.tell(seq, Frame(seq, b"%d," % seq, None))
        hub.news.add(1, channel.rests_until)

    say(1)
    writing.write_once()
    say(2)
    say(3)
    hub.news.nudge()
    writing.write_once()
    if rest:
        assert reader.got == [b"1,"]
        assert channel.rests_until == pytest.approx(clock.now + rest)
        clock.now = channel.rests_until
        hub.news.nudge()
        writing.write_once()
    assert reader.got == [b"1,", b"2,3,"]
