"""A wrong value in the environment ends the start with one sentence that names the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatpop.config import Config, ConfigError
from chatpop.settings import registry

GOOD_SECRET = "correct-horse-battery-staple-0123456789"


def load(tmp_path: Path, **environ: str) -> Config:
    return Config.from_environ({"DATA_DIR": str(tmp_path), **environ})


WRONG = [
    ("PORT", "eighty"),
    ("PORT", "0"),
    ("PORT", "70000"),
    ("METRICS_PORT", "-1"),
    ("DATABASE_URL", "mysql://x"),
    ("REDIS_URL", "localhost:6379"),
    ("PUBLIC_URL", "chat.example.org"),
    ("PUBLIC_URL", "ftp://chat.example.org"),
    ("PUBLIC_URL", "https://chat.example.org/path"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
    ("SECRET_KEY", "a" * 40),
    ("TRUSTED_PROXIES", "many"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXY_CIDRS", "10.0.0.0/99"),
    ("GUEST_RECOGNITION", "assisted"),
    ("FINGERPRINT_INCLUDE_IP", "perhaps"),
    ("VAPID_PRIVATE_KEY", "short"),
    ("VAPID_PRIVATE_KEY", "A" * 43),
    ("PUSH_ENDPOINT_HOSTS", "https://fcm.googleapis.com"),
    ("PUSH_ENDPOINT_HOSTS", "fcm.googleapis.com, *"),
]


@pytest.mark.parametrize(("variable", "value"), WRONG)
def test_a_wrong_value_names_its_variable(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigError) as told:
        load(tmp_path, **{variable: value})
    sentence = str(told.value)
    assert sentence.startswith(variable)
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_the_headers_policy_must_be_meant(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GUEST_RECOGNITION_ACCEPT=strangers-may-share-accounts"):
        load(tmp_path, GUEST_RECOGNITION="headers")
    accepted = {"GUEST_RECOGNITION_ACCEPT": "strangers-may-share-accounts"}
    assert load(tmp_path, GUEST_RECOGNITION="headers", **accepted).guest_recognition == "headers"


def test_a_missing_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_default_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert load(tmp_path).database_url == f"sqlite:///{tmp_path}/chatpop.sqlite3"
    assert load(tmp_path, DATABASE_URL="postgres://a/b").database_url == "postgresql://a/b"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert load(tmp_path, PORT="", REDIS_URL=" ").port == 8000


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="DATA_DIR"):
        Config.from_environ({"DATA_DIR": str(tmp_path / "file" / "below")})


def test_hosts_default_to_the_public_address_else_loopback(tmp_path: Path) -> None:
    assert load(tmp_path).hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert load(tmp_path, PUBLIC_URL="https://chat.example.org").hosts == ["chat.example.org"]
    assert load(tmp_path, TRUSTED_HOSTS="a.example, b.example").hosts == ["a.example", "b.example"]
    assert "192.0.2.7" in load(tmp_path, HOST="192.0.2.7").hosts


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("UNREGISTERED_MAX_FILE_SIZE_MB", "0"),
        ("UNREGISTERED_MAX_FILE_SIZE_MB", "-1"),
        ("USER_MAX_UPLOADS", "-2"),
        ("UNREGISTERED_ALLOWED_TYPES", "jpeg"),
        ("USER_ALLOWED_TYPES", "image/jpeg,"),
        ("UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS", "-2"),
        ("UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS", "soon"),
        ("SWEEP_MAX_SHARE", "1.5"),
        ("PASSWORD_MIN_LENGTH", "7"),
        ("ROLL_WINDOW_SECONDS", "0"),
    ],
)
def test_a_wrong_default_of_a_setting_is_told_too(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        registry.use_environment({variable: value})
    registry.use_environment({})


@pytest.mark.parametrize("kept", ["", "short", "a" * 48])
def test_a_kept_secret_that_anybody_could_guess_ends_the_start(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret_key").write_text(kept)
    with pytest.raises(ConfigError, match="SECRET_KEY, kept in"):
        Config.from_environ({"DATA_DIR": str(tmp_path)})


def test_every_variable_is_in_the_example_file() -> None:
    text = (Path(__file__).resolve().parents[1] / ".env.example").read_text()
    names = [name.upper() for name in Config.model_fields if name != "setting_defaults"]
    names += [setting.name for setting in registry.everything()]
    assert [name for name in names if f"{name}=" not in text] == []


@pytest.mark.parametrize("variable", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_a_value_that_may_hold_a_password_is_never_shown(tmp_path: Path, variable: str) -> None:
    with pytest.raises(ConfigError) as told:
        load(tmp_path, **{variable: "hunter2:hunter2"})
    assert "hunter2" not in str(told.value)
