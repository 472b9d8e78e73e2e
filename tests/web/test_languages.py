"""The language of a page: the browser's, or the one that was chosen; never that of somebody else."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from chatpop.core.texts import at_time, counted, text, waiting
from chatpop.rooms.reaction_models import PALETTE
from chatpop.uploads.tiers import shown_size
from chatpop.web import browser_texts
from chatpop.web.languages import COOKIE, LANGUAGES
from chatpop.web.saying import say
from tests.support.people import Person
from tests.support.rows import row_counts

OWN, FOREIGN = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}


def _page(person: Person, path: str, accept: str = "") -> str:
    return person.client.get(path, headers={"Accept-Language": accept}).get_data(as_text=True)


@pytest.mark.parametrize(
    ("accept", "language", "direction"),
    [
        ("", "en", "ltr"),
        ("de-AT,de;q=0.9,en;q=0.5", "de", "ltr"),
        ("ar", "ar", "rtl"),
        ("fr,en;q=0.3", "en", "ltr"),
        ("xx;;q=", "en", "ltr"),
    ],
)
def test_a_page_speaks_what_the_browser_asks_for(oto: Person, accept: str, language: str, direction: str) -> None:
    answer = oto.client.get("/", headers={"Accept-Language": accept})
    assert f'<html lang="{language}" dir="{direction}">' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == language
    assert {"accept-language", "cookie"} <= {part.strip().lower() for part in answer.headers["Vary"].split(",")}
    assert "Set-Cookie" not in answer.headers


def test_the_switch_keeps_the_choice_and_goes_back(app: Flask, oto: Person) -> None:
    before = row_counts(app)
    answer = oto.client.post("/language", data={"language": "de", "next": "/login?"}, headers=OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=de;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "<h1>Anmelden</h1>" in _page(oto, "/login", "ar")
    assert row_counts(app) == before


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example", "/nowhere"])
def test_the_switch_leads_to_own_pages_only(oto: Person, next_path: str) -> None:
    answer = oto.client.post("/language", data={"language": "ar", "next": next_path}, headers=OWN)
    assert answer.headers["Location"] == "/"


def test_the_switch_refuses_what_is_no_language_and_other_sites(oto: Person) -> None:
    wrong = oto.client.post("/language", data={"language": "xx"}, headers=OWN)
    assert wrong.status_code == 422
    assert "Set-Cookie" not in wrong.headers
    foreign = oto.client.post("/language", data={"language": "de"}, headers=FOREIGN)
    assert foreign.status_code == 403
    assert oto.client.get("/language").status_code == 405


def test_every_page_has_the_switch(oto: Person, hana: Person) -> None:
    room = f"/rooms/{hana.open_room()}"
    for path in ("/", "/login", "/register", room):
        for code, name in LANGUAGES.items():
            assert re.search(rf'value="{code}"[^>]*>{name}<', _page(oto, path)), path


def _back(page: str) -> str:
    """Where the switch of a page leads back to."""
    return html.unescape(re.findall(r'name="next" value="([^"]*)"', page)[-1])


@pytest.mark.parametrize("path", ["/nowhere?a=1", "/rooms/NOPE22"])
def test_the_page_of_an_error_has_the_switch_too(oto: Person, path: str) -> None:
    page = _page(oto, path)
    assert page.count("<h1>Nothing here</h1>") == 1
    back = _back(page)
    assert back.rstrip("?") == path
    answer = oto.client.post("/language", data={"language": "de", "next": back}, headers=OWN)
    assert answer.headers["Location"] == ("/rooms/NOPE22" if "rooms" in path else "/"), "to pages that there are"


@pytest.mark.parametrize(
    ("referrer", "back"),
    [("http://localhost/login?next=/x", "/login"), ("http://[", "/logout"), (None, "/logout")],
)
def test_the_switch_leads_from_a_refused_form_to_its_page(oto: Person, referrer: str | None, back: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", **({"Referer": referrer} if referrer else {})}
    refused = oto.client.post("/logout", headers=headers)
    assert refused.status_code == 403
    assert _back(refused.text) == back


def test_refusals_are_said_in_the_language_of_the_page_but_not_in_json(oto: Person) -> None:
    page = _page(oto, "/rooms/NOPE22", "de")
    assert "<h1>Hier ist nichts</h1>" in page
    answer = oto.client.get("/rooms/NOPE22", headers={"Accept-Language": "de", "Accept": "application/json"})
    assert answer.get_json()["error"].startswith("There is no")


def test_a_live_fragment_is_english_for_everybody(hana: Person) -> None:
    code = hana.open_room()
    hana.client.post(
        f"/rooms/{code}/messages",
        data={"body": "Hello", "client_id": "one"},
        headers={"Accept-Language": "de", "HX-Request": "true", "Sec-Fetch-Site": "same-origin"},
    )
    assert "Was man mit dieser Nachricht tun kann" in _page(hana, f"/rooms/{code}", "de")
    answer = hana.client.post(
        f"/rooms/{code}/messages",
        data={"body": "Again", "client_id": "two"},
        headers={"Accept-Language": "de", "HX-Request": "true", "Sec-Fetch-Site": "same-origin"},
    )
    assert "What to do with this message" in answer.get_data(as_text=True)


def test_a_text_is_english_and_knows_its_parts() -> None:
    said = text("%(who)s waits %(wait)s.", who="mia", wait=waiting(3660))
    assert said == "mia waits 1 hour 1 minute."
    assert counted("%(num)s day", "%(num)s days", 1) == "1 day"
    assert counted("%(num)s day", "%(num)s days", 3) == "3 days"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "1 Stunde"), ("ar", "ساعة واحدة (1)"), ("en", "1 hour")],
)
def test_a_wait_is_said_in_the_language(app: Flask, language: str, sentence: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert say(waiting(3600)) == sentence


@pytest.mark.parametrize(
    ("language", "sizes"),
    [
        ("en", ["1 byte", "999 bytes", "340 kB", "1 MB", "2.5 MB", "2048 MB"]),
        ("de", ["1 Byte", "999 Bytes", "340 kB", "1 MB", "2,5 MB", "2048 MB"]),
        ("ar", ["1 بايت", "999 بايت", "340 ك.ب", "1 م.ب", "2.5 م.ب", "2048 م.ب"]),
    ],
)
def test_a_size_is_said_in_the_language_wherever_it_stands(app: Flask, language: str, sizes: list[str]) -> None:
    template = app.jinja_env.from_string(
        "{% for one in sizes %}{{ one|shown_size }}|{{ _('%(size)s', size=one|shown_size) }};{% endfor %}"
    )
    given = [1, 999, 340_000, 1024**2, int(2.5 * 1024**2), 2048 * 1024**2]
    with app.test_request_context(), force_locale(language):
        assert template.render(sizes=given) == "".join(f"{size}|{size};" for size in sizes)
        assert [say(text("%(what)s!", what=shown_size(size))) for size in given] == [f"{size}!" for size in sizes]


def test_scripts_know_the_sizes_of_files_that_come_live() -> None:
    table = json.loads(browser_texts.script("ar").decode().split("=", 1)[1].rstrip(";"))
    assert table["# MB"] == {"other": "# م.ب"}
    assert table["# kB"] == {"other": "# ك.ب"}
    assert table["# byte"] == table["# bytes"]
    assert table["# bytes"]["many"] == "# بايت"


def test_a_day_is_said_in_the_language(app: Flask) -> None:
    at = datetime(2026, 11, 27, 16, 4, tzinfo=UTC)
    with app.test_request_context():
        for language, day in {"en": "27 November 2026", "de": "27. November 2026", "ar": "27 نوفمبر 2026"}.items():
            with force_locale(language):
                assert say(at_time(at)) == f"{day}, 16:04 UTC"


def test_every_sign_of_a_reaction_is_called_by_its_name_in_fragments_that_come_live() -> None:
    table = json.loads(browser_texts.script("de").decode().split("=", 1)[1].rstrip(";"))
    for words in PALETTE.values():
        assert table[f"{words}, #"]["other"] != f"{words}, #", "not translated"
    assert table["thumbs up, #"] == {"other": "Daumen hoch, #"}
