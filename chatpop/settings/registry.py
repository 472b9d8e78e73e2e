"""Every setting of the site: type, bounds, default and help (DESIGN section 7).

A value in the environment gives the default, a stored value wins, and a change is in force in
every process within two seconds. ``SETTING.get()`` is the only way to read one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chatpop.config import ConfigError
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.settings import store

T = TypeVar("T", int, float, bool, str)

COUNT = (1, 1_000_000)
SECONDS = (1, 604_800)
DAYS = (0, 36_500)
_TYPE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"  # RFC 6838 section 4.2
_TYPES = re.compile(rf"\*|{_TYPE}/({_TYPE}|\*)(,{_TYPE}/({_TYPE}|\*))*")
_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


class BadSetting(DomainError):
    """The value is of the wrong type or out of bounds."""

    status, code, sentence = 400, "bad_setting", "This value can't be used."


class UnknownSetting(DomainError):
    status, code, sentence = 404, "unknown_setting", "There is no setting of this name."


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting. ``bounds`` are inclusive; ``also`` lists values allowed outside of them."""

    name: str
    default: T
    help: str
    bounds: tuple[float, float] | None = None
    also: tuple[float, ...] = ()
    pattern: re.Pattern[str] | None = field(default=None, repr=False)

    def get(self) -> T:
        """The value in force, at most a second old."""
        stored = store.current().get(self.name)
        if stored is not None:
            return self.parse(json.loads(stored))
        return _defaults.get(self.name, self.default)  # type: ignore[return-value]

    def parse(self, raw: object) -> T:
        """Check ``raw`` (text or a value) and return it typed. Raises :class:`BadSetting`."""
        kind = type(self.default)
        typed = str(raw).strip()
        if kind is bool:
            if typed.lower() in _TRUE | _FALSE:
                return typed.lower() in _TRUE
            raise BadSetting(text("%(name)s must be true or false.", name=self.name))
        if kind is str:
            typed = re.sub(r"\s*,\s*", ",", typed)
            if self.pattern and not self.pattern.fullmatch(typed):
                raise BadSetting(text("%(name)s must be * or a list like image/jpeg,image/png.", name=self.name))
            return typed
        return self._number(typed, kind)

    def _number(self, typed: str, kind: type[T]) -> T:
        try:
            value = kind(typed)
        except ValueError:
            if kind is int:
                raise BadSetting(text("%(name)s must be a whole number.", name=self.name)) from None
            raise BadSetting(text("%(name)s must be a number.", name=self.name)) from None
        low, high = self.bounds or COUNT
        if not (low <= float(value) <= high) and value not in self.also:
            said = text("from %(low)s to %(high)s", low=f"{low:,.10g}", high=f"{high:,.10g}")
            for number in self.also:
                said = text("%(range)s, or %(number)s", range=said, number=f"{number:,.10g}")
            raise BadSetting(text("%(name)s must be %(range)s.", name=self.name, range=said))
        return value


AnySetting = Setting[int] | Setting[float] | Setting[bool] | Setting[str]
_all: dict[str, AnySetting] = {}
_defaults: dict[str, int | float | bool | str] = {}


def _setting(
    name: str,
    default: T,
    help: str,
    bounds: tuple[float, float] | None = None,
    also: tuple[float, ...] = (),
    pattern: re.Pattern[str] | None = None,
) -> Setting[T]:
    made = Setting(name, default, text(help), bounds, also, pattern)
    _all[name] = made
    return made


def everything() -> list[AnySetting]:
    """All settings in the order in which this page declares them."""
    return list(_all.values())


def find(name: str) -> AnySetting:
    """The setting called ``name``, in any case. Raises :class:`UnknownSetting`."""
    try:
        return _all[name.upper()]
    except KeyError:
        raise UnknownSetting(text("There is no setting called %(name)s.", name=name)) from None


def default_of(setting: AnySetting) -> int | float | bool | str:
    """What holds while nothing is stored: the environment's value, else the built-in one."""
    return _defaults.get(setting.name, setting.default)


def is_stored(setting: AnySetting) -> bool:
    """Whether an operator has set it."""
    return setting.name in store.current()


