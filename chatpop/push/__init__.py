"""Telling people's browsers while nobody looks at the site (Web Push: RFC 8030, 8291 and 8292)."""
