"""A push service next door, and a site that may use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.push_service import PushService, running_push_service


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with running_push_service(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
        yield running


@pytest.fixture
def app(make_app: Callable[..., Flask], service: PushService) -> Flask:
    return make_app(PUSH_ENDPOINT_HOSTS=f"{service.host},push.example")
