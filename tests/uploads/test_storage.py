"""Both stores keep one contract: a folder of files, and an object storage (moto's S3 server)."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

from chatpop.config import Config, ConfigError
from chatpop.core.errors import NotFound
from chatpop.uploads.storage import Store, make_store, the_store
from chatpop.uploads.storage.keys import BadKey
from chatpop.uploads.storage.local import LocalStore
from chatpop.uploads.storage.pieces import PIECE_BYTES, Pieces
from chatpop.uploads.storage.refusals import StorageAway

LATER = datetime.now(UTC) + timedelta(hours=1)


def new_key() -> str:
    return secrets.token_urlsafe(16)


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """The address of a bucket; its prefix is chosen by each test."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    names = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=endpoint, **names)
    client.create_bucket(Bucket="files")
    client.close()
    yield f"s3://key:secret@files/%s?endpoint={endpoint}&region=us-east-1"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    environ = {"DATA_DIR": str(tmp_path)}
    if request.param == "s3":
        environ["STORAGE_URL"] = request.getfixturevalue("s3_url") % new_key()
    return make_store(Config.from_environ(environ))


@pytest.fixture
def put(store: Store, tmp_path: Path) -> Callable[[bytes], str]:
    """Store bytes under a new key."""

    def put(data: bytes) -> str:
        source, key = tmp_path / "source", new_key()
        source.write_bytes(data)
        store.put(key, source, "text/plain")
        return key

    return put


class TestAStore:
    def test_gives_back_what_was_put_in_pieces(self, store: Store, put: Callable[[bytes], str]) -> None:
        data = os.urandom(3 * PIECE_BYTES + 17)
        key = put(data)
        pieces = list(store.open(key))
        assert b"".join(pieces) == data
        assert [len(piece) for piece in pieces] == [PIECE_BYTES] * 3 + [17]
        assert store.size(key) == len(data)

    def test_takes_a_large_file_and_an_empty_one(self, store: Store, put: Callable[[bytes], str]) -> None:
        data = os.urandom(2**20) * 18  # several parts of an S3 upload
        assert b"".join(store.open(put(data))) == data
        assert b"".join(store.open(put(b""))) == b""

    @pytest.mark.parametrize(
        ("start", "length"), [(0, 5), (3, None), (3, 4), (0, 0), (9, 100), (10, None), (500, 5), (0, None)]
    )
    def test_gives_a_range(self, store: Store, put: Callable[[bytes], str], start: int, length: int | None) -> None:
        data = b"0123456789"
        end = None if length is None else start + length
        assert b"".join(store.open(put(data), start, length)) == data[start:end]

    def test_a_missing_file_has_no_size_cannot_be_opened_and_may_be_deleted(self, store: Store) -> None:
        assert store.size(new_key()) is None
        with pytest.raises(NotFound):
            store.open(new_key())
        store.delete(new_key())

    def test_deletes_one_file_only(self, store: Store, put: Callable[[bytes], str]) -> None:
        gone, kept = put(b"one"), put(b"two")
        store.delete(gone)
        store.delete(gone)
        assert store.size(gone) is None
        assert b"".join(store.open(kept)) == b"two"

    def test_a_second_put_takes_the_place_of_the_first(self, store: Store, tmp_path: Path) -> None:
        key = new_key()
        for text in (b"first, and longer", b"second"):
            (tmp_path / "text").write_bytes(text)
            store.put(key, tmp_path / "text", "text/plain")
        assert b"".join(store.open(key)) == b"second"

    def test_lists_the_keys_of_old_files(self, store: Store, put: Callable[[bytes], str]) -> None:
        keys = {put(b"x") for _ in range(3)}
        assert set(store.keys(LATER)) == keys
        assert set(store.keys(LATER - timedelta(days=1))) == set()

    @pytest.mark.parametrize(
        "key", ["", "../../../etc/passwd", "a" * 21, "a" * 23, "a" * 21 + "/", "a" * 21 + "\n", "..", "ä" * 22]
    )
    def test_refuses_what_is_no_key(self, store: Store, tmp_path: Path, key: str) -> None:
        for use in (store.open, store.size, store.delete, lambda key: store.put(key, tmp_path, "text/plain")):
            with pytest.raises(BadKey):
                use(key)

    def test_a_reader_may_leave_half_way(self, store: Store, put: Callable[[bytes], str]) -> None:
        reading = store.open(put(bytes(10 * PIECE_BYTES)))
        assert isinstance(reading, Pieces)
        assert next(reading)
        reading.close()


