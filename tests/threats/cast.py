"""Everybody who sends hostile requests, and what they have on the site."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.acts import make_member
from tests.api.program import Program
from tests.support.people import BROWSER, Person
from tests.threats.conftest import make_admin
from tests.uploads.sending import keep

NO_END = {
    "MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS", "MAX_ROLLS_PER_ROOM", "MAX_ROLLS_PER_NETWORK",
    "MAX_CHECKS_PER_NETWORK", "MAX_GUESTS_PER_NETWORK", "MAX_REGISTRATIONS_PER_NETWORK",
    "MAX_LOGIN_FAILURES_PER_NETWORK", "MAX_MESSAGES_PER_MINUTE_GUEST", "MAX_MESSAGES_PER_MINUTE_MEMBER",
    "MAX_STREAMS_PER_NETWORK", "MAX_ROOMS_GUEST", "MAX_ROOMS_MEMBER",
}  # fmt: skip
"""Limits that would end a long run: lifted."""


@dataclass
class Cast:
    """Everybody who sends, and the ids that lead somewhere."""

    clients: dict[str, tuple[FlaskClient, dict[str, str]]]
    real: dict[str, list[str]]


def make_cast(app: Flask) -> Cast:
    hana, gus = Person(app), Person(app)
    code = hana.open_room()
    gus.join(code)
    for text in ("one", "two", "three"):
        hana.say(code, text)
    page = hana.get(f"/rooms/{code}").text
    mia = make_member(Person(app))
    mia.join(code)
    bot = Program(app).log_in()
    ada = make_admin(app)
    file = keep(gus).split("/")
    keep(gus, "cat.png", private=True)
    real = {
        "code": [code, code.lower()],
        "seq": ["1", "2", "3"],
        "tag": sorted(set(re.findall(r'data-author="([^"]+)"', page) + re.findall(r"/people/([\w-]+)", page))),
        "public_id": [file[2]],
        "upload_id": [file[2]],
        "name": [file[3], "MAX_ROOMS_GUEST"],
        **{
            f"{kind}_id": ["1", "2"]
            for kind in ("passkey", "browser", "pass", "moderator", "mute", "ban", "merge", "user")
        },
        **{f"{kind}_id": ["1", "2"] for kind in ("report", "pack", "upload_number")},
        "instance_number": ["0"],
        "queue_name": ["chatpop"],
        "registry_name": ["queued", "failed"],
    }
    everybody = {"visitor": Person(app), "guest": gus, "host": hana, "member": mia, "admin": ada, "nobody": Person(app)}
    clients = {who: (someone.client, BROWSER if who != "nobody" else {}) for who, someone in everybody.items()}
    clients["program"] = (app.test_client(use_cookies=False), {"Authorization": f"Bearer {bot.access}"})
    return Cast(clients, real)
