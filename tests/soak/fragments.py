"""Reading the site's markup: messages as the stream and the pages show them."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

_MESSAGE = re.compile(
    r'<li class="message(?P<classes>[^"]*)"[^>]*? data-seq="(?P<seq>\d+)".*?'
    r'<div class="message-body"[^>]*>(?P<body>.*?)</div>',
    re.S,
)
_TAG = re.compile(r"<[^>]+>")


class Fragment(NamedTuple):
    seq: int
    text: str
    is_deleted: bool


def messages(markup: str) -> list[Fragment]:
    """In the order of the markup; a deleted one has no text."""
    found = []
    for match in _MESSAGE.finditer(markup):
        is_deleted = "message-deleted" in match["classes"]
        text = "" if is_deleted else html.unescape(_TAG.sub("", match["body"])).strip()
        found.append(Fragment(int(match["seq"]), text, is_deleted))
    return found
