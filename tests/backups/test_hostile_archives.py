"""Archives that are damaged, cut, foreign or made to do harm end with a sentence and change nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, DateTime, Integer, Interval, LargeBinary, String
from sqlalchemy.types import TypeEngine

from chatpop.backups.archive import opened
from chatpop.backups.kinds import Column
from chatpop.backups.manifest import MANIFEST
from chatpop.backups.refusals import BadArchive
from tests.backups.conftest import KEY, NewSite, restore, save

Members = dict[str, bytes]
USERS = "database/users.jsonl.gz"


def unpacked(archive: Path) -> Members:
    with tarfile.open(archive) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]


def packed(members: Members, target: Path, *more: tarfile.TarInfo) -> Path:
    """An archive whose checksums are right, with further entries as they are."""
    if MANIFEST in members:
        manifest = json.loads(members[MANIFEST])
        manifest["members"] = {
            name: {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
            for name, text in members.items()
            if name != MANIFEST
        }
        members = {**members, MANIFEST: json.dumps(manifest).encode()}
    with tarfile.open(target, "w") as tar:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
        for entry in more:
            tar.addfile(entry)
    return target


def everything_below(folder: Path) -> dict[str, bytes]:
    """Files and their content; locks, which a look at them makes, left out."""
    return {
        str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"
    }


_saved: list[Path] = []


@pytest.fixture
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same one for all tests of this file."""
    if not _saved:
        _saved.append(save(request.getfixturevalue("filled"), tmp_path_factory.mktemp("backup") / "good.tar"))
    return _saved[0]


@pytest.fixture
def refused(new_site: NewSite, tmp_path: Path) -> Callable[[Path], str]:
    """Restore what must be refused; returns the sentence. Neither the site nor its surroundings change."""
    site = new_site()

    def refused(archive: Path) -> str:
        before = everything_below(tmp_path)
        with pytest.raises(BadArchive) as refusal:
            restore(site, archive, force=True)
        assert everything_below(tmp_path) == before
        sentence = str(refusal.value)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return sentence

    return refused


