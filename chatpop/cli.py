"""The command line. Standard output holds the result alone; logs go to standard error."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from flask import current_app

from chatpop.accounts.admins import create_admin
from chatpop.accounts.registration import Draft
from chatpop.app import create_app
from chatpop.backups import commands as backups
from chatpop.config import ConfigError
from chatpop.core.errors import DomainError
from chatpop.lifecycle import demo, sweep, sweep_report, sweep_runs
from chatpop.lifecycle.figures import count_everything
from chatpop.settings import changing, registry
from chatpop.uploads import removals
from chatpop.uploads.storage import the_store


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


def _sweep(options: argparse.Namespace) -> int:
    if options.dry_run:
        print(_show_due())
        return 0
    count = sweep.sweep(options.force)
    if count == 0 and sweep_runs.holding() is not None:
        print(
            "The sweep is held back: too many guests are due at once. See /admin/sweep, or use --force.",
            file=sys.stderr,
        )
    print(count)
    return 0


def _show_due() -> int:
    """A line for each guest who would go: name, last seen, private files. Returns how many."""
    count, page = 0, 1
    while found := sweep_report.due_guests(page, per_page=500):
        for guest in found:
            print(f"{guest.name}\t{guest.last_seen_at:%Y-%m-%d %H:%M:%S}\t{guest.private_files}")
        count, page = count + len(found), page + 1
    return count


def _orphans(options: argparse.Namespace) -> int:
    """A line for each file without a row and each row without a file, then their number."""
    store = the_store()
    found = removals.find_orphans(store) if options.dry_run else removals.remove_orphans(store, force=options.force)
    for key in found.files:
        print(f"file\t{key}")
    for _, key in found.rows:
        print(f"row\t{key}")
    print(len(found.files) + len(found.rows))
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


def _seed_demo(_: argparse.Namespace) -> int:
    """A line for each room: its code and name."""
    for room in demo.seed_demo(current_app.config["CHATPOP"]):
        print(f"{room.code}\t{room.name}")
    return 0


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
    forget = commands.add_parser("sweep", help="forget idle guests now; prints how many")
    forget.add_argument("--dry-run", action="store_true", help="only list who would be forgotten")
    forget.add_argument("--force", action="store_true", help="even if it is held back because too many are due")
    forget.set_defaults(command=_sweep)
    backups.add_to(commands)
    uploads = commands.add_parser("uploads", help="look after stored files")
    kinds = uploads.add_subparsers(required=True, metavar="verb")
    orphans = kinds.add_parser("orphans", help="remove files without a row, and rows without a file")
    orphans.add_argument("--dry-run", action="store_true", help="only list what would go")
    orphans.add_argument("--force", action="store_true", help="even if most of the files are missing")
    orphans.set_defaults(command=_orphans)
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
    seed = commands.add_parser("seed-demo", help="open two rooms with people who talk, to look at")
    seed.set_defaults(command=_seed_demo)
    return parser


if __name__ == "__main__":
    sys.exit(main())
