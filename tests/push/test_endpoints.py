"""The address of a subscription comes from a client: nothing inside of our own network can be reached by it."""

from __future__ import annotations

import socket

import pytest

from chatpop.push import endpoints
from chatpop.push.endpoints import BadEndpoint, Unreachable

GOOD = "https://fcm.googleapis.com/fcm/send/abc:def?x=1"
HOSTILE = [
    "http://push.example.org/x",
    "ftp://push.example.org/x",
    "https://push.example.org:8443/x",
    "https://push.example.org:22/x",
    "https://user@push.example.org/x",
    "https://push.example.org@127.0.0.1/x",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://0x7f000001/x",
    "https://2130706433/x",
    "https://017700000001/x",
    "https://0/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[fd00::1]/x",
    "https://10.0.0.7/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://93.184.216.34/x",
    "https://localhost/x",
    "https://valkey/x",
    "https:///x",
    "https://push.example.org/x#y",
    "https://push.example.org\\@evil.example/x",
    "https://push.example.org/x y",
    "https://push.example.org/\r\nHost: evil.example",
    "https://pusH.example.org:99999/x",
    "https://[::1/x",
    "https://pùsh.example.org/x",
    "https://push.example.org/" + "x" * 1000,
    "//push.example.org/x",
    "",
    "x",
]
INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
]


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """What the name server says from now on: it is not ours, and may say anything."""
    found = [
        (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)


def test_a_service_of_the_public_internet_is_fine() -> None:
    found = endpoints.parse(GOOD)
    assert (found.host, found.port, found.target) == ("fcm.googleapis.com", 443, "/fcm/send/abc:def?x=1")
    assert found.origin == "https://fcm.googleapis.com"


@pytest.mark.parametrize("address", HOSTILE, ids=lambda text: text[:60])
def test_a_hostile_address_is_refused_when_it_is_brought(address: str) -> None:
    with pytest.raises(BadEndpoint):
        endpoints.parse(address)


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused_when_something_is_sent(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not endpoints.is_public(address)
    resolves_to(monkeypatch, "8.8.8.8", address)
    with pytest.raises(Unreachable):
        endpoints.addresses_of(endpoints.parse(GOOD))


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_are_used(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, address)
    assert endpoints.addresses_of(endpoints.parse(GOOD)) == [address]


def test_a_list_of_the_operator_is_the_whole_of_it() -> None:
    allowed = ["fcm.googleapis.com", "*.push.apple.com", "push.lan:8443"]
    for good in (GOOD, "https://web.push.apple.com/x", "https://push.lan:8443/x"):
        endpoints.parse(good, allowed)
    for bad in (
        "https://push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://updates.push.services.mozilla.com/x",
        "https://push.lan/x",
        "https://push.lan:22/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com:8443/x",
        "http://push.lan:8443/x",
    ):
        with pytest.raises(BadEndpoint):
            endpoints.parse(bad, allowed)


def test_only_a_service_of_the_operators_own_may_be_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "10.0.0.7")
    assert endpoints.addresses_of(endpoints.parse("https://push.lan:8443/x", ["push.lan:8443"])) == ["10.0.0.7"]
    with pytest.raises(Unreachable):
        endpoints.addresses_of(endpoints.parse(GOOD, ["fcm.googleapis.com"]))
