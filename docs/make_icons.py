"""Draws the icons of the installed site from its own sign; run ``python -m docs.make_icons`` when the sign changes."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.support.browsing import ARGUMENTS, DEBIANS

FOLDER = Path(__file__).resolve().parents[1] / "static" / "icons"
SIGN = FOLDER / "favicon.svg"
PAPER = "#f5f3f8"
"""The ground where a system cuts its own shape out of the picture; as in css/tokens.css."""
PAGE = """<!doctype html><style>
html, body { margin: 0; height: 100%%; background: %s; display: grid; place-items: center; overflow: hidden; }
img { width: %svw; height: %svh; }
</style><body><img src="data:image/svg+xml;base64,%s"></body>"""
ICONS = {
    "icon-192.png": (192, "transparent", 92),
    "icon-512.png": (512, "transparent", 92),
    # What is outside of the inner 80 % may be cut off (W3C, "Maskable icons").
    "icon-maskable-512.png": (512, PAPER, 62),
    "apple-touch-icon.png": (180, PAPER, 74),
}
"""File name -> pixels, ground, and how much of the side the sign takes in percent."""
COLOURS = 64
"""The sign is flat: a palette holds it at a third of the size."""


def main() -> None:
    path = os.environ.get("CHATPOP_CHROMIUM") or str(DEBIANS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name, (size, ground, share) in ICONS.items():
            (FOLDER / name).write_bytes(_draw(browser, size, ground, share))
        browser.close()


def _draw(browser: Browser, size: int, ground: str, share: int) -> bytes:
    page = browser.new_page(viewport={"width": size, "height": size})
    sign = base64.b64encode(SIGN.read_bytes()).decode()
    page.set_content(PAGE % (ground, share, share, sign))
    picture = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
    page.close()
    packed = io.BytesIO()
    picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    main()
