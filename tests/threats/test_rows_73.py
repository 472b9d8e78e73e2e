"""Row 73: an address that a client brings must not lead a worker into our own network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from chatpop.core import clock, ids
from chatpop.core.transactions import transaction
from chatpop.identity.models import Session
from chatpop.push import delivering
from chatpop.push.delivering import Note
from chatpop.push.models import PushSubscription
from tests.support.people import Person
from tests.support.push_service import Subscriber
from tests.support.rows import row_counts


class Inside:
    """A service that trusts whoever reaches it, as Redis and databases often do."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.visitors = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.visitors += 1
            peer.close()


@pytest.fixture
def inside() -> Iterator[Inside]:
    made = Inside()
    yield made
    made.close()


def keep(app: Flask, endpoint: str) -> PushSubscription:
    """As if the check at the door had let it through."""
    browser = Subscriber("https://x")
    with app.app_context(), transaction() as session:
        family = session.query(Session).first()
        assert family
        row = PushSubscription(
            user_id=family.user_id,
            session_id=family.id,
            endpoint=endpoint,
            endpoint_hash=ids.hash_token(endpoint),
            public_key=browser.point,
            auth=browser.auth,
            label="x",
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row


def test_row_73_no_subscription_leads_a_worker_inside(
    app: Flask, hana: Person, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    hana.open_room()
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **options: Any) -> Any:
        if not host.endswith(".example.org"):
            return real(host, *rest, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", inside.port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    hosts = (
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "inside.example.org",
    )
    for host in hosts:
        for address in (f"https://{host}:{inside.port}/", f"https://{host}/", f"http://{host}:{inside.port}/"):
            answer = hana.post("/push/subscriptions", json=Subscriber("https://x").json(endpoint=address))
            assert answer.status_code == (201 if address == "https://inside.example.org/" else 422), address
            if answer.status_code == 422:
                assert row_counts(app)["push_subscriptions"] <= 1
    for number, host in enumerate(hosts):
        row = keep(app, f"https://{host}:{inside.port}/{number}")
        with app.app_context():
            outcome = delivering.deliver(Note(row, {"title": "x"}, "x"), 1, 1, app.config["CHATPOP"])
        assert outcome in ("REFUSED", "LATER")
    row = keep(app, "https://other.example.org/")
    with app.app_context():
        assert delivering.deliver(Note(row, {"title": "x"}, "x"), 1, 1, app.config["CHATPOP"]) == "LATER"
    assert inside.visitors == 0
