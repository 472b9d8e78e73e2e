"""Every text that people see, found in templates and modules; no module is imported for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
UNTRANSLATED = {"api", "backups", "running"}
"""Packages that speak to programs and on the command line, in English."""
ONE = {"text", "gettext", "_"}
"""Calls whose first argument is a text."""
COUNTED = {"counted", "forms", "ngettext"}
"""Calls whose first two arguments are the forms of a text about a number of things."""
OPTIONS = {
    "trimmed": "true",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}

Message = str | tuple[str, str]


def extract() -> Catalog:
    """All texts, without their places."""
    found = Catalog(charset="utf-8")
    for message in _all():
        found.add(message)
    return found


def _all() -> Iterator[Message]:
    for path in sorted((ROOT / "chatpop").rglob("*.py")):
        if path.relative_to(ROOT / "chatpop").parts[0] not in UNTRANSLATED:
            yield from of_module(path.read_text())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        with path.open("rb") as file:
            found = babel_extract(file, ("_", "gettext", "ngettext"), (), OPTIONS)
            for _line, function, message, _comments in found:
                forms = [message] if isinstance(message, str) else [form for form in message or () if form]
                if function == "ngettext":
                    yield forms[0], forms[1]
                elif forms:
                    yield forms[0]


def of_module(source: str) -> Iterator[Message]:
    """The texts of a module: marked ones, and the sentences of its refusals."""
    if "sqlalchemy import" in source and "core.texts import" not in source:
        return  # its text() is another one
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                    yield from _of_sentence(statement)


def _of_call(call: ast.Call) -> Iterator[Message]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args[:3]]
    if name in ONE and texts and isinstance(texts[0], str):
        yield texts[0]
    elif name in COUNTED and len(texts) > 1 and isinstance(texts[0], str) and isinstance(texts[1], str):
        yield texts[0], texts[1]
    elif name == "_setting" and len(texts) > 2 and isinstance(texts[2], str):
        yield texts[2]


def _of_sentence(statement: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """``sentence = "…"``, also among others: ``status, code, sentence = 404, "not_found", "…"``."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    names, values = [target], [statement.value]
    if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
        names, values = target.elts, [*statement.value.elts]
    for name, value in zip(names, values, strict=False):
        is_sentence = isinstance(name, ast.Name) and name.id == "sentence"
        if is_sentence and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
