"""A browser profile with one page: what a person does with the site, and what the browser complained about."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
LOST = ("net::ERR", "htmx:sendError", "htmx:afterRequest", "error occurred when fetching the script")
"""What the console says about a request without an answer."""


class Profile:
    """Cookies and storage of their own, as a person on another device has."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.runs_scripts: bool = options.get("java_script_enabled", True)
        self.context: BrowserContext = browser.new_context(
            base_url=address, **{"viewport": DESKTOP, "locale": "en-GB", **options}
        )
        self.complaints: list[str] = []
        self.posts: list[Request] = []
        self._expected: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab of the same person."""
        page = self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", lambda request: self.posts.append(request) if request.method == "POST" else None)
        return page

    def expects(self, *trouble: str) -> None:
        """The console may mention this: a refusal or a lost connection that the test is about."""
        self._expected.extend(trouble)

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(expected in text for expected in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def note_live_words(self) -> None:
        """Remember from now on what the live line says; it may be gone before anybody looks."""
        self.live.evaluate(
            "live => { live.said = []; new MutationObserver(() => live.said.push(live.textContent))"
            ".observe(live, { childList: true }); }"
        )

    @property
    def live_words(self) -> list[str]:
        return list(self.live.evaluate("live => live.said"))

    # What a person does

    def open_room(self, name: str = "Tea", *, private: bool = False) -> str:
        """Open a room from the home page; returns the invite link that its page shows."""
        self.page.goto("/")
        self.page.get_by_label("Name of the room").fill(name)
        if private:
            self.page.get_by_role("radio", name="Private").check()
        self.page.get_by_role("button", name="Open the room").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
        return self.page.locator("#share-link").input_value()

    def roll(self) -> str:
        """The first roll of the panel; returns the name."""
        self.page.get_by_role("button", name="Roll dice for username").click()
        expect(self.choices).to_have_count(1)
        return str(self.choices.first.get_attribute("value"))

    def choose(self, name: str) -> None:
        """One of the rolled names."""
        self.page.locator("#doorstep label").filter(has=self.page.locator(f"input[value={name}]")).click()

    def join(self) -> str:
        """Take the chosen name; returns it."""
        name = str(self.page.locator("#doorstep input[name=username]:is([type=hidden], :checked)").input_value())
        self.page.get_by_role("button", name="Join Chat").click()
        expect(self.composer).to_be_visible()
        return name

    def come_in(self, link: str) -> str:
        """From an invite link into the room, under a rolled name."""
        self.page.goto(link)
        self.roll()
        return self.join()

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    # What a person sees

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def choices(self) -> Locator:
        """The radio buttons of the rolled names."""
        return self.page.locator("#doorstep input[type=radio]")

    @property
    def messages(self) -> Locator:
        return self.page.locator("#messages > .message")

    @property
    def bodies(self) -> Locator:
        return self.messages.locator(".message-body")

    def message(self, text: str) -> Locator:
        """The message with this in its text; a number at the end is the whole number."""
        return self.messages.filter(has=self.page.locator(".message-body", has_text=_words(text)))

    @property
    def live(self) -> Locator:
        """What the page says about its live line; empty while all is well."""
        return self.page.locator("#live")

    @property
    def chip(self) -> Locator:
        return self.page.locator("#identity-chip .chip-name")


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(text)}(?!\d)")
