"""chatpop: a self-hosted chat site whose heart is identity without friction."""
