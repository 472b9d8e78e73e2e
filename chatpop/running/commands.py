"""Running a command of ``bin/chatpop`` beside the site of its folder, or without one."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from chatpop.running import valkey
from chatpop.running.folder import Lock, commands_lock, has_instance, make_writable
from chatpop.running.program import Program
from chatpop.running.refusals import CannotStart


def with_redis(work: Callable[[Mapping[str, str]], int], environ: Mapping[str, str], environment: Path) -> int:
    """The result of ``work``, which finds a Valkey: the site's, or one started for its time.

    :raises CannotStart: the folder can't be written, or the embedded Valkey does not come up.
    """
    if environ.get("REDIS_URL"):
        return work(environ)
    data_dir = Path(environ["DATA_DIR"])
    make_writable(data_dir)
    with _valkey(data_dir, environ, environment):
        return work({**environ, "REDIS_URL": valkey.url(data_dir)})


@contextmanager
def _valkey(data_dir: Path, environ: Mapping[str, str], environment: Path) -> Iterator[None]:
    """A server that this command had to start lasts until no other command uses it any more."""
    lock = commands_lock(data_dir)
    own = _join(lock, data_dir, valkey.program(data_dir, environment), environ)
    try:
        yield
    finally:
        lock.give_back()
        if own:
            lock.take(float("inf"))
            own.terminate()
            own.wait()
            lock.give_back()


def _join(lock: Lock, data_dir: Path, server: Program, environ: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    """Hold the lock with a Valkey at work; returns the server where it had to be started here.

    A site that is about to start its own needs the lock alone, so it is let go meanwhile. Of two
    commands that start one at once the server's own lock lets one win.
    """
    own = None
    until = time.monotonic() + valkey.PATIENCE
    while time.monotonic() < until:
        lock.take(float("inf"), shared=True)
        if valkey.answers(data_dir):
            return own
        if own is None and has_instance(data_dir):
            lock.give_back()
        elif own is None:
            with suppress(valkey.Busy):
                own = server.launch(environ)
        time.sleep(0.02)
    lock.give_back()
    if own:
        own.kill()
    raise CannotStart(f"The embedded Valkey does not come up; see {data_dir}/valkey/valkey.log.")


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """As a child that gets our signals too; a terminal's Ctrl-C reaches it without us."""
    child = subprocess.Popen(command, env=environ)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: child.send_signal(received))
    code = child.wait()
    return 128 - code if code < 0 else code
