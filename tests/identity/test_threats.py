"""Threats to recognition that SECURITY lists and the files beside this one do not cover, row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from chatpop.core import clock, ids
from chatpop.extensions import db
from chatpop.identity import tokens
from chatpop.identity.cookies import sign
from chatpop.identity.fingerprint import Evidence
from chatpop.identity.models import Device, RefreshToken, ResumeCode, Session, User
from chatpop.identity.tokens import Access, Audience
from chatpop.names.models import Name
from tests.conftest import SECRET, both_databases
from tests.identity.test_headers_policy import HEADERS, seen
from tests.identity.test_resume_codes import code_of
from tests.support.people import BROWSER, Person
from tests.support.rows import row_counts


def without_jar(app: Flask) -> FlaskClient:
    """A client that sends the Cookie header it is given; one with a jar would write its own over it."""
    return app.test_client(use_cookies=False)


POLICIES: list[dict[str, str]] = [{"GUEST_RECOGNITION": "none"}, {}, HEADERS]


@pytest.mark.parametrize("policy", POLICIES, ids=["none", "device", "headers"])
@both_databases
def test_many_equal_browsers_act_at_once(make_app: Callable[..., Flask], policy: dict[str, str]) -> None:
    """SECURITY row 3: equal headers, 50 first posts at once: 50 guests, no 5xx, and all go on well."""
    app = make_app(MAX_GUESTS_PER_NETWORK="1000", **policy)
    crowd = [Person(app) for _ in range(50)]
    with ThreadPoolExecutor(10) as pool:
        sent = {"name": "Tea", "topic": "", "visibility": "private"}
        statuses = list(pool.map(lambda someone: someone.post("/rooms", data=sent).status_code, crowd))
    # Under "headers" who comes later may be taken for the first one, who can host two rooms.
    assert set(statuses) <= ({303, 429} if policy is HEADERS else {303})
    names = [someone.name for someone in crowd]
    assert None not in names
    counts = row_counts(app)
    if policy is HEADERS:
        # Who arrives while there is exactly one such guest is taken for it: the policy's own price.
        assert 1 <= counts["users"] <= 50
    else:
        assert len(set(names)) == counts["users"] == 50
    assert counts["devices"] == (0 if policy == POLICIES[0] else counts["users"])
    if policy is HEADERS and counts["users"] > 1:
        assert Person(app).name is None


PAGES = [
    "/", "/rooms/new", "/rooms/{code}", "/rooms/{code}/join", "/rooms/{code}/messages", "/rooms/{code}/people",
    "/rooms/{code}/qr.svg", "/returning", "/returning/card", "/resume", "/handover", "/handover/number",
    "/account", "/account/devices", "/register", "/login", "/logout", "/nowhere", "/healthz", "/readyz",
    "/api/accounts/check-username/?username=Somebody77",
]  # fmt: skip


def test_no_answer_tells_a_fingerprint_a_secret_or_an_address(app: Flask, hana: Person, oto: Person) -> None:
    """SECURITY row 4, and "no answer anywhere carries a hash, fingerprint or address"."""
    hana.address = "198.51.100.7"
    code = hana.open_room()
    hana.say(code, "hello")
    hana.post("/resume-codes")
    cookies = {kind: hana.cookie(kind) for kind in ("device", "refresh")}
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        device = db.session.scalars(select(Device)).one()
        kept = [
            user.fingerprint_hash,
            "198.51.100.7",
            device.secret_hash,
            db.session.scalar(select(ResumeCode.code_hash)),
            db.session.scalar(select(RefreshToken.token_hash)),
            *cookies.values(),
        ]
    assert all(kept)
    for someone in (hana, oto):
        for path in PAGES:
            answer = someone.get(path.format(code=code))
            told = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers)
            for secret in kept:
                assert str(secret) not in told, f"{path} tells {secret}"


def test_a_stolen_table_is_not_found_in_a_dictionary_of_browsers(app: Flask, hana: Person) -> None:
    """SECURITY row 5: the same dictionary finds a plain hash of the same headers."""
    hana.open_room()
    with app.app_context():
        stolen = db.session.scalar(select(User.fingerprint_hash))
    agents = [f"Mozilla/5.0 (X11; Linux) Firefox/{number}.0" for number in range(1, 500)]
    languages, encodings = ["", "en", "de"], ["", "gzip"]
    tuples = [Evidence(*found, None) for found in product(agents, languages, encodings)]
    truth = Evidence(BROWSER["User-Agent"], "", "", None)
    assert truth in tuples
    assert stolen not in {found.hash("", include_ip=False) for found in tuples}
    assert stolen not in {_plain(found) for found in tuples}
    assert _plain(truth) in {_plain(found) for found in tuples}, "the attack works on a plain hash"
    assert stolen == truth.hash(SECRET, include_ip=False)


def _plain(evidence: Evidence) -> str:
    joined = f"{evidence.user_agent}{evidence.accept_language}{evidence.accept_encoding}"
    return hashlib.sha256(joined.encode()).hexdigest()


FIELDS = st.tuples(st.text(), st.text(), st.text())


@given(FIELDS, FIELDS)
def test_different_headers_have_different_fingerprints(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """SECURITY row 6."""
    hashes = [Evidence(*fields, None).hash(SECRET, include_ip=False) for fields in (one, other)]
    assert (hashes[0] == hashes[1]) == (one == other)


def test_moving_a_letter_between_headers_changes_the_fingerprint() -> None:
    """SECURITY row 6: what plain joining would confuse."""
    spellings = [("ab", "c", ""), ("a", "bc", ""), ("abc", "", ""), ("", "abc", ""), ("", "ab", "c")]
    assert len({Evidence(*fields, None).hash(SECRET, include_ip=False) for fields in spellings}) == 5


def test_what_one_browser_asks_for_on_the_side_makes_no_second_identity(app: Flask, hana: Person) -> None:
    """SECURITY row 7: images, media, workers and streams carry other headers than the page."""
    code = hana.open_room()
    name = hana.name
    kinds = [
        {"Accept": "image/avif,image/webp", "Accept-Encoding": "gzip, br"},
        {"Accept": "*/*", "Accept-Encoding": "identity", "Range": "bytes=0-"},
        {"Accept": "*/*", "Accept-Language": "", "User-Agent": ""},
        {"Accept": "text/html", "Sec-Purpose": "prefetch"},
        {"Accept": "application/manifest+json", "Cookie": ""},
    ]
    for headers in kinds:
        for path in ("/", f"/rooms/{code}", f"/rooms/{code}/qr.svg", "/favicon.ico"):
            assert hana.get(path, headers=headers).status_code < 500
    assert row_counts(app)["users"] == 1
    assert hana.name == name


def test_device_secrets_have_256_bits_and_guesses_never_hit(app: Flask, hana: Person) -> None:
    """SECURITY row 9."""
    issued = [ids.secret_token() for _ in range(10_000)]
    assert len(set(issued)) == 10_000
    assert {len(secret) for secret in issued} == {43}
    ones = sum(bin(byte).count("1") for secret in issued for byte in secret.encode()[:1])
    assert ones > 10_000, "the first character varies"
    hana.open_room()
    with app.app_context():
        stored = set(db.session.scalars(select(Device.secret_hash)))
        assert stored, "there is something to guess"
        assert not stored & {ids.hash_token(ids.secret_token()) for _ in range(100_000)}
    for secret in issued[:50]:
        guesser = Person(app)
        guesser.client.set_cookie("chatpop_device", secret)
        assert guesser.name is None
        assert guesser.cookie("device") is None, "and the browser is rid of it"


@pytest.mark.parametrize("blank", ["\u2000", "\u00a0", "\t", "\x0b", "=", "\u3000"])
def test_a_cookie_whose_name_only_looks_like_ours_is_not_ours(app: Flask, hana: Person, blank: str) -> None:
    """SECURITY row 10: a sibling host can set such names, also in front of ``__Host-``."""
    hana.open_room()
    for kind in ("access", "refresh", "device"):
        cookie = f"{blank}chatpop_{kind}={hana.cookie(kind)}".encode().decode("latin1")
        page = without_jar(app).get("/", headers={"Cookie": cookie})
        assert "chip-visitor" in page.text, (blank, kind)


@pytest.mark.parametrize("kind", ["access", "refresh", "device"])
def test_a_doubled_cookie_is_nobodys_and_is_cleared(app: Flask, hana: Person, kind: str) -> None:
    """SECURITY row 10."""
    hana.open_room()
    page = without_jar(app).get("/", headers={"Cookie": f"chatpop_{kind}={hana.cookie(kind)}; chatpop_{kind}=x"})
    assert "chip-visitor" in page.text
    cleared = [line for line in page.headers.getlist("Set-Cookie") if line.startswith(f"chatpop_{kind}=;")]
    assert len(cleared) == 1


def test_over_https_only_host_bound_cookies_count(app: Flask, hana: Person) -> None:
    """SECURITY row 10: a sibling host can't set ``__Host-`` names."""
    hana.open_room()
    device = hana.cookie("device")

    def name_over_https(cookie: str) -> bool:
        page = without_jar(app).get("/", base_url="https://localhost", headers={"Cookie": cookie})
        return "chip-visitor" not in page.text

    assert name_over_https(f"__Host-chatpop_device={device}")
    assert not name_over_https(f"chatpop_device={device}")
    made = without_jar(app).post(
        "/rooms", base_url="https://localhost", data={"name": "Tea", "visibility": "public"}, headers=BROWSER
    )
    for line in made.headers.getlist("Set-Cookie"):
        if line.startswith("__Host-"):
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
    assert sum(line.startswith("__Host-") for line in made.headers.getlist("Set-Cookie")) >= 3


