"""Guards: who may come. A page's visitor is sent to log in and comes back afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import g, request
from flask_login import current_user

from chatpop.core.errors import AccountDisabled, LoginRequired, RegistrationRequired
from chatpop.web.redirects import FIELD, own_path

P = ParamSpec("P")
T = TypeVar("T")


def require_user(view: Callable[P, T]) -> Callable[P, T]:
    """For guests and members: others get 401, pages 303 to the log-in page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        check_user()
        return view(*args, **kwargs)

    return guarded


def require_member(view: Callable[P, T]) -> Callable[P, T]:
    """For members: visitors as in :func:`require_user`, guests get 403."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        check_user()
        if not current_user.is_registered:
            raise RegistrationRequired
        return view(*args, **kwargs)

    return guarded


def check_user() -> None:
    """Raises ``LoginRequired``, with the way to log in, or ``AccountDisabled``."""
    if current_user.is_authenticated:
        return
    if g.get("is_disabled"):
        raise AccountDisabled
    back = request.full_path.rstrip("?") if request.method == "GET" else own_path(request.path)
    raise LoginRequired(mend="/login" + (f"?{urlencode({FIELD: back})}" if back else ""))
