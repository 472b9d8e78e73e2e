"""Why a file is not kept. A sentence names the limit, and tells guests what registering would add."""

from __future__ import annotations

from chatpop.core.errors import DomainError, NotFound, ServiceAway
from chatpop.uploads import tiers
from chatpop.uploads.tiers import FILES_AT_ONCE, Tier, shown_size


class NoFile(DomainError):
    status, code = 422, "no_file"
    sentence = "No file has arrived. Choose one, or try again if the sending was cut off."


class FileTooLarge(DomainError):
    status, code = 413, "file_too_large"

    def __init__(self, tier: Tier, size: int) -> None:
        is_close = shown_size(size) == shown_size(tier.max_size)
        what = "This file is too large" if is_close else f"This file has {shown_size(size)}"
        super().__init__(f"{what}; {_most_bytes(tier)}", limit=tier.max_size)


class BodyTooLarge(DomainError):
    status, code = 413, "too_large"

    def __init__(self, tier: Tier) -> None:
        super().__init__(f"That is too much at once: {_most_bytes(tier)}", limit=tier.max_size)


class TooManyAtOnce(DomainError):
    status, code = 422, "too_many_at_once"
    sentence = f"{FILES_AT_ONCE} files at once are the most. Send the others afterwards."


class NoRoomOnDisk(ServiceAway):
    code = "no_room_on_disk"
    sentence = "Files can't be kept right now: the site has run out of room. Please try again later."


class QuotaFull(DomainError):
    status, code = 429, "quota_full"

    def __init__(self, tier: Tier) -> None:
        who = "a member" if tier.is_member else "a guest"
        most = f"{tier.max_count:,} {'file is' if tier.max_count == 1 else 'files are'} the most {who} may keep"
        if tier.max_count == 0:
            most = f"{'Members' if tier.is_member else 'Guests'} may not keep any files here"
        delete = " Delete one to make room." if tier.max_count else ""
        super().__init__(f"{most}.{delete}{_more_files(tier)}", limit=tier.max_count)


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
    what = "files of any type" if added == "*" else f"{added.replace(',', ', ')}"
    return f" Registered, you could bring {what}."


def _most_bytes(tier: Tier) -> str:
    more = tiers.member().max_size
    hint = "" if tier.is_member or more <= tier.max_size else f" Registered, you could bring up to {shown_size(more)}."
    return f"{shown_size(tier.max_size)} is the most for {'members' if tier.is_member else 'guests'}.{hint}"


def _more_files(tier: Tier) -> str:
    more = tiers.member().max_count
    if tier.is_member or 0 <= more <= tier.max_count:
        return ""
    return f" Registered, you could keep {'as many as you like' if more < 0 else f'{more:,}'}."
