"""Threats that only a real browser and a whole site can show: rows 46, 47, 48 and 71."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Error, Request, expect

from tests.browser.profile import Profile
from tests.site.process import RunningSite
from tests.support import operator
from tests.support.browsing import MakeProfile
from tests.threats.walking import get_paths

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

POISON = [
    "<script>fetch('/pwned')</script>",
    '"><img src=/pwned onerror=alert(1)>',
    '<div hx-get="/pwned" hx-trigger="load">x</div>',
    '<div data-hx-get="/pwned" data-hx-trigger="load"></div>',
    '<b hx-on:click="alert(1)" hx-on::load="alert(1)">click</b>',
    '<form hx-post="/pwned" hx-trigger="load"><input name=csrf_token></form>',
    "<svg/onload=alert(1)><iframe srcdoc='<script>alert(1)</script>'>",
    "<style>@import '/pwned'</style><link rel=stylesheet href=/pwned>",
    "javascript:alert(1) data:text/html,<script>alert(1)</script> vbscript:x",
    "https://example.org/\"onmouseover=alert(1) https://example.org/'><script>alert(1)</script>",
    "http://example.org/{{7*7}}${7*7}<base href=/pwned>",
    "</li></ul><meta http-equiv=refresh content='0;url=/pwned'>",
]


def watch(someone: Profile) -> list[str]:
    """What would be an attack's success: a request that the page has no reason for, or a dialog."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if "pwned" in request.url or not request.url.startswith(someone.address):
            seen.append(request.url)

    def refuse(dialog: Dialog) -> None:
        seen.append(dialog.message)
        dialog.dismiss()

    someone.page.on("request", note)
    someone.page.on("dialog", refuse)
    return seen


def test_row_47_no_message_of_the_corpus_does_anything_on_anybodys_page(profile: MakeProfile) -> None:
    """Live, by HTMX, and after a reload; with scripts the page asks nothing it would not ask anyway."""
    hana, gus = profile(), profile()
    link = hana.open_room()
    gus.come_in(link)
    seen = watch(hana) + watch(gus)
    for text in POISON:
        expect(gus.composer).to_have_value("")
        gus.say(text)
        expect(hana.bodies.last).to_contain_text(text[-12:])
    hana.page.reload()
    expect(hana.bodies).to_have_count(len(POISON))
    for body in hana.bodies.all():
        assert body.get_attribute("hx-disable") is not None, "the second lock, should text ever become markup"
        assert body.locator("*:not(a):not(br):not(p)").count() == 0, body.inner_html()
    for link_in_text in hana.bodies.locator("a").all():
        assert re.match(r"https?://example\.org", str(link_in_text.get_attribute("href")))
    hana.bodies.first.click()
    hana.page.wait_for_timeout(300)
    assert seen == []


@pytest.mark.slow
def test_row_46_every_htmx_post_of_the_join_carries_the_token(profile: MakeProfile) -> None:
    """As the server reads it: the field of the form that HTMX has sent, equal to that of the page."""
    hana, gus = profile(), profile()
    gus.page.goto(hana.open_room())
    token = gus.page.locator("#doorstep input[name=csrf_token]").first.get_attribute("value")
    gus.roll()
    gus.join()
    posts = [post for post in gus.posts if post.headers.get("hx-request") == "true"]
    assert len(posts) == 2
    assert token
    for post in posts:
        assert re.search(r"csrf_token=[\w.%-]{20,}", post.post_data or ""), post.url


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_row_48_no_page_of_the_whole_site_breaks_the_policy(
    site: RunningSite, profile: MakeProfile, app: Flask
) -> None:
    """Every address, as a visitor, the host and an admin: scripts, styles and pictures all within the policy."""
    hana, oto, ada = profile(), profile(), profile()
    code = hana.open_room().split("/rooms/")[1].split("?")[0]
    hana.say("hello")
    operator.make_admin(site, "Ada-Crawler")
    ada.page.goto("/login")
    operator.log_in(ada, "Ada-Crawler")
    pages = 0
    for path in get_paths(app, code=code, seq="1", instance_number="0", queue_name="chatpop"):
        if not path.startswith(("/static", "/files", "/attachments")):
            for someone in (oto, hana, ada):
                someone.expects("the server responded with a status of")
                pages += _look(someone, path)
    assert pages > 120
    for someone in (oto, hana, ada):
        broken = [text for text in someone.complaints if "Content Security Policy" in text or "uncaught" in text]
        assert broken == []
        someone.page.goto("/")  # the last address was that of a fragment, which is no page to be looked at


def _look(someone: Profile, path: str) -> int:
    """Open a page in full; what is no page (a file, a picture, JSON) counts for nothing."""
    asked = someone.page.request.get(path)
    if "text/html" not in asked.headers.get("content-type", ""):
        return 0
    try:
        someone.page.goto(path, wait_until="load")
    except Error as aborted:
        if "ERR_ABORTED" not in str(aborted):  # a file to be kept, or 204
            raise
        return 0
    return 1


def test_row_71_the_logs_of_a_driven_site_hold_no_secret_that_it_gave_out(
    site: RunningSite, profile: MakeProfile
) -> None:
    """Web, worker, scheduler, supervisor and Redis write into one file; nothing of these visits is in it."""
    hana, gus, oto = profile(), profile(), profile()
    link = hana.open_room("Secret tea", private=True)
    gus.come_in(link)
    gus.say("a body that nobody logs")
    hana.page.goto("/returning")
    hana.page.get_by_role("button", name=re.compile("code", re.I)).first.click()
    code = hana.page.locator("input[value*='/resume#']").first.input_value().rpartition("#")[2]
    oto.expects("422")
    oto.page.goto(f"/resume#{code}")
    expect(oto.page.locator("body")).to_be_visible()
    oto.page.request.post("/login", form={"username": "Nobody-Here", "password": "a-wrong-guess-of-mine"})
    secrets = {cookie["value"] for each in (hana, gus, oto) for cookie in each.context.cookies()}
    secrets |= {
        link.partition("invite=")[2],
        code,
        code.replace("-", ""),
        "a body that nobody logs",
        "a-wrong-guess-of-mine",
    }
    logs = [site.log, *(path for path in site.data_dir.rglob("*.log") if path.is_file())]
    text = "".join(path.read_text(errors="replace") for path in logs)
    assert text.count('"event": "request"') > 10
    assert len(secrets) > 8
    for secret in secrets:
        assert len(secret) < 6 or secret not in text
    assert Path(site.data_dir, "secret_key").read_text().strip() not in text
