"""Looking at reports: what is waiting, grouped by message or person, and closing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from chatpop.core import clock
from chatpop.core.errors import NotFound
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.names.models import Name
from chatpop.rooms.models import Message, Room
from chatpop.rooms.report_models import Report

PAGE_SIZE = 20
CONTEXT = 4
"""Messages shown before the reported one, and after it."""


class ReportNotFound(NotFound):
    code, sentence = "report_not_found", "This report is not open any more."


@dataclass(frozen=True, slots=True)
class Complaint:
    """One report of a case, and who sent it."""

    report: Report
    reporter: User | None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is open about one message or person. ``id`` is the first report's.

    ``names`` are all names of the account behind it: for admins alone.
    """

    id: int
    complaints: list[Complaint]
    room: Room
    message: Message | None
    subject: User | None
    names: list[Name]
    context: Sequence[Message]

    @property
    def first(self) -> Report:
        return self.complaints[0].report


@dataclass(frozen=True, slots=True)
class Queue:
    """Cases, the longest waiting first; ``following`` is the number to go on above, None at the end."""

    cases: list[Case]
    waiting: int
    following: int | None


def queue(above: int = 0) -> Queue:
    """Up to 20 cases."""
    first = func.min(Report.id).label("first")
    groups = select(Report.thing, first).where(Report.closed_at.is_(None)).group_by(Report.thing)
    rows = db.session.execute(groups.having(first > above).order_by(first).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    waiting = db.session.scalar(select(func.count(func.distinct(Report.thing))).where(Report.closed_at.is_(None)))
    following = shown[-1].first if len(rows) > PAGE_SIZE else None
    return Queue([_case(row.thing) for row in shown], waiting or 0, following)


def count_open() -> int:
    """How many things are waiting to be looked at."""
    return db.session.scalar(select(func.count(func.distinct(Report.thing))).where(Report.closed_at.is_(None))) or 0


def find(report_id: int) -> Case:
    """The open case that the report belongs to. Raises :class:`ReportNotFound`."""
    report = db.session.get(Report, report_id)
    if report is None or report.closed_at is not None:
        raise ReportNotFound
    return _case(report.thing)


def close(case: Case, outcome: str, *, by: User | None) -> None:
    """Close all reports of the case; what they quoted is forgotten. Raises :class:`ReportNotFound`."""
    with transaction() as session:
        open_ones = update(Report).where(Report.thing == case.first.thing, Report.closed_at.is_(None))
        done = session.execute(
            open_ones.values(
                closed_at=clock.now(), closed_by=by.id if by else None, outcome=outcome, quote="", note=""
            ).execution_options(synchronize_session=False)
        )
        closed = int(done.rowcount)  # type: ignore[attr-defined]
        if not closed:
            raise ReportNotFound
        audit.record(
            session,
            "report_closed",
            actor=by,
            subject=session.get(User, case.subject.id) if case.subject else None,
            subject_name=case.first.name,
            room_id=case.room.id,
            outcome=outcome,
            reports=closed,
        )


def about(user_id: int) -> int:
    """How many open reports there are about the account."""
    mine = select(func.count(Report.id)).where(Report.subject_id == user_id, Report.closed_at.is_(None))
    return db.session.scalar(mine) or 0


def _case(thing: str) -> Case:
    rows = db.session.execute(
        select(Report, User)
        .outerjoin(User, User.id == Report.reporter_id)
        .where(Report.thing == thing, Report.closed_at.is_(None))
        .order_by(Report.id)
    ).all()
    if not rows:
        raise ReportNotFound
    first: Report = rows[0][0]
    message = db.session.get(Message, first.message_id) if first.message_id is not None else None
    names = select(Name).where(Name.user_id == first.subject_id).order_by(Name.claimed_at, Name.id)
    return Case(
        id=first.id,
        complaints=[Complaint(report, reporter) for report, reporter in rows],
        room=db.session.get_one(Room, first.room_id),
        message=message,
        subject=db.session.get(User, first.subject_id) if first.subject_id is not None else None,
        names=list(db.session.scalars(names)) if first.subject_id is not None else [],
        context=_around(message) if message is not None else _latest_of(first),
    )


def _around(message: Message) -> Sequence[Message]:
    """The lines around the message, oldest first."""
    here = select(Message).where(Message.room_id == message.room_id)
    before = db.session.scalars(here.where(Message.seq < message.seq).order_by(Message.seq.desc()).limit(CONTEXT))
    after = db.session.scalars(here.where(Message.seq > message.seq).order_by(Message.seq).limit(CONTEXT))
    return [*reversed(before.all()), message, *after.all()]


def _latest_of(report: Report) -> Sequence[Message]:
    """The last lines of a reported person, oldest first."""
    own = select(Message).where(Message.room_id == report.room_id, Message.author_tag == report.tag)
    return db.session.scalars(own.order_by(Message.seq.desc()).limit(CONTEXT * 2)).all()[::-1]
