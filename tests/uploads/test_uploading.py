"""Bringing files to one's own page, with and without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from chatpop.uploads import listing
from tests.accounts.acts import count_users
from tests.support.people import Person
from tests.support.rows import row_counts
from tests.uploads.sending import all_uploads, counts, fetch, keep, picture, results, send, stored


def test_the_page_makes_nobody_a_guest(app: Flask, gus: Person) -> None:
    page = gus.get("/uploads").text
    assert 'enctype="multipart/form-data"' in page
    assert "The first upload makes you a guest" in page
    assert count_users(app) == 0


def test_a_visitors_upload_makes_the_guest_under_the_name_rolled_last(app: Flask, gus: Person) -> None:
    gus.roll()
    name = gus.roll()
    answer = send(gus, ("cat.png", picture()))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/uploads")
    page = gus.get("/uploads").text
    assert "Your file is kept." in page
    assert "cat.png" in page
    assert "1 of 5 files" in page
    assert gus.name == name
    assert (count_users(app), counts(app)) == (1, [1])


def test_a_file_that_is_refused_makes_nobody_a_guest(app: Flask, gus: Person) -> None:
    answer = send(gus, ("notes.txt", b"hello there"))
    assert answer.status_code == 415
    assert "notes.txt" in answer.text
    assert count_users(app) == 0
    assert gus.cookie("device") is None
    assert stored(app) == set()


def test_each_file_has_its_own_result_in_the_order_sent(app: Flask, gus: Person) -> None:
    found = results(gus, ("a.png", picture()), ("b.txt", b"text"), ("c.jpg", picture(kind="JPEG")))
    assert [(one["filename"], one["status"]) for one in found] == [
        ("a.png", "success"),
        ("b.txt", "error"),
        ("c.jpg", "success"),
    ]
    assert set(found[0]) == {"filename", "status", "id", "url"}
    assert set(found[1]) == {"filename", "status", "error"}
    assert counts(app) == [2]
    assert stored(app) == {found[0]["id"], found[2]["id"]}


def test_without_scripts_the_page_says_what_became_of_each_file(gus: Person) -> None:
    answer = send(gus, ("a.png", picture()), ("b.txt", b"text"))
    assert answer.status_code == 415
    assert re.search(r"<strong>a\.png</strong>: kept\.", answer.text)
    assert re.search(r"<strong>b\.txt</strong>: .*Registered, you could bring files of any type", answer.text)
    fragment = send(gus, ("b.txt", b"text"), htmx=True)
    assert fragment.text.lstrip().startswith('<section class="stack" id="uploads"')


def test_a_member_brings_anything(app: Flask, mia: Person) -> None:
    found = results(mia, ("notes.txt", b"some words"), ("page.html", b"<script>alert(1)</script>"))
    assert [one["status"] for one in found] == ["success", "success"]
    assert "2 files" in mia.get("/uploads").text
    assert not any(upload.is_picture for upload in all_uploads(app))


def test_the_list_is_ones_own_alone(gus: Person, oto: Person) -> None:
    keep(gus, "mine.png")
    assert "mine.png" in gus.get("/uploads").text
    assert "mine.png" not in oto.get("/uploads").text
    assert gus.get("/uploads/list").text.lstrip().startswith("<section")


@pytest.mark.parametrize("sort", ["newest", "oldest", "largest", "name", "nonsense"])
def test_the_list_is_sorted_and_paged(gus: Person, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    for name, side in (("b.png", 8), ("c.png", 300), ("a.png", 100)):
        keep(gus, name, picture(side, side))
    order = {
        "newest": ["a.png", "c.png", "b.png"],
        "oldest": ["b.png", "c.png", "a.png"],
        "largest": ["c.png", "a.png", "b.png"],
        "name": ["a.png", "b.png", "c.png"],
        "nonsense": ["a.png", "c.png", "b.png"],
    }[sort]
    shown = []
    for number in ("1", "2"):
        page = gus.get(f"/uploads?sort={sort}&page={number}").text
        shown += re.findall(r'class="upload-name"[^>]*>([^<]+)<', page)
    assert shown == order
    assert "Page 2 of 2" in gus.get("/uploads?page=99").text
    assert gus.get("/uploads?page=x&sort=%00").status_code == 200


def test_private_and_public_are_switched_by_the_owner_alone(gus: Person, oto: Person) -> None:
    url = keep(gus)
    public_id = url.split("/")[2]
    assert fetch(oto, url).status_code == 200
    assert gus.post(f"/uploads/{public_id}/privacy", data={"private": "1"}).status_code == 303
    assert "Only for you" in gus.get("/uploads").text
    assert (fetch(gus, url).status_code, fetch(oto, url).status_code) == (200, 404)
    assert oto.post(f"/uploads/{public_id}/privacy").status_code == 303  # to where a visitor can do something
    keep(oto)
    assert oto.post(f"/uploads/{public_id}/privacy").status_code == 404
    assert fetch(oto, url).status_code == 404
    fragment = gus.post(f"/uploads/{public_id}/privacy", htmx=True)
    assert "Everybody who has its address can read it now." in fragment.text
    assert fetch(oto, url).status_code == 200


def test_deleting_is_the_owners_alone_and_makes_room(app: Flask, gus: Person, oto: Person) -> None:
    url = keep(gus)
    public_id = url.split("/")[2]
    keep(oto)
    assert oto.post(f"/uploads/{public_id}/deletion").status_code == 404
    assert gus.post(f"/uploads/{public_id}/deletion").status_code == 303
    assert fetch(gus, url).status_code == 404
    assert "0 of 5 files" in gus.get("/uploads").text
    assert counts(app) == [0, 1]
    assert gus.post(f"/uploads/{public_id}/deletion").status_code == 404


@pytest.mark.parametrize("data", [{}, {"private": "1"}, {"other": (b"", "")}], ids=str)
def test_no_file_at_all_is_said_in_a_sentence(app: Flask, gus: Person, data: dict[str, str]) -> None:
    sent = {name: value for name, value in data.items() if isinstance(value, str)}
    answer = gus.post("/uploads", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "No file has arrived" in answer.text
    assert send(gus, ("", b"")).status_code == 422, "what a browser sends where nothing was chosen"
    assert row_counts(app)["users"] == 0


def test_a_body_cut_off_in_the_middle_is_said_in_a_sentence(app: Flask, gus: Person, tmp_path: Path) -> None:
    boundary = "frontier"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    body = head.encode() + picture()[:40]
    answer = gus.post("/uploads", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 422
    assert "cut off" in answer.text
    for kind in ("multipart/form-data", "multipart/form-data; boundary=\u00e9", "text/plain", "application/json"):
        assert gus.post("/uploads", data=body, content_type=kind).status_code in (400, 422), kind
    assert list((tmp_path / "incoming").glob("*")) == []
    assert count_users(app) == 0


def test_nothing_of_a_request_stays_in_the_folder_of_what_arrives(gus: Person, tmp_path: Path) -> None:
    results(gus, ("a.png", picture()), ("b.txt", b"text"))
    assert list((tmp_path / "incoming").glob("*")) == []
