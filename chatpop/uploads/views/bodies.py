"""Requests that bring files: their bodies may be larger, and their files go to the disk as they arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, ParamSpec, TypeVar, cast

from flask import Flask, Request, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.uploads import tiers
from chatpop.uploads.intake import Arrived, IncomingFile, Intake
from chatpop.uploads.jobs import incoming_folder
from chatpop.uploads.refusals import BodyTooLarge, NoFile

P = ParamSpec("P")
T = TypeVar("T")


class FileRequest(Request):
    """A request whose files are written to ``intake``, where the view has opened one."""

    intake: Intake | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.intake is not None:
            return cast(IO[bytes], self.intake.open())
        return super()._get_file_stream(total_content_length, content_type, filename, content_length)


def init_app(app: Flask) -> None:
    app.request_class = FileRequest
    app.before_request(_open_intake)
    app.teardown_request(_close_intake)


def takes_files(view: Callable[P, T]) -> Callable[P, T]:
    """Mark a view of pages that takes files; it must be ready before the form's token is looked for."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def open_intake(user: User | None) -> None:
    """Let this request bring files, as far as its account may. Raises :class:`BodyTooLarge`."""
    sent, tier = cast(FileRequest, request), tiers.tier_of(user)
    if (request.content_length or 0) > tier.max_body:
        raise BodyTooLarge(tier)
    sent.max_content_length = tier.max_body
    sent.intake = Intake(incoming_folder(), tier)


def brings_files(field: str = "files") -> bool:
    """Whether this request, whose view takes files, has any; one without them is no refusal."""
    if cast(FileRequest, request).intake is None:
        return False
    sent = request.files.getlist(field)
    return any(one.filename or cast(IncomingFile, one.stream).size for one in sent)


def arrived_files(field: str = "files") -> list[Arrived]:
    """The files sent under this name, in order. Raises :class:`BodyTooLarge`, :class:`NoFile`."""
    intake = present_intake()
    try:
        sent = request.files.getlist(field)
    except RequestEntityTooLarge:
        raise BodyTooLarge(intake.tier) from None
    files = [cast(IncomingFile, one.stream).arrived(one.filename or "") for one in sent]
    files = [one for one in files if one.name or one.size]  # a form without a choice sends one empty part
    if not files:
        raise NoFile
    return files


def present_intake() -> Intake:
    """Where this request's files are. Raises :class:`NoFile` for one that may bring none."""
    intake = cast(FileRequest, request).intake
    if intake is None:
        raise NoFile
    return intake


def _open_intake() -> None:
    is_form = request.method == "POST" and request.mimetype == "multipart/form-data"
    if is_form and getattr(_view(), "takes_files", False):
        open_intake(present_viewer().user)


def _close_intake(_error: BaseException | None) -> None:
    intake = cast(FileRequest, request).intake
    if intake is not None:
        intake.close()


def _view() -> object:
    return current_app.view_functions.get(request.endpoint or "")
