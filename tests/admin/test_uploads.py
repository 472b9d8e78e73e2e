"""The page about uploads: what is stored, by whom, and deleting a file."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from chatpop.uploads import overview
from tests.admin.acts import account, audit_actions, id_of
from tests.support.people import Person
from tests.support.rows import row_counts


def bring(someone: Person, name: str = "notes.txt", size: int = 1500) -> int:
    sent = {"files": (io.BytesIO(b"a line of text\n" * (size // 15)), name), "private": "1"}
    return someone.post("/uploads", data=sent, content_type="multipart/form-data").status_code


@pytest.fixture
def filled(app: Flask, mia: Person) -> int:
    """mia has two files; returns her account's number."""
    for name in ("first.txt", "second.txt"):
        assert bring(mia, name) in (200, 201, 207, 303)
    return id_of(app, mia)


def test_files_are_listed_with_their_owner_and_size(ada: Person, filled: int) -> None:
    page = ada.get("/admin/uploads").text
    assert page.index("second.txt") < page.index("first.txt"), "the newest first"
    for said in ("Mia-Rivers", "1.5 KB", "2.9 KB in 2 files", "private"):
        assert said in page, said
    assert "first.txt" in ada.get(f"/admin/uploads?owner={filled}").text
    assert "There are no files." in ada.get("/admin/uploads?owner=999").text


def test_a_file_is_deleted_for_everybody(app: Flask, ada: Person, filled: int) -> None:
    page = ada.get("/admin/uploads").text
    path = re.search(r'action="(/admin/uploads/\d+/deletion)"', page)
    assert path
    assert ada.post(path.group(1), data={"csrf_token": "wrong"}).status_code == 400
    assert row_counts(app)["uploads"] == 2
    assert ada.post(path.group(1)).status_code == 303
    counts = row_counts(app)
    assert (counts["uploads"], counts["file_removals"]) == (1, 1)
    assert account(app, filled).items_count == 1
    assert audit_actions(app) == ["file_deleted"]
    assert ada.post(path.group(1)).status_code == 404


def test_the_list_is_paged(ada: Person, filled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "PAGE_SIZE", 1)
    page = ada.get("/admin/uploads").text
    assert ("second.txt" in page, "first.txt" in page) == (True, False)
    following = re.search(r'href="([^"]+)">Next page', page)
    assert following
    assert "first.txt" in ada.get(following.group(1)).text
