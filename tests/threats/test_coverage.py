"""Every row of the threat table is held by tests that exist, and docs/security.md says the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.threats.rows import COVERED, NOT_APPLICABLE

ROOT = Path(__file__).resolve().parents[2]
LAST = 73
_LINE = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.*) \|$", re.M)


def functions_of(file: str) -> set[str]:
    """The names of the test functions in a file below ``tests/``, those in classes too."""
    tree = ast.parse((ROOT / "tests" / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def documented() -> dict[int, list[str]]:
    """Row to the tests that the page names."""
    found = _LINE.findall((ROOT / "docs/security.md").read_text())
    assert len(found) == len({number for number, *_ in found}), "a row stands twice"
    return {int(number): re.findall(r"`([^`]+::[^`]+)`", tests) for number, _, _, tests in found}


def test_every_row_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(COVERED).isdisjoint(NOT_APPLICABLE)
    assert sorted({**COVERED, **NOT_APPLICABLE}) == list(range(1, LAST + 1))
    assert all(COVERED.values())
    assert all(reason.endswith(".") for reason in NOT_APPLICABLE.values())
    named = {name for names in COVERED.values() for name in names}
    told = f"{len(COVERED)} of {LAST} rows held by {len(named)} tests, {len(NOT_APPLICABLE)} not applicable"
    with capsys.disabled():
        print(f"\nthreat table: {told}")


@pytest.mark.parametrize("row", sorted(COVERED))
def test_the_tests_of_a_row_exist(row: int) -> None:
    assert len(set(COVERED[row])) == len(COVERED[row])
    for name in COVERED[row]:
        file, _, function = name.partition("::")
        assert function in functions_of(file), f"row {row} names {name}, which does not exist"


def test_the_page_names_the_same_rows_and_tests() -> None:
    told = documented()
    assert sorted(told) == list(range(1, LAST + 1))
    assert {row: names for row, names in told.items() if names} == COVERED


def test_every_test_that_is_named_after_a_row_is_listed_there() -> None:
    for path in sorted((ROOT / "tests/threats").glob("test_rows_*.py")):
        for name in functions_of(f"threats/{path.name}"):
            found = re.match(r"test_row_(\d\d)_", name)
            assert found, f"{name} does not tell its row"
            assert f"threats/{path.name}::{name}" in COVERED[int(found.group(1))], name