def test_a_local_file_lies_in_a_folder_of_two_letters_for_its_owner_only(tmp_path: Path) -> None:
    store, key = LocalStore(tmp_path / "uploads"), new_key()
    (tmp_path / "source").write_bytes(b"text")
    store.put(key, tmp_path / "source", "text/plain")
    path = tmp_path / "uploads" / key[:2] / key
    assert path.read_bytes() == b"text"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [key]


def test_the_remains_of_a_killed_write_are_listed_and_deleted_but_never_served(tmp_path: Path) -> None:
    store, key = LocalStore(tmp_path / "uploads"), new_key()
    folder = tmp_path / "uploads" / key[:2]
    folder.mkdir(parents=True)
    (folder / f"{key}.part").write_bytes(b"half")
    (folder / "notes.txt").write_bytes(b"not ours")
    assert store.size(key) is None
    assert list(store.keys(LATER)) == [key]
    store.delete(key)
    assert [file.name for file in folder.iterdir()] == ["notes.txt"]


def test_a_disk_that_takes_nothing_is_a_503_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_bytes(b"a file in the folder's place")
    (tmp_path / "source").write_bytes(b"text")
    with pytest.raises(StorageAway) as refusal:
        LocalStore(tmp_path / "uploads").put(new_key(), tmp_path / "source", "text/plain")
    assert (refusal.value.status, refusal.value.retry_after) == (503, 5)


def test_an_object_storage_that_is_away_is_a_503(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"s3://key:secret@files?endpoint=http://127.0.0.1:{closed.getsockname()[1]}"
        store = make_store(Config.from_environ({"DATA_DIR": str(tmp_path), "STORAGE_URL": url}))
        (tmp_path / "source").write_bytes(b"text")
        for use in (
            lambda: store.put(new_key(), tmp_path / "source", "text/plain"),
            lambda: store.open(new_key()),
            lambda: store.size(new_key()),
            lambda: store.delete(new_key()),
            lambda: list(store.keys(LATER)),
        ):
            with pytest.raises(StorageAway):
                use()


def test_a_bucket_that_does_not_exist_is_a_503(s3_url: str, tmp_path: Path) -> None:
    url = s3_url.replace("@files/%s", "@another")
    store = make_store(Config.from_environ({"DATA_DIR": str(tmp_path), "STORAGE_URL": url}))
    (tmp_path / "source").write_bytes(b"text")
    with pytest.raises(StorageAway):
        store.put(new_key(), tmp_path / "source", "text/plain")
    with pytest.raises(StorageAway):
        store.open(new_key())


def test_the_site_keeps_files_under_its_data_dir_by_default(app: Flask) -> None:
    with app.app_context():
        store = the_store()
        assert isinstance(store, LocalStore)
        assert store.root == app.config["CHATPOP"].data_dir.absolute() / "uploads"
        assert the_store() is store


@pytest.mark.parametrize(
    "url",
    [
        "ftp://files",
        "s3://",
        "s3://UP_per?region=x",
        "s3://files?endpoint=minio:9000",
        "s3://files?zone=a",
        "s3://files?region=EU%20west",
        "s3://onlykey@files",
        "/var/files",
    ],
)
def test_a_wrong_address_ends_the_start_without_showing_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as told:
        Config.from_environ({"DATA_DIR": str(tmp_path), "STORAGE_URL": url})
    sentence = str(told.value)
    assert sentence.startswith("STORAGE_URL has a wrong value: ")
    assert sentence.endswith(".")
    assert "onlykey" not in sentence


def test_an_address_is_read_with_its_parts(tmp_path: Path) -> None:
    url = "s3://k%2Fey:s%40cret@my-files/chat/pop/?endpoint=https://minio.example.org:9000&region=eu-central-1"
    bucket = Config.from_environ({"DATA_DIR": str(tmp_path), "STORAGE_URL": url}).bucket
    assert bucket is not None
    assert (bucket.name, bucket.prefix, bucket.region) == ("my-files", "chat/pop/", "eu-central-1")
    assert bucket.endpoint == "https://minio.example.org:9000"
    assert (bucket.access_key, bucket.secret_key) == ("k/ey", "s@cret")
    assert "s@cret" not in repr(bucket)
