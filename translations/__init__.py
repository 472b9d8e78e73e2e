"""The catalogues of the languages, and what keeps them up to date."""
