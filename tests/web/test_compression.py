"""Pages are sent compressed to who can read them so."""

from __future__ import annotations

import gzip

from tests.support.people import Person


def test_a_page_is_packed_for_who_asks_and_plain_for_others(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    plain = oto.get(f"/rooms/{code}")
    packed = oto.get(f"/rooms/{code}", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Tea" in gzip.decompress(packed.data).decode()
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_small_answers_stay_as_they_are(oto: Person) -> None:
    answer = oto.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_who_refuses_gzip_gets_none(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    assert "Content-Encoding" not in oto.get(f"/rooms/{code}", headers={"Accept-Encoding": "gzip;q=0"}).headers
