"""What every domain stands on: time, ids, the database, Redis, the queue, refusals."""
