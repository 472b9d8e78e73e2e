"""Reading a newcomer off the present request."""

from __future__ import annotations

from flask import current_app, request

from chatpop.config import Config
from chatpop.core.limits import Bucket
from chatpop.identity import bans, cookies
from chatpop.identity.browser_labels import browser_label
from chatpop.identity.evidence import present_evidence
from chatpop.identity.fingerprint import Evidence
from chatpop.identity.guests import Newcomer, Welcome
from chatpop.identity.recognition import log_in
from chatpop.identity.viewer import Viewer
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets, network_of
from chatpop.web.csrf import page_token

HOUR = 3600


def present_newcomer(
    viewer: Viewer, client_fingerprint: str | None = None, in_place_of_network: list[Bucket] | None = None
) -> Newcomer:
    """What the rules need to know of the visitor behind this request.

    ``in_place_of_network`` are a class pass's buckets, charged instead of the network's.
    Raises ``Banned`` for who may not act on this site.
    """
    check_site_ban(viewer)
    token = page_token()
    amount = registry.MAX_GUESTS_PER_NETWORK.get()
    return Newcomer(
        visitor_id=viewer.visitor_id,
        page_id=token.visitor_id if token else None,
        evidence=present_evidence(),
        client_fingerprint=client_fingerprint,
        network=in_place_of_network or network_buckets("guests", client_address(), amount, HOUR),
        label=browser_label(request.headers.get("User-Agent", "")),
    )


def check_site_ban(viewer: Viewer) -> None:
    """For whatever the viewer is about to do on the site: roll, join, write, bring a file. Raises ``Banned``."""
    found = bans.find(present_ban_evidence(viewer), None)
    if found is not None:
        raise bans.Banned(found)


def present_ban_evidence(viewer: Viewer) -> bans.Evidence:
    """What bans go by: a member's account alone; of guests and visitors also the browser and the network.

    Members have shown who they are: they are not to suffer for a stranger behind the same address.
    """
    user_id = viewer.user.id if viewer.user is not None else None
    if viewer.user is not None and viewer.user.is_registered:
        return bans.Evidence(user_id)
    return guest_ban_evidence(user_id, present_evidence(), current_app.config["CHATPOP"])


def guest_ban_evidence(user_id: int | None, evidence: Evidence, config: Config) -> bans.Evidence:
    """What bans of a guest or a visitor go by."""
    digest = None
    if config.guest_recognition != "none":
        digest = evidence.hash(config.secret_key, include_ip=config.fingerprint_include_ip)
    return bans.Evidence(user_id, digest, network_of(evidence.client_ip))


def settle(welcome: Welcome) -> None:
    """Give the present browser the new guest's cookies; the visitor's id is spent."""
    log_in(welcome.user, welcome.credentials, welcome.device_secret)
    cookies.clear(cookies.Kind.VISITOR)
