"""Jobs of the sweep and of retention, of exports, deletions and merges."""

from __future__ import annotations

from pathlib import Path

import structlog
from flask import current_app

from chatpop.config import Config
from chatpop.lifecycle import daily_figures, deletion, empty_rooms, evidence, export, forgetting, merging, sweep, waking
from chatpop.lifecycle.sweep_models import Source

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


def run_sweep() -> int:
    """The scheduled sweep; returns how many guests it has forgotten."""
    return sweep.sweep(source=Source.SCHEDULE)


def run_asked_sweep(run_id: int) -> int:
    """The sweep that an admin asked for; returns how many guests it has forgotten."""
    return sweep.run(run_id)


def end_sleeps() -> int:
    """Let go of the guests whom nobody woke in time; returns how many."""
    count = waking.end_sleeps()
    log.info("sleeps_ended", count=count)
    return count


def drop_evidence() -> int:
    """Null headers and addresses that have had their time; returns the accounts changed."""
    count = evidence.drop_evidence()
    log.info("evidence_dropped", count=count)
    return count


def delete_forgotten() -> int:
    """Delete the forgotten guests who left nothing public; returns how many."""
    count = forgetting.delete_forgotten()
    log.info("forgotten_deleted", count=count)
    return count


def delete_empty_rooms() -> int:
    """Delete the rooms in which nothing happened and nobody is left; returns how many."""
    count = empty_rooms.delete_empty_rooms()
    log.info("empty_rooms_deleted", count=count)
    return count


def keep_daily_figures() -> int:
    """Keep the figures of the days that are over; returns how many days."""
    count = daily_figures.keep()
    log.info("daily_figures_kept", days=count)
    return count
