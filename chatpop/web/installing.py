"""What makes the site installable: the manifest, the service worker, and the page it shows while there is no line."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, url_for
from flask_babel import gettext as _

from chatpop.web.assets import STATIC
from chatpop.web.languages import present_language

NAME = "chatpop"
PAPER = "#f5f3f8"
"""As in css/tokens.css and the layout."""
KEPT_FILES = ("app.css", "app.js", "favicon.svg")
"""What the offline page is made of."""
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""A worker fetches and shows nothing else."""

bp = Blueprint("installing", __name__)


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    sizes = {"icon-192.png": "192x192", "icon-512.png": "512x512"}
    icons = [_icon(name, size, "any") for name, size in sizes.items()]
    told = {
        "id": "/",
        "name": NAME,
        "short_name": NAME,
        "description": _("Talk within two taps: no form, no e-mail, no password."),
        "lang": present_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": PAPER,
        "background_color": PAPER,
        "icons": [*icons, _icon("icon-maskable-512.png", "512x512", "maskable")],
        "shortcuts": [{"name": _("Open a room"), "url": "/rooms/new"}],
    }
    response = Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/service-worker.js")
def worker() -> Response:
    """The script, preceded by what it keeps; another offline page, file or language makes it another worker."""
    page, files = url_for("installing.offline"), [_address(name) for name in KEPT_FILES]
    version = hashlib.sha256(f"{present_language()} {offline()}".encode()).hexdigest()[:12]
    known = "".join(
        f"const {name} = {json.dumps(value)};\n"
        for name, value in {
            "VERSION": version,
            "PAGE": page,
            "FILES": files,
            "ICON": _address("icon-192.png"),
        }.items()
    )
    script = (STATIC / "service-worker.js").read_text()
    response = Response(known + script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    return response


@bp.get("/offline")
def offline() -> str:
    """The same for everybody: it is kept in the browser, whoever uses it next."""
    return render_template("shared/offline.html")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


def _icon(name: str, sizes: str, purpose: str) -> dict[str, Any]:
    return {"src": _address(name), "sizes": sizes, "type": "image/png", "purpose": purpose}


def _address(name: str) -> str:
    return str(current_app.extensions["chatpop_assets"].url(name))