def test_every_cut_is_noticed(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    whole = archive.read_bytes()
    cut = tmp_path / "cut.tar"
    for part in range(0, 40):
        cut.write_bytes(whole[: len(whole) * part // 41])
        refused(cut)


def test_every_changed_byte_of_the_content_is_noticed(
    archive: Path, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    with tarfile.open(archive) as tar:
        places = [(entry.name, entry.offset_data + entry.size // 2) for entry in tar if entry.size]
    whole = archive.read_bytes()
    changed = tmp_path / "changed.tar"
    for name, place in places:
        if name != MANIFEST:
            changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert "damaged" in refused(changed)


def test_other_files_are_refused(refused: Callable[[Path], str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    for content in (b"", b"no archive", b"PK\x03\x04", gzip.compress(b"x"), b"\0" * 10240):
        file.write_bytes(content)
        assert "no backup of chatpop" in refused(file)


def test_a_missing_file_and_a_folder_are_refused(refused: Callable[[Path], str], tmp_path: Path) -> None:
    assert "can't be read" in refused(tmp_path / "missing.tar")
    assert "can't be read" in refused(tmp_path)


def test_a_name_that_leads_elsewhere_is_refused(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    for name in (
        "../../evil",
        "/etc/evil",
        "uploads/../../../evil-evil-evil",
        "uploads/..",
        f"uploads/{KEY}/x",
        f"uploads/{KEY}\n",
        "database/../users.jsonl.gz",
        "database/users.jsonl",
        "secret_key/x",
        "vapid_private_key.bak",
        ".env",
    ):
        hostile = packed({**unpacked(archive), name: b"evil"}, tmp_path / "hostile.tar")
        assert "under a name" in refused(hostile)


def test_links_folders_and_devices_are_refused(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        entry = tarfile.TarInfo("uploads/another-key-22-letters")
        entry.type, entry.linkname = kind, "/etc/passwd"
        assert "holds what no backup" in refused(packed(unpacked(archive), tmp_path / "hostile.tar", entry))


def test_a_member_twice_is_refused(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    twice = packed(unpacked(archive), tmp_path / "twice.tar", tarfile.TarInfo(f"uploads/{KEY}"))
    assert "holds what no backup" in refused(twice)


def test_members_that_the_manifest_does_not_know_and_missing_ones_are_refused(
    archive: Path, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    more = packed(unpacked(archive), tmp_path / "more.tar", tarfile.TarInfo("uploads/another-key-22-letters"))
    assert "other files than it says" in refused(more)
    fewer = unpacked(archive)
    del fewer[USERS]
    assert "list of contents" in refused(packed(fewer, tmp_path / "fewer.tar"))
    keyless = unpacked(archive)
    del keyless["secret_key"]
    assert "list of contents" in refused(packed(keyless, tmp_path / "keyless.tar"))


def lines(packed_rows: bytes) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(packed_rows).splitlines()]


def with_users(members: Members, change: Callable[[list[Any]], object]) -> Members:
    rows = lines(members[USERS])
    change(rows)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    return {**members, USERS: gzip.compress(text.encode())}


CHANGES: list[tuple[Callable[[list[Any]], object], str]] = [
    (lambda rows: rows.pop(), "another number of rows"),
    (lambda rows: rows[0].pop(), "what is no row"),
    (lambda rows: rows[0].__setitem__(0, rows[1][0]), "the database refuses it"),
    (lambda rows: rows[0].__setitem__(0, 77), "refers to rows that are not there"),
]


def test_rows_that_are_none_are_refused(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    for change, said in CHANGES:
        assert said in refused(packed(with_users(unpacked(archive), change), tmp_path / "hostile.tar"))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (Integer(), "1; DROP TABLE users"),
        (Integer(), True),
        (Integer(), 2**80),
        (Integer(), 1.5),
        (String(), 7),
        (String(), {"a": 1}),
        (DateTime(), "yesterday"),
        (DateTime(), 5),
        (LargeBinary(), "%%"),
        (Boolean(), "yes"),
        (Boolean(), 1),
    ],
)
def test_values_of_another_type_are_refused(type_: TypeEngine[Any], value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whoever reads the row says which it is
        Column("a", type_).from_json(value)


def test_a_type_that_no_backup_can_hold_is_noticed_when_saving() -> None:
    with pytest.raises(TypeError, match="a backup can't hold"):
        _ = Column("a", Interval()).kind


def test_rows_that_are_no_text_or_not_packed_are_refused(
    archive: Path, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    for number, text in enumerate((b"no gzip", gzip.compress(b"\xff\n"), gzip.compress(b"[1]")[:-9])):
        refused(packed({**unpacked(archive), USERS: text}, tmp_path / f"{number}.tar"))


def test_a_manifest_that_is_none_of_ours_is_refused(
    archive: Path, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    changes: list[dict[str, Any]] = [
        {"chatpop": 2},
        {"revision": "../../etc"},
        {"revision": "9999"},
        {"tables": {}},
        {"tables": "all"},
        {"made_at": "yesterday"},
        {"more": 1},
    ]
    for change in changes:
        members = unpacked(archive)
        members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), **change}).encode()
        refused(packed(members, tmp_path / "hostile.tar"))


def test_headers_with_any_byte_changed_never_end_in_anything_but_a_sentence(
    archive: Path, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    changed, dice = tmp_path / "changed.tar", random.Random(7)
    for _ in range(60):
        header = bytearray(whole[:512])
        header[dice.choice(range(0, 345))] = dice.randrange(256)
        total = sum(header[:148]) + 8 * 32 + sum(header[156:])
        header[148:156] = f"{total:06o}\0 ".encode()
        if bytes(header) != whole[:512]:
            changed.write_bytes(bytes(header) + whole[512:])
            _either(refused, changed)


def _either(refused: Callable[[Path], str], archive: Path) -> None:
    """Changed times and owners are none of our business: such an archive is as good as before."""
    try:
        with opened(archive):
            return
    except BadArchive:
        refused(archive)


def test_an_odd_key_of_notifications_is_refused(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    for number, key in enumerate((b"", b"A" * 43, b"_" * 43, b"\xff" * 43, b"A" * 42 + b"E\n")):
        hostile = packed({**unpacked(archive), "vapid_private_key": key}, tmp_path / f"{number}.tar")
        assert "key for notifications" in refused(hostile)


def test_a_weak_or_odd_secret_key_is_refused(archive: Path, refused: Callable[[Path], str], tmp_path: Path) -> None:
    for number, secret in enumerate((b"", b"short", b"\xff" * 40, b"x" * 40 + b"\n")):
        assert "secret key" in refused(packed({**unpacked(archive), "secret_key": secret}, tmp_path / f"{number}.tar"))
