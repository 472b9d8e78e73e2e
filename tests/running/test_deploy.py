"""What an operator copies: unit files, the proxies' examples, .env.example, and the commands of the guide."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatpop.config import Config
from chatpop.settings import registry

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted(path for path in (ROOT / "deploy").iterdir() if path.suffix in (".service", ".timer"))
GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
PLACE = "/srv/chatpop"
_COMMAND = re.compile(r"(?<!/usr/)(?<!venv/)(?<!\w)(bin/[a-z-]+)((?: [a-z][a-z-]+)*)", re.MULTILINE)


class _Unit(configparser.RawConfigParser):
    """systemd's files name a key as often as they like, in its own case of letters."""

    def __init__(self) -> None:
        super().__init__(strict=False, interpolation=None)

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_its_sections_and_runs_what_is_there(path: Path) -> None:
    unit = _Unit()
    unit.read_string(path.read_text(encoding="utf-8"))
    if path.suffix == ".timer":
        assert path.with_suffix(".service") in UNITS
        assert unit["Timer"]["OnCalendar"]
        return
    service = unit["Service"]
    assert service["User"] == "chatpop"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    for word in service["ExecStart"].split():
        if word.startswith(f"{PLACE}/") and ".venv" not in word:
            assert (ROOT / word.removeprefix(f"{PLACE}/")).exists(), word


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_no_fault_in_a_unit(path: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # the test above has read the file
    for unit in UNITS:  # a timer names its service
        text = unit.read_text(encoding="utf-8").replace(f"{PLACE}/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace(f"{PLACE}/", f"{ROOT}/"))
    done = subprocess.run(
        [analyze, "verify", "--man=no", tmp_path / path.name], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_split_units_run_the_processes_of_the_procfile() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line)
    assert {"web", "worker", "scheduler"} <= set(lines)
    marks = {"web": "-m gunicorn -c gunicorn.conf.py", "worker": "worker.py", "scheduler": "-m chatpop.schedule"}
    units = {path.name.removeprefix("chatpop-").split("@")[0].split(".")[0]: path.read_text() for path in UNITS}
    for name, mark in marks.items():
        assert mark in lines[name]
        assert mark in units[name]


def test_env_example_names_every_variable_with_its_default_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
    variables = {name.upper() for name in Config.model_fields if name != "setting_defaults"}
    settings = {setting.name: registry.text_of(setting.default) for setting in registry.everything()}
    assert set(documented) == variables | set(settings)
    assert {name: documented[name] for name in settings} == settings
    config = Config.from_environ({"DATA_DIR": documented["DATA_DIR"], "SECRET_KEY": "Zx9-0123456789-abcdefghij-KLMNOP"})
    read = Config.from_environ({**documented, "SECRET_KEY": config.secret_key})
    assert read.model_dump(exclude={"setting_defaults"}) == config.model_dump(exclude={"setting_defaults"})


def test_every_command_of_the_guide_exists() -> None:
    from chatpop.cli import _parser

    found = _COMMAND.findall(GUIDE)
    assert {"bin/run", "bin/chatpop"} <= {command for command, _ in found}
    known = _verbs(_parser().format_help())
    for command, words in found:
        assert (ROOT / command).is_file(), command
        if command == "bin/chatpop" and words:
            assert words.split()[0] in known, words


def _verbs(usage: str) -> set[str]:
    return set(re.findall(r"^    ([a-z-]+)", usage, re.MULTILINE))


def test_every_setting_and_variable_that_the_guide_names_exists() -> None:
    named = set(re.findall(r"`(?:bin/chatpop )?(?:settings set )?([A-Z]+(?:_[A-Z]+)+)", GUIDE))
    known = {name.upper() for name in Config.model_fields} | {setting.name for setting in registry.everything()}
    assert named
    assert named <= known


def test_every_file_that_the_guide_links_or_copies_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target
    for target in re.findall(r"\bdeploy/[\w.@-]+", GUIDE):
        assert (ROOT / target).exists(), target


def test_both_proxies_replace_the_clients_own_address_and_stream() -> None:
    nginx = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "add_x_forwarded_for" not in nginx
    stream = nginx[nginx.index("/stream$ {") :].partition("}")[0]
    assert "proxy_buffering off;" in stream
    caddy = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "flush_interval -1" in caddy
