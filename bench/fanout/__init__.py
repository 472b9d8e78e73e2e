"""Delivery to many readers, and what a message costs, beside a loop in C and beside a null endpoint."""
