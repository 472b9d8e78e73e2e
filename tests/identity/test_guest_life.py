"""A thousand devices come and go for weeks: everybody is themselves, and nobody is ever somebody else.

The browsers have twenty sets of headers and one address between them, and share nothing else.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from freezegun.api import TickingDateTimeFactory

from chatpop.core import clock
from tests.support.people import Answer, Person
from tests.support.rows import row_counts

HEADER_SETS = [
    {"User-Agent": f"Mozilla/5.0 ({system}) {browser}", "Accept-Language": language, "Accept-Encoding": "identity"}
    for system in ("Windows NT 10.0", "iPhone", "Android 16", "X11; CrOS")
    for browser in ("Chrome/141.0", "Safari/605.1")
    for language in ("en-GB,en", "de-DE,de", "")
][:20]
CHIP = re.compile(r'id="identity-chip".*?class="chip-name">([^<]+)<', re.S)
LIFE = {"access": timedelta(minutes=15), "refresh": timedelta(days=7), "device": timedelta(days=90)}
MANY = "1000000"
PERIOD = timedelta(days=80)


class Device(Person):
    """A browser: its headers, its jar, and who its owner believes to be."""

    def __init__(self, app: Flask, headers: dict[str, str]) -> None:
        super().__init__(app)
        self.headers = headers
        self.believes: str | None = None
        self.visited: datetime | None = None

    def _open(self, method: str, path: str, *, htmx: bool, **options: Any) -> Answer:
        return super()._open(method, path, htmx=htmx, **{"headers": self.headers, **options})

    def sees(self) -> str | None:
        page = self.get("/rooms/new").text
        found = CHIP.search(page)
        assert found
        return None if "chip-visitor" in page else found.group(1)

    def drop_expired(self) -> None:
        """As browsers do: a cookie older than its Max-Age is not sent."""
        for kind, life in LIFE.items():
            if self.visited is not None and clock.now() - self.visited >= life:
                self.client.delete_cookie(f"chatpop_{kind}")

    def tab(self) -> Device:
        """A second tab: the jar as it is now."""
        twin = Device(self.app, self.headers)
        twin.take_jar(self)
        return twin

    def take_answers(self, tabs: list[Device]) -> None:
        """The tabs' answers arrive in this order: each sets what it was given, and the last one stands."""
        before = {kind: self.cookie(kind) for kind in LIFE}
        for tab in tabs:
            for kind in LIFE:
                given = tab.cookie(kind)
                if given and given != before[kind]:
                    self.client.set_cookie(f"chatpop_{kind}", given)

    def take_jar(self, other: Device) -> None:
        for kind in (*LIFE, "visitor"):
            value = other.cookie(kind)
            if value:
                self.client.set_cookie(f"chatpop_{kind}", value)
            else:
                self.client.delete_cookie(f"chatpop_{kind}")


@dataclass
class World:
    """The devices, and what went wrong."""

    app: Flask
    code: str
    random: random.Random
    devices: list[Device] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    returns: int = 0

    def check(self, device: Device, seen: str | None, how: str) -> None:
        self.returns += device.believes is not None
        if seen is not None and seen != device.believes:
            self.wrong.append(f"{how}: {seen} instead of {device.believes}")
        elif seen is None and device.believes is not None:
            self.lost.append(f"{how}: {device.believes}")

    def act(self, device: Device) -> None:
        """The first action: joining, under a roll nobody else has."""
        answer = device.join(self.code)
        if answer.status_code == 400:
            self.wrong.append(f"a newcomer was somebody already: {answer.text}")
            return
        assert answer.status_code == 201, answer.text
        name = answer.json["username"]
        if name in self.names:
            self.wrong.append(f"{name} was somebody's already")
        self.names.add(name)
        device.believes = name

    def come(self, device: Device) -> None:
        """A visit, in the way that this browser's state allows."""
        if self.random.random() < 0.9:
            device.drop_expired()
        how = self.random.choices(["one", "tabs", "out", "wipe", "twice"], [70, 10, 5, 5, 10])[0]
        if how == "tabs":
            tabs = [device.tab() for _ in range(3)]
            with ThreadPoolExecutor(3) as pool:
                for seen in pool.map(Device.sees, tabs):
                    self.check(device, seen, how)
            self.random.shuffle(tabs)
            device.take_answers(tabs)
        elif how == "wipe":
            device.client = self.app.test_client()
            device.believes = None
        self.check(device, device.sees(), how)
        if how == "twice":
            self.check(device, device.sees(), how)
        if how == "out" and device.believes is not None:
            device.post("/logout")
            device.believes = None
            self.check(device, device.sees(), how)
        if device.believes is None and self.random.random() < 0.5:
            self.act(device)
            self.check(device, device.sees(), "new")
        device.visited = clock.now()


def live(make_app: Callable[..., Flask], devices: int, visits: int, seed: int) -> World:
    """Let so many devices make so many visits within the abandonment window."""
    app = make_app(MAX_GUESTS_PER_NETWORK=MANY, MAX_ROLLS_PER_NETWORK=MANY)
    with freeze_time(clock.now(), tick=True) as time:
        assert isinstance(time, TickingDateTimeFactory)
        world = World(app, Person(app, "198.51.100.1").open_room(), random.Random(seed))
        for number in range(devices):
            world.devices.append(Device(app, HEADER_SETS[number % len(HEADER_SETS)]))
        for visit in range(visits):
            time.tick(PERIOD / visits * world.random.uniform(0, 2))
            again = world.random.random() < 0.3 and visit > devices
            world.come(
                world.devices[world.random.randrange(devices // 20)] if again else world.random.choice(world.devices)
            )
    return world


def test_equal_browsers_are_always_themselves(make_app: Callable[..., Flask]) -> None:
    """SECURITY rows 1 and 2: 0 wrong-account log-ins, every returning cookie recognised."""
    world = live(make_app, devices=120, visits=600, seed=1)
    assert (world.wrong, world.lost) == ([], [])
    assert world.returns > 300
    assert row_counts(world.app)["users"] == len(world.names) + 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_equal_browsers_are_always_themselves(make_app: Callable[..., Flask]) -> None:
    """The full figures of the reliability goals: 1,000 devices, 20 header sets, 5,000 visits."""
    world = live(make_app, devices=1000, visits=5000, seed=2)
    assert (world.wrong, world.lost) == ([], [])
    assert world.returns > 2000
    assert row_counts(world.app)["users"] == len(world.names) + 1


def test_the_harness_sees_a_wrong_log_in(make_app: Callable[..., Flask]) -> None:
    """The same life under the policy ``headers`` is full of strangers in each other's accounts."""
    settings = {"GUEST_RECOGNITION": "headers", "GUEST_RECOGNITION_ACCEPT": "strangers-may-share-accounts"}
    world = live(lambda **environ: make_app(**environ, **settings), devices=40, visits=120, seed=3)
    assert world.wrong
