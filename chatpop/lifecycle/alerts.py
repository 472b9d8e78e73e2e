"""What an operator should look at now, in sentences."""

from __future__ import annotations

from datetime import timedelta

from chatpop.core import clock
from chatpop.lifecycle.standing import QueueState, SweepState
from chatpop.names.usage import Usage
from chatpop.settings import registry

LATE = timedelta(hours=3)
"""The sweep is hourly; after so long something holds it up."""
LONG_QUEUE = 100


def alerts(names: Usage, queue: QueueState | None, sweep: SweepState | None) -> list[str]:
    """None of them when all is well."""
    return [*_of_names(names), *_of_queue(queue), *_of_sweep(sweep)]


def _of_names(names: Usage) -> list[str]:
    return [f"{names.share:.0%} of all names are used up. Add words in a word pack."] if names.is_crowded else []


def _of_queue(queue: QueueState | None) -> list[str]:
    if queue is None:
        return ["Redis is away: nobody can roll or join, and no job runs."]
    found = []
    if not queue.has_worker:
        found.append("No worker gives signs of life: nobody is forgotten, and no file is worked on.")
    if queue.failed:
        found.append(f"{queue.failed} jobs have failed." if queue.failed > 1 else "A job has failed.")
    if queue.waiting > LONG_QUEUE:
        found.append(f"{queue.waiting} jobs are waiting: start another worker.")
    return found


def _of_sweep(sweep: SweepState | None) -> list[str]:
    if sweep is None or not registry.SWEEP_ENABLED.get():
        return []
    if clock.timestamp() - sweep.ended_at > LATE.total_seconds():
        return ["The sweep has not run for more than three hours."]
    return [f"The last sweep could not forget {sweep.failed} guests; see the log."] if sweep.failed else []
