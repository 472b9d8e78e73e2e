"""What the commands hand to the processes they start."""

from __future__ import annotations

from pathlib import Path

from chatpop.running.surroundings import read_dotenv, surroundings


def test_the_folder_is_absolute_and_the_clock_is_utc(tmp_path: Path) -> None:
    made = surroundings(tmp_path, {"PATH": "/bin", "TZ": "Europe/Berlin", "PYTHONDONTWRITEBYTECODE": "1"})

    assert made == {
        "PATH": "/bin",
        "TZ": "UTC",
        "DATA_DIR": str(tmp_path / "var"),
        "PYTHONPATH": str(tmp_path),
    }


def test_a_relative_folder_is_seen_from_where_the_command_was_called(tmp_path: Path) -> None:
    assert surroundings(tmp_path, {"DATA_DIR": "site"})["DATA_DIR"] == str(Path.cwd() / "site")


def test_the_file_gives_what_the_environment_does_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# a comment\n\nPORT=9000\nexport HOST = 'localhost'\nDATABASE_URL=postgresql://x/y?a=b#c\nREDIS_URL=\n"
    )

    made = surroundings(tmp_path, {"PORT": "9001", "HOST": ""})

    assert made["PORT"] == "9001"
    assert made["HOST"] == "localhost"
    assert made["DATABASE_URL"] == "postgresql://x/y?a=b#c"
    assert "REDIS_URL" not in made
    assert surroundings(tmp_path, {}, dotenv=False).get("PORT") is None


def test_a_missing_file_is_nothing_to_complain_about(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / ".env") == {}
