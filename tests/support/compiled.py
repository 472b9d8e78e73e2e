"""What every site of a test would compile anew, kept for the next one: its routes and its templates."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class _Templates(BytecodeCache):
    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


class _Routes:
    """Functions that build a route's address; they know their route by their first argument alone."""

    def __init__(self) -> None:
        self.compile: Callable[[Rule, bool], Builder] = Rule._compile_builder
        self.kept: dict[str, Builder] = {}

    def builder(self, rule: Rule, append_unknown: bool) -> Builder:
        key = repr((rule.rule, rule._trace, rule.defaults, append_unknown))
        if key not in self.kept:
            self.kept[key] = self.compile(rule, append_unknown)
        return self.kept[key]


_templates, _routes = _Templates(), _Routes()


def keep_routes() -> None:
    """Most of what making a site takes is compiling these, the same ones each time (60 of 80 ms)."""

    def builder(rule: Rule, append_unknown: bool = True) -> Builder:
        return _routes.builder(rule, append_unknown)

    Rule._compile_builder = builder  # type: ignore[method-assign, assignment]


def keep_templates(app: Flask) -> None:
    """All sites of this process have the same templates and settings of Jinja."""
    app.jinja_env.bytecode_cache = _templates
