"""Memory of the web process and the waits of other people while one member uploads a large file.

Usage: bin/bench uploads [--size 100] [--rounds 5] [--seconds 6]

A whole site is started in a throw-away folder. Each round asks for the home page again and again, first alone, then
during the upload; told are the medians of the rounds' 95th percentiles and the growth of the process's own memory.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.accounts.acts import PASSWORD
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.uploads.sending import BOUNDARY, KIND

MB = 1024 * 1024
PAUSE = 0.02
"""Seconds between two requests of the reader."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100, help="MB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of reading alone, a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), USER_MAX_FILE_SIZE_MB="2000") as site:
        measure(site, options.size * MB, options.rounds, options.seconds)


def measure(site: RunningSite, size: int, rounds: int, seconds: float) -> None:
    token = log_in(site)
    upload(site, token, MB)  # what is loaded once
    alone, beside, growth = list[float](), list[float](), list[int]()
    for _ in range(rounds):
        alone.append(p95(read(site, threading.Event(), seconds)))
        before, ended = memory(site), threading.Event()
        peak = [before]
        sender = threading.Thread(target=upload, args=(site, token, size, ended))
        watcher = threading.Thread(target=watch, args=(site, peak, ended))
        sender.start()
        watcher.start()
        beside.append(p95(read(site, ended, 600.0)))
        sender.join()
        watcher.join()
        growth.append(peak[0] - before)
    without, during = statistics.median(alone), statistics.median(beside)
    print(f"p95 of other requests: {without:.1f} ms alone, {during:.1f} ms during an upload of {size // MB} MB")
    print(f"ratio: {during / without:.2f} (at most 3)")
    print(f"memory of the web process: {statistics.median(growth) / MB:.1f} MB more at its peak, median of {rounds}")


def log_in(site: RunningSite) -> str:
    """A member's token."""
    sent = f"username=Bench-Member&email=bench@example.com&password={PASSWORD}&confirm_password={PASSWORD}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    ask(site, "POST", "/register", sent.encode(), {**form, "Origin": site.address})
    answer = ask(site, "POST", "/api/v1/login", f"username=Bench-Member&password={PASSWORD}".encode(), form)
    return answer.split(b'"access_token":"')[1].split(b'"')[0].decode()


def upload(site: RunningSite, token: str, size: int, ended: threading.Event | None = None) -> None:
    """Send one file of ``size`` bytes; ``ended`` is set when it is kept."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="large.bin"\r\n\r\n'.encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        yield head
        for _ in range(size // MB):
            yield b"x" * MB
        yield tail

    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": KIND,
        "Content-Length": str(len(head) + size + len(tail)),
    }
    answer = ask(site, "POST", "/api/v1/uploads", pieces(), headers)
    if b'"success"' not in answer:
        raise RuntimeError(answer.decode())
    if ended is not None:
        ended.set()


def ask(site: RunningSite, method: str, path: str, body: Iterator[bytes] | bytes, headers: dict[str, str]) -> bytes:
    connection = http.client.HTTPConnection("localhost", site.port, timeout=600)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def read(site: RunningSite, ended: threading.Event, seconds: float) -> list[float]:
    """Ask for the home page until then; milliseconds each."""
    reader, waits, deadline = Caller(site.address), list[float](), time.monotonic() + seconds
    while time.monotonic() < deadline and not ended.is_set():
        began = time.perf_counter()
        reader.page("/")
        waits.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE)
    return waits


def watch(site: RunningSite, peak: list[int], ended: threading.Event) -> None:
    while not ended.wait(0.05):
        peak[0] = max(peak[0], memory(site))


def memory(site: RunningSite) -> int:
    """Bytes that the serving process holds for itself (file pages left out)."""
    lines = Path(f"/proc/{site.web_workers()[0]}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0]


if __name__ == "__main__":
    main()
