"""Reporting a message or a person to the people who run the site, who alone see who did it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chatpop.core import clock, limits
from chatpop.core.errors import DomainError, TooMany
from chatpop.core.limits import Bucket
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import tags
from chatpop.rooms.finding import MessageNotFound
from chatpop.rooms.models import Message, Room
from chatpop.rooms.report_models import NOTE_LIMIT, Reason, Report
from chatpop.rooms.tags import Tagged

HOUR = 3600
REPORTS_PER_HOUR = 10


class ReportingYourself(DomainError):
    status, code, sentence = 422, "reporting_yourself", "You can't report yourself."


class AlreadyReported(DomainError):
    status, code = 409, "already_reported"
    sentence = "You have reported this already, and it is being looked at. Thank you."


class BadReport(DomainError):
    status, code, sentence = 422, "bad_report", "Choose a reason."


class TooManyReports(TooMany):
    code = "too_many_reports"
    sentence = "You have reported a lot in the last hour. Please wait a little; what you sent has arrived."


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why, from the short list, and in the reporter's own words (may be empty)."""

    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Target:
    """What is reported: a person, and the message of theirs if it is about one."""

    person: Tagged
    message: Message | None


def message_target(room: Room, seq: int) -> Target:
    """Raises ``MessageNotFound``, for a deleted message too: there is nothing left to look at."""
    message: Message | None = db.session.scalar(select(Message).where(Message.room_id == room.id, Message.seq == seq))
    if message is None or message.deleted_at is not None:
        raise MessageNotFound
    return Target(Tagged(message.author_tag, message.author_name, message.author_id), message)


def person_target(room: Room, tag: str) -> Target:
    """Raises ``PersonNotFound``."""
    return Target(tags.find(room, tag), None)


def report(room: Room, reporter: User, target: Target, complaint: Complaint) -> Report:
    """Put the complaint before the people who run the site.

    Raises :class:`BadReport`, :class:`ReportingYourself`, :class:`AlreadyReported`, :class:`TooManyReports`.
    """
    if complaint.reason not in set(Reason):
        raise BadReport
    if len(complaint.note) > NOTE_LIMIT:
        raise BadReport(text("The text can have at most %(note_limit)s characters.", note_limit=NOTE_LIMIT))
    person, message = target.person, target.message
    if person.user_id == reporter.id:
        raise ReportingYourself
    thing = f"message:{message.id}" if message is not None else f"person:{room.id}:{person.tag}"
    open_one = select(Report.id).where(
        Report.reporter_id == reporter.id, Report.thing == thing, Report.closed_at.is_(None)
    )
    if db.session.scalar(open_one) is not None:
        raise AlreadyReported
    _charge(reporter)
    row = Report(
        thing=thing,
        reporter_id=reporter.id,
        room_id=room.id,
        message_id=message.id if message is not None else None,
        subject_id=person.user_id,
        tag=person.tag,
        name=person.name,
        quote=message.body if message is not None else "",
        reason=complaint.reason,
        note=complaint.note,
        created_at=clock.now(),
    )
    try:
        with transaction() as session:
            session.add(row)
    except IntegrityError:
        raise AlreadyReported from None  # the same report, sent twice at once
    return row


def _charge(reporter: User) -> None:
    try:
        limits.spend([Bucket("reports", f"user:{reporter.id}", REPORTS_PER_HOUR, HOUR)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooManyReports(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
