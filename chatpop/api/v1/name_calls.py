"""Descriptions of the public name calls (``chatpop.api.names``), which guests and visitors use with cookies."""

from __future__ import annotations

from chatpop.api.v1 import schemas
from chatpop.api.v1.describing import Description

CALLS = {
    "api_names.suggest_in_room": Description(
        "Roll the dice for a name in a room; it is held for the caller",
        {200: "Rolled"},
        (400, 403, 404, 413, 429, 503),
        {429: "RollsUsedUp"},
        body=schemas.NAME_TO_ROLL,
        needs_body=False,
    ),
    "api_names.suggest": Description(
        "Roll the dice for a name, without a room; it is held for the caller",
        {200: "Rolled"},
        (400, 403, 413, 429, 503),
        {429: "RollsUsedUp"},
        body=schemas.NAME_TO_ROLL,
        needs_body=False,
    ),
    "api_names.validate_in_room": Description(
        "Whether the caller could use a name in a room; holds nothing",
        {200: "NameInRoom"},
        (400, 403, 404, 413, 429, 503),
        body=schemas.NAME_TO_CHECK,
    ),
    "api_names.join": Description(
        "Join a room under a name that the caller holds or owns; makes a visitor a guest",
        {201: "Joined", 200: "Joined"},
        (400, 403, 404, 409, 413, 429, 503),
        body=schemas.NAME_TO_JOIN,
    ),
    "api_names.check": Description(
        "Whether the caller could register a name; holds nothing",
        {200: "NameChecked"},
        (400, 403, 429, 503),
        {400: "NameRefused", 429: "TooManyChecks"},
        query={"username": schemas.TEXT},
    ),
}
