"""A message's text as safe HTML: everything escaped, links made clickable."""

from __future__ import annotations

from functools import lru_cache

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

_LINK = Markup('<a href="{}" rel="nofollow ugc noopener noreferrer" target="_blank">{}</a>')


@lru_cache(maxsize=1)
def _linkifier() -> LinkifyIt:
    """Finds http(s) addresses only; built at first use."""
    finder = LinkifyIt()
    for schema in ("ftp:", "//", "mailto:"):
        finder.add(schema, None)
    return finder.set({"fuzzy_email": False, "fuzzy_link": True, "fuzzy_ip": False})


def body_html(text: str) -> Markup:
    """``text`` escaped, with links to http and https addresses."""
    if "." not in text and "://" not in text:
        return escape(text)
    parts, end = [], 0
    for match in _linkifier().match(text) or []:
        if not match.url.lower().startswith(("http://", "https://")):
            continue
        parts += [escape(text[end : match.index]), _LINK.format(match.url, match.text)]
        end = match.last_index
    return Markup("").join([*parts, escape(text[end:])])
