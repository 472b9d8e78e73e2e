"""What touches several domains of one person: being forgotten, merged, deleted, exported."""
