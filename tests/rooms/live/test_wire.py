"""Events survive the wire, as a browser reads it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from chatpop.rooms.live import wire


@given(st.text(), st.none() | st.integers(min_value=1))
def test_any_text_arrives_as_one_event_with_its_lines(text: str, seq: int | None) -> None:
    text = text.encode("utf-8", "ignore").decode()
    event_id, kind, data = _as_a_browser(wire.event("message", text, seq))
    assert (event_id, kind) == (str(seq) if seq else None, "message")
    assert data == re.sub(r"\r\n|\r", "\n", text.strip())


def test_the_head_is_one_that_ends_with_the_connection() -> None:
    headers = Headers({**wire.HEADERS, "Content-Length": "5", "Transfer-Encoding": "chunked"})
    lines = wire.head(headers).decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert lines[-2:] == ["", ""]
    names = {line.split(":")[0] for line in lines[1:-2]}
    assert {"Connection", "Date", *wire.HEADERS} == names


def _as_a_browser(stream: bytes) -> tuple[str | None, str, str]:
    """The standard's own rules (9.2.6), for a stream that must hold exactly one event."""
    event_id, kind, data = None, "message", []
    lines = re.split(r"\r\n|\n|\r", stream.decode())
    assert lines[-2:] == ["", ""]
    assert "" not in lines[:-2]
    for line in lines[:-2]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "id":
            event_id = value
        elif name == "event":
            kind = value
    return event_id, kind, "\n".join(data)
