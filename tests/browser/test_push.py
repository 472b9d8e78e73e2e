"""Being told by a real worker and a real browser; only the vendor's push service in between is one of our own.

A headless browser has no push service: its subscription is made by hand, and what our service got and decrypted is
handed to the service worker by the browser's debugging line.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.profile import PHONE, Profile
from tests.site.process import RunningSite, running_site
from tests.support.push_service import PushService, Subscriber, running_push_service

BY_HAND = """(() => {
  const made = %s;
  const subscription = {
    endpoint: made.endpoint,
    toJSON: () => made,
    unsubscribe: async () => { localStorage.removeItem("by-hand"); return true; },
  };
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem("by-hand", String(applicationServerKey.length));
    return subscription;
  };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("by-hand") ? subscription : null);
})()"""
SHOWN = """navigator.serviceWorker.ready.then((registration) => registration.getNotifications())
  .then((all) => all.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url })))"""
ANSWER = """([path, body]) => fetch(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}).then((answer) => answer.status)"""
CLICK = """async () => {
  clients.openWindow = async (url) => { self.went = `opened ${new URL(url).pathname}${new URL(url).hash}`; };
  WindowClient.prototype.focus = async function () { self.went = `focused ${new URL(this.url).pathname}`; };
  const [notification] = await registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification });
  const waited = [];
  event.waitUntil = (promise) => waited.push(promise);
  dispatchEvent(event);
  await Promise.all(waited);
  return self.went;
}"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with running_push_service(tmp_path_factory.mktemp("push")) as running:
        yield running


