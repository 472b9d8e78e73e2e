"""The light formatting of messages: which signs have a meaning, read by a library into tokens.

Bold, italic, struck out, code, links, lists and quotes of CommonMark; headings, pictures, tables and raw HTML
are not read at all, so they stay the text that they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

BLOCKS = ("fence", "blockquote", "list")
INLINE = ("newline", "escape", "backticks", "emphasis", "strikethrough", "link", "linkify")
PLAIN = "plain"
"""The type of a token whose content is text and nothing else."""
NESTING = 12
"""Lists in quotes in lists: what lies deeper stays text."""
MOST_SIGNS = 400
"""Of one message; what comes after so many stays text, so that no text costs more than some milliseconds."""

_COSTLY = re.compile(r"[*_\[\]`~\\<]|://|[^\s.]\.[^\s.]")
_SIGNS = re.compile(
    r"[*_`]|~~|\]\(|\\[!-/:-@\[-`{-~]|://|[^\s.]\.[^\s.]|^[ \t]*(?:>|[-+][ \t\n]|[-+]$|\d{1,9}[.)](?:[ \t\n]|$))", re.M
)
"""A text in which this finds nothing has no formatting and no link."""


def is_formatted(text: str) -> bool:
    """Whether any sign in the text may have a meaning; False is certain, and quickly told."""
    return _SIGNS.search(text) is not None


def tokens(text: str) -> Sequence[Token]:
    return _parser().parse(text)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True, "maxNesting": NESTING})
    parser.enable([*BLOCKS, *INLINE])
    parser.core.ruler.at("inline", _read_inline)
    parser.linkify = _linkifier()
    parser.validateLink = _is_web_address  # type: ignore[method-assign]
    return parser


def _read_inline(state: StateCore) -> None:
    """The library's own rule, until the message has used up its signs."""
    left = MOST_SIGNS
    for token in state.tokens:
        if token.type != "inline":
            continue
        left -= len(_COSTLY.findall(token.content))
        if left < 0:
            token.type, token.children = PLAIN, None
        else:
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _linkifier() -> LinkifyIt:
    """Finds http(s) addresses only."""
    finder = LinkifyIt()
    for schema in ("ftp:", "//", "mailto:"):
        finder.add(schema, None)
    return finder.set({"fuzzy_email": False, "fuzzy_link": True, "fuzzy_ip": False})


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "%" not in parts.netloc
    except ValueError:
        return False
