"""Flask as this site uses it: without what would be looked at anew on every request and never differs here."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment


class Templates(Environment):
    """Templates share the globals of the environment.

    Jinja wraps them for each template in a map of its own, which every ``import`` of a macro walks name by name:
    a sixth of the drawing of a small fragment. No template here is loaded with globals of its own.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Site(Flask):
    """No view and no hook is a coroutine, so none is asked whether it is one."""

    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
