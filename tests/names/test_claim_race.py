"""Many want one name at once: every name gets exactly one owner, and the test can tell when it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Column, Integer, MetaData, String, Table, select

from chatpop.core import clock, database
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names import registry
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind
from tests.conftest import both_databases

THREADS = 32
Claim = Callable[[str, int], bool]
"""Takes a name for an account; whether it is the account's now."""


def names_of(number: int) -> list[str]:
    letters = "abcdefghjkmnpqrstwxy"
    return [f"Turnip{letters[n // 20 % 20]}{letters[n % 20]}{letters[n // 400]}" for n in range(number)]


def people(app: Flask, number: int) -> list[int]:
    """Accounts to claim for; returns their ids."""
    now = clock.now()
    with app.app_context(), transaction() as session:
        users = [User(username=f"someone-{n}", created_at=now, last_seen_at=now) for n in range(number)]
        session.add_all(users)
        session.flush()
        return [user.id for user in users]


def race(app: Flask, claim: Claim, names: list[str], users: list[int]) -> dict[str, list[int]]:
    """All claim all names in the same order at the same time; who was told that a name is theirs."""
    start = Barrier(len(users))

    def run(user_id: int) -> list[str]:
        with app.app_context():
            start.wait()
            return [name for name in names if claim(name, user_id)]

    with ThreadPoolExecutor(len(users)) as pool:
        won = list(pool.map(run, users))
    return {name: [user for user, got in zip(users, won, strict=True) if name in got] for name in names}


def claim(name: str, user_id: int) -> bool:
    """As every verb does it."""
    try:
        with transaction() as session:
            registry.claim(session, name, user_id=user_id, kind=NameKind.ACCOUNT, rollers=[])
    except registry.NameTaken:
        return False
    return True


def owners_in_table(app: Flask) -> dict[str, int | None]:
    with app.app_context():
        return {row.display: row.user_id for row in db.session.scalars(select(Name))}


def check_one_owner_each(app: Flask, number: int) -> None:
    names, users = names_of(number), people(app, THREADS)
    owners = race(app, claim, names, users)
    assert {name: len(found) for name, found in owners.items()} == dict.fromkeys(names, 1)
    assert owners_in_table(app) == {name: found[0] for name, found in owners.items()}


@both_databases
def test_32_threads_want_the_same_names_and_each_gets_one_owner(app: Flask) -> None:
    check_one_owner_each(app, 30)


@pytest.mark.slow
@both_databases
@pytest.mark.timeout(600)
def test_32_threads_want_the_same_400_names_and_each_gets_one_owner(app: Flask) -> None:
    check_one_owner_each(app, 400)


@both_databases
def test_the_same_race_finds_doubles_when_claiming_is_checking_and_then_inserting(app: Flask) -> None:
    """The harness itself: a claim that looks first, into a table without the unique index, must be caught."""
    table = Table("unindexed", MetaData(), Column("key", String(64)), Column("user_id", Integer))
    with app.app_context(), database.writing(), db.engine.begin() as connection:
        table.create(connection)

    def look_then_insert(name: str, user_id: int) -> bool:
        key = canonical_key(name)
        with database.reading(), db.engine.connect() as connection:
            if connection.execute(select(table.c.user_id).where(table.c.key == key)).first():
                return False
        with database.writing(), db.engine.begin() as connection:
            connection.execute(table.insert().values(key=key, user_id=user_id))
        return True

    owners = race(app, look_then_insert, names_of(60), people(app, THREADS))
    assert max(len(found) for found in owners.values()) > 1, "the harness would not notice a double"


@both_databases
def test_spellings_of_one_key_race_for_one_owner(app: Flask) -> None:
    spellings = ["RaceName", "racename", "RACENAME", "race_name", "Race-Name", "R-aceName", "raceNAME", "rAcename"]
    users, start = people(app, len(spellings)), Barrier(len(spellings))

    def run(wanted: tuple[str, int]) -> bool:
        with app.app_context():
            start.wait()
            return claim(*wanted)

    with ThreadPoolExecutor(len(spellings)) as pool:
        results = list(pool.map(run, zip(spellings, users, strict=True)))
    assert Counter(results) == {True: 1, False: len(spellings) - 1}
    assert len(owners_in_table(app)) == 1
