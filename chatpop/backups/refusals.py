"""Why a backup can't be made or restored."""

from __future__ import annotations

from chatpop.core.errors import DomainError


class BackupFailed(DomainError):
    code, sentence = "backup_failed", "The backup could not be written."


class BadArchive(DomainError):
    code, sentence = "bad_archive", "This is no backup of chatpop, or it is damaged."


class SiteIsRunning(DomainError):
    status, code, sentence = 409, "site_is_running", "The site is running; stop it first."


class NotEmpty(DomainError):
    status, code, sentence = 409, "not_empty", "The database is not empty."