@pytest.fixture(scope="module")
def own_site(service: PushService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One that may use the push service of the test."""
    settings = {"PUSH_ENDPOINT_HOSTS": service.host, "SSL_CERT_FILE": str(service.certificate)}
    with running_site(tmp_path_factory.mktemp("own_site"), **settings) as site:
        yield site


@pytest.fixture
def browser_of_hana(service: PushService) -> Subscriber:
    service.deliveries.clear()
    return Subscriber(service.origin, "hana")


@pytest.fixture
def hana(own_site: RunningSite, profiles: Callable[..., Profile], browser_of_hana: Subscriber) -> Profile:
    made = profiles(own_site.address)
    made.context.grant_permissions(["notifications"], origin=own_site.address)
    made.context.add_init_script(BY_HAND % json.dumps(browser_of_hana.json()))
    return made


@pytest.fixture
def gus(own_site: RunningSite, profiles: Callable[..., Profile]) -> Profile:
    return profiles(own_site.address)


def answer(gus: Profile, code: str, body: str) -> None:
    """gus answers the first message of the room."""
    assert gus.page.evaluate(ANSWER, [f"/rooms/{code}/messages", {"body": body, "reply_to": 1}]) == 201


def arrived(service: PushService, count: int) -> bool:
    """Whether the worker has sent so many within its time."""
    deadline = time.monotonic() + 20
    while len(service.deliveries) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(service.deliveries) == count


def hand_over(person: Profile, address: str, content: bytes) -> None:
    """What the push service of a browser does with a message: it wakes the service worker."""
    line = person.context.new_cdp_session(person.page)
    found: list[dict[str, Any]] = []
    line.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    line.send("ServiceWorker.enable")
    person.page.wait_for_function("navigator.serviceWorker.ready")
    (registration_id,) = {one["registrationId"] for one in found if not one["isDeleted"]}
    line.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": address, "registrationId": registration_id, "data": content.decode()},
    )


def test_from_the_gesture_to_the_notification_and_back_into_the_room(
    own_site: RunningSite, service: PushService, browser_of_hana: Subscriber, hana: Profile, gus: Profile
) -> None:
    link = hana.open_room("Harbour")
    code = link.rpartition("/")[2][:6]
    hana.say("who has milk?")
    gus.come_in(link)
    hana.page.get_by_role("button", name="Tell me when somebody answers or mentions me").click()
    expect(hana.page.get_by_text("This browser tells you when somebody answers")).to_be_visible()
    assert hana.page.evaluate("localStorage.getItem('by-hand')") == "65", "subscribed with the site's key"

    hana.page.goto("/account")
    expect(hana.page.get_by_role("button", name="Tell me no more in this browser")).to_be_visible()
    answer(gus, code, "I have **some**")
    assert arrived(service, 1)
    content = browser_of_hana.read(service.deliveries[0])
    hand_over(hana, own_site.address, content)
    hana.page.wait_for_function(f"{SHOWN}.then((all) => all.length === 1)")
    (shown,) = hana.page.evaluate(SHOWN)
    assert shown["title"] == "Harbour"
    assert "I have" in shown["body"]
    assert shown["tag"] == f"room-{code}"

    worker = hana.context.service_workers[0]
    assert worker.evaluate(CLICK) == f"opened /rooms/{code}#message-2"
    hana.page.goto(f"/rooms/{code}")
    hand_over(hana, own_site.address, content)
    hana.page.wait_for_function(f"{SHOWN}.then((all) => all.length === 1)")
    assert worker.evaluate(CLICK) == f"focused /rooms/{code}"


def test_it_is_switched_off_by_the_button_and_by_logging_out(
    service: PushService, browser_of_hana: Subscriber, hana: Profile, gus: Profile
) -> None:
    link = hana.open_room("Quay")
    code = link.rpartition("/")[2][:6]
    hana.say("who has milk?")
    gus.come_in(link)
    hana.page.goto("/account")
    for _ in range(2):
        hana.page.get_by_role("button", name="Tell me when somebody answers or mentions me").click()
        hana.page.get_by_role("button", name="Tell me no more in this browser").click()
    expect(hana.page.get_by_role("button", name="Tell me when somebody answers or mentions me")).to_be_visible()
    hana.page.get_by_role("button", name="Tell me when somebody answers or mentions me").click()
    expect(hana.page.get_by_role("button", name="Tell me no more in this browser")).to_be_visible()
    answer(gus, code, "here again")
    assert arrived(service, 1)
    assert b"here again" in browser_of_hana.read(service.deliveries[0])
    hana.page.goto("/account/devices")
    expect(hana.page.get_by_role("heading", name="Browsers that are told")).to_be_visible()
    hana.page.get_by_role("button", name="End the notifications").click()
    expect(hana.page.get_by_role("heading", name="Browsers that are told")).to_have_count(0)


def test_the_card_is_quiet(own_site: RunningSite, browser: Browser, profiles: Callable[..., Profile]) -> None:
    hana = profiles(own_site.address)
    asked: list[str] = []
    hana.page.expose_function("noteAsked", lambda text: asked.append(text))
    hana.page.add_init_script("Notification.requestPermission = async () => { noteAsked('asked'); return 'default'; }")
    hana.open_room("Pier")
    offer = hana.page.get_by_role("button", name="Tell me when somebody answers or mentions me")
    expect(offer).to_be_visible()
    assert asked == [], "nothing is asked for without a gesture"
    offer.click()
    expect(offer).to_be_enabled()
    assert asked == ["asked"]
    expect(offer).to_be_visible()
    hana.page.get_by_role("button", name="Not now").last.click()
    expect(offer).to_be_hidden()
    hana.page.reload()
    expect(offer).to_be_hidden()


def test_a_browser_that_refuses_says_how_to_change_it(own_site: RunningSite, profiles: Callable[..., Profile]) -> None:
    hana = profiles(own_site.address, viewport=PHONE)
    hana.page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    hana.open_room("Mole")
    expect(hana.page.locator(".side .push-card")).to_be_hidden()
    hana.page.goto("/account")
    expect(hana.page.get_by_text("Your browser lets this site tell you nothing.")).to_be_visible()
    expect(hana.page.get_by_role("button", name="Tell me when")).to_be_hidden()
