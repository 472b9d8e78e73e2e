"""The site can be installed: a true manifest, a worker that keeps one page for everybody, and that page."""

from __future__ import annotations

import io
import json
import re

from flask import Flask
from PIL import Image

from tests.support.people import Person


def test_the_manifest_names_icons_that_are_there_in_the_sizes_told(oto: Person) -> None:
    answer = oto.get("/manifest.webmanifest")
    assert (answer.status_code, answer.mimetype) == (200, "application/manifest+json")
    told = json.loads(answer.text)
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        picture = Image.open(io.BytesIO(oto.get(icon["src"]).data))
        assert "x".join(map(str, picture.size)) == icon["sizes"]
    assert oto.get(told["shortcuts"][0]["url"]).status_code == 200


def test_every_page_leads_to_the_manifest_and_the_touch_icon(oto: Person) -> None:
    page = oto.get("/").text
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    icon = re.search(r'rel="apple-touch-icon" href="([^"]+)"', page)
    assert icon
    assert oto.get(icon.group(1)).mimetype == "image/png"


def test_the_worker_is_asked_for_anew_each_time_and_may_only_fetch_from_here(oto: Person) -> None:
    answer = oto.get("/service-worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    kept = re.search(r"const FILES = (\[.*?\]);", answer.text)
    assert kept
    for address in json.loads(kept.group(1)):
        assert oto.get(address).status_code == 200


def test_another_language_is_another_worker(oto: Person) -> None:
    english, german = (oto.get("/service-worker.js", headers={"Accept-Language": tongue}) for tongue in ("en", "de"))
    assert '"/offline"' in german.text
    assert re.findall(r"VERSION = .*", english.text) != re.findall(r"VERSION = .*", german.text)


def test_the_kept_page_is_the_same_for_everybody(app: Flask, hana: Person, oto: Person) -> None:
    hana.open_room()
    name = hana.name
    assert name
    assert hana.get("/offline").text == oto.get("/offline").text
    assert name not in hana.get("/offline").text
    assert "csrf_token" not in hana.get("/offline").text
