"""Keeping files that have arrived: looked at, stored, then entered. The file comes first, the row second.

Whatever dies in between leaves a file without a row, which ``orphans`` finds; never a row without its file.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatpop.core import clock, errands
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.uploads import filenames, quota, tiers
from chatpop.uploads.inspection import Inspected, TypeNotAllowed, inspect
from chatpop.uploads.intake import Arrived
from chatpop.uploads.models import THUMBNAIL_SIDE, Thumbnail, Upload
from chatpop.uploads.refusals import FileTooLarge, NoFile, NoRoomOnDisk, TooManyAtOnce, type_hint
from chatpop.uploads.storage import Store
from chatpop.uploads.tiers import Tier

THUMBNAIL_JOB = "make-thumbnail"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What files are brought for: one's own page, or the room ``room_id`` whose message is still to come."""

    is_private: bool = False
    room_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: the upload, or why there is none."""

    filename: str
    result: Upload | DomainError

    @property
    def refusal(self) -> DomainError | None:
        return self.result if isinstance(self.result, DomainError) else None

    @property
    def upload(self) -> Upload | None:
        return self.result if isinstance(self.result, Upload) else None


def receive(
    files: Sequence[Arrived],
    user: User | None,
    purpose: Purpose,
    store: Store,
    work_dir: Path,
    newcomer: Callable[[], User],
) -> list[Outcome]:
    """Keep what may be kept, in order. ``newcomer`` makes the guest, once the first file is found to be good.

    Raises :class:`NoFile`, and what ``newcomer`` raises.
    """
    if not files:
        raise NoFile
    outcomes, tier = list[Outcome](), tiers.tier_of(user)
    for file in files:
        name = filenames.clean(file.name)
        try:
            quota.check(user.id if user else None, tier)
            inspected = _look_at(file, name, tier, work_dir)
        except DomainError as refusal:
            outcomes.append(Outcome(name, refusal))
            continue
        user = user or newcomer()
        try:
            outcomes.append(Outcome(name, _keep(inspected, name, user, tier, purpose, store)))
        except DomainError as refusal:
            outcomes.append(Outcome(name, refusal))
    return outcomes


def _look_at(file: Arrived, name: str, tier: Tier, work_dir: Path) -> Inspected:
    if file.is_one_too_many:
        raise TooManyAtOnce
    if file.is_too_large:
        raise FileTooLarge(tier, file.size)
    if file.is_lost:
        raise NoRoomOnDisk
    try:
        return inspect(file.path, name, allowed_types=tier.allowed_types, work_dir=work_dir)
    except TypeNotAllowed as refusal:
        raise TypeNotAllowed(
            text("%(first)s%(hint)s", first=refusal.sentence, hint=type_hint(tier)), **refusal.details
        ) from None


def _keep(found: Inspected, name: str, owner: User, tier: Tier, purpose: Purpose, store: Store) -> Upload:
    """Store, then enter and count in one transaction. Raises ``QuotaFull``, ``ServiceAway``."""
    upload = _entry(found, name, owner, purpose)
    store.put(upload.public_id, found.path, found.media_type)
    try:
        with transaction() as session:
            quota.book(session, owner.id, tier)
            session.add(upload)
    except DomainError:
        store.delete(upload.public_id)
        raise
    if upload.thumbnail == Thumbnail.WANTED:
        errands.send(THUMBNAIL_JOB, upload.id)
    return upload


def _entry(found: Inspected, name: str, owner: User, purpose: Purpose) -> Upload:
    is_small = max(found.width or 0, found.height or 0) <= THUMBNAIL_SIDE
    return Upload(
        public_id=new_key(),
        owner_id=owner.id,
        is_private=purpose.is_private and purpose.room_id is None,
        is_attachment=purpose.room_id is not None,
        room_id=purpose.room_id,
        name=filenames.clean(name, found.media_type if found.is_picture else None),
        media_type=found.media_type,
        size=found.size,
        sha256=found.sha256,
        width=found.width if found.is_picture else None,
        height=found.height if found.is_picture else None,
        thumbnail=Thumbnail.WANTED if found.is_picture and not is_small else Thumbnail.NONE,
        created_at=clock.now(),
    )


def new_key() -> str:
    """128 random bits, URL-safe (22 characters): an address that nobody guesses."""
    return secrets.token_urlsafe(16)
