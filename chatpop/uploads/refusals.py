"""Why a file is not kept. A sentence names the limit, and tells guests what registering would add."""

from __future__ import annotations

from chatpop.core.errors import DomainError, NotFound, ServiceAway
from chatpop.core.texts import Text, counted, text
from chatpop.uploads import tiers
from chatpop.uploads.tiers import FILES_AT_ONCE, Tier, shown_size


class NoFile(DomainError):
    status, code = 422, "no_file"
    sentence = "No file has arrived. Choose one, or try again if the sending was cut off."


class FileTooLarge(DomainError):
    status, code = 413, "file_too_large"

    def __init__(self, tier: Tier, size: int) -> None:
        is_close = shown_size(size) == shown_size(tier.max_size)
        what = text("This file is too large") if is_close else text("This file has %(size)s", size=shown_size(size))
        super().__init__(text("%(what)s; %(most)s", what=what, most=_most_bytes(tier)), limit=tier.max_size)


class BodyTooLarge(DomainError):
    status, code = 413, "too_large"

    def __init__(self, tier: Tier) -> None:
        super().__init__(text("That is too much at once: %(most)s", most=_most_bytes(tier)), limit=tier.max_size)


class TooManyAtOnce(DomainError):
    status, code = 422, "too_many_at_once"
    sentence = text("%(number)s files at once are the most. Send the others afterwards.", number=FILES_AT_ONCE)


class NoRoomOnDisk(ServiceAway):
    code = "no_room_on_disk"
    sentence = "Files can't be kept right now: the site has run out of room. Please try again later."


class QuotaFull(DomainError):
    status, code = 429, "quota_full"

    def __init__(self, tier: Tier) -> None:
        super().__init__(
            text("%(first)s%(hint)s", first=_most_files(tier), hint=_more_files(tier)), limit=tier.max_count
        )


class UploadNotFound(NotFound):
    """No such file, or one that the viewer may not read: the same answer."""

    code = "upload_not_found"
    sentence = "There is no file here, or not for you."


class NotAttachable(DomainError):
    status, code = 422, "not_attachable"
    sentence = "One of the files can't be attached: it has gone, or it was brought for something else."


class KeptByMessage(DomainError):
    status, code = 409, "kept_by_message"
    sentence = "This file belongs to a room: whoever may read the room may read it."


def type_hint(tier: Tier) -> str:
    """What registering adds where a type is refused, with a blank before it; empty for members."""
    added = tiers.member().allowed_types
    if tier.is_member or added == tier.allowed_types:
        return ""
    if added == "*":
        return text(" Registered, you could bring files of any type.")
    return text(" Registered, you could bring %(types)s.", types=added.replace(",", ", "))


def _most_bytes(tier: Tier) -> Text:
    more, most = tiers.member().max_size, shown_size(tier.max_size)
    if tier.is_member:
        return text("%(size)s is the most for members.", size=most)
    if more <= tier.max_size:
        return text("%(size)s is the most for guests.", size=most)
    return text(
        "%(size)s is the most for guests. Registered, you could bring up to %(more)s.", size=most, more=shown_size(more)
    )


def _most_files(tier: Tier) -> Text:
    if tier.max_count == 0:
        return (
            text("Members may not keep any files here.")
            if tier.is_member
            else text("Guests may not keep any files here.")
        )
    if tier.is_member:
        return counted(
            "%(number)s file is the most a member may keep. Delete one to make room.",
            "%(number)s files are the most a member may keep. Delete one to make room.",
            tier.max_count,
            number=f"{tier.max_count:,}",
        )
    return counted(
        "%(number)s file is the most a guest may keep. Delete one to make room.",
        "%(number)s files are the most a guest may keep. Delete one to make room.",
        tier.max_count,
        number=f"{tier.max_count:,}",
    )


def _more_files(tier: Tier) -> str:
    more = tiers.member().max_count
    if tier.is_member or 0 <= more <= tier.max_count:
        return ""
    if more < 0:
        return text(" Registered, you could keep as many as you like.")
    return text(" Registered, you could keep %(number)s.", number=f"{more:,}")
