"""The command line. Standard output holds the result alone; logs go to standard error."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from chatpop.accounts.admins import create_admin
from chatpop.accounts.registration import Draft
from chatpop.app import create_app
from chatpop.config import ConfigError
from chatpop.core.errors import DomainError
from chatpop.lifecycle.figures import count_everything
from chatpop.settings import changing, registry


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        with create_app().app_context():
            return command(options)
    except (ConfigError, DomainError) as problem:
        print(problem, file=sys.stderr)
        return 1


def _stats(options: argparse.Namespace) -> int:
    counts = count_everything()
    if options.json:
        print(json.dumps(counts))
        return 0
    for tier, states in counts.pop("users").items():  # type: ignore[attr-defined]
        print(f"{tier}s: " + ", ".join(f"{number} {state}" for state, number in states.items()))
    for noun, number in counts.items():
        print(f"{noun}: {number}")
    return 0


def _settings_list(_: argparse.Namespace) -> int:
    for setting in registry.everything():
        print(f"{setting.name}={registry.text_of(setting.get())}")
    return 0


def _settings_get(options: argparse.Namespace) -> int:
    print(registry.text_of(registry.find(options.name).get()))
    return 0


def _settings_set(options: argparse.Namespace) -> int:
    changing.change(options.name, options.value)
    return _settings_get(options)


def _create_admin(options: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        print("Type the password and press Enter.", file=sys.stderr)
    password = sys.stdin.readline().rstrip("\r\n")
    user = create_admin(Draft(options.username, options.email, password))
    print(user.username)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/chatpop", description="Look after a chatpop site.")
    commands = parser.add_subparsers(required=True, metavar="command")
    stats = commands.add_parser("stats", help="row counts of users, names, rooms and messages")
    stats.add_argument("--json", action="store_true")
    stats.set_defaults(command=_stats)
    settings = commands.add_parser("settings", help="what can be changed while the site runs")
    verbs = settings.add_subparsers(required=True, metavar="verb")
    verbs.add_parser("list", help="all settings with the values in force").set_defaults(command=_settings_list)
    get = verbs.add_parser("get", help="the value in force")
    get.add_argument("name")
    get.set_defaults(command=_settings_get)
    change = verbs.add_parser("set", help="store a value; it is in force in every process within two seconds")
    change.add_argument("name")
    change.add_argument("value")
    change.set_defaults(command=_settings_set)
    admin = commands.add_parser("create-admin", help="make an admin; the password comes on standard input")
    admin.add_argument("--username", required=True)
    admin.add_argument("--email", required=True)
    admin.set_defaults(command=_create_admin)
    return parser


if __name__ == "__main__":
    sys.exit(main())
