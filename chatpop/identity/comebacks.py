"""Letting a guest or member into one more browser, once it has proven whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from chatpop.config import Config
from chatpop.core import clock
from chatpop.identity import devices, sessions
from chatpop.identity.guests import Welcome
from chatpop.identity.models import User
from chatpop.identity.tokens import Audience


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that is about to be let in: a few words for the list of devices, and its address."""

    label: str
    address: str | None


def let_in(session: Session, user: User, browser: Browser, config: Config) -> Welcome:
    """A fresh session inside the caller's transaction; for a guest a device of its own too."""
    now = clock.now()
    user.last_login_ip, user.last_seen_at = browser.address, now
    secret, device_id = None, None
    if not user.is_registered and config.guest_recognition != "none":
        device, secret = devices.add(session, user, browser.label)
        device_id = device.id
    return Welcome(user, sessions.start(session, user, Audience.PAGES, device_id), secret)
