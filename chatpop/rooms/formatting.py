"""A message's text as safe HTML, or as one plain line: never more than the formatting that ``markup`` reads.

Two walls: all that is written here is escaped, and what comes out goes through an allow-list once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it.token import Token
from markupsafe import Markup, escape

from chatpop.names.key import canonical_key
from chatpop.rooms import markup

REL = "nofollow ugc noopener noreferrer"
TAGS = frozenset({"p", "br", "strong", "em", "s", "code", "pre", "a", "ul", "ol", "li", "blockquote", "bdi"})
ATTRIBUTES = {
    "a": {"href", "target", "data-host"},
    "bdi": {"class", "data-mention"},
    "ol": {"start", "dir"},
    **{tag: {"dir"} for tag in ("p", "pre", "ul", "blockquote")},
}
LINE_LIMIT = 300

MENTION = re.compile(r"(?<![\w@./-])@([A-Za-z0-9_-]{3,64})(?![\w@])")
"""A name after an ``@`` that stands by itself: no e-mail address and no path."""
_SIMPLE = {
    "strong_open": "<strong>", "strong_close": "</strong>", "em_open": "<em>", "em_close": "</em>",
    "s_open": "<s>", "s_close": "</s>", "softbreak": "<br>", "hardbreak": "<br>",
    "list_item_open": "<li>", "list_item_close": "</li>", "bullet_list_close": "</ul>",
    "ordered_list_close": "</ol>", "blockquote_close": "</blockquote>", "link_close": "</a>",
}  # fmt: skip
_BLOCKS = {"bullet_list_open": "ul", "blockquote_open": "blockquote", "paragraph_open": "p"}


def body_html(text: str, mentions: Mapping[str, str] | None = None) -> Markup:
    """``text`` as HTML. ``mentions`` gives the tag by the key of each name that is to be marked."""
    if not markup.is_formatted(text):
        return Markup(_words(text, mentions or {}))  # noqa: S704  escaped piece by piece
    tokens = markup.tokens(text)
    if not any(_has_content(token) for token in tokens):
        return escape(text)
    if len(tokens) == 3 and tokens[0].type == "paragraph_open":
        tokens = tokens[1:2]
    return Markup(_wall().clean("".join(_written(tokens, mentions or {}))))  # noqa: S704  cleaned by the allow-list


def plain_text(text: str, limit: int = LINE_LIMIT) -> str:
    """``text`` in one line without its signs: for a pinned message or a notification."""
    read = "".join(_plain(markup.tokens(text))) if markup.is_formatted(text) else text
    line = " ".join((read if read.strip() else text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def names_in(text: str) -> list[str]:
    """The names that stand after an ``@``, as they are spelled, each once; none of those in code or links."""
    pieces = [text]
    if markup.is_formatted(text):
        pieces = list(_loose_text(markup.tokens(text)))
    return list(dict.fromkeys(name for piece in pieces for name in MENTION.findall(piece)))


def _written(tokens: Sequence[Token], mentions: Mapping[str, str]) -> Iterator[str]:
    in_link = False
    for token in tokens:
        kind = token.type
        if kind in ("inline", "text", markup.PLAIN):
            marks = {} if in_link else mentions
            yield "".join(_written(token.children, marks)) if token.children else _words(token.content, marks)
        elif kind in _SIMPLE:
            in_link = in_link and kind != "link_close"
            yield _SIMPLE[kind]
        elif kind == "link_open":
            in_link = True
            yield _link(token)
        elif kind == "code_inline":
            yield f"<code>{escape(token.content)}</code>"
        elif kind == "fence":
            yield f'<pre dir="auto"><code>{escape(token.content.removesuffix(chr(10)))}</code></pre>'
        elif kind == "ordered_list_open":
            yield f'<ol start="{int(token.attrs.get("start", 1))}"{_direction(token)}>'
        elif kind in _BLOCKS and not token.hidden:
            yield f"<{_BLOCKS[kind]}{_direction(token)}>"
        elif kind == "paragraph_close":
            yield "" if token.hidden else "</p>"


def _link(token: Token) -> str:
    """A link with a text of its own tells where it leads, so that nobody is led to believe something else."""
    href = str(token.attrs["href"])
    host = "" if token.markup == "linkify" else f' data-host="{escape(urlsplit(href).hostname)}"'
    return f'<a href="{escape(href)}" target="_blank"{host}>'


def _direction(token: Token) -> str:
    return ' dir="auto"' if token.level == 0 else ""


def _words(text: str, mentions: Mapping[str, str]) -> str:
    if not mentions or "@" not in text:
        return str(escape(text))
    pieces, end = [], 0
    for match in MENTION.finditer(text):
        tag = mentions.get(canonical_key(match[1]))
        if tag is not None:
            mark = f'<bdi class="mention" data-mention="{escape(tag)}">@{match[1]}</bdi>'
            pieces += [str(escape(text[end : match.start()])), mark]
            end = match.end()
    return "".join([*pieces, str(escape(text[end:]))])


def _has_content(token: Token) -> bool:
    return bool(token.content.strip())


def _plain(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _plain(token.children)
        elif token.type == "text" or token.type in ("code_inline", "fence", markup.PLAIN):
            yield token.content
        elif token.nesting == 0 or (token.block and token.nesting < 0):
            yield " "


def _loose_text(tokens: Sequence[Token]) -> Iterator[str]:
    is_loose = True
    for token in tokens:
        if token.children:
            yield from _loose_text(token.children)
        elif token.type in ("link_open", "link_close"):
            is_loose = token.type == "link_close"
        elif is_loose and token.type in ("text", markup.PLAIN):
            yield token.content


@lru_cache(maxsize=1)
def _wall() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        allowed_classes=None,
        url_schemes={"http", "https"},
        link_rel=REL,
    )
