"""The archive itself: a tar of plain files, readable by its owner alone."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from chatpop.backups.manifest import MANIFEST, Manifest, Member, is_member
from chatpop.backups.refusals import BackupFailed, BadArchive

_LONGEST_MANIFEST = 512 * 2**20
_PIECE = 2**20


class Writer:
    """Collects members with their checksums; the archive appears under its name only when it is whole."""

    def __init__(self, target: Path) -> None:
        self.members: dict[str, Member] = {}
        self._target = target
        self._part = target.with_name(f"{target.name}.part")

    def __enter__(self) -> Self:
        if self._target.exists():
            raise BackupFailed(f"{self._target} is there already; nothing is overwritten.")
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        os.fchmod(descriptor, 0o600)
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.GNU_FORMAT)
        return self

    def add(self, name: str, size: int, source: IO[bytes]) -> None:
        hashing = _Hashing(source)
        self._put(name, size, hashing)
        self.members[name] = Member(size=size, sha256=hashing.sum.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        text = manifest.model_dump_json(indent=1).encode()
        self._put(MANIFEST, len(text), BytesIO(text))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        os.link(self._part, self._target)  # fails where another one has just come into being

    def _put(self, name: str, size: int, source: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, source)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


class _Hashing(BytesIO):
    """Reads from another file and sums up what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self.sum = hashlib.sha256()

    def read(self, size: int | None = -1, /) -> bytes:
        piece = self._source.read(-1 if size is None else size)
        self.sum.update(piece)
        return piece


class Reader:
    """An archive whose every byte has been checked against its manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._entries = dict(_entries(tar))
        self.manifest = Manifest.parse(self._all_of(MANIFEST, _LONGEST_MANIFEST))
        if set(self._entries) - {MANIFEST} != set(self.manifest.members):
            raise BadArchive("The archive holds other files than it says; it is cut or has been changed.")
        for name, member in self.manifest.members.items():
            self._check(name, member)

    def open(self, name: str) -> IO[bytes]:
        file = self._tar.extractfile(self._entries[name])
        if file is None:
            raise BadArchive
        return file

    def size(self, name: str) -> int:
        return self._entries[name].size

    def _all_of(self, name: str, most: int) -> bytes:
        if name not in self._entries or self._entries[name].size > most:
            raise BadArchive("This is no backup of chatpop, or it has been cut short.")
        with self.open(name) as file:
            return file.read()

    def _check(self, name: str, member: Member) -> None:
        found = hashlib.sha256()
        with self.open(name) as file:
            while piece := file.read(_PIECE):
                found.update(piece)
        if self._entries[name].size != member.size or found.hexdigest() != member.sha256:
            raise BadArchive(f"The archive is damaged: {name} is not what was saved.")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Raises :class:`BadArchive` for anything that is not a whole archive of ours."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadArchive(f"{path} can't be read: {error.strerror}.") from None
    with file:
        try:
            reader = Reader(tarfile.TarFile(fileobj=file))
        except (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError):
            raise BadArchive(f"{path} is no backup of chatpop, or it is damaged.") from None
        yield reader


def _entries(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """Plain files under names of ours, each once; no links, folders, devices or sparse files."""
    seen = set()
    for entry in tar:
        if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.name in seen or entry.issparse():
            raise BadArchive("The archive holds what no backup of chatpop holds.")
        if entry.name != MANIFEST and not is_member(entry.name):
            raise BadArchive("The archive holds a file under a name that no backup of chatpop has.")
        seen.add(entry.name)
        yield entry.name, entry
