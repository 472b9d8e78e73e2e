"""What the first look at a room costs."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.site.people import Caller, fill
from tests.site.process import RunningSite

MOST_REQUESTS = 6
MOST_BYTES = 60_000
NOT_COUNTED = ("favicon", "manifest", "/stream", "/icons/")


def test_a_room_of_fifty_messages_is_light(site: RunningSite, gus: Profile) -> None:
    code = Caller(site.address).open_room("Light")
    fill(site.address, code, 50, "Message {}: about as long as what people usually write in a chat")
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}
    line = gus.context.new_cdp_session(gus.page)
    line.send("Network.enable")

    def asked(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        sizes[addresses[event["requestId"]]] = int(event["encodedDataLength"])

    line.on("Network.requestWillBeSent", asked)
    line.on("Network.loadingFinished", came)

    gus.page.goto(f"/rooms/{code}", wait_until="load")

    expect(gus.messages).to_have_count(50)
    counted = {url: size for url, size in sizes.items() if not any(part in url for part in NOT_COUNTED)}
    assert len(counted) <= MOST_REQUESTS, counted
    assert sum(counted.values()) <= MOST_BYTES, counted
    assert any(url.endswith(f"/rooms/{code}") for url in counted)
