"""Many names in the table, quickly."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import text

from chatpop.core import clock, database
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names import vocabulary
from chatpop.names.key import canonical_key
from chatpop.names.models import NameKind, NameState
from chatpop.names.vocabulary import Words

CHUNK = 50_000
_COLUMNS = f"'{NameKind.ACCOUNT}', '{NameState.RETIRED}'"


def spread() -> Iterator[str]:
    """Names as the dice throws them, three digits each, in an order that spreads over all pairs."""
    lists = vocabulary.words()
    pairs = [a.capitalize() + b.capitalize() for a, b in lists.pairs() if len(a) + len(b) <= 21]
    step = 7_919
    for number in itertools.count():
        yield f"{pairs[number * step % len(pairs)]}{(number // len(pairs) * 37 + number) % 1000:03d}"


def space(lists: Words) -> list[str]:
    """Every name of three digits that the words give, in an order that looks like none."""
    names = [f"{a.capitalize()}{b.capitalize()}{n:03d}" for n in range(1000) for a, b in lists.pairs()]
    return sorted(names, key=lambda name: hash(("order", name[::-1])))


def fill(names: Iterable[str], want: int) -> None:
    """``want`` names in the present site's empty table; equal keys count once."""
    source, have = iter(names), 0
    with db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        insert = _into_postgres if connection.dialect.name == "postgresql" else _into_sqlite
        while have < want:
            chunk = {canonical_key(name): name for name in itertools.islice(source, min(CHUNK, want - have))}
            have += insert(raw, list(chunk.items()))
    _settle()


def user() -> int:
    """Somebody whose names they are that are claimed."""
    now = clock.now()
    with transaction() as session:
        found = User(username="bench", created_at=now, last_seen_at=now)
        session.add(found)
        session.flush()
        return found.id


def _into_sqlite(raw: Any, rows: list[tuple[str, str]]) -> int:
    now = clock.now().replace(tzinfo=None).isoformat(" ")
    cursor = raw.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(
        f"INSERT INTO names (key, display, kind, state, claimed_at) VALUES (?, ?, {_COLUMNS}, '{now}')"
        " ON CONFLICT DO NOTHING",
        rows,
    )
    added: int = cursor.rowcount
    cursor.execute("COMMIT")
    return added


def _into_postgres(raw: Any, rows: list[tuple[str, str]]) -> int:
    with raw.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE more (key text, display text) ON COMMIT DROP")
        with cursor.copy("COPY more FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO names (key, display, kind, state, claimed_at)"
            f" SELECT key, display, {_COLUMNS}, now() FROM more ON CONFLICT DO NOTHING"
        )
        added: int = cursor.rowcount
        raw.commit()
    return added


def _settle() -> None:
    """Statistics, and nothing left over for the background to do while it is measured."""
    with database.looking(db.engine) as connection:
        is_postgres = connection.dialect.name == "postgresql"
        for statement in ("VACUUM ANALYZE names", "CHECKPOINT") if is_postgres else ("ANALYZE",):
            connection.execute(text(statement))
