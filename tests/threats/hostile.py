"""Hostile requests over the whole URL map, drawn by Hypothesis."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.uploads import corpus

ROOT = Path(__file__).resolve().parents[2]
WHO = ["member", "host", "guest", "visitor", "admin", "program", "host", "member", "nobody"]
"""Those who may do more come more often."""
METHODS = ["GET", "POST", "POST", "POST", "DELETE", "PUT", "HEAD", "OPTIONS"]
"""Where a route takes several; most faults wait behind a POST."""
_OF_TEMPLATES = re.compile(r'\bname="([a-z_]+)"')

NUMBERS = [
    "0", "1", "2", "3", "-1", "00", "+1", "1.5", "1e9", "2147483648", "9223372036854775807", "9223372036854775808",
    "9" * 40, "9" * 5000, "１", "٣", "0x1", "NaN", "inf", " 1", "1 ",
]  # fmt: skip
TEXTS = [
    "", " ", "\x00", "a\x00b", "\n", "a\r\nb", "\t", "🎲", "\u202e", "\ud800", "ſ", "İ", "é" * 100, "x" * 300,
    "x" * 20_000, "../../etc/passwd", "..\\..\\", "%00", "%ff", "%s%n", "{{7*7}}", "' OR 1=1 --",
    "<script>alert(1)</script>", "//evil.example", "http://[", "https://a]b/", "javascript:alert(1)", "[" * 3000,
    "null", "true", "[]", "{}", "a@b", "a@[1", "mia@example.com", "Mia-Rivers", "maple-otter-kettle-42", "public",
    "private", "1d", "forever", "2026-02-31", "0000-00-00", "9999-12-31", "+10000-01-01", "🎲" * 3000,
]  # fmt: skip
WORDS = [
    "username", "body", "client_id", "password", "email", "confirm_password", "fingerprint", "topic", "invite",
    "before", "after", "mode", "code", "credential", "refresh_token", "grant_type", "csrf_token", "value", "next",
    "page", "sort", "q", "size", "seen", "size", "expires_in_days", "attachments", "files", "private", "tag", "seq",
]  # fmt: skip
HEADERS = [
    "Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "Origin", "Sec-Fetch-Site", "Referer",
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "HX-Request", "HX-Target",
    "HX-Current-URL", "HX-Trigger", "HX-Boosted", "Range", "If-Range", "If-None-Match", "If-Modified-Since",
    "Last-Event-ID", "X-CSRF-Token", "X-Request-ID", "X-HTTP-Method-Override", "Authorization", "Cookie",
    "Content-Encoding", "Content-Language", "Expect", "Host", "Max-Forwards", "Sec-Purpose",
]  # fmt: skip
VALUES = [
    "", "null", "true", "*/*", "text/html;q=x", "application/json", "text/event-stream", "bytes=0-", "bytes=-0,9-1",
    "http://[", "https://a]b", "http://localhost", "same-origin", "cross-site", "Bearer", "Bearer x",
    "Bearer cpat_x", "Basic Zm9v", "Basic Zm9vOg==", 'Digest username="x"', "\xff\xfe", "1.2.3.4", "::1%eth0",
    "[::1]:x", "unknown, , x", "https", "gzip;q=abc", "Thu, 99 Foo 9999 99:99:99 GMT", '"', 'W/"x', "a" * 9000,
    "localhost:99999", "evil.example", "chatpop_access=a.b.c; chatpop_refresh=x; chatpop_device=y",
    "chatpop_access=1; chatpop_access=2", "chatpop_visitor=WyJ4Il0.x; chatpop_known=x.y; =; ;;=x",
    'chatpop_device="\\377\\000"', "chatpop_invite_AAAAAA=x.y",
]  # fmt: skip
TYPES = [
    None, "application/x-www-form-urlencoded", "application/json", "multipart/form-data",
    "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "b" * 300, "text/plain",
    "application/json; charset=nonsense", "application/x-www-form-urlencoded; charset=utf-16", "\xff/\xff", ";",
    "application/problem+json",
]  # fmt: skip
RAW = [
    b"", b"{", b"[]", b"null", b'"x"', b"[" * 9000, b'{"a":' * 3000, b"9" * 9000, b'{"username": "\\ud800"}',
    b"\xff\xfe\x00", b"a=%ff&b=%00&=&&&%", b"username=%ED%A0%80",
    b"--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\nx", b"--x\r\n\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n", b"&".join(b"a%d=1" % n for n in range(1200)),
    b"x" * 600_000,
]  # fmt: skip
FILES = [
    b"", b"x", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", corpus.svg(), corpus.html(), corpus.gif_and_script(),
    corpus.jpeg_and_zip(), corpus.png(8, 8), b"\x00" * 70_000,
]  # fmt: skip


@dataclass(frozen=True)
class Route:
    rule: str
    endpoint: str
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """One request: ``options`` are the test client's."""

    who: str
    method: str
    route: Route
    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """As the test client takes them; files are opened anew each time."""
        found = dict(self.body)
        files = found.pop("files", None)
        if files is not None:
            found["data"] = {**found.get("data", {}), "files": [(io.BytesIO(data), name) for name, data in files]}
            found["content_type"] = "multipart/form-data"
        return found


