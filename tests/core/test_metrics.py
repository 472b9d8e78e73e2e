"""The metrics: right with any number of processes, on loopback only, without names and addresses."""

from __future__ import annotations

import os
import re
import socket
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from redis.exceptions import RedisError

from chatpop.config import Config, ConfigError
from chatpop.core import limits, metrics, tallies
from chatpop.core.limits import Bucket, BucketEmpty
from chatpop.lifecycle import standing
from chatpop.metrics import Site, counted, serve
from tests.accounts.acts import log_in
from tests.running.waiting import until
from tests.site.process import running_site
from tests.support.people import Person
from tests.support.valkey import RunningValkey

DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def only_our_counts() -> None:
    """Nothing of an earlier test is carried to Redis any more once this test has emptied it."""
    tallies.forget()


def export(app: Flask) -> str:
    registry = CollectorRegistry()
    registry.register(Site(app))
    return generate_latest(registry).decode()


def samples(app: Flask) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(export(app))
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((f"chatpop_{name}", tuple(sorted(labels.items()))), 0.0)


def test_requests_are_counted_by_endpoint_and_status_with_their_durations(app: Flask, oto: Person) -> None:
    for path in ("/", "/", "/rooms/XXXXXX", "/nowhere"):
        oto.get(path)
    found = samples(app)
    assert value(found, "requests_total", endpoint="rooms.show", status="4xx") == 1
    assert value(found, "requests_total", endpoint="none", status="4xx") == 1
    [home] = {key[1] for key in found if key[0] == "chatpop_requests_total" and found[key] == 2}
    endpoint = dict(home)["endpoint"]
    assert value(found, "request_seconds_count", endpoint=endpoint) == 2
    assert value(found, "request_seconds_bucket", endpoint=endpoint, le="+Inf") == 2
    assert 0 < value(found, "request_seconds_sum", endpoint=endpoint) < 10


def test_abuse_is_in_view(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS="2")
    hana, gus = Person(app), Person(app, "203.0.113.7")
    code = hana.open_room()
    for _ in range(4):
        gus.post(f"/api/chats/{code}/suggest-username/", json={})
    assert gus.join(code, "Impostor99").status_code == 400
    gus.post("/rooms", headers={"Sec-Fetch-Site": "cross-site"})
    gus.post("/rooms", data={"csrf_token": "wrong"})
    log_in(gus, "Nobody", "guessing-away")
    gus.get("/api/v1/users/me/", headers={"Authorization": "Bearer a.b.c"})
    found = samples(app)
    assert value(found, "rolls_total") == 2
    assert value(found, "roll_refusals_total", bucket="person") == 2
    assert value(found, "limit_refusals_total", bucket="rolls") == 2
    assert value(found, "unrolled_joins_total") == 1
    assert value(found, "guests_made_total") == 1
    assert value(found, "busiest_network_guests") == 1
    for kind in ("cross_site", "bad_form_token", "wrong_password", "bad_bearer"):
        assert value(found, "auth_refusals_total", kind=kind) == 1, kind


def test_what_stands_in_tables_and_in_the_queue_is_told(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "hello")
    found = samples(app)
    assert value(found, "users", tier="guest", state="active") == 2
    assert (value(found, "rooms"), value(found, "messages"), value(found, "uploads")) == (1, 1, 0)
    assert value(found, "names", state="active") == 2
    assert value(found, "names_used") == 2
    assert value(found, "names_capacity") > 1_000_000
    assert (value(found, "names_crowded"), value(found, "jobs", state="failed")) == (0, 0)
    assert (value(found, "up", part="database"), value(found, "up", part="redis")) == (1, 1)


def test_every_process_adds_to_the_same_sums(app: Flask, redis: Redis) -> None:
    with app.app_context():
        tallies.count(metrics.ROLLS.name)
        tallies.flush()
        redis.hincrby("tallies", metrics.ROLLS.name, 41)
        assert standing.counters()[metrics.ROLLS.name] == 42


