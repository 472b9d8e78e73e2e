"""Bringing files, as tests write it."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.uploads.models import Upload
from chatpop.uploads.storage import the_store
from tests.support.people import Answer, Person

JSON = {"Accept": "application/json"}


def picture(width: int = 8, height: int = 8, kind: str = "PNG", shade: int = 120) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 80, 200)).save(out, kind)
    return out.getvalue()


BOUNDARY = "frontier-of-the-tests"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def body(files: tuple[tuple[str, bytes], ...], **fields: str) -> bytes:
    """A form as a browser writes it; made by hand, because the test client leaves large ones open."""
    pieces = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    pieces += [(f'name="files"; filename="{quoted(name)}"', content) for name, content in files]
    written = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in pieces
    ]
    return b"".join([*written, f"--{BOUNDARY}--\r\n".encode()])


def quoted(name: str) -> str:
    """As the HTML standard says."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def send(someone: Person, *files: tuple[str, bytes], **options: Any) -> Answer:
    """Send a form with these files; ``private`` and others as further fields in ``data``."""
    sent = body(files, **options.pop("data", {}))
    return someone.post("/uploads", data=sent, content_type=KIND, **options)


def results(someone: Person, *files: tuple[str, bytes], **options: Any) -> list[dict[str, str]]:
    """What a script is told of each file."""
    answer = send(someone, *files, headers=JSON, **options)
    assert answer.status_code == 207, answer.text
    found: list[dict[str, str]] = answer.json["results"]
    return found


def keep(someone: Person, name: str = "cat.png", content: bytes | None = None, private: bool = False) -> str:
    """Bring one file; returns its address."""
    sent = {"private": "1"} if private else {}
    [result] = results(someone, (name, content if content is not None else picture()), data=sent)
    assert result["status"] == "success", result
    return result["url"]


def all_uploads(app: Flask) -> list[Upload]:
    with app.app_context():
        return list(db.session.scalars(select(Upload).order_by(Upload.id)))


def counts(app: Flask) -> list[int]:
    """What the accounts' rows say that they keep."""
    with app.app_context():
        return list(db.session.scalars(select(User.items_count).order_by(User.id)))


def stored(app: Flask) -> set[str]:
    """The keys of all files in the store."""
    with app.app_context():
        return set(the_store().keys(clock.now().replace(year=3000)))


def fetch(someone: Person, url: str, method: str = "GET", **headers: str) -> Answer:
    """A file, read to its end; headers are written with underscores."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    options: dict[str, Any] = {"headers": sent, "buffered": True}
    return someone.get(url, **options) if method == "GET" else someone._open(method, url, htmx=False, **options)
