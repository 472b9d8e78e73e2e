"""Bring the catalogues up to date with the code: ``python -m translations.update``.

New texts come in without a translation, those that are no longer used go, and nothing is guessed.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from translations.extracting import extract

FOLDER = Path(__file__).resolve().parent


def update(path: Path, template: Catalog) -> list[str]:
    """Write the catalogue anew; the texts that still want a translation."""
    with path.open("rb") as file:
        present = read_po(file, locale=path.stem)
    fresh = Catalog(
        locale=path.stem, charset="utf-8", fuzzy=False, header_comment=f"# The texts of chatpop: {path.stem}"
    )
    fresh.creation_date = fresh.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    fresh.project, fresh.version, fresh.last_translator, fresh.language_team = "chatpop", "1", "", ""
    missing = []
    for message in template:
        if not message.id:
            continue
        known = present.get(message.id)
        said = known.string if known is not None and bool(known.pluralizable) == bool(message.pluralizable) else None
        fresh.add(message.id, said)
        if not said or (isinstance(said, tuple) and not all(said)):
            missing.append(message.id[0] if isinstance(message.id, tuple) else message.id)
    with path.open("wb") as file:
        write_po(file, fresh, width=120, no_location=True, sort_output=True, include_previous=False)
    return missing


def main() -> int:
    template, wanting = extract(), 0
    for path in sorted(FOLDER.glob("*.po")):
        missing = update(path, template)
        wanting += len(missing)
        print(f"{path.stem}: {len(template)} texts, {len(missing)} without a translation")
        for text in missing:
            print(f"  {text}")
    return 1 if wanting else 0


if __name__ == "__main__":
    sys.exit(main())