def test_a_replayed_refresh_token_kills_its_family_and_no_other(app: Flask, hana: Person) -> None:
    """SECURITY row 19: R0, R1, then R0 after 21 seconds."""
    hana.open_room()
    first = hana.cookie("refresh")
    assert first
    with freeze_time(clock.now() + timedelta(minutes=16)) as time:
        owner = Person(app)
        owner.client.set_cookie("chatpop_refresh", first)
        assert seen(owner)
        assert owner.cookie("refresh") != first
        time.tick(21)
        thief = Person(app)
        thief.client.set_cookie("chatpop_refresh", first)
        assert seen(thief) is None
        assert seen(owner) is None, "the family is dead, so the owner notices"
        device = Person(app)
        device.client.set_cookie("chatpop_device", str(hana.cookie("device")))
        assert device.name, "and comes back by the device"


def test_every_token_opens_its_own_door_only(app: Flask, hana: Person) -> None:
    """SECURITY row 21: the matrix of cookies; only the diagonal passes."""
    hana.open_room()
    with app.test_request_context():
        visitor = sign("some-visitor-id", "visitor")
    with app.app_context():
        family = db.session.scalars(select(Session)).one()
        program = tokens.issue(SECRET, Access(family.user_id, family.id, family.epoch), Audience.API)
    values = {kind: str(hana.cookie(kind)) for kind in ("access", "refresh", "device")} | {
        "visitor": visitor, "program": program, "resume": code_of(hana),
    }  # fmt: skip
    for door, (kind, value) in product(("access", "refresh", "device", "visitor"), values.items()):
        twin = Person(app)
        twin.client.set_cookie(f"chatpop_{door}", value)
        assert (twin.name is not None) == (door == kind and door != "visitor"), f"{kind} at the door of {door}"
    for kind, value in values.items():
        bearer = without_jar(app).get("/", headers={"Authorization": f"Bearer {value}"})
        assert "chip-visitor" in bearer.text, f"{kind} as a bearer at a page"


