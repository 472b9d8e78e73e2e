"""Jobs of exports, deletions and merges."""

from __future__ import annotations

from pathlib import Path

import structlog
from flask import current_app

from chatpop.config import Config
from chatpop.lifecycle import deletion, export, merging

log = structlog.get_logger()


def exports_folder() -> Path:
    """Where exports lie; a worker on another host needs the same ``DATA_DIR``."""
    config: Config = current_app.config["CHATPOP"]
    return config.data_dir.absolute() / "exports"


def write_export(export_id: int) -> None:
    done = export.write_export(export_id, exports_folder())
    log.info("export_written" if done else "export_already_there", export=export_id)


def finish_deletion(user_id: int) -> None:
    count = deletion.finish_deletion(user_id)
    log.info("deletion_finished", messages=count)


def tend_exports() -> int:
    """Remove old exports and write those whose job was lost; returns how many were removed."""
    count = export.tend_exports(exports_folder())
    log.info("exports_tended", removed=count)
    return count


def finish_deletions() -> int:
    """Finish deletions whose job was lost; returns how many."""
    count = deletion.finish_deletions()
    log.info("deletions_finished", count=count)
    return count


def forget_merges() -> int:
    """Forget the merges that can't be undone any more; returns how many."""
    count = merging.forget_merges()
    log.info("merges_forgotten", count=count)
    return count
