"""No name can pose as an address of the site."""

from __future__ import annotations

from flask import Flask

from chatpop.names.rules import SHAPE_REFUSALS, NameSystem, check_shape, refusal
from tests.support.people import Person


def first_segments(app: Flask) -> set[str]:
    """The fixed first segments of all paths, as far as they have the shape of a name."""
    found = {rule.rule.lstrip("/").partition("/")[0] for rule in app.url_map.iter_rules()}
    return {segment for segment in found if segment and "<" not in segment and _could_be_a_name(segment)}


def test_every_first_segment_of_a_path_is_kept(app: Flask, gus: Person) -> None:
    segments = first_segments(app)
    assert {"rooms", "api"} <= segments
    for segment in sorted(segments):
        for name in (segment, segment.upper(), f"{segment}7"):
            assert isinstance(refusal(name), NameSystem), f"add {name} to names/data/system_names.txt"
        answer = gus.get("/api/accounts/check-username/", query_string={"username": segment})
        assert answer.status_code == 400


def test_a_new_route_without_its_word_in_the_list_would_be_noticed(app: Flask) -> None:
    app.add_url_rule("/zebracrossing/<int:number>", "zebra", lambda number: "")
    assert "zebracrossing" in first_segments(app)
    assert refusal("zebracrossing") is None


def _could_be_a_name(segment: str) -> bool:
    try:
        check_shape(segment)
    except SHAPE_REFUSALS:
        return False
    return True
