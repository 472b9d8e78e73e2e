"""What is known of the person behind an account that a ban could go by, and how many others share it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.web.client_address import UNKNOWN, network_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who stands at the door, as far as it is known."""

    user_id: int | None
    fingerprint_hash: str | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """How many other living accounts have the person's device fingerprint, and its network."""

    device: int
    network: int


def evidence_of(target: User) -> Evidence:
    """What is known of an account that could be banned; members have no fingerprint."""
    network = network_of(target.last_login_ip or target.registration_ip)
    return Evidence(target.id, target.fingerprint_hash, network if network != UNKNOWN else None)


def sharing(target: User) -> Sharing:
    """How many others a ban of the person's device or network would hit; to be shown before placing."""
    known, others = evidence_of(target), _living_but(target)
    device = 0
    if known.fingerprint_hash is not None:
        same = others.where(User.fingerprint_hash == known.fingerprint_hash)
        device = db.session.scalar(select(func.count()).select_from(same.subquery())) or 0
    return Sharing(device, _count_in(known.network, others) if known.network is not None else 0)


def _living_but(target: User) -> Select[int, str | None]:
    """Ids and last addresses of all other accounts that somebody may come back to."""
    address = func.coalesce(User.last_login_ip, User.registration_ip)
    return select(User.id, address.label("address")).where(
        User.id != target.id, User.is_abandoned.is_(False), User.is_disabled.is_(False)
    )


def _count_in(network: str, others: Select[int, str | None]) -> int:
    """Addresses are kept as they are: for IPv6 the first group finds candidates, the rest is looked at here."""
    address = func.coalesce(User.last_login_ip, User.registration_ip)
    if ":" not in network:
        return db.session.scalar(select(func.count()).select_from(others.where(address == network).subquery())) or 0
    candidates = others.where(address.startswith(network.partition(":")[0] + ":", autoescape=True))
    return sum(network_of(row.address) == network for row in db.session.execute(candidates))
