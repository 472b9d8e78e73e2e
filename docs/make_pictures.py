"""Makes the pictures of the documentation from the running product: ``python -m docs.make_pictures [names]``."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from chatpop.running import valkey
from chatpop.running.surroundings import surroundings
from tests.browser.profile import Profile
from tests.site.process import ROOT, RunningSite, running_site
from tests.support.browsing import ARGUMENTS, DEBIANS

FOLDER = Path(__file__).resolve().parent / "pictures"
PHONE = {"width": 390, "height": 700}
SHARP = 2
SIDE_BY_SIDE = """<!doctype html><style>
body { margin: 0; background: #e4deef; display: inline-flex; gap: 28px; padding: 28px; }
img { width: 390px; border-radius: 22px; box-shadow: 0 1px 3px #0003, 0 12px 32px #2a1a5a30; display: block; }
</style><body>%s</body>"""


def main() -> None:
    """Writes all pictures, or those named."""
    wanted = sys.argv[1:] or list(PICTURES)
    FOLDER.mkdir(exist_ok=True)
    path = os.environ.get("CHATPOP_CHROMIUM") or str(DEBIANS)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name in wanted:
            (FOLDER / f"{name}.png").write_bytes(PICTURES[name](browser, site))
        browser.close()


def two_people_talking(browser: Browser, site: RunningSite) -> bytes:
    """Two profiles in one room, as each of them sees it."""
    hana, gus = (_phone(browser, site) for _ in range(2))
    gus.come_in(hana.open_room("Friday pub quiz"))
    talk = [
        (gus, "Two taps and I was in!"),
        (hana, "That was the idea. Table for six?"),
        (gus, "Five. Oto comes later."),
        (gus, "Who does geography?"),
        (hana, "You. Last week you knew every capital."),
        (gus, "Every capital but one…"),
    ]
    for count, (who, text) in enumerate(talk, 1):
        who.say(text)
        for each in (hana, gus):
            expect(each.messages).to_have_count(count)
    return _side_by_side(browser, [_picture(each) for each in (hana, gus)])


def the_dice(browser: Browser, site: RunningSite) -> bytes:
    """A visitor who has rolled twice, with the room readable behind the panel; light and dark."""
    hana = _phone(browser, site)
    link = hana.open_room("Gardeners")
    talk = ["My tomatoes are up!", "Does anybody have spare basil?", "I can swap it for mint. A lot of mint."]
    for count, text in enumerate(talk, 1):
        hana.say(text)
        expect(hana.messages).to_have_count(count)
    shots = []
    for theme in ("light", "dark"):
        gus = _phone(browser, site, theme)
        gus.page.goto(link)
        gus.roll()
        gus.page.get_by_role("button", name="Roll again").click()
        expect(gus.choices).to_have_count(2)
        shots.append(_picture(gus))
    return _side_by_side(browser, shots)


def guide_roll(browser: Browser, site: RunningSite) -> bytes:
    """The demo's room as a visitor reads it, with a rolled name; light and dark."""
    path = _demo_room(site)
    shots = []
    for theme in ("light", "dark"):
        gus = _phone(browser, site, theme)
        gus.page.goto(path)
        gus.roll()
        shots.append(_picture(gus))
    return _side_by_side(browser, shots)


def guide_room(browser: Browser, site: RunningSite) -> bytes:
    """The demo's room from inside: an answer, reactions, an edited message; and what can be done with one."""
    gus = _phone(browser, site)
    gus.come_in(_demo_room(site))
    shots = [_picture(gus)]
    gus.messages.nth(1).locator(".message-more").click()
    expect(gus.page.locator("#acts-dialog")).to_be_visible()
    return _side_by_side(browser, [*shots, _picture(gus)])


def guide_returning(browser: Browser, site: RunningSite) -> bytes:
    """A guest's account, and the ways back to it."""
    gus = _phone(browser, site)
    gus.come_in(_demo_room(site))
    shots = []
    for path in ("/account", "/returning"):
        gus.page.goto(path)
        shots.append(gus.page.screenshot(caret="hide"))
    return _side_by_side(browser, shots)


def _demo_room(site: RunningSite) -> str:
    """The path of a fresh demo's first room, made by the command that an operator has for it."""
    own = {"DATA_DIR": str(site.data_dir), "REDIS_URL": valkey.url(site.data_dir)}
    environ = surroundings(ROOT, {**os.environ, **own}, dotenv=False)
    command = [sys.executable, "-P", "-m", "chatpop.cli", "seed-demo"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    return f"/rooms/{done.stdout.split()[0]}"


PICTURES: dict[str, Callable[[Browser, RunningSite], bytes]] = {
    "two-people-talking": two_people_talking,
    "the-dice": the_dice,
    "guide-roll": guide_roll,
    "guide-room": guide_room,
    "guide-returning": guide_returning,
}


def _phone(browser: Browser, site: RunningSite, theme: str = "light") -> Profile:
    options = {"color_scheme": theme, "reduced_motion": "reduce", "device_scale_factor": SHARP}
    return Profile(browser, site.address, viewport=PHONE, **options)


def _picture(person: Profile) -> bytes:
    person.page.evaluate("document.activeElement.blur()")
    expect(person.live).to_be_empty()
    return person.page.screenshot(caret="hide")


def _side_by_side(browser: Browser, pictures: list[bytes]) -> bytes:
    sources = [f"data:image/png;base64,{base64.b64encode(picture).decode()}" for picture in pictures]
    page = browser.new_page(device_scale_factor=SHARP)
    page.set_content(SIDE_BY_SIDE % "".join(f'<img src="{source}">' for source in sources))
    return page.locator("body").screenshot()


if __name__ == "__main__":
    main()
