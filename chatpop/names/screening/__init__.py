"""Screening: which names are rude or hateful; mild rules for chosen names, strict for generated ones."""

from chatpop.names.screening.chosen import chosen_refusal
from chatpop.names.screening.generated import clean_digit_groups, digits_are_clean, generated_is_clean

__all__ = ["chosen_refusal", "clean_digit_groups", "digits_are_clean", "generated_is_clean"]
