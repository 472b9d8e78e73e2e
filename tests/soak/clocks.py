"""A clock of the site's own, which can be stepped: libfaketime, loaded into the site's processes and no others.

The machine's clock stays as it is, and so does the monotonic one of the site, as it does when somebody sets the
time of day. The site knows nothing of it.
"""

from __future__ import annotations

import random
from pathlib import Path

HOUR = 3600
NOTICED_AFTER = 1
"""Seconds for which a process may go on with the offset that it has read."""
LIBRARIES = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")


def library() -> Path | None:
    """Where Debian's package ``libfaketime`` (or another one) has put it; None where it is not installed."""
    for folder in LIBRARIES:
        for pattern in ("*/faketime/libfaketimeMT.so.1", "faketime/libfaketimeMT.so.1"):
            for found in Path(folder).glob(pattern):
                return found
    return None


class SiteClock:
    """Right at first; each step puts it an hour ahead, an hour behind, or right again."""

    def __init__(self, loaded: Path, file: Path) -> None:
        self._file = file
        self._offset = 0
        self.put(0)
        self.settings = {
            "LD_PRELOAD": str(loaded),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": str(NOTICED_AFTER),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def step(self, chance: random.Random) -> None:
        self.put(chance.choice([offset for offset in (-HOUR, 0, HOUR) if offset != self._offset]))

    def put(self, offset: int) -> None:
        """So many seconds ahead of the machine's clock. The file is never seen half written."""
        self._offset = offset
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{offset:+d}\n")
        draft.replace(self._file)
