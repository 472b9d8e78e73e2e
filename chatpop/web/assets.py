"""One CSS and one JS file, joined at start without comments and blanks, served compressed and immutable.

The fingerprint of its contents is part of a file's address. The tables of texts, whose catalogues take long to read,
are made at their first use: after a kill there are people who wait for less.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

import rcssmin
import rjsmin
from flask import Blueprint, Flask, Response, abort, current_app, request

from chatpop.web import browser_texts, catalogues, vendor

STATIC = Path(__file__).resolve().parents[2] / "static"
_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file as it is sent; ``digest`` is part of its address, so that it can be cached for good."""

    body: bytes
    packed: bytes
    digest: str
    mimetype: str


class Assets:
    """All files of the site by name: ``app.css``, ``app.js``, and what lies in ``static/icons`` and ``tables``."""

    def __init__(self) -> None:
        self._by_name: dict[str, Asset] = {}
        scripts = [file.path.read_bytes() for file in vendor.FILES]
        self._add("app.css", b"\n".join(map(rcssmin.cssmin, _listed("css"))))
        self._add("app.js", b"\n;".join([*scripts, *map(rjsmin.jsmin, _listed("js"))]))
        self._texts = {f"texts.{code}.js": code for code in catalogues.translated()}
        for path in sorted([*(STATIC / "icons").iterdir(), *(STATIC / "tables").iterdir()]):
            self._add(path.name, path.read_bytes())

    def _add(self, name: str, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()[:12]
        kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}.get(name.rsplit(".", 1)[-1])
        mimetype = kind or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._by_name[name] = Asset(body, gzip.compress(body, 9, mtime=0), digest, mimetype)

    def _named(self, name: str) -> Asset:
        if name in self._texts and name not in self._by_name:
            self._add(name, browser_texts.script(self._texts[name]))
        return self._by_name[name]

    def url(self, name: str) -> str:
        return f"/static/{self._named(name).digest}/{name}"

    def find(self, digest: str, name: str) -> Asset | None:
        asset = self._named(name) if name in self._by_name or name in self._texts else None
        return asset if asset and asset.digest == digest else None


def _listed(folder: str) -> list[bytes]:
    """The files that ``ORDER`` in ``static/<folder>`` names, one a line."""
    order = (STATIC / folder / "ORDER").read_text().split()
    return [(STATIC / folder / name).read_bytes() for name in order]


bp = Blueprint("assets", __name__)


@bp.get("/static/<digest>/<name>")
def show(digest: str, name: str) -> Response:
    asset = current_app.extensions["chatpop_assets"].find(digest, name)
    if asset is None:
        abort(404)
    packed = request.accept_encodings["gzip"] > 0 and len(asset.packed) < len(asset.body)
    response = Response(asset.packed if packed else asset.body, mimetype=asset.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _YEAR
    return response


def init_app(app: Flask) -> None:
    app.extensions["chatpop_assets"] = Assets()
    app.register_blueprint(bp)
