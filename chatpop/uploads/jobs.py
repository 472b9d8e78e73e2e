"""Jobs of the uploads."""

from __future__ import annotations

from pathlib import Path

import structlog
from flask import current_app

from chatpop.config import Config
from chatpop.uploads import intake, removals, thumbnails
from chatpop.uploads.storage import the_store

log = structlog.get_logger()


def incoming_folder() -> Path:
    """Where files lie while they arrive, and while they are worked on."""
    config: Config = current_app.config["CHATPOP"]
    return config.data_dir.absolute() / "incoming"


def make_thumbnail(upload_id: int) -> None:
    done = thumbnails.make(upload_id, the_store(), incoming_folder())
    log.info("thumbnail_made" if done else "thumbnail_not_made", upload=upload_id)


def make_lost_thumbnails() -> int:
    """Make thumbnails whose job was lost; returns how many."""
    count = thumbnails.make_lost(the_store(), incoming_folder())
    log.info("lost_thumbnails_made", count=count)
    return count


def remove_files() -> int:
    """Remove files that the outbox names; returns how many."""
    count = removals.remove_files(the_store())
    log.info("files_removed", count=count)
    return count


def remove_drafts() -> int:
    """End what was brought for a room and never sent; returns how many."""
    count = removals.remove_forgotten()
    log.info("drafts_removed", count=count)
    return count


def remove_orphans() -> int:
    """Remove what dead processes left, and what was never sent; returns how many files and rows."""
    forgotten = removals.remove_forgotten()
    strays = intake.remove_strays(incoming_folder())
    found = removals.remove_orphans(the_store())
    log.info(
        "orphans_removed", files=len(found.files), rows=len(found.rows), never_sent=forgotten, half_received=strays
    )
    return len(found.files) + len(found.rows) + forgotten + strays
