"""How every key in Redis is spelled (the limiter's and the queue's own keys apart)."""

from __future__ import annotations


def tray(roller: str) -> str:
    """Sorted set: the names a roller holds, scored by the moment the hold ends (seconds)."""
    return f"username:generated:{roller}"


def held(name_key: str) -> str:
    """String ``<roller> <end>``: who holds the name with this canonical key, until when."""
    return f"username:held:{name_key}"


def room_events(room_id: int) -> str:
    """Channel: facts ``{room, seq, kind}`` about one room."""
    return f"room:{room_id}:events"


def room_presence(room_id: int) -> str:
    """Hash: process id -> JSON of who listens through that process."""
    return f"room:{room_id}:presence"


def room_people(room_id: int) -> str:
    """String: the number of live people in a room, for the home page; expires by itself."""
    return f"room:{room_id}:people"


def room_away(room_id: int, user_id: int) -> str:
    """Flag: the user's page of the room is open but out of view; lives for a day."""
    return f"room:{room_id}:away:{user_id}"


def push_told(message_id: int, subscription_id: int) -> str:
    """Flag: this browser has been told of this message; lives for a day."""
    return f"push:told:{message_id}:{subscription_id}"


def roll_tries() -> str:
    """Hash: how many of the recent candidate names were ``tried`` and how many ``missed``."""
    return "username:tries"


def digits() -> str:
    """The number of digits the site's generated names have at present."""
    return "username:digits"


def names_usage() -> str:
    """JSON: the figures of the namespace as the hourly job has measured them."""
    return "username:usage"


def visitor_lock(visitor_id: str) -> str:
    """Lock held while a visitor becomes a guest."""
    return f"visitor:{visitor_id}:lock"


def visitor_guest(visitor_id: str) -> str:
    """The id of the guest that a page's visitor has just become; lives for a minute."""
    return f"visitor:{visitor_id}:guest"


def periodic(job_id: str) -> str:
    """Guard: a periodic job has run in its present period."""
    return f"periodic:{job_id}"


def network_streams(network: str) -> str:
    """Hash: process id -> open live streams of one network; see ``rooms.live.admission``."""
    return f"streams:{network}"


def live_processes() -> str:
    """Sorted set: ids of the processes that carry live streams, scored by their last sign of life."""
    return "live:processes"


def live_wake(process_id: str) -> str:
    """Channel on which a process wakes its own subscriber."""
    return f"live:wake:{process_id}"


def tallies() -> str:
    """Hash: counter with its labels -> what the whole site has counted; see ``core.tallies``."""
    return "tallies"


def day_tallies(day: str) -> str:
    """Hash: figure of one day (ISO) -> its number."""
    return f"tallies:{day}"


def day_visitors(day: str) -> str:
    """HyperLogLog of the keyed hashes of one day's visitors."""
    return f"tallies:{day}:visitors"


def tally_salt(day: str) -> str:
    """The random key of one day's hashes; thrown away with the day."""
    return f"tallies:{day}:salt"


def peaks(limit: str, hour: str) -> str:
    """Sorted set: ``<unit>|<keyed hash>`` scored by the most used of one limit in one window of this hour."""
    return f"tallies:peaks:{limit}:{hour}"
