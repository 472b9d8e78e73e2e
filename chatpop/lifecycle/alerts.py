"""What an operator should look at now, in sentences."""

from __future__ import annotations

from datetime import timedelta

from chatpop.core import clock
from chatpop.core.texts import counted, text
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
    return (
        [text("%(share)s of all names are used up. Add words in a word pack.", share=f"{names.share:.0%}")]
        if names.is_crowded
        else []
    )


def _of_queue(queue: QueueState | None) -> list[str]:
    if queue is None:
        return [text("Redis is away: nobody can roll or join, and no job runs.")]
    found: list[str] = []
    if not queue.has_worker:
        found.append(text("No worker gives signs of life: nobody is forgotten, and no file is worked on."))
    if queue.failed:
        found.append(counted("A job has failed.", "%(num)s jobs have failed.", queue.failed))
    if queue.waiting > LONG_QUEUE:
        waiting = counted(
            "%(num)s job is waiting: start another worker.",
            "%(num)s jobs are waiting: start another worker.",
            queue.waiting,
        )
        found.append(waiting)
    return found


def _of_sweep(sweep: SweepState | None) -> list[str]:
    if sweep is None or not registry.SWEEP_ENABLED.get():
        return []
    if clock.timestamp() - sweep.ended_at > LATE.total_seconds():
        return [text("The sweep has not run for more than three hours.")]
    if not sweep.failed:
        return []
    return [
        counted(
            "The last sweep could not forget %(num)s guest; see the log.",
            "The last sweep could not forget %(num)s guests; see the log.",
            sweep.failed,
        )
    ]
