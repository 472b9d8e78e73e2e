"""How refusals and faults look: page, fragment or JSON. The only place that decides it."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError, TimeoutError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from chatpop.core.errors import DomainError, ServiceAway
from chatpop.core.texts import text
from chatpop.web.wants import wants

log = structlog.get_logger()

TITLES = {
    400: text("That did not work"),
    401: text("Please log in"),
    403: text("Not allowed"),
    404: text("Nothing here"),
    405: text("That did not work"),
    409: text("Already taken"),
    413: text("Too large"),
    422: text("Please check this"),
    429: text("Slow down a little"),
    500: text("Something broke"),
    503: text("Back in a moment"),
}
RETRY_SECONDS = "5"
"""As ``ServiceAway`` says where nothing else is known."""
SENTENCES = {
    400: text("The request could not be understood."),
    404: text("There is nothing at this address. Check the link, or start from the home page."),
    405: text("This address can't be used in this way."),
    413: text("What was sent is too large."),
    415: text("This kind of content is not understood here."),
    500: text("Something broke on our side. It has been written down; please try again."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _refusal)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(RedisError, _redis)
    app.after_request(_tell_when)


def show(error: DomainError) -> BaseResponse:
    """The answer to a refusal in the form that the client can use."""
    form = wants()
    if form == "page" and error.mend and request.method != "HEAD":
        return redirect(error.mend, 303)
    if form == "json":
        response = _json(error)
    else:
        template = "errors/_error.html" if form == "fragment" else "errors/error.html"
        title = TITLES.get(error.status, TITLES[400])
        response = make_response(
            render_template(
                template,
                status=error.status,
                title=title,
                sentence=error.sentence,
                retry_after=error.retry_after,
            ),
            error.status,
        )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _tell_when(response: Response) -> Response:
    """Views that show a refusal on their own page leave out when to come back."""
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", RETRY_SECONDS)
    return response


def _json(error: DomainError) -> Response:
    body = {"error": error.sentence, "code": error.code, **error.details}
    response = jsonify(body)
    response.status_code = error.status
    return response


def _refusal(error: DomainError) -> BaseResponse:
    return show(error)


def _http(error: HTTPException) -> BaseResponse:
    if isinstance(error, InternalServerError):
        log.error("request_failed", endpoint=request.endpoint, exc_info=error.original_exception)
    status = error.code or 500
    if status < 400:
        return error.get_response()
    refusal = DomainError(SENTENCES.get(status, SENTENCES[400] if status < 500 else SENTENCES[500]))
    refusal.status, refusal.code = status, error.name.lower().replace(" ", "_")
    response = show(refusal)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _database(error: SQLAlchemyError) -> BaseResponse:
    """A database that is away is a 503; any other database error is a fault of ours.

    But for a value that the column's type has no room for (a NUL in a text, to PostgreSQL): a client sent it.
    """
    if isinstance(error, DataError):
        log.warning("bad_value", endpoint=request.endpoint, reason=str(error.orig))
        return _http(BadRequest())
    if not _is_away(error):
        return _http(InternalServerError(original_exception=error))
    log.warning("database_away", endpoint=request.endpoint, reason=str(getattr(error, "orig", error)))
    return show(ServiceAway())


def _is_away(error: SQLAlchemyError) -> bool:
    """Also when all connections are taken for longer than a request waits."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, TimeoutError)
    name = type(error.orig).__name__
    return error.connection_invalidated or name in (
        "OperationalError",
        "InterfaceError",
        "AdminShutdown",
        "TimeoutError",
    )


def _redis(error: RedisError) -> BaseResponse:
    log.warning("redis_away", endpoint=request.endpoint, reason=str(error))
    return show(ServiceAway())
