"""Names are shown, never used: whatever they say, they can be looked at and sent in a header."""

from __future__ import annotations

import pytest
from werkzeug.http import parse_options_header

from chatpop.uploads.filenames import clean
from chatpop.uploads.models import NAME_LIMIT
from tests.support.people import Person
from tests.uploads.sending import fetch, picture, results

HOSTILE = {
    "../../etc/passwd.png": "passwd.png",
    "..\\..\\boot.png": "boot.png",
    "C:\\Users\\mia\\cat.png": "cat.png",
    "a\r\nSet-Cookie: x=y.png": "a Set-Cookie: x=y.png",
    "quo\"te's.png": "quo\"te's.png",
    "\u202egnp.exe.png": "gnp.exe.png",
    "nul\x00.png": "nul.png",
    "run.php": "run.php.png",
    "evil.svg": "evil.svg.png",
    ".htaccess": "htaccess.png",
    "..": "file.png",
    "/": "file.png",
    "\u200b": "file.png",
    "\ud83d.png": "png.png",
    "über straße.PNG": "über straße.PNG",
    "a%2f?b#c;d.png": "a%2f?b#c;d.png",
    "名" * 300 + ".png": "名" * (NAME_LIMIT - 4) + ".png",
    "x" * 300: "x" * (NAME_LIMIT - 4) + ".png",
}


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_made_harmless(name: str) -> None:
    assert clean(name, "image/png") == HOSTILE[name]
    assert clean(clean(name), "image/png") == HOSTILE[name]


def test_hostile_names_are_served_under_safe_ones(gus: Person) -> None:
    unsendable = ("\ud83d", "\x00", "\n", "\\")  # a form's parser takes them for something else
    names = [name for name in HOSTILE if not any(char in name for char in unsendable)]
    for name in names:
        [result] = results(gus, (name, picture()))
        answer = fetch(gus, result["url"])
        assert answer.status_code == 200, (name, result["url"])
        kind, options = parse_options_header(answer.headers["Content-Disposition"])
        assert (kind, options["filename"]) == ("inline", clean(result["filename"], "image/png"))
        assert answer.headers["Content-Disposition"].isascii()
        assert gus.post(f"/uploads/{result['id']}/deletion").status_code == 303


@pytest.mark.parametrize("ending", [".jpg", ".jpeg", ".JPG"])
def test_a_fitting_ending_stays(ending: str) -> None:
    assert clean(f"cat{ending}", "image/jpeg") == f"cat{ending}"
