"""Third-party browser files: taken from a pinned package, checked, never committed."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class VendorFile:
    """A file inside the django-htmx wheel, which carries htmx's own builds unchanged."""

    name: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        spec = importlib.util.find_spec("django_htmx")
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError("the package django-htmx is not installed")
        return Path(spec.submodule_search_locations[0]) / "static" / "django_htmx" / self.name


FILES = [
    VendorFile("htmx-2.min.js", "2.0.10", "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"),
    VendorFile("ext/hx-sse-2.min.js", "2.2.4", "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136"),
]


def verify() -> list[str]:
    """One sentence a file that is missing or not the pinned one; an empty list when all is well."""
    problems = []
    for file in FILES:
        try:
            found = hashlib.sha256(file.path.read_bytes()).hexdigest()
        except OSError as error:
            problems.append(f"The browser file {file.name} ({file.version}) is missing: {error}.")
            continue
        if found != file.sha256:
            problems.append(f"The browser file {file.name} is not version {file.version}: its checksum is {found}.")
    return problems
