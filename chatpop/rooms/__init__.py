"""Rooms: opening, joining, talking, and what everybody in one sees live."""
