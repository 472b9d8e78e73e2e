"""Every address of the site that answers a GET, with ids that lead somewhere."""

from __future__ import annotations

import re

from flask import Flask

_PART = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_LEAVE_OUT = ("/stream", "/metrics")


def get_paths(app: Flask, **values: str) -> list[str]:
    """One address for each rule; a part that ``values`` does not know is 1. Streams are left out: they do not end."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and not rule.rule.endswith(_LEAVE_OUT):
            found.append(_PART.sub(lambda part: values.get(part.group(1), "1"), rule.rule))
    return sorted(found)
