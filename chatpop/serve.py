"""Runs a site: web, worker and scheduler, and the embedded Valkey where REDIS_URL is not set.

Started by ``bin/run`` inside the environment. What is loaded here stays small, because this process
lives as long as the site: the application is loaded by the programs, and for a migration by a child.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from chatpop.config import Config, ConfigError
from chatpop.running import checked_settings, folder, listening, schema, valkey
from chatpop.running.health import Health
from chatpop.running.program import Program
from chatpop.running.refusals import SAID, CannotStart, say
from chatpop.running.supervisor import Ending, Supervisor
from chatpop.web import vendor

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ROOT / "migrations" / "versions"
MOST_OPEN_FILES = 65_536
START_PATIENCE = 120.0
TRIES_BEFORE_GIVING_UP = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when asked to end, 1 with a sentence where the site can't start."""
    try:
        _serve(_options(arguments).workers)
    except (CannotStart, ConfigError) as error:
        say(str(error))
        return 1
    except Ending:
        pass
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="Run chatpop: web, worker and scheduler.")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="web processes (default: 1)")
    options = parser.parse_args(arguments)
    if not 1 <= options.workers <= 64:
        parser.error("--workers must be from 1 to 64")
    return options


def _serve(workers: int) -> None:
    os.chdir(ROOT)
    config = Config.from_environ()
    data_dir = config.data_dir.absolute()
    folder.make_writable(data_dir)
    for problem in vendor.verify():
        raise CannotStart(problem)
    _allow_many_streams()
    instance = folder.Instance(data_dir)
    instance.begin()
    with listening.listen(config.host, config.port, 6.0 if instance.was_killed else 0.0) as listener:
        _warn(config)
        supervisor = Supervisor({**os.environ, "REDIS_URL": config.redis_url or valkey.url(data_dir)})
        try:
            web, *behind = _programs(listener.fileno(), workers)
            is_ready = _is_ready(config, data_dir)
            with nullcontext() if config.redis_url else _valkey(supervisor, data_dir):
                if is_ready:
                    supervisor.start(web)
            if not is_ready:
                _prepare(supervisor)
                checked_settings.note(data_dir, config.setting_defaults)
                supervisor.start(web)
            _start(supervisor, config, behind)
            supervisor.run()
        finally:
            supervisor.end()
    instance.end()


def _warn(config: Config) -> None:
    secure = (config.public_url or "").startswith("https://")
    if config.host not in ("localhost", "127.0.0.1", "::1") and not secure:
        say(f"HOST is {config.host} and PUBLIC_URL is not https: others in the network can read passwords.")


def _allow_many_streams() -> None:
    """Each open page holds a connection; the usual soft limits (256 to 1024 files) are soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def _valkey(supervisor: Supervisor, data_dir: Path) -> Iterator[None]:
    """Started, and waited for behind the block, so that the web loads while Valkey reads its file.

    Always under the supervisor: one that outlived its site, or a command's, is ended first.
    """
    commands = folder.commands_lock(data_dir)
    if not commands.take(folder.COMMAND_PATIENCE):
        raise CannotStart(f"A bin/chatpop command is still at work in {data_dir}; wait until it is done, or end it.")
    valkey.end_another(data_dir)
    supervisor.start(valkey.program(data_dir, Path(sys.prefix)))
    yield
    up = supervisor.wait_until(lambda: valkey.answers(data_dir), valkey.PATIENCE)
    commands.give_back()
    if not up:
        raise CannotStart(f"The embedded Valkey does not come up; see {data_dir}/valkey/valkey.log.")


def _is_ready(config: Config, data_dir: Path) -> bool:
    """Whether there is nothing to prepare; told without loading the application."""
    if config.redis_url or not schema.is_current(config.database_url, VERSIONS):
        return False
    return checked_settings.are_known(data_dir, config.setting_defaults)


def _prepare(supervisor: Supervisor) -> None:
    """Migrate in a process of its own, which also checks what only the whole application can check."""
    code = supervisor.once([sys.executable, "-P", "-m", "chatpop.prepare"])
    if code != 0:
        raise CannotStart("" if code == SAID else "The database could not be brought up to date; see above.")


def _start(supervisor: Supervisor, config: Config, behind: Sequence[Program]) -> None:
    """The web has been started first and alone, since people wait for it; then comes what works behind it."""
    host = urlsplit(f"//{config.hosts[0]}").hostname or "localhost"
    with Health(listening.local_host(config.host), config.port, host) as health:
        supervisor.wait_until(
            lambda: health.good() or supervisor.quick_deaths("web") >= TRIES_BEFORE_GIVING_UP, START_PATIENCE
        )
        if not health.good():
            raise CannotStart("The web process does not get ready; see above.")
    for program in behind:
        supervisor.start(program)
    if config.metrics_port:
        supervisor.start(Program("metrics", [sys.executable, "-P", "-m", "chatpop.metrics"]))
    print(listening.ready_sentence(config.host, config.port, config.public_url), flush=True)


def _programs(descriptor: int, workers: int) -> list[Program]:
    python = [sys.executable, "-P"]
    settings = [
        "-c",
        str(ROOT / "gunicorn.conf.py"),
        "--bind",
        f"fd://{descriptor}",
        "--workers",
        str(workers),
    ]
    return [
        Program(
            "web",
            [*python, "-m", "gunicorn", *settings],
            grace=8.0,
            orphan_signal=signal.SIGQUIT,
            descriptors=[descriptor],
        ),
        Program("worker", [*python, str(ROOT / "worker.py")]),
        Program("scheduler", [*python, "-m", "chatpop.schedule"]),
    ]


if __name__ == "__main__":
    sys.exit(main())