def field_names() -> list[str]:
    """Every field of a template's form, and those that only programs send."""
    found = {name for path in (ROOT / "templates").rglob("*.html") for name in _OF_TEMPLATES.findall(path.read_text())}
    return sorted(found | set(WORDS))


FIELDS = field_names()
value = st.one_of(st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.text(max_size=30))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), value), lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)), max_leaves=6,
)  # fmt: skip
name_of_field = st.one_of(st.sampled_from(FIELDS), st.text(max_size=8))
latin = st.one_of(
    st.sampled_from(VALUES),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40),
)


def encodable(text: str) -> str:
    """What a URL or a form can carry: a lone surrogate as the bytes of a broken client."""
    return text.encode("utf-8", "replace").decode()


@st.composite
def paths(draw: st.DrawFn, route: Route, real: dict[str, list[str]]) -> str:
    """The route's address, each part real or hostile, with a query now and then."""

    def part(found: re.Match[str]) -> str:
        good = real.get(found.group(2), [])
        numbers = found.group(1) in ("int:", "int(")
        choices = [st.sampled_from(good)] * 3 if good else []
        chosen = draw(st.one_of(*choices, st.sampled_from(NUMBERS[:13]) if numbers else value))
        return encodable(chosen).replace("?", "%3F").replace("#", "%23")

    path = re.sub(r"<(?:([a-z]+:))?([a-z_]+)>", part, route.rule)
    if draw(st.booleans()):
        query = draw(st.dictionaries(name_of_field, value, max_size=4))
        path += "?" + "&".join(f"{encodable(key)}={encodable(text)}" for key, text in query.items()).replace("#", "%23")
    return path


@st.composite
def bodies(draw: st.DrawFn, real: dict[str, list[str]]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["form", "form", "form", "json", "json", "files", "raw"]))
    if kind == "raw":
        return {"data": draw(st.sampled_from(RAW)), "content_type": draw(st.sampled_from(TYPES))}
    if kind == "json":
        sent = draw(st.one_of(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6), anything))
        return {"data": json.dumps(sent).encode(), "content_type": "application/json"}
    known = st.one_of(value, st.sampled_from([text for texts in real.values() for text in texts] or [""]))
    form = {
        encodable(key): encodable(text) for key, text in draw(st.dictionaries(name_of_field, known, max_size=6)).items()
    }
    if kind == "form":
        return {"data": form}
    files = draw(st.lists(st.tuples(value.map(encodable), st.sampled_from(FILES)), max_size=3))
    return {"data": {key: text for key, text in form.items() if key != "files"}, "files": files}


@st.composite
def requests(draw: st.DrawFn, route: Route, real: dict[str, list[str]]) -> Sent:
    method = draw(st.one_of(st.sampled_from(route.methods), st.sampled_from(route.methods), st.sampled_from(METHODS)))
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), latin, max_size=4)) if draw(st.booleans()) else {}
    if draw(st.booleans()) and "Host" in headers:
        headers["Host"] = "localhost"
    body = draw(bodies(real)) if method in ("POST", "PUT", "DELETE") else {}
    inside = [*WHO, *["admin"] * 12] if route.rule.startswith("/admin") else WHO
    return Sent(draw(st.sampled_from(inside)), method, route, draw(paths(route, real)), headers, body)
