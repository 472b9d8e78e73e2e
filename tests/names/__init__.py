"""Tests of the name system."""
