"""The metrics process: shows the site's figures to Prometheus on a port of its own, on this machine only.

It counts nothing itself: the sums of all processes stand in Redis, the rest in the database (decision 5).
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

import structlog
from flask import Flask
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from chatpop.config import Config
from chatpop.core import database
from chatpop.core.metrics import BOUNDS, COUNTERS, DURATION_SUMS, DURATIONS, MICROSECONDS, PREFIX
from chatpop.extensions import db
from chatpop.lifecycle import standing
from chatpop.lifecycle.figures import count_everything
from chatpop.names import usage

ROWS_SECONDS = 30.0
"""How long figures that are counted from tables are kept: counting a million rows takes a while."""

log = structlog.get_logger()


class Site:
    """All figures of the site, as prometheus_client collects them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._turn = threading.Lock()
        self._rows: list[Metric] = []
        self._rows_at = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What can be told; a part that is away is told by ``chatpop_up`` and left out."""
        with self._turn, self._app.app_context(), database.reading():
            up = GaugeMetricFamily(f"{PREFIX}up", "Whether a part of the site answers.", labels=["part"])
            for part, families in (("database", self._of_tables), ("redis", _of_redis)):
                try:
                    found = list(families())
                except (SQLAlchemyError, RedisError) as error:
                    log.warning("metrics_part_away", part=part, reason=type(error).__name__)
                    found = []
                up.add_metric([part], 1 if found else 0)
                yield from found
            db.session.remove()
            yield up

    def _of_tables(self) -> list[Metric]:
        if time.monotonic() - self._rows_at > ROWS_SECONDS:
            self._rows = [*_of_rows(), *_of_names(), *_of_sweep()]
            self._rows_at = time.monotonic()
        return self._rows


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, help, value=value)


def _of_rows() -> Iterator[Metric]:
    figures = count_everything()
    users = GaugeMetricFamily(f"{PREFIX}users", "Accounts.", labels=["tier", "state"])
    for tier, states in figures.pop("users").items():  # type: ignore[attr-defined]
        for state, number in states.items():
            users.add_metric([tier, state], number)
    yield users
    for noun in ("rooms", "messages", "uploads"):
        yield _gauge(noun, f"Rows of {noun}.", float(figures[noun]))  # type: ignore[arg-type]
    yield _gauge("upload_bytes", "Bytes of stored files.", standing.upload_bytes())


def _of_names() -> Iterator[Metric]:
    found = usage.latest()
    names = GaugeMetricFamily(f"{PREFIX}names", "Names of the namespace.", labels=["state"])
    for state in ("active", "resting", "retired", "held"):
        names.add_metric([state], getattr(found, state))
    yield names
    yield _gauge("names_used", "Names that can't be given out.", found.used)
    yield _gauge("names_capacity", "Names that the dice can make.", found.capacity)
    yield _gauge("names_crowded", "1 from the share on at which the site alerts.", float(found.is_crowded))
    if found.years_left is not None:
        yield _gauge("names_years_left", "Years until they are used up, as in the last 30 days.", found.years_left)


def _of_sweep() -> Iterator[Metric]:
    last = standing.last_sweep()
    if last is not None:
        yield _gauge("sweep_last_run_timestamp_seconds", "When the last sweep ended.", last.ended_at)
        yield _gauge("sweep_last_count", "Guests that the last sweep has forgotten.", last.swept)
        yield _gauge("sweep_last_failed", "Guests that the last sweep could not forget.", last.failed)
        yield _gauge("sweep_held_back", "1 while the brake holds the sweep.", float(last.is_held_back))


def _of_redis() -> Iterator[Metric]:
    yield from counted(standing.counters())
    yield _gauge("streams", "Open live streams.", standing.open_streams())
    yield _gauge(
        "busiest_network_guests", "Most guests made by one network within an hour.", standing.busiest_network_guests()
    )
    state = standing.queue_state()
    if state is None:
        raise RedisError("the queue is away")
    jobs = GaugeMetricFamily(f"{PREFIX}jobs", "Jobs of the queue.", labels=["state"])
    for name in ("waiting", "started", "scheduled", "failed"):
        jobs.add_metric([name], getattr(state, name))
    yield jobs
    yield _gauge("worker_alive", "1 while a worker gives signs of life.", float(state.has_worker))


def counted(sums: dict[str, int]) -> Iterator[Metric]:
    """The counters and durations as families; a counter without labels is told from 0 on."""
    for counter in COUNTERS:
        family = CounterMetricFamily(PREFIX + counter.name, counter.help, labels=counter.labels)
        if not counter.labels:
            family.add_metric([], sums.get(counter.name, 0))
        for field, number in sums.items():
            name, *labels = field.split("|")
            if name == counter.name and labels:
                family.add_metric(labels, number)
        yield family
    yield _durations(sums)


def _durations(sums: dict[str, int]) -> Metric:
    family = HistogramMetricFamily(f"{PREFIX}{DURATIONS}", "Time to answer, in seconds.", labels=["endpoint"])
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    for endpoint in sorted({field.split("|")[1] for field in sums if field.startswith(f"{DURATIONS}|")}):
        numbers = [sums.get(f"{DURATIONS}|{endpoint}|{place}", 0) for place in range(len(bounds))]
        total = sums.get(f"{DURATION_SUMS}|{endpoint}", 0) / MICROSECONDS
        family.add_metric([endpoint], list(zip(bounds, accumulate(numbers), strict=True)), total)
    return family


def serve(app: Flask) -> Callable[[], None]:
    """Listen on METRICS_HOST and METRICS_PORT; returns what ends it. Raises ``OSError`` for a busy port."""
    config: Config = app.config["CHATPOP"]
    registry = CollectorRegistry()
    registry.register(Site(app))
    server, thread = start_http_server(config.metrics_port or 0, config.metrics_host, registry)
    log.info("metrics_started", host=config.metrics_host, port=config.metrics_port)

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def main() -> None:
    """Until SIGTERM or SIGINT; without METRICS_PORT it only waits, so that a Procfile can name it always."""
    from chatpop.app import create_app

    config = Config.from_environ()
    asked_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_end.set())
    if config.metrics_port is None:
        asked_to_end.wait()
        return
    try:
        end = serve(create_app(config))
    except OSError as error:
        sys.exit(f"METRICS_PORT is {config.metrics_port} on {config.metrics_host}: {error.strerror}.")
    asked_to_end.wait()
    end()


if __name__ == "__main__":
    main()
