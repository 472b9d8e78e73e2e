"""Templates hold no script, style or unescaped text, so that the strict policy can stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = "an inline script"
THEIRS = "rq_dashboard/base.html"
"""Includes the scripts of a package, which has them inline; its pages have a policy of their own."""
FORBIDDEN = {
    INLINE: re.compile(r"<script(?![^>]*\b(?:src=|type=\"text/template\"))", re.I),
    "an inline style": re.compile(r"<style|\sstyle=", re.I),
    "an inline handler": re.compile(r"\son[a-z]+=", re.I),
    "hx-on": re.compile(r"hx-on", re.I),
    "a script address": re.compile(r"javascript:|[\"']js:", re.I),
    "a trigger filter": re.compile(r'hx-trigger="[^"]*\['),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false", re.I),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    for what, pattern in FORBIDDEN.items():
        if (str(path.relative_to(ROOT / "templates")), what) != (THEIRS, INLINE):
            assert not pattern.search(text), f"{path.name} holds {what}"


@pytest.mark.parametrize("seed", ["<script>x</script>", '<p style="x">', '<a onclick="x">', "{{ x|safe }}"])
def test_the_lint_catches_a_seeded_fault(seed: str) -> None:
    assert any(pattern.search(seed) for pattern in FORBIDDEN.values())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_form_that_writes_carries_a_token_unless_it_is_neutral(path: Path) -> None:
    neutral = {"_message.html", "_reactions.html"}  # no viewer in them: the browser's headers vouch for their writes
    text = path.read_text()
    for form in re.findall(r"<form\b.*?</form>", text, re.S):
        if 'method="post"' in form and path.name not in neutral:
            assert "csrf_field()" in form, f"a form of {path.name} has no token"
