"""The operator's pages about names: figures, one name's standing, a screening bench, word packs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from chatpop.extensions import db
from chatpop.names import packs
from chatpop.names.models import WordPack
from tests.support.people import Person
from tests.support.rows import row_counts


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    packs.forget()
    yield
    packs.forget()


def pack(**fields: str) -> dict[str, str]:
    return {"name": "Fruit", "kind": "blocked", "words": "pineapple", "is_enabled": "1", "act": "save"} | fields


def available(someone: Person, name: str) -> int:
    return someone.get("/api/accounts/check-username/", query_string={"username": name}).status_code


def test_the_figures_and_the_plot_are_shown(ada: Person, hana: Person) -> None:
    hana.open_room()
    page = ada.get("/admin/names").text
    assert "Capacity" in page
    assert "Years left" in page
    points = re.search(r'<polyline points="([^"]+)"', page)
    assert points
    assert len(points.group(1).split()) == 90
    assert points.group(1).split()[-1] == "600.0,0.0", "today is the top of the curve"
    assert "style=" not in page


def test_the_operator_sees_how_a_name_stands(ada: Person, hana: Person, gus: Person) -> None:
    hana.open_room()
    held, used = gus.roll(), hana.name
    assert used

    def standing(name: str) -> str:
        page = ada.get("/admin/names", query_string={"name": name}).text
        found = re.search(r"Standing</th><td>([^<]+)<", page)
        assert found
        return found.group(1)

    assert standing(used) == "in use"
    assert standing(held) == "held"
    assert standing("LazyTurnip") == "free"
    assert standing("adm1n") == "system name"
    assert "Looks like" in ada.get("/admin/names", query_string={"name": f"{used[0]}-{used[1:]}"}).text
    assert "<script>" not in ada.get("/admin/names", query_string={"name": "<script>"}).text


def test_a_pasted_list_is_screened(ada: Person) -> None:
    page = ada.post("/admin/names/screenings", data={"names": "LazyTurnip\nAdm1n\nScunthorpe\nHappyFuck12"}).text
    verdicts = dict(re.findall(r'<th scope="row">(\w+)</th><td>([^<]+)</td>', page.partition('id="verdicts"')[2]))
    assert (verdicts["LazyTurnip"], verdicts["Scunthorpe"]) == ("Allowed", "Allowed")
    assert "kept for the site" in verdicts["Adm1n"]
    assert "rude" in verdicts["HappyFuck12"]


def test_a_pack_is_previewed_without_being_stored(app: Flask, ada: Person) -> None:
    before = row_counts(app)
    sent = pack(act="preview", names="ILikePineapple Fig", words="pineapple panda müll")
    answer = ada.post("/admin/word-packs", data=sent)
    assert answer.status_code == 200
    for said in ("Names it could throw then", "Longest name", "the dice would lose this word", "müll: names have only"):
        assert said in answer.text
    assert "this site does not allow" in answer.text
    assert row_counts(app) == before
    assert available(ada, "ILikePineapple") == 200


def test_a_pack_is_saved_changed_and_deleted(app: Flask, ada: Person, gus: Person) -> None:
    assert ada.post("/admin/word-packs", data=pack()).status_code == 303
    assert available(gus, "ILikePineapple") == 400
    listed = ada.get("/admin/word-packs").text
    path = re.search(r'href="(/admin/word-packs/\d+)">Fruit<', listed)
    assert path
    assert "pineapple" in ada.get(path.group(1)).text
    assert ada.post(path.group(1), data=pack(words="quince")).status_code == 303
    assert (available(gus, "ILikePineapple"), available(gus, "BigQuince")) == (200, 400)
    with app.app_context():
        row = db.session.query(WordPack).one()
        assert (row.version, row.words) == (2, "quince")
        assert row.changed_by is not None
    assert ada.post(f"{path.group(1)}/deletion", data={}).status_code == 303
    assert available(gus, "BigQuince") == 200
    assert ada.get(path.group(1)).status_code == 404
    assert ada.post(f"{path.group(1)}/deletion", data={}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "1 to 60 characters"),
        ({"words": ""}, "at least one usable word"),
        ({"kind": "nonsense"}, "Choose what the words are for"),
    ],
)
def test_a_bad_pack_comes_back_with_what_was_typed(ada: Person, fields: dict[str, str], said: str) -> None:
    answer = ada.post("/admin/word-packs", data=pack(source="my own", **fields))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="my own"' in answer.text