def text_of(value: object) -> str:
    """A value as it is typed: ``true`` and ``false`` in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def use_environment(values: Mapping[str, str]) -> None:
    """Take defaults from the environment; raises :class:`ConfigError` naming the variable."""
    _defaults.clear()
    for setting in _all.values():
        if setting.name in values:
            try:
                _defaults[setting.name] = setting.parse(values[setting.name])
            except BadSetting as error:
                raise ConfigError(f"{error.sentence[:-1]}, but is {values[setting.name]!r}.") from None


UNREGISTERED_MAX_FILE_SIZE_MB = _setting("UNREGISTERED_MAX_FILE_SIZE_MB", 10, "Largest file of a guest, in MB.")
USER_MAX_FILE_SIZE_MB = _setting("USER_MAX_FILE_SIZE_MB", 100, "Largest file of a member, in MB.")
UNREGISTERED_MAX_UPLOADS = _setting(
    "UNREGISTERED_MAX_UPLOADS", 5, "Files a guest may keep; -1 is no limit.", (0, 1_000_000), (-1,)
)
USER_MAX_UPLOADS = _setting("USER_MAX_UPLOADS", -1, "Files a member may keep; -1 is no limit.", (0, 1_000_000), (-1,))
UNREGISTERED_ALLOWED_TYPES = _setting(
    "UNREGISTERED_ALLOWED_TYPES",
    "image/jpeg,image/png,image/gif",
    "File types of guests: * or a list.",
    pattern=_TYPES,
)
USER_ALLOWED_TYPES = _setting("USER_ALLOWED_TYPES", "*", "File types of members: * or a list.", pattern=_TYPES)
UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS = _setting(
    "UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS",
    90,
    "Days without a visit after which a guest is forgotten; -1 is never.",
    DAYS,
    (-1,),
)
GUEST_SLEEP_DAYS = _setting("GUEST_SLEEP_DAYS", 0, "Days after that in which the same device may still wake it.", DAYS)
SWEEP_ENABLED = _setting("SWEEP_ENABLED", True, "Whether the sweep runs by itself.")
SWEEP_MAX_SHARE = _setting(
    "SWEEP_MAX_SHARE", 0.2, "Share of all guests above which a sweep alerts and waits a day.", (0, 1)
)
ABANDONED_DELETE_DAYS = _setting(
    "ABANDONED_DELETE_DAYS", -1, "Days until abandoned accounts with nothing public are deleted.", DAYS, (-1,)
)
EVIDENCE_RETENTION_DAYS = _setting(
    "EVIDENCE_RETENTION_DAYS", 30, "Days that addresses and headers of abandoned guests are kept.", DAYS
)
MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS = _setting(
    "MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS", 10, "Rolls one person may make per window."
)
MAX_ROLLS_PER_ROOM = _setting("MAX_ROLLS_PER_ROOM", 20, "Rolls one person may make in one room per window.")
MAX_ROLLS_PER_NETWORK = _setting("MAX_ROLLS_PER_NETWORK", 120, "Rolls per window from one network.")
MAX_ROLLS_PER_CLASS_PASS = _setting("MAX_ROLLS_PER_CLASS_PASS", 600, "Rolls per window under a class pass.")
ROLL_WINDOW_SECONDS = _setting("ROLL_WINDOW_SECONDS", 3600, "Length of the window for rolls, in seconds.", SECONDS)
ROLL_HOLD_SECONDS = _setting("ROLL_HOLD_SECONDS", 3600, "How long a rolled name is held, in seconds.", SECONDS)
MAX_CHECKS_PER_NETWORK = _setting("MAX_CHECKS_PER_NETWORK", 300, "Availability checks per hour from one network.")
MAX_GUESTS_PER_NETWORK = _setting("MAX_GUESTS_PER_NETWORK", 60, "Guests made per hour from one network.")
MAX_REGISTRATIONS_PER_NETWORK = _setting(
    "MAX_REGISTRATIONS_PER_NETWORK", 20, "Registrations per hour from one network."
)
MAX_LOGIN_FAILURES_PER_NETWORK = _setting(
    "MAX_LOGIN_FAILURES_PER_NETWORK", 25, "Failed log-ins in five minutes from one network."
)
MAX_MESSAGES_PER_MINUTE_GUEST = _setting("MAX_MESSAGES_PER_MINUTE_GUEST", 30, "Messages a minute of one guest.")
MAX_MESSAGES_PER_MINUTE_MEMBER = _setting("MAX_MESSAGES_PER_MINUTE_MEMBER", 60, "Messages a minute of one member.")
MESSAGE_EDIT_MINUTES = _setting(
    "MESSAGE_EDIT_MINUTES", 15, "Minutes in which one may edit an own message; 0 is never.", (0, 1440)
)
MAX_STREAMS_PER_NETWORK = _setting("MAX_STREAMS_PER_NETWORK", 200, "Open live streams from one network.")
NAME_REST_DAYS = _setting("NAME_REST_DAYS", 30, "Days a forgotten guest's name rests if it never spoke.", DAYS)
NAME_RETIRE_SPOKEN = _setting("NAME_RETIRE_SPOKEN", True, "Whether a name that spoke is never given out again.")
NAME_RENAME_COOLDOWN_DAYS = _setting("NAME_RENAME_COOLDOWN_DAYS", 30, "Days between two renames of a member.", DAYS)
MAX_ROOMS_GUEST = _setting("MAX_ROOMS_GUEST", 2, "Rooms a guest may host at a time.")
MAX_ROOMS_MEMBER = _setting("MAX_ROOMS_MEMBER", 50, "Rooms a member may host at a time.")
PASSWORD_MIN_LENGTH = _setting("PASSWORD_MIN_LENGTH", 8, "Shortest password.", (8, 64))
