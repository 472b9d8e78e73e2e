"""Facts on their way to other processes."""

from __future__ import annotations

import json
import time

import pytest
from flask import Flask
from redis import Redis

from chatpop.core import redis_keys
from chatpop.rooms.live import facts
from chatpop.rooms.live.facts import Publisher, log_fact


def test_facts_of_a_busy_room_become_one_while_it_rests(
    app: Flask, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, rests = Publisher(), list[float]()
    ears = redis.pubsub()  # type: ignore[no-untyped-call]
    ears.subscribe(redis_keys.room_events(7))
    assert ears.get_message(timeout=2)["type"] == "subscribe"

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 1:
            for seq in (2, 3, 4):
                publisher.tell(log_fact(7, seq, "message"))

    monkeypatch.setattr(time, "sleep", rest)
    publisher.tell(log_fact(7, 1, "message"))
    publisher.publish_once()
    publisher.publish_once()
    heard = [json.loads(ears.get_message(timeout=2)["data"])["seq"] for _ in range(2)]
    assert heard == [1, 4]
    assert rests == [facts.REST_SECONDS] * 2
    ears.close()
