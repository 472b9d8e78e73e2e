"""Lighthouse on the emulated phone, against the goals of the first five seconds."""
