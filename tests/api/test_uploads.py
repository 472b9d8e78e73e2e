"""Files by the API: several at once with a result each, listed, looked at, deleted; members only."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.api.program import Program
from tests.support.people import Answer, Person
from tests.uploads.sending import KIND, body, fetch, keep, picture


def bring(bot: Program, *files: tuple[str, bytes], **fields: str) -> Answer:
    return bot.post("uploads", data=body(files, **fields), content_type=KIND)


def listed(bot: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bot.get("uploads").json["uploads"]
    return found


def test_a_batch_has_a_result_for_each_file_in_order(bot: Program) -> None:
    answer = bring(bot, ("a.txt", b"words"), ("empty.txt", b""), ("../c.png", picture()))
    assert answer.status_code == 207
    results = answer.json["results"]
    assert [(one["filename"], one["status"]) for one in results] == [
        ("a.txt", "success"),
        ("empty.txt", "error"),
        ("c.png", "success"),
    ]
    assert set(results[0]) == {"filename", "status", "id", "url"}
    assert set(results[1]) == {"filename", "status", "error"}
    assert [one["id"] for one in listed(bot)] == [results[2]["id"], results[0]["id"]]


def test_one_file_is_described_and_read(bot: Program, mia: Person, oto: Person) -> None:
    [result] = bring(bot, ("c.png", picture()), private="yes").json["results"]
    told = bot.get(f"uploads/{result['id']}").json
    assert told["media_type"] == "image/png"
    assert (told["width"], told["height"], told["is_private"], told["in_room"]) == (8, 8, True, False)
    assert told["url"] == result["url"]
    assert len(fetch(mia, told["url"]).data) == told["size"]
    assert fetch(oto, told["url"]).status_code == 404


def test_the_list_goes_on_where_it_stopped(bot: Program) -> None:
    bring(bot, *[(f"{number}.txt", b"words") for number in range(50)])
    bring(bot, ("last.txt", b"words"))
    first = bot.get("uploads").json
    assert len(first["uploads"]) == 50
    second = bot.get(f"uploads?before={first['next']}").json
    assert ([one["name"] for one in second["uploads"]], second["next"]) == (["0.txt"], None)
    assert bot.get("uploads?before=nothing").status_code == 404


def test_deleting_ends_it_once(bot: Program, mia: Person) -> None:
    [result] = bring(bot, ("a.txt", b"words")).json["results"]
    assert bot.delete(f"uploads/{result['id']}").status_code == 204
    assert bot.delete(f"uploads/{result['id']}").status_code == 404
    assert bot.get(f"uploads/{result['id']}").status_code == 404
    assert fetch(mia, result["url"]).status_code == 404
    assert listed(bot) == []


def test_nobody_elses_files_are_there(bot: Program, gus: Person) -> None:
    key = keep(gus).split("/")[2]
    assert bot.get(f"uploads/{key}").status_code == 404
    assert bot.delete(f"uploads/{key}").status_code == 404
    assert listed(bot) == []


def test_without_files_or_a_form_it_is_refused(bot: Program) -> None:
    answer = bring(bot)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "no_file"
    assert bot.post("uploads", {"files": []}).status_code == 415
    assert bot.post("uploads", data=b"x", content_type="multipart/form-data").status_code == 422


def test_members_only(app: Flask, gus: Person) -> None:
    assert bring(Program(app), ("a.png", picture())).status_code == 401
    keep(gus)
    answer = gus.post("/api/v1/uploads", data=body((("a.png", picture()),)), content_type=KIND)
    assert answer.status_code == 403
    assert answer.json["detail"] == "Registration required"