def test_a_fork_counts_for_itself_alone(app: Flask, redis: Redis) -> None:
    with app.app_context():
        tallies.count(metrics.ROLLS.name, amount=5)
        child = os.fork()
        if child == 0:
            tallies.count(metrics.ROLLS.name)
            tallies.flush()
            os._exit(0)
        os.waitpid(child, 0)
        assert standing.counters()[metrics.ROLLS.name] == 6


def test_nothing_is_lost_while_redis_is_away(app: Flask, valkey: RunningValkey) -> None:
    with app.app_context():
        valkey.stop()
        try:
            metrics.note_charge("rolls", False)
            with pytest.raises(RedisError):
                tallies.flush()
            assert "chatpop_up" in export(app)
            assert value(samples(app), "up", part="redis") == 0
            assert value(samples(app), "up", part="database") == 1
        finally:
            valkey.start()
        assert standing.counters()[metrics.ROLLS.name] == 1


def test_a_charge_tells_how_far_every_bucket_is_used(app: Flask, redis: Redis) -> None:
    person, network = Bucket("rolls", "visitor:a", 2, 60), Bucket("rolls-from", "192.0.2.1", 9, 60)
    with app.app_context():
        limits.spend([network])
        limits.charges.set(())
        limits.spend([person, network])
        limits.spend([person, network])
        with pytest.raises(BucketEmpty):
            limits.spend([person, network])
        told = [(charge.bucket.what, charge.reached, charge.is_refused) for charge in limits.charges.get()]
    assert told == [
        ("rolls", 1, False),
        ("rolls-from", 2, False),
        ("rolls", 2, False),
        ("rolls-from", 3, False),
        ("rolls", 3, True),
    ]


def test_labels_are_few_and_tell_no_name_address_or_code(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.address = "198.51.100.23"
    gus.join(code)
    for path in (f"/rooms/{code}", "/rooms/ABCDEF/nothing", f"/rooms/{code}/messages?before=1"):
        gus.get(path)
    text = export(app)
    for secret in (code, str(hana.name), str(gus.name), "198.51.100", "127.0.0.1", "ABCDEF"):
        assert secret not in text
    endpoints = {*app.view_functions, "none"}
    assert set(re.findall(r'endpoint="([^"]+)"', text)) <= endpoints


def test_the_figures_are_served_on_a_loopback_port_of_their_own(make_app: Callable[..., Flask], oto: Person) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = make_app(METRICS_PORT=str(port))
    end = serve(app)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"chatpop_names_capacity" in answer.read()
        with socket.socket() as other, pytest.raises(OSError, match="refused"):
            other.connect(("127.0.0.2", port))
    finally:
        end()
    for path in ("/metrics", "/metrics/", "/prometheus", "/rq", "/rq/", "/jobs", "/admin/metrics", "/api/metrics"):
        assert oto.get(path).status_code == 404, path


@pytest.mark.slow
def test_two_web_processes_are_counted_as_one_site(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running_site(tmp_path, 2, METRICS_PORT=str(port)) as site:
        for _ in range(60):
            urllib.request.urlopen(f"{site.address}/rooms/new").read()

        def told() -> bool:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                return b'chatpop_requests_total{endpoint="rooms.new",status="2xx"} 60.0' in answer.read()
            return False

        until(told, seconds=30)


def test_the_sites_own_port_is_refused_for_metrics(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="METRICS_PORT must not be PORT"):
        Config.from_environ({"DATA_DIR": str(tmp_path), "PORT": "9000", "METRICS_PORT": "9000"})


def test_every_alert_and_every_metric_of_the_docs_is_exported(app: Flask, oto: Person) -> None:
    oto.get("/")
    told = set(re.findall(r"\bchatpop_[a-z_]+", DOCS.read_text()))
    exported = {name for name, _ in samples(app)}
    counters = {sample.name for family in counted({}) for sample in family.samples}
    declared = {f"chatpop_{counter.name}_total" for counter in metrics.COUNTERS}
    only_later = {
        "chatpop_sweep_last_run_timestamp_seconds",
        "chatpop_sweep_last_count",
        "chatpop_sweep_last_failed",
        "chatpop_sweep_held_back",
        "chatpop_names_years_left",
    }
    assert told - exported - counters - declared - only_later == set()
    assert exported - told - {f"{name}_created" for name in exported} == set(), "every metric is in the docs"
