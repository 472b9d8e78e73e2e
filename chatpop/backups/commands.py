"""``bin/chatpop backup`` and ``bin/chatpop restore``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from chatpop.backups.restoring import has_another_key, has_another_push_key, restore_backup
from chatpop.backups.saving import make_backup
from chatpop.config import Config
from chatpop.extensions import db
from chatpop.uploads.storage import the_store

if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]

_COUNTED = ("users", "names", "rooms", "messages", "uploads")


def add_to(commands: Parsers) -> None:
    backup = commands.add_parser("backup", help="save database, files and keys while the site runs")
    backup.add_argument("file", nargs="?", type=Path, help="default: a dated file under DATA_DIR/backups")
    backup.add_argument("--with-files", action="store_true", help="with STORAGE_URL: the files there, too")
    backup.set_defaults(command=_backup)
    restore = commands.add_parser("restore", help="bring a backup back into a stopped site")
    restore.add_argument("file", type=Path)
    restore.add_argument("--force", action="store_true", help="replace what the database holds")
    restore.set_defaults(command=_restore)


def _backup(options: argparse.Namespace) -> int:
    """The archive's path."""
    config: Config = current_app.config["CHATPOP"]
    with_files = options.with_files or config.bucket is None
    print(make_backup(config, db.engine, the_store(), options.file, with_files=with_files))
    return 0


def _restore(options: argparse.Namespace) -> int:
    """What has been restored, a line for each kind."""
    config: Config = current_app.config["CHATPOP"]
    manifest = restore_backup(config, db.engine, the_store(), options.file, force=options.force)
    if has_another_key(config):
        print("SECRET_KEY is set and is not the backup's: everybody has to come in anew.", file=sys.stderr)
    if has_another_push_key(config, manifest):
        print(
            "VAPID_PRIVATE_KEY is set and is not the backup's: people have to switch notifications on anew.",
            file=sys.stderr,
        )
    if not manifest.has_files:
        print("The backup holds no files; they are expected where they were.", file=sys.stderr)
    for name in _COUNTED:
        if name in manifest.tables:
            print(f"{name}: {manifest.tables[name].rows}")
    print(f"files: {sum(name.startswith('uploads/') for name in manifest.members)}")
    return 0
