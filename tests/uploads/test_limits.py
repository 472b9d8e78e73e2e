"""What a tier may bring: how large, how many, of which type; and what is said where it is too much."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from chatpop.uploads import intake, tiers
from chatpop.uploads.tiers import MB
from tests.accounts.acts import make_member
from tests.conftest import both_databases
from tests.support.people import Person
from tests.uploads.sending import JSON, all_uploads, counts, keep, picture, results, send, stored


def padded(size: int) -> bytes:
    """A file of so many bytes."""
    return b"x" * size


@both_databases
def test_thirteen_uploads_at_once_with_room_for_five_store_five(app: Flask, gus: Person) -> None:
    keep(gus, "first.png")
    gus.post(f"/uploads/{all_uploads(app)[0].public_id}/deletion")
    statuses: list[str] = []
    together = threading.Barrier(13)

    def upload(number: int) -> None:
        other = Person(app)
        other.client.set_cookie("chatpop_access", gus.cookie("access") or "")
        together.wait()
        statuses.extend(one["status"] for one in results(other, (f"{number}.png", picture())))

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == ["error"] * 8 + ["success"] * 5
    kept = all_uploads(app)
    assert len(kept) == 5
    assert counts(app) == [5]
    assert {upload.public_id for upload in kept} <= stored(app)


def test_at_the_limit_the_sentence_names_it_and_what_registering_adds(make_app: Callable[..., Flask]) -> None:
    gus = Person(make_app(UNREGISTERED_MAX_UPLOADS="2", USER_MAX_UPLOADS="7"))
    found = results(gus, *[(f"{number}.png", picture()) for number in range(3)])
    assert [one["status"] for one in found] == ["success", "success", "error"]
    assert found[2]["error"] == (
        "2 files are the most a guest may keep. Delete one to make room. Registered, you could keep 7."
    )
    answer = send(gus, ("more.png", picture()))
    assert answer.status_code == 429
    assert "2 files are the most" in answer.text


def test_where_guests_may_keep_none_nobody_becomes_a_guest(make_app: Callable[..., Flask]) -> None:
    app = make_app(UNREGISTERED_MAX_UPLOADS="0")
    [result] = results(Person(app), ("a.png", picture()))
    assert "Registered, you could keep as many as you like." in result["error"]
    assert counts(app) == []


def test_a_member_has_a_limit_of_their_own(make_app: Callable[..., Flask]) -> None:
    app = make_app(USER_MAX_UPLOADS="1", UNREGISTERED_MAX_UPLOADS="0")
    mia = make_member(Person(app))
    found = results(mia, ("a.txt", b"one"), ("b.txt", b"two"))
    assert [one["status"] for one in found] == ["success", "error"]
    assert found[1]["error"] == "1 file is the most a member may keep. Delete one to make room."


def test_a_file_over_the_limit_is_refused_and_the_others_are_kept(make_app: Callable[..., Flask]) -> None:
    app = make_app(UNREGISTERED_MAX_FILE_SIZE_MB="1")
    found = results(Person(app), ("huge.png", padded(2 * MB)), ("cat.png", picture()))
    assert [one["status"] for one in found] == ["error", "success"]
    assert found[0]["error"] == (
        "This file has 2 MB; 1 MB is the most for guests. Registered, you could bring up to 100 MB."
    )
    assert counts(app) == [1]


def test_the_limit_itself_is_still_allowed(make_app: Callable[..., Flask]) -> None:
    mia = make_member(Person(make_app(USER_MAX_FILE_SIZE_MB="1")))
    found = results(mia, ("fits.bin", padded(MB)), ("not.bin", padded(MB + 1)))
    assert [one["status"] for one in found] == ["success", "error"]
    assert "the most for members" in found[1]["error"]


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readinto = read  # type: ignore[assignment]


@pytest.mark.parametrize("path", ["/uploads", "/api/v1/uploads"])
def test_a_body_that_says_it_is_too_large_is_not_read(make_app: Callable[..., Flask], path: str) -> None:
    app = make_app(UNREGISTERED_MAX_FILE_SIZE_MB="1", USER_MAX_FILE_SIZE_MB="1", USER_MAX_UPLOADS="5")
    mia = make_member(Person(app))
    answer = mia.client.open(
        path,
        method="POST",
        input_stream=Unread(),
        environ_overrides={"CONTENT_LENGTH": str(7 * MB)},
        content_type="multipart/form-data; boundary=x",
        headers={"Sec-Fetch-Site": "same-origin", **JSON, **bearer(app)},
    )
    assert answer.status_code == 413
    assert "1 MB is the most for members." in answer.text


def test_other_addresses_keep_their_small_limit(gus: Person) -> None:
    assert gus.post("/rooms", data={"name": "x" * 300_000}).status_code == 413


def test_what_is_too_large_is_not_kept_while_it_arrives(tmp_path: Path) -> None:
    tier = tiers.Tier(False, 100, 5, "*")
    arriving = intake.Intake(tmp_path / "incoming", tier)
    file = arriving.open()
    for _ in range(10):
        file.write(b"x" * 60)
        assert sum(path.stat().st_size for path in arriving.folder.iterdir()) <= 100
    file.seek(0)
    arrived = file.arrived("big")
    assert (arrived.is_too_large, arrived.size) == (True, 600)
    arriving.close()
    assert not arriving.folder.exists()


def test_a_disk_without_room_is_said_in_a_sentence(app: Flask, gus: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(gus)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for path, sentence in (
        ("chatpop.uploads.storage.local._copy", "The store of files is away"),
        ("chatpop.uploads.intake.IncomingFile._put", "the site has run out of room"),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(path, full)
            [result] = results(gus, ("a.png", picture()))
        assert sentence in result["error"]
    assert counts(app) == [1]


def test_of_too_many_files_at_once_the_first_are_kept(app: Flask, mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "FILES_AT_ONCE", 3)
    found = results(mia, *[(f"{number}.txt", b"words") for number in range(50)])
    assert [one["status"] for one in found] == ["success"] * 3 + ["error"] * 47
    assert found[49]["error"] == "50 files at once are the most. Send the others afterwards."
    assert counts(app) == [3]


def test_types_are_the_settings(make_app: Callable[..., Flask]) -> None:
    app = make_app(UNREGISTERED_ALLOWED_TYPES="image/gif", USER_ALLOWED_TYPES="image/gif,image/png")
    [result] = results(Person(app), ("cat.png", picture()))
    assert "image/png" in result["error"]
    assert "Registered, you could bring image/gif, image/png." in result["error"]


def test_the_account_page_shows_what_is_used(gus: Person) -> None:
    keep(gus)
    page = gus.get("/account").text
    assert "1 of 5" in page
    assert "100 MB" in page
    assert "JPEG, PNG, GIF" in page


def bearer(app: Flask) -> dict[str, str]:
    answer = app.test_client().post(
        "/api/v1/login", data={"username": "Mia-Rivers", "password": "maple-otter-kettle-42"}
    )
    return {"Authorization": f"Bearer {answer.json['access_token']}"} if answer.json else {}
