"""Access tokens: JWTs with a type, an audience and the account's epoch (RFC 8725, RFC 9068).

The subject is the account's id, never a name: a name can pass to somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import jwt

from chatpop.core import clock, ids, metrics
from chatpop.core.keys import derive_key

ACCESS_SECONDS = 15 * 60
LEEWAY_SECONDS = 5
ISSUER = "chatpop"
TYPE = "at+jwt"
ALGORITHM = "HS256"


class Audience(StrEnum):
    """Which door a token opens: the pages (cookies) or the API (bearers)."""

    PAGES = "pages"
    API = "api"


@dataclass(frozen=True, slots=True)
class Access:
    """What a valid token says."""

    user_id: int
    session_id: int
    epoch: int


def issue(secret: str, access: Access, audience: Audience) -> str:
    """A signed token good for 15 minutes."""
    now = int(clock.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": audience.value,
        "sub": str(access.user_id),
        "sid": access.session_id,
        "epoch": access.epoch,
        "iat": now,
        "nbf": now,
        "exp": now + ACCESS_SECONDS,
        "jti": ids.short_token(),
    }
    return jwt.encode(claims, derive_key(secret, "access"), algorithm=ALGORITHM, headers={"typ": TYPE})


def read(secret: str, token: str, audience: Audience) -> Access | None:
    """What ``token`` says, or None when it is not a valid access token for this door."""
    try:
        claims = _claims(secret, token, audience)
        if claims is None:
            return None
        now = clock.timestamp()
        if not claims["nbf"] - LEEWAY_SECONDS <= now < claims["exp"] + LEEWAY_SECONDS:
            metrics.note_refusal("expired_access_token")
            return None
        return Access(int(claims["sub"]), int(claims["sid"]), int(claims["epoch"]))
    except jwt.InvalidAudienceError:
        return None  # a good token, shown at the other door
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        metrics.note_refusal("bad_access_token")
        return None


@lru_cache(maxsize=4096)
def _claims(secret: str, token: str, audience: Audience) -> dict[str, Any] | None:
    """What a token signed by us for this door says, whenever it holds; None for another type of token.

    Kept, since a browser shows the same one with each request. Raises what ``jwt.decode`` raises.
    """
    if jwt.get_unverified_header(token).get("typ") != TYPE:
        return None
    claims: dict[str, Any] = jwt.decode(
        token,
        derive_key(secret, "access"),
        algorithms=[ALGORITHM],
        audience=audience.value,
        issuer=ISSUER,
        leeway=LEEWAY_SECONDS,
        options={
            "require": ["exp", "nbf", "iat", "sub", "aud", "iss", "jti"],
            "verify_exp": False,
            "verify_nbf": False,
        },
    )
    return claims
