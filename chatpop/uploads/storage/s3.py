"""Files in an object storage that speaks S3."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import boto3  # type: ignore[import-untyped]
from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError  # type: ignore[import-untyped]

from chatpop.core.errors import NotFound
from chatpop.running.bucket import Bucket
from chatpop.uploads.storage.keys import checked, is_key
from chatpop.uploads.storage.pieces import Pieces
from chatpop.uploads.storage.refusals import StorageAway

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 15
_PART_BYTES: Final = 8 * 2**20
_MISSING: Final = ("404", "NoSuchKey", "NotFound")


class S3Store:
    """Each file is one object called prefix + key; parts of 8 MiB are sent one after the other."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region or ("us-east-1" if bucket.endpoint else None),
            aws_access_key_id=bucket.access_key,
            aws_secret_access_key=bucket.secret_key,
            config=_config(bucket),
        )

    def put(self, key: str, source: Path, media_type: str) -> None:
        """Raises :class:`StorageAway`; nothing is stored then."""
        with _away():
            self._client.upload_file(
                str(source),
                self._bucket.name,
                self._name(key),
                ExtraArgs={"ContentType": media_type},
                Config=TransferConfig(
                    multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES, use_threads=False
                ),
            )

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Raises ``NotFound``, :class:`StorageAway`; the pieces raise the latter, too."""
        if length == 0:
            return iter(())
        last = "" if length is None else start + length - 1
        wanted = {} if not start and length is None else {"Range": f"bytes={start}-{last}"}
        try:
            with _away():
                found = self._client.get_object(Bucket=self._bucket.name, Key=self._name(key), **wanted)
        except _Refused as error:
            if error.code == "InvalidRange":
                return iter(())
            raise NotFound from None
        return _RemotePieces(found["Body"], length)

    def size(self, key: str) -> int | None:
        """In bytes; None where there is no such file. Raises :class:`StorageAway`."""
        try:
            with _away():
                return int(self._client.head_object(Bucket=self._bucket.name, Key=self._name(key))["ContentLength"])
        except _Refused:
            return None

    def delete(self, key: str) -> None:
        """A missing file is success. Raises :class:`StorageAway`."""
        try:
            with _away():
                self._client.delete_object(Bucket=self._bucket.name, Key=self._name(key))
        except _Refused:
            return

    def keys(self, older_than: datetime) -> Iterator[str]:
        """Those stored before ``older_than``; what is not ours is left out. Raises :class:`StorageAway`."""
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket.name, Prefix=self._bucket.prefix)
        )
        while True:
            with _away():
                page = next(pages, None)
            if page is None:
                return
            for found in page.get("Contents", ()):
                key = found["Key"].removeprefix(self._bucket.prefix)
                if is_key(key) and found["LastModified"] < older_than:
                    yield key

    def _name(self, key: str) -> str:
        return self._bucket.prefix + checked(key)


class _Refused(Exception):
    """The storage answered that there is no such file, or no such part of it."""

    def __init__(self, code: str) -> None:
        self.code = code


class _RemotePieces(Pieces):
    def _read(self, amount: int) -> bytes:
        with _away():
            return super()._read(amount)


def _config(bucket: Bucket) -> Config:
    """Checksums only where S3 asks for them: other makers' storages don't know the newer ones."""
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=20,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if bucket.endpoint else "auto"},
    )


@contextmanager
def _away() -> Iterator[None]:
    """Turn the library's errors into ours; what went wrong goes to the log."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in (*_MISSING, "InvalidRange"):
            raise _Refused(code) from None
        log.warning("the object storage refused: %s", code)
        raise StorageAway from None
    except (BotoCoreError, Boto3Error, HTTPClientError, OSError) as error:
        log.warning("the object storage is away: %s", type(error).__name__)
        raise StorageAway from None
