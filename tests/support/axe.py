"""What axe-core finds on a page, in both themes; each page in each state is looked at once in a run of tests."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

_OPTIONS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
_RUN = "async (options) => (await axe.run(document, options)).violations"
_STATE = """() => {
  const shown = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility());
  const kinds = shown.map((element) => `${element.localName}.${element.className.baseVal ?? element.className}`);
  return [...new Set(kinds)].sort().join(" ");
}"""
_NUMBERS = re.compile(r"/(?:[A-Z0-9]{6}|\d+|[\w-]{16,})(?=/|$)")


@cache
def _script() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


class Eye:
    """Looks at pages; remembers the states it has seen."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def is_new(self, page: Page, address: str) -> bool:
        """Whether this page of the site at ``address`` shows something that has not been looked at yet."""
        if page.is_closed() or not page.url.startswith(address):
            return False
        path = _NUMBERS.sub("/X", page.url.removeprefix(address).split("?")[0])
        width = page.viewport_size["width"] if page.viewport_size else 0
        state = f"{path} {width < 700} {page.evaluate(_STATE)}"
        is_new = state not in self._seen
        self._seen.add(state)
        return is_new

    def faults(self, page: Page) -> list[str]:
        """What is wrong with the page as it stands, in light and in dark; the page keeps no trace of it."""
        found: dict[str, None] = {}
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate(_script())
            for one in page.evaluate(_RUN, _OPTIONS):
                found.update(
                    dict.fromkeys(f"{theme} {page.url} {one['id']}: {node['html'][:200]}" for node in one["nodes"])
                )
        return list(found)
