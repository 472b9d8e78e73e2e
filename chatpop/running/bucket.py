"""The address of an object storage: ``s3://bucket/prefix?endpoint=https://…&region=…``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_EXAMPLE = "s3://bucket/prefix?endpoint=https://…&region=…"


@dataclass(frozen=True, slots=True)
class Bucket:
    """``prefix`` is empty or ends with a slash; without keys the usual AWS variables are used."""

    name: str
    prefix: str
    endpoint: str | None
    region: str | None
    access_key: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError with what would be right, without a part of the address: it may hold secrets."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or parts.fragment or not _BUCKET.fullmatch(parts.hostname or ""):
            raise ValueError(f"must look like {_EXAMPLE}")
        options = _options(parts.query)
        if (parts.username or "") and not parts.password:
            raise ValueError("has an access key without its secret; write s3://key:secret@bucket")
        prefix = unquote(parts.path).strip("/")
        return cls(
            name=parts.hostname or "",
            prefix=f"{prefix}/" if prefix else "",
            endpoint=options.get("endpoint"),
            region=options.get("region"),
            access_key=unquote(parts.username) if parts.username else None,
            secret_key=unquote(parts.password) if parts.password else None,
        )


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := set(options) - {"endpoint", "region"}:
        raise ValueError(f"knows the options endpoint and region, not {', '.join(sorted(unknown))}")
    endpoint = urlsplit(options.get("endpoint", "https://host"))
    if endpoint.scheme not in ("http", "https") or not endpoint.hostname:
        raise ValueError("must have an endpoint that begins with https:// or http://")
    if not re.fullmatch(r"[a-z0-9-]+", options.get("region", "region")):
        raise ValueError("must have a region such as eu-central-1")
    return options