@pytest.mark.parametrize("taken", ["the name", "17"])
def test_a_name_given_to_somebody_else_is_no_way_into_the_account(app: Flask, hana: Person, taken: str) -> None:
    """SECURITY row 23: tokens name the account by its id."""
    hana.open_room()
    old = hana.name
    released = str(old) if taken == "the name" else taken
    with app.app_context():
        db.session.execute(update(Name).values(display="Moved1", key="movedl"))
        db.session.execute(update(User).values(username="Moved1"))
        db.session.commit()
    gus = Person(app)
    gus.open_room("Two")
    with app.app_context():
        second = db.session.scalar(select(User.id).where(User.username == gus.name))
        db.session.execute(update(User).where(User.id == second).values(username=released))
        db.session.commit()
    assert hana.name == "Moved1"
    assert gus.name == released


def test_the_id_of_a_deleted_account_is_never_given_again(app: Flask, hana: Person, gus: Person) -> None:
    """SECURITY row 23: a token of a deleted account must not speak for the next one made."""
    hana.open_room()
    with app.app_context():
        db.session.delete(db.session.scalars(select(User)).one())
        db.session.commit()
    gus.open_room("Two")
    assert hana.name is None
    assert gus.name is not None


@pytest.mark.parametrize("state", ["is_disabled", "is_abandoned"])
def test_a_session_in_use_ends_with_the_account(app: Flask, hana: Person, state: str) -> None:
    """SECURITY row 24: the next request fails, whatever it asks."""
    code = hana.open_room()
    with app.app_context():
        db.session.execute(update(User).values({state: True}))
        db.session.commit()
    expected = 403 if state == "is_disabled" else 401
    for path in (f"/rooms/{code}/messages", "/resume-codes", "/handovers", "/passkeys/offers"):
        jar = {kind: hana.cookie(kind) for kind in ("access", "refresh", "device")}
        assert hana.post(path, json={"body": "x"}, htmx=True).status_code == expected, path
        for kind, value in jar.items():
            if value:
                hana.client.set_cookie(f"chatpop_{kind}", value)
