"""What a browser is called in lists: kept in English, shown in the language of the page."""

from __future__ import annotations

from chatpop.core.texts import Text, text

UNKNOWN = text("A browser")
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")


def browser_label(user_agent: str) -> str:
    """A few words to keep: "Firefox on Android"."""
    browser = next((name for name in _BROWSERS if name in user_agent), str(UNKNOWN))
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return f"{browser} on {system}" if system else browser


def shown_browser(label: str) -> str:
    """A kept label as a sentence that a page can say; one that is not of ours stays as it is."""
    browser, _, system = label.partition(" on ")
    if browser != UNKNOWN and browser not in _BROWSERS:
        return label
    name: Text | str = UNKNOWN if browser == UNKNOWN else browser
    if not system:
        return name
    return text("%(browser)s on %(system)s", browser=name, system=system)
