"""Which passwords are strong enough, and how they are kept."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from chatpop.accounts import passwords
from chatpop.accounts.passwords import PRODUCTION, Busy, Cost, Hasher, WeakPassword
from tests.accounts.acts import log_in, register
from tests.support.people import Person

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = ["HappyPanda123", "mia.rivers@example.com"]


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "password1",
        "12345678",
        "123456789012345",
        "qwertyuiop",
        "iloveyou1",
        "letmein!!",
        "P@ssw0rd",
        "passwordpassword",
        "chatpopchatpop1",
        "chatpop2026",
        "happypanda123",
        "HappyPanda123!",
        "happypanda123happypanda123",
        "mia.rivers",
        "mia.rivers@example.com",
        "miarivers2026",
        "aaaaaaaaaaaaaaaa",
        "abcdefgh",
        "sunshine99",
        "Summer2026",
    ],
)
def test_what_is_easy_to_guess_is_refused(app: Flask, password: str) -> None:
    with app.app_context(), pytest.raises(WeakPassword):
        passwords.check(password, CONTEXT)


@pytest.mark.parametrize(
    "password",
    [
        "maple-otter-kettle-42",
        "correct horse battery staple",
        "x9$Kq2!mVb",
        "blauer Elefant trinkt Tee",
        "龍虎鳳麟 over the hill",
        "Zq7#vL2pwX9!mT4chJ6%bN3krF8&yD5gZs1$uE7aoV2*iG4elB9@xK3tnC6^pM8w",
        "tulpen gelb fahrrad",
        "i love my chatpop and 7 cats",
        "  leading blanks matter 88",
    ],
)
def test_phrases_are_accepted(app: Flask, password: str) -> None:
    with app.app_context():
        passwords.check(password, CONTEXT)


def test_lengths_are_told(app: Flask, make_app: Callable[..., Flask]) -> None:
    with app.app_context():
        with pytest.raises(WeakPassword, match="Password must be at least 8 characters long"):
            passwords.check("x9$Kq2!", [])
        passwords.check("x9$Kq2!mVb" * 7 + "abcdefghij" * 18 + "123456", [])
        with pytest.raises(WeakPassword, match="at most 256"):
            passwords.check("x" * 257, [])
    with make_app(PASSWORD_MIN_LENGTH="15").app_context(), pytest.raises(WeakPassword, match="at least 15 characters"):
        passwords.check("x9$Kq2!mVb", [])


def test_nothing_of_a_long_password_is_cut(app: Flask, oto: Person) -> None:
    password = "x9$Kq2!mVb" * 25 + "abcdef"
    register(oto, password=password)
    assert log_in(Person(app), password=password[:-1]).status_code == 422
    assert log_in(Person(app), password=password + "x").status_code == 422
    assert log_in(Person(app), password=password).status_code == 303


def test_production_hashes_cost_64_mib_three_passes_four_lanes() -> None:
    assert (PRODUCTION.memory_kib, PRODUCTION.passes, PRODUCTION.lanes) == (65_536, 3, 4)
    hasher = Hasher(PRODUCTION)
    stored = hasher.hash("maple-otter-kettle-42")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hasher.verify(stored, "maple-otter-kettle-42")
    assert not hasher.verify(stored, "maple-otter-kettle-43")
    assert not hasher.is_outdated(stored)


@pytest.mark.parametrize("stored", [None, "", "nonsense"])
def test_without_a_good_hash_nothing_is_right(stored: str | None) -> None:
    assert not Hasher(Cost(64, 1, 1)).verify(stored, "maple-otter-kettle-42")


def test_verifying_for_nobody_takes_as_long() -> None:
    hasher = Hasher(PRODUCTION)
    stored = hasher.hash("maple-otter-kettle-42")

    def seconds(against: str | None) -> float:
        start = time.process_time()
        hasher.verify(against, "maple-otter-kettle-43")
        return time.process_time() - start

    known, unknown = (min(seconds(against) for _ in range(3)) for against in (stored, None))
    assert unknown > known / 2


def test_two_hashes_at_once_and_the_rest_wait_their_turn() -> None:
    hasher = Hasher(Cost(64, 1, 1))
    hasher.PATIENCE_SECONDS = 0.05
    entered, leave = threading.Semaphore(0), threading.Event()

    def occupy() -> None:
        hasher._run(lambda: entered.release() or leave.wait(10))  # type: ignore[func-returns-value]

    threads = [threading.Thread(target=occupy) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert entered.acquire(timeout=5)
    assert entered.acquire(timeout=5)
    with pytest.raises(Busy) as refusal:
        hasher.hash("maple-otter-kettle-42")
    assert refusal.value.status == 503
    assert refusal.value.retry_after
    leave.set()
    for thread in threads:
        thread.join()
    assert hasher.hash("maple-otter-kettle-42")


def test_a_login_that_found_no_slot_is_no_failure(app: Flask, oto: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    register(oto)
    monkeypatch.setattr(passwords.hasher, "PATIENCE_SECONDS", 0.01, raising=False)
    slots = passwords.hasher._slots
    assert slots.acquire(timeout=1)
    assert slots.acquire(timeout=1)
    try:
        for _ in range(7):
            answer = log_in(Person(app))
            assert answer.status_code == 503
            assert "Retry-After" in answer.headers
    finally:
        slots.release(2)
    assert log_in(Person(app)).status_code == 303


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent
from chatpop.accounts.passwords import PRODUCTION, Hasher
ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        gevent.sleep(0.005)
gevent.spawn(tick)
hashes = [gevent.spawn(Hasher(PRODUCTION).hash, "maple-otter-kettle-42") for _ in range(2)]
gevent.joinall(hashes, raise_error=True)
print(ticks)
"""


def test_under_gevent_the_others_go_on_while_a_hash_is_computed() -> None:
    done = subprocess.run([sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(done.stdout) > 5
