"""Every text that people see can be translated, and is: German and Arabic are complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from chatpop.web.languages import LANGUAGES
from translations.extracting import extract, of_module

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")
PIECE = re.compile(
    r"(\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->"
    r"|<[!/a-zA-Z](?:\{%.*?%\}|\{\{.*?\}\}|\"(?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*\"|'[^']*'|[^>\"'])*>)",
    re.S,
)
SAID = re.compile(r"\s(placeholder|title|aria-label|alt|hx-confirm)=\"((?:\{\{.*?\}\}|\{%.*?%\}|[^\"])*)\"")
BLOCK = re.compile(r"\{%-?\s*block (body_class|page_class|kind) ?")
SILENT = ("<script", "<style", "<svg", "<kbd")
"""Elements whose text is no text: drawings, and the names of keys."""
ALLOWED = {"chatpop", "JSON", "HTML", "UTC", "ABC234", "rq-dashboard", "RQ"}
"""Names, and an example of a code."""


def catalogue(language: str) -> Catalog:
    with (ROOT / "translations" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def ids(messages: Catalog) -> set[tuple[str, ...]]:
    return {(message.id,) if isinstance(message.id, str) else tuple(message.id) for message in messages if message.id}


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [message.string or ""]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_exactly_the_texts_of_the_code(language: str) -> None:
    known, wanted = ids(catalogue(language)), ids(extract())
    assert known == wanted, "run python -m translations.update"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_its_placeholders(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        originals = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        allowed = {frozenset(PLACEHOLDER.findall(one)) for one in originals}
        allowed |= {one - {"%(num)s"} for one in allowed if len(originals) > 1}  # "one day" may leave its number out
        for form in forms(message):
            assert form, f"{language} lacks {message.id!r}"
            assert frozenset(PLACEHOLDER.findall(form)) in allowed, (message.id, form)


@pytest.mark.parametrize(("language", "count"), [("de", 2), ("ar", 6)])
def test_counted_texts_have_all_forms_of_the_language(language: str, count: int) -> None:
    counted = [message for message in catalogue(language) if isinstance(message.id, (tuple, list))]
    assert counted
    assert {len(forms(message)) for message in counted} == {count}


def bare(text: str) -> Iterator[str]:
    """What a template says past gettext."""
    silent, is_said, is_class = "", False, False
    for piece in PIECE.split(text):
        lowered = piece.lower()
        if piece.startswith("{%"):
            is_said = bool(re.match(r"\{%-?\s*trans\b", piece)) or (is_said and "endtrans" not in piece)
            is_class = bool(BLOCK.match(piece)) or (is_class and "endblock" not in piece)
        elif piece.startswith("<"):
            if silent and lowered.startswith(f"</{silent[1:]}"):
                silent = ""
            elif not silent and not piece.endswith("/>"):
                silent = next((one for one in SILENT if lowered.startswith(one)), "")
            for name, value in SAID.findall(piece):
                words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", value)
                if re.search("[A-Za-z]", words) and words not in ALLOWED:
                    yield f"{name}={value}"
        elif not piece.startswith("{") and not (silent or is_said or is_class):
            words = piece.strip(" \n·,:;.()")
            is_attribute = re.fullmatch(r'[a-z-]+="', words)  # of a macro that writes one
            if re.search("[A-Za-z]", words) and words not in ALLOWED and not is_attribute:
                yield words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_nothing_past_gettext(path: Path) -> None:
    assert list(bare(path.read_text())) == []


@pytest.mark.parametrize(
    "seed", ["<p>Hello</p>", '<p title="Hello"></p>', "{% if x %}Hello{% endif %}", '<img alt="a {{ x }}">']
)
def test_the_check_finds_a_seeded_text(seed: str) -> None:
    assert list(bare(seed))


@pytest.mark.parametrize(
    "seed", ['<p>{{ _("Hello") }}</p>', "{% trans %}Hello <b>you</b>{% endtrans %}", "<kbd>k</kbd>"]
)
def test_the_check_lets_a_marked_text_pass(seed: str) -> None:
    assert not list(bare(seed))


def test_the_sentences_of_refusals_are_found() -> None:
    assert list(of_module('class A:\n    status, code, sentence = 404, "a", "Nothing."\n')) == ["Nothing."]
    assert list(of_module('class A:\n    sentence = "Nothing."\n')) == ["Nothing."]
    assert list(of_module('raise A(text("%(n)s is the most.", n=1))')) == ["%(n)s is the most."]
    assert list(of_module('counted("%(num)s day", "%(num)s days", 2)')) == [("%(num)s day", "%(num)s days")]
