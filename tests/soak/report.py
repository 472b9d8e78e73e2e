"""What a run comes to: counts, figures and a table for people, numbers for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from tests.soak.checker import KINDS, counted, judge
from tests.soak.disasters import Befallen
from tests.soak.gaps import GOAL_MOST, GOAL_P95, Spread, delays, gaps, spread
from tests.soak.history import Answer
from tests.soak.nemesis import KILLS, Disaster
from tests.soak.run import Outcome
from tests.soak.wrong import Wrong

RECOVERY_SECONDS = 10.0
"""After a disaster the site may say 503 for so long."""
AWAY = 503


@dataclass(frozen=True, slots=True)
class Report:
    outcome: Outcome
    wrongs: list[Wrong]
    unexpected: list[Answer]
    """Answers but 503, and 503 outside of disasters."""
    gap: Spread
    gap_by_disaster: dict[Disaster, Spread]
    delay: Spread

    @property
    def is_right(self) -> bool:
        return not self.wrongs and not self.unexpected

    @property
    def is_quick(self) -> bool:
        return self.gap.p95 <= GOAL_P95


def report(outcome: Outcome) -> Report:
    history = outcome.history
    found = gaps(history)
    by_disaster = {
        befallen.disaster: [
            gap.seconds for gap in found if _cause(outcome.befallen, gap.broken_at) == befallen.disaster
        ]
        for befallen in outcome.befallen
    }
    return Report(
        outcome,
        judge(history),
        [answer for answer in history.answers if not _is_expected(answer, outcome.befallen)],
        spread([gap.seconds for gap in found]),
        {disaster: spread(seconds) for disaster, seconds in sorted(by_disaster.items())},
        spread(delays(history)),
    )


def _cause(befallen: list[Befallen], moment: float) -> Disaster | None:
    """The last disaster that had begun."""
    begun = [one for one in befallen if one.begun_at <= moment]
    return begun[-1].disaster if begun else None


def _is_expected(answer: Answer, befallen: list[Befallen]) -> bool:
    in_disaster = any(one.begun_at <= answer.at <= one.over_at + RECOVERY_SECONDS for one in befallen)
    return answer.status == AWAY and in_disaster


def figures(found: Report) -> dict[str, Any]:
    history, befallen = found.outcome.history, found.outcome.befallen
    kinds = Counter(one.disaster for one in befallen)
    return {
        "plan": asdict(found.outcome.plan),
        "lasted": found.outcome.lasted,
        "sent": len(history.posts),
        "acknowledged": sum(1 for post in history.posts if post.acks),
        "sent_again": sum(1 for post in history.posts if len(post.acks) > 1),
        "edited": sum(1 for one in history.edits if one.acknowledged_at is not None),
        "deleted": sum(1 for one in history.deletions if one.acknowledged_at is not None),
        "heard": sum(len(reading.heard) for reading in history.readings),
        "lines": sum(len(reading.lines) for reading in history.readings),
        "kills": sum(kinds[kind] for kind in KILLS),
        "disasters": {str(kind): kinds[kind] for kind in Disaster if kinds[kind]},
        "wrong": counted(found.wrongs),
        "gap_seconds": found.gap._asdict(),
        "gap_seconds_after": {str(kind): one._asdict() for kind, one in found.gap_by_disaster.items() if one.size},
        "delay_seconds": found.delay._asdict(),
        "answers_503_in_disasters": len(history.answers) - len(found.unexpected),
        "unexpected_answers": len(found.unexpected),
    }


def table(found: Report) -> str:
    numbers = figures(found)
    plan = found.outcome.plan
    lines = [
        f"{found.outcome.lasted:.0f} s on {plan.database}, seed {plan.seed}: {plan.writers} writers,"
        f" {plan.readers} readers,"
        f" {plan.rooms} rooms, {plan.web} web process{'es' if plan.web > 1 else ''}",
        "",
        f"{'acknowledged':32}{numbers['acknowledged']:>9,}  of {numbers['sent']:,} sent",
        f"{'  sent again on purpose':32}{numbers['sent_again']:>9,}",
        f"{'  edited':32}{numbers['edited']:>9,}",
        f"{'  taken back':32}{numbers['deleted']:>9,}",
        f"{'events heard by readers':32}{numbers['heard']:>9,}  over {numbers['lines']:,} lines",
        f"{'kills':32}{numbers['kills']:>9,}",
        *(f"  {kind:30}{count:>9,}" for kind, count in numbers["disasters"].items()),
        *(f"{kind:32}{numbers['wrong'][kind]:>9,}" for kind in KINDS),
        f"{'503 while something was away':32}{numbers['answers_503_in_disasters']:>9,}",
        f"{'5xx and refusals otherwise':32}{numbers['unexpected_answers']:>9,}",
        "",
        f"{'seconds':32}{'count':>9}{'p50':>8}{'p95':>8}{'max':>8}",
        _figures("until a reader is complete again", found.gap),
        *(_figures(f"  {kind}", one) for kind, one in found.gap_by_disaster.items() if one.size),
        _figures("from acknowledgement to reader", found.delay),
        "",
        *(f"{wrong.kind} ({wrong.promise}): {wrong.sentence}" for wrong in found.wrongs[:20]),
        *(f"{answer.status}: {answer.said}" for answer in found.unexpected[:20]),
        _verdict(found),
    ]
    return "\n".join(lines)


def _figures(name: str, one: Spread) -> str:
    return f"{name:32}{one.size:>9,}{one.p50:>8.2f}{one.p95:>8.2f}{one.most:>8.2f}"


def _verdict(found: Report) -> str:
    if not found.is_right:
        return "Wrong: see above."
    if not found.is_quick or found.gap.most > GOAL_MOST:
        return f"Nothing is wrong; but the goal for gaps is p95 {GOAL_P95:.0f} s, at most {GOAL_MOST:.0f} s."
    return "All is as promised."
