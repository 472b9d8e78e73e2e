"""What every command in bin/ does first: a new enough Python, and the checkout on the path.

Kept in syntax that old Pythons read, so that they can say what is missing.
"""

import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
OLDEST = (3, 11)


def begin():
    # type: () -> None
    """Go on under Python 3.11 or newer, or end with a sentence."""
    if os.name != "posix":
        sys.exit("chatpop runs on Linux and macOS; on Windows use WSL.")
    if sys.version_info < OLDEST:
        for minor in (14, 13, 12, 11):
            newer = shutil.which("python3.%d" % minor)  # noqa: UP031
            if newer:
                os.execv(newer, [newer, *sys.argv])
        sys.exit("chatpop needs Python 3.11 or newer; this one is %d.%d." % sys.version_info[:2])  # noqa: UP031
    sys.path.insert(0, ROOT)
