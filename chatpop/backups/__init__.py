"""Backups: one archive with all a site needs to go on elsewhere, and the way back from it."""
