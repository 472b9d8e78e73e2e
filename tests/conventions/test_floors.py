"""Imports go down the floors of the house, never up, never sideways."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = [
    {"running", "pulse"},
    {"config", "extensions"},
    {"core"},
    {"settings"},
    {"web"},
    {"names"},
    {"identity"},
    {"push"},
    {"accounts", "uploads"},
    {"rooms"},
    {"lifecycle", "backups"},
    {"schedule"},
    {"admin", "api"},
    {"app"},
    {"cli", "metrics", "prepare", "serve"},
]
LEVEL = {package: level for level, floor in enumerate(FLOORS) for package in floor}
WEB_LIBRARIES = {"flask", "flask_login", "flask_wtf", "wtforms", "jinja2", "markupsafe"}
EDGES = {"views", "forms", "jobs"}
MODULES = sorted(path for path in (ROOT / "chatpop").rglob("*.py"))


def package_of(path: Path) -> str:
    return path.relative_to(ROOT / "chatpop").parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, those inside functions too; type-checking ones left out."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "chatpop")
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_its_own_package_and_lower_floors_only(path: Path) -> None:
    own = package_of(path)
    if own == "__init__":
        return
    assert own in LEVEL, f"{own} has no floor"
    for module in imports_of(path):
        parts = module.split(".")
        if parts[0] != "chatpop" or len(parts) < 2 or parts[1] == own:
            continue
        if own == "schedule" and module == "chatpop.app":
            continue  # the scheduler process builds the application it runs in
        assert LEVEL[parts[1]] < LEVEL[own], f"{own} must not import {module}"


# Files whose whole purpose is the present request; everything else of a domain is a rule file.
EDGE_FILES = {
    "identity": {"cookies", "evidence", "newcomers", "recognition", "returners", "rollers"},
    "rooms": {"formatting", "rendering"},
    "names": set(),
    "settings": set(),
    "push": set(),
    "accounts": set(),
    "uploads": {"storage"},
    "lifecycle": set(),
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_do_not_know_the_web(path: Path) -> None:
    parts = path.relative_to(ROOT / "chatpop").with_suffix("").parts
    if parts[0] not in EDGE_FILES or "live" in parts or set(parts) & EDGES:
        return
    if parts[1] in EDGE_FILES[parts[0]]:
        return
    for module in imports_of(path):
        assert module.split(".")[0] not in WEB_LIBRARIES, f"{path.name} must not import {module}"


ONE_DOOR = {
    "HX-": {"web/htmx.py"},
    "os.environ": {"config.py", "serve.py"},
    "datetime.now(": {"core/clock.py"},
    "time.time(": {"core/clock.py"},
    "|safe": set(),
    "render_template_string": set(),
}


@pytest.mark.parametrize("spelling", sorted(ONE_DOOR))
def test_each_world_has_one_door(spelling: str) -> None:
    found = {
        str(path.relative_to(ROOT / "chatpop"))
        for path in MODULES
        if package_of(path) != "running" and spelling in path.read_text()
    }
    assert found <= ONE_DOOR[spelling]


def test_redis_keys_are_spelled_in_one_file() -> None:
    starts = ("username:", "room:", "visitor:{", "periodic:")
    for path in MODULES:
        if path.name == "redis_keys.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                for argument in node.args:
                    text = ast.unparse(argument).strip("f'\"")
                    assert not text.startswith(starts[:2]), f"{path}: {text}"
