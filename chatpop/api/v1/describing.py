"""Describing a call beside its view; ``openapi`` puts the descriptions together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Schema = dict[str, Any]

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Description:
    """What one call takes and answers.

    ``answers`` gives for each status of success the name of its schema, None for an empty body;
    ``refusals`` are the statuses of error answers; ``refused_with`` names other schemas than the usual.
    """

    summary: str
    answers: Mapping[int, str | None]
    refusals: tuple[int, ...] = ()
    refused_with: Mapping[int, str] = field(default_factory=dict)
    body: Schema | None = None
    needs_body: bool = True
    kinds: tuple[str, ...] = (JSON,)
    query: Mapping[str, Schema] = field(default_factory=dict)


def describe(
    summary: str,
    *,
    answers: Mapping[int, str | None],
    refusals: tuple[int, ...] = (),
    body: Schema | None = None,
    kinds: tuple[str, ...] = (JSON,),
    query: Mapping[str, Schema] | None = None,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Attach a :class:`Description` to a view; ``kinds`` are the media types of its body."""
    made = Description(summary, answers, refusals, body=body, kinds=kinds, query=query or {})

    def attach(view: Callable[P, T]) -> Callable[P, T]:
        view.description = made  # type: ignore[attr-defined]
        return view

    return attach


def moment(value: datetime | None) -> str | None:
    """A moment as RFC 3339 text."""
    return value.isoformat() if value is not None else None
