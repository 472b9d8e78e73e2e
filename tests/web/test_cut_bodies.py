"""A line that breaks in the middle of a form: nothing of it is taken for the whole."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.support.people import BROWSER, Person
from tests.support.rows import row_counts


def send(someone: Person, path: str, body: bytes, length: int, kind: str, **headers: str) -> tuple[str, bytes]:
    """As gunicorn hands a request on whose sender has gone after ``body``."""
    values = {kind: someone.cookie(kind) for kind in ("access", "refresh", "device")}
    told = dict(BROWSER, Cookie="; ".join(f"chatpop_{kind}={value}" for kind, value in values.items()), **headers)
    builder = EnvironBuilder(path, method="POST", headers=Headers(told), content_type=kind)
    environ: dict[str, Any] = builder.get_environ()
    environ |= {"CONTENT_LENGTH": str(length), "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    found, status, _ = run_wsgi_app(someone.app.wsgi_app, environ)
    return status, b"".join(found)


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {}], ids=["fast path", "page"])
def test_half_a_message_is_none(app: Flask, gus: Person, hana: Person, headers: dict[str, str]) -> None:
    code = hana.open_room()
    gus.join(code)
    whole = urlencode({"client_id": "one", "reply_to": "", "body": "a text of some words"}).encode()
    form = "application/x-www-form-urlencoded"
    status, answer = send(gus, f"/rooms/{code}/messages", whole[:-6], len(whole), form, **headers)
    assert status.startswith("400"), answer
    assert row_counts(app)["messages"] == 0
    status, _ = send(gus, f"/rooms/{code}/messages", whole, len(whole), form, **headers)
    assert status[:3] in ("201", "303")
    assert "a text of some words" in hana.get(f"/rooms/{code}").text


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_half_a_form_with_files_and_half_a_json_are_none(app: Flask, gus: Person, hana: Person, cut: int) -> None:
    code = hana.open_room()
    gus.join(code)
    whole = b'{"client_id": "one", "body": "a text of some words, and of a few more so that it is long enough"}'
    assert send(gus, f"/rooms/{code}/messages", whole[:-cut], len(whole), "application/json")[0].startswith("400")
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    whole = part % (b"client_id", b"one") + part % (b"body", b"a text of some words") + b"--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    assert send(gus, f"/rooms/{code}/messages", whole[:-cut], len(whole), kind)[0].startswith("400")
    assert row_counts(app)["messages"] == 0
