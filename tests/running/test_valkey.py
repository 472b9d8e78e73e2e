"""The embedded Valkey: keeps its content, serves commands without a site, and is never there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from chatpop.running import commands, valkey
from chatpop.running.refusals import CannotStart
from tests.running.waiting import alive, until

ENVIRONMENT = Path(sys.prefix)


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    server = valkey.program(folder, ENVIRONMENT).launch(os.environ)
    try:
        until(lambda: valkey.answers(folder))
        yield server
    finally:
        server.kill()
        server.wait()


def client(folder: Path) -> Redis:
    return Redis.from_url(valkey.url(folder), decode_responses=True)


def test_what_it_holds_survives_a_kill(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        client(tmp_path).set("name", "HappyPanda123")
        client(tmp_path).waitaof(1, 0, 2000)
        server.kill()
        server.wait()

    with serving(tmp_path):
        assert client(tmp_path).get("name") == "HappyPanda123"


def test_it_refuses_writes_rather_than_forgetting_holds_when_memory_is_full(tmp_path: Path) -> None:
    with serving(tmp_path):
        assert client(tmp_path).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client(tmp_path).config_get("appendonly") == {"appendonly": "yes"}


def test_a_folder_with_a_long_or_odd_name_works(tmp_path: Path) -> None:
    for name in ("d" * 120, "my data? 100%#"):
        folder = tmp_path / name
        folder.mkdir()
        with serving(folder):
            assert client(folder).ping()
        if valkey.socket_path(folder).parent != folder:
            assert valkey.socket_path(folder).parent.stat().st_mode & 0o777 == 0o700


def test_a_second_server_is_refused_and_the_first_one_can_be_ended(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        with pytest.raises(valkey.Busy):
            valkey.program(tmp_path, ENVIRONMENT).launch(os.environ)

        valkey.end_another(tmp_path)
        assert first.wait(5) == 0

    with serving(tmp_path):
        assert client(tmp_path).ping()


def test_a_command_without_a_site_gets_a_server_for_its_time(tmp_path: Path) -> None:
    code, output = _command(tmp_path, "ping; print(os.environ['REDIS_URL'])")

    assert (code, output.split()) == (0, ["True", valkey.url(tmp_path)])
    assert not valkey.answers(tmp_path)


def test_a_command_beside_a_site_uses_its_server(tmp_path: Path) -> None:
    with serving(tmp_path):
        client(tmp_path).set("name", "HappyPanda123")

        assert _command(tmp_path, "ping; print(redis.get('name'))") == (0, "True\nb'HappyPanda123'\n")
        assert client(tmp_path).ping()


def test_commands_at_the_same_time_share_one_server_until_the_last_is_done(tmp_path: Path) -> None:
    script = "redis.incr('at work'); ready = time.monotonic()\n" + (
        "while int(redis.get('at work')) < 3: assert time.monotonic() - ready < 20; time.sleep(0.01)\n"
        "print(redis.info('server')['process_id'])"
    )
    started = [_start(tmp_path, script) for _ in range(3)]
    results = [process.communicate(timeout=40)[0] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(results)) == 1
    assert not alive(int(results[0]))


def test_a_server_lasts_while_another_command_still_uses_it(tmp_path: Path) -> None:
    owner = _start(tmp_path, "redis.set('up', 1); redis.blpop('end', 20)")
    until(lambda: valkey.answers(tmp_path) and client(tmp_path).get("up"))
    other = _start(
        tmp_path, "redis.rpush('end', 1); print(sum(redis.ping() for _ in range(50) if not time.sleep(0.01)))"
    )

    assert other.communicate(timeout=40)[0] == "50\n"
    owner.communicate(timeout=40)
    assert (owner.returncode, other.returncode) == (0, 0)
    assert not valkey.answers(tmp_path)


def test_the_status_and_the_signals_of_a_command_pass_through(tmp_path: Path) -> None:
    assert _command(tmp_path, "sys.exit(7)")[0] == 7

    process = _start(tmp_path, "print(os.getpid(), flush=True); time.sleep(600)")
    assert process.stdout
    pid = int(process.stdout.readline())
    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert not alive(pid)


def test_a_command_for_a_folder_that_cannot_be_written_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match="DATA_DIR"):
        commands.with_redis(lambda environ: 0, {"DATA_DIR": str(tmp_path / "file" / "var")}, ENVIRONMENT)


WITH_REDIS = """
import os, sys
from pathlib import Path
from chatpop.running import commands
inner = [sys.executable, "-c", sys.argv[1]]
sys.exit(commands.with_redis(lambda environ: commands.run(inner, environ), os.environ, Path(sys.prefix)))
"""
PREAMBLE = """
import os, sys, time
from redis import Redis
redis = Redis.from_url(os.environ["REDIS_URL"])
"""


def _start(folder: Path, script: str) -> subprocess.Popen[str]:
    """A command as bin/chatpop runs one; ``ping;`` in front prints whether Redis answers."""
    script = PREAMBLE + script.replace("ping;", "print(redis.ping());", 1)
    environ = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return subprocess.Popen(
        [sys.executable, "-c", WITH_REDIS, script],
        env={**environ, "DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


def _command(folder: Path, script: str) -> tuple[int, str]:
    process = _start(folder, script)
    output = process.communicate(timeout=40)[0]
    return process.returncode, output
