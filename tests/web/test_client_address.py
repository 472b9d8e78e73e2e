"""The client's address is what a trusted proxy says, and nobody else (threat row 50)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, jsonify

from chatpop.web.client_address import client_address, network_of, parse


def seen(make_app: Callable[..., Flask], peer: str, forwarded: str | None, **environ: str) -> str | None:
    app = make_app(**environ)
    app.add_url_rule("/who", view_func=lambda: jsonify(address=client_address()))
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    answer = app.test_client().get("/who", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.json
    return answer.json["address"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("hops", "cidrs", "peer", "forwarded", "expected"),
    [
        ("0", "", "203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("1", "10.0.0.0/8", "203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("1", "10.0.0.0/8", "10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("1", "10.0.0.0/8", "10.1.2.3", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("2", "10.0.0.0/8", "10.1.2.3", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("2", "10.0.0.0/8", "10.1.2.3", "198.51.100.1", "10.1.2.3"),
        ("1", "10.0.0.0/8", "10.1.2.3", "198.51.100.1:4711", "198.51.100.1"),
        ("1", "10.0.0.0/8", "10.1.2.3", "[2001:db8::1]:4711", "2001:db8::1"),
        ("1", "10.0.0.0/8", "10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1"),
        ("1", "10.0.0.0/8", "10.1.2.3", "unknown", None),
        ("1", "10.0.0.0/8", "10.1.2.3", None, "10.1.2.3"),
        ("1", "", "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("1", "", "192.168.0.9", "198.51.100.1", "192.168.0.9"),
    ],
)
def test_the_matrix_of_hops_and_peers(
    make_app: Callable[..., Flask], hops: str, cidrs: str, peer: str, forwarded: str | None, expected: str | None
) -> None:
    assert seen(make_app, peer, forwarded, TRUSTED_PROXIES=hops, TRUSTED_PROXY_CIDRS=cidrs) == expected


def test_networks_are_one_ipv4_address_or_an_ipv6_64() -> None:
    assert network_of("203.0.113.5") == "203.0.113.5"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of(None) == network_of("garbage") == "unknown"


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4; drop", "[::1"])
def test_garbage_is_no_address(text: str) -> None:
    assert parse(text) is None or text == "[::1"
