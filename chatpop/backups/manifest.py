"""The manifest: what is in an archive, with checksums. Its last member, so a cut archive has none."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from chatpop.backups.refusals import BadArchive
from chatpop.push.keys import FILE as PUSH_KEY

MANIFEST: Final = "manifest.json"
SECRET: Final = "secret_key"  # noqa: S105  the name of a member
FORMAT: Final = 1
_MEMBER: Final = re.compile(
    rf"{SECRET}|{PUSH_KEY}|database/[a-z][a-z0-9_]{{0,62}}\.jsonl\.gz|uploads/[A-Za-z0-9_-]{{22}}"
)


class Member(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Table(BaseModel):
    """``last_id`` is the highest number that was ever given: the id of a deleted row is not given again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    columns: list[str]
    rows: Annotated[int, Field(ge=0)]
    last_id: Annotated[int, Field(ge=0)] | None = None


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chatpop: Literal[1] = FORMAT
    """The form of the archive."""
    version: str
    revision: Annotated[str, Field(pattern=r"^[0-9A-Za-z_]{1,32}$")]
    """The migration the tables stand at."""
    made_at: AwareDatetime
    database: Literal["sqlite", "postgresql"]
    has_files: bool
    tables: dict[str, Table]
    members: dict[str, Member]

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Raises :class:`BadArchive`."""
        try:
            manifest = cls.model_validate_json(text)
        except ValidationError:
            raise BadArchive("This is no backup of chatpop, or one of a newer version.") from None
        wanted = {SECRET, *map(table_member, manifest.tables)}
        files = {name for name in manifest.members if name.startswith("uploads/")}
        if not all(map(is_member, manifest.members)) or set(manifest.members) - files - {PUSH_KEY} != wanted:
            raise BadArchive("The archive's list of contents is wrong.")
        return manifest


def is_member(name: str) -> bool:
    """Whether an archive of ours may hold that name: no path can be made of it."""
    return _MEMBER.fullmatch(name) is not None


def table_member(table: str) -> str:
    return f"database/{table}.jsonl.gz"


def file_member(key: str) -> str:
    return f"uploads/{key}"
