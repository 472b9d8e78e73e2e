"""What docs/api.md shows works: its calls by curl, and its bot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.accounts.acts import PASSWORD
from tests.api.program import Program
from tests.support.people import Person

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The site on a real port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def says_ping(someone: Person, code: str) -> bool:
    """Again and again: what is said before the bot has read the room's state is old news to it."""
    return someone.say(code, "ping").status_code in (201, 429)


def was_said(bot: Program, code: str, body: str) -> bool:
    return body in [message["body"] for message in bot.get(f"rooms/{code}/messages").json["messages"]]


def test_the_bot_answers_ping_with_pong(app: Flask, mia: Person, hana: Person, bot: Program, address: str) -> None:
    code = hana.open_room()
    found = re.search(r"```python\n(.*?)```", PAGE, re.S)
    assert found
    token = bot.post("tokens", {"name": "bot"}).json["token"]
    environ = {**os.environ, "TOKEN": token, "NAME": "Mia-Rivers", "ROOM": f"{address}/api/v1/rooms/{code}"}
    running = subprocess.Popen([sys.executable, "-c", found.group(1)], env=environ)
    try:
        wait_for(lambda: bot.get(f"rooms/{code}").json["username"] == "Mia-Rivers")
        wait_for(lambda: says_ping(hana, code) and was_said(bot, code, "pong"))
        assert running.poll() is None
    finally:
        running.kill()
        running.wait()


def test_the_page_names_every_call(app: Flask) -> None:
    calls = Program(app).get("openapi.json").json["paths"]
    for path in calls:
        if path.startswith("/api/v1/") and "openapi" not in path:
            shown = re.sub(r"{(\w+?)(_id)?}", lambda part: "<id>" if part.group(2) else f"<{part.group(1)}>", path)
            assert shown.removeprefix("/api/v1/") in PAGE, path


def test_a_guest_is_refused_and_a_member_is_not(mia: Person, bot: Program, address: str) -> None:
    """The walk by curl, over real HTTP, with nothing of a browser but the jar and the Origin."""
    jar = CookieJar()
    guest = build_opener(HTTPCookieProcessor(jar))
    guest.open(Request(f"{address}/rooms", b"name=Tea&visibility=public", {"Origin": address}))
    assert any("access" in cookie.name for cookie in jar)
    with pytest.raises(HTTPError) as refused:
        guest.open(f"{address}/api/v1/users/me/")
    assert refused.value.code == 403
    assert json.load(refused.value)["code"] == "registration_required"
    log_in = urlopen(f"{address}/api/v1/login", urlencode({"username": "Mia-Rivers", "password": PASSWORD}).encode())
    header = {"Authorization": f"Bearer {json.load(log_in)['access_token']}"}
    assert json.load(urlopen(Request(f"{address}/api/v1/users/me/", headers=header)))["tier"] == "member"
