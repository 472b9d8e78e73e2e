"""Every page and state at three widths in both themes, to look at: ``python -m tests.support.look FOLDER [names]``."""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.profile import Profile
from tests.site.process import running_site
from tests.support.browsing import ARGUMENTS, DEBIANS, MANY
from tests.support.scenes import SCENES, furnish

SIZES = {360: 740, 768: 1024, 1280: 800}
SHEET = """<!doctype html><style>
body { margin: 0; background: #888; padding: 12px; display: inline-grid; gap: 12px; }
body { grid-template-columns: repeat(3, auto); }
img { display: block; height: %dpx; }
</style><body>%s</body>"""


def main() -> None:
    """One sheet of six pictures for each of the scenes, or for those named."""
    folder, *wanted = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = os.environ.get("CHATPOP_CHROMIUM") or str(DEBIANS)
    with (
        tempfile.TemporaryDirectory() as place,
        running_site(Path(place), MAX_GUESTS_PER_NETWORK=MANY, MAX_ROLLS_PER_NETWORK=MANY) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        world = furnish(browser, site)
        for name in wanted or SCENES:
            try:
                person = SCENES[name](world)
            except Exception as fault:  # one scene out of order must not hide the others
                print(f"{name}: {str(fault)[:400]}")
                continue
            (Path(folder) / f"{name}.png").write_bytes(_sheet(browser, person))
            while world.profiles:
                world.profiles.pop().context.close()
        browser.close()


def _sheet(browser: Browser, person: Profile) -> bytes:
    pictures = []
    for theme in ("light", "dark"):
        person.page.emulate_media(color_scheme=theme)
        for width, height in SIZES.items():
            person.page.set_viewport_size({"width": width, "height": height})
            pictures.append(person.page.screenshot(caret="hide"))
    sources = [f"data:image/png;base64,{base64.b64encode(picture).decode()}" for picture in pictures]
    page = browser.new_page()
    page.set_content(SHEET % (700, "".join(f'<img src="{source}">' for source in sources)))
    shot = page.locator("body").screenshot()
    page.close()
    return shot


if __name__ == "__main__":
    main()
