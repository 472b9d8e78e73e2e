"""The listening socket, and the sentences where there is none."""

from __future__ import annotations

import socket

import pytest

from chatpop.running.listening import listen, local_host, ready_sentence, shown_url
from chatpop.running.refusals import CannotStart


def test_a_port_in_use_is_named_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^PORT is {port}, and another program is listening there already"):
            listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_named_in_a_sentence() -> None:
    with pytest.raises(CannotStart, match=r"^HOST is 192\.0\.2\.1, and that is no address of this machine"):
        listen("192.0.2.1", 8000)


def test_a_port_that_is_just_being_given_up_is_waited_for() -> None:
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]
    other.close()

    with listen("127.0.0.1", port, patience=5.0) as listener:
        assert listener.get_inheritable()
        socket.create_connection(("127.0.0.1", port), timeout=2).close()


def test_the_second_part_of_an_answer_does_not_wait_for_the_receipt_of_the_first() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=2):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("host", "shown", "local"),
    [
        ("127.0.0.1", "http://localhost:8000", "127.0.0.1"),
        ("0.0.0.0", "http://localhost:8000", "127.0.0.1"),
        ("::", "http://localhost:8000", "::1"),
        ("192.168.1.5", "http://192.168.1.5:8000", "192.168.1.5"),
        ("fd00::5", "http://[fd00::5]:8000", "fd00::5"),
    ],
)
def test_the_printed_address_leads_to_the_site(host: str, shown: str, local: str) -> None:
    assert shown_url(host, 8000) == shown
    assert local_host(host) == local


@pytest.mark.parametrize(
    ("public_url", "said"),
    [
        (None, "chatpop is ready: http://localhost:8000"),
        ("http://localhost:8000", "chatpop is ready: http://localhost:8000"),
        ("https://chat.example.org", "chatpop is ready: http://localhost:8000, for people https://chat.example.org"),
    ],
)
def test_a_start_names_the_address_for_people_where_it_is_another_one(public_url: str | None, said: str) -> None:
    assert ready_sentence("127.0.0.1", 8000, public_url) == said
