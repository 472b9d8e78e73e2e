"""A Redis that hangs is waited for once, and asked again by nobody but the probe until it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis.exceptions import ConnectionError, RedisError, TimeoutError

from chatpop.extensions import BRIEF_PATIENCE, PATIENCE, RedisStore
from chatpop.pulse import PROBE_SECONDS
from tests.running.waiting import until
from tests.support.valkey import RunningValkey, hung

AT_ONCE = 0.2
SLACK = 0.4
"""Seconds for a busy machine."""


@pytest.fixture
def store(own_valkey: RunningValkey) -> RedisStore:
    app = Flask("pulse")
    app.config["REDIS_URL"] = own_valkey.url
    store = RedisStore()
    store.init_app(app)
    store.client.set("tea", 0)
    store.brief.ping()
    return store


def test_who_reads_waits_briefly_once_and_the_next_ones_not_at_all(
    store: RedisStore, own_valkey: RunningValkey
) -> None:
    with hung(own_valkey):
        assert seconds_of(store.brief.ping) < BRIEF_PATIENCE + SLACK
        for _ in range(3):
            assert seconds_of(store.brief.ping) < AT_ONCE


def test_many_who_wait_at_once_wait_no_longer_than_one(store: RedisStore, own_valkey: RunningValkey) -> None:
    with hung(own_valkey), ThreadPoolExecutor(8) as crowd:
        waited = list(crowd.map(seconds_of, [store.brief.ping] * 16))
        assert max(waited) < BRIEF_PATIENCE + SLACK


def test_what_needs_redis_waits_out_a_busy_disk_but_only_once(store: RedisStore, own_valkey: RunningValkey) -> None:
    with hung(own_valkey):
        seconds_of(store.brief.ping)
        assert PATIENCE / 2 < seconds_of(store.client.ping) < PATIENCE + SLACK
        for _ in range(3):
            assert seconds_of(store.client.ping) < AT_ONCE
        pipe = store.client.pipeline(transaction=False)
        pipe.get("tea")
        assert seconds_of(pipe.execute) < AT_ONCE


def test_a_stop_shorter_than_its_patience_fails_nothing_that_needs_redis(
    store: RedisStore, own_valkey: RunningValkey
) -> None:
    with ThreadPoolExecutor(1) as other:
        with hung(own_valkey):
            waiting = other.submit(store.client.incr, "tea")
            seconds_of(store.brief.ping)
            time.sleep(0.5)
        assert waiting.result() == 1


def test_it_is_used_again_soon_after_its_return(store: RedisStore, own_valkey: RunningValkey) -> None:
    with hung(own_valkey):
        seconds_of(store.client.ping)
        with pytest.raises(ConnectionError, match="away"):
            store.client.ping()
    back = time.monotonic()
    until(lambda: answers(store.client.ping) and answers(store.brief.ping))
    assert time.monotonic() - back < PROBE_SECONDS + SLACK


def test_an_answer_that_was_late_by_chance_costs_the_others_next_to_nothing(store: RedisStore) -> None:
    store._pulse.lost(time.monotonic() - PATIENCE)
    until(lambda: answers(store.client.ping), seconds=AT_ONCE)


def test_what_was_waited_for_in_vain_is_not_done_twice(store: RedisStore, own_valkey: RunningValkey) -> None:
    with hung(own_valkey), pytest.raises(TimeoutError):
        store.client.incr("tea")
    until(lambda: answers(store.client.ping))
    assert store.client.get("tea") in ("0", "1")


def test_a_server_that_was_started_anew_is_found_by_the_next_command(
    store: RedisStore, own_valkey: RunningValkey
) -> None:
    own_valkey.stop()
    own_valkey.start()
    assert store.client.ping()
    assert store.brief.ping()


def test_a_server_that_is_gone_is_refused_at_once_and_found_when_it_returns(
    store: RedisStore, own_valkey: RunningValkey
) -> None:
    own_valkey.stop()
    for ping in (store.client.ping, store.brief.ping) * 3:
        assert seconds_of(ping) < AT_ONCE
    own_valkey.start()
    back = time.monotonic()
    until(lambda: answers(store.client.ping) and answers(store.brief.ping))
    assert time.monotonic() - back < PROBE_SECONDS + SLACK


def seconds_of(ask: Callable[[], object]) -> float:
    """How long it waits for a Redis that does not answer."""
    begun = time.monotonic()
    with pytest.raises(RedisError):
        ask()
    return time.monotonic() - begun


def answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except RedisError:
        return False
    return True
