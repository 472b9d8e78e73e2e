"""The light formatting of messages: what it draws, and that nothing else ever comes out of it."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from chatpop.names.key import canonical_key
from chatpop.rooms import formatting, markup
from chatpop.rooms.formatting import ATTRIBUTES, REL, TAGS, body_html, names_in, plain_text
from chatpop.rooms.models import BODY_LIMIT
from tests.support.people import Person

MENTIONS = {canonical_key("Name"): "a1b2"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**<img src=x onerror=alert(1)>**",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "[x](/logout)",
    '[x](https://e.example/" onmouseover="alert(1))',
    "[x](<https://e.example/><img src=x onerror=alert(1)>)",
    '[x](https://e.example "title" onclick=alert(1)")',
    "![x](https://e.example/track.gif)",
    "<https://e.example/><b>",
    "`<b>` ``` <i>",
    "```\n</code></pre><script>x</script>\n```",
    "```html onload=x\n<svg/onload=x>\n```",
    "> <iframe src=https://e.example>",
    "- <style>*{display:none}</style>",
    "1. <a href='javascript:x'>x</a>",
    "# heading\n===\n| a | b |\n|---|---|",
    "https://e.example/'onmouseover='alert(1)",
    "https://e.example/<script>",
    "http://[::1 http://% https://[",
    "[x](https://[) [y](http://%5B)",
    "\u202e[x](https://e.example)\u202c",
    "[a]: https://e.example\n[a]",
    "@<b>name</b> @name",
    "&lt;b&gt; &amp; &#60;script&#62;",
]
SIGNS = st.text(alphabet="*_~`[]()<>!\\#-+1.@ab:/\n \"'&\u202e\u05d0", max_size=120)
PIECES = st.lists(st.one_of(SIGNS, st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=8).map("".join)
DEEP = ["*[(", "*", "_*", "[", "](", "[a](", "**a ", "***a**", "\\", "http://a.", "a.com ", "<", "> ", "- ", ">- "]
DEEP += ["1. ", "\n- ", "\n> ", "\n*[(", "- *[(\n", "`", "``a`", "@aaa ", "\n```\n", "[a](https://e.org)\n", "~~a~"]


class Reader(HTMLParser):
    """What a browser would make of it: elements, their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def check(text: str) -> None:
    for tag, attributes in Reader(body_html(text, MENTIONS)).elements:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | {"rel"}
        if tag == "a":
            href = attributes["href"] or ""
            assert href.startswith(("http://", "https://"))
            assert attributes["rel"] == REL
            assert attributes["target"] == "_blank"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *soft* and _soft_", "<strong>bold</strong> and <em>soft</em> and <em>soft</em>"),
        ("~~gone~~ `x < y`", "<s>gone</s> <code>x &lt; y</code>"),
        ("one *two*\nthree", "one <em>two</em><br>three"),
        ("```\na\n  b\n```", '<pre dir="auto"><code>a\n  b</code></pre>'),
        ("- a\n- b", '<ul dir="auto"><li>a</li><li>b</li></ul>'),
        ("3. a\n4. b", '<ol start="3" dir="auto"><li>a</li><li>b</li></ol>'),
        ("> so\n\nno", '<blockquote dir="auto"><p>so</p></blockquote><p dir="auto">no</p>'),
        (
            "**@name**, `@name`",
            '<strong><bdi class="mention" data-mention="a1b2">@name</bdi></strong>, <code>@name</code>',
        ),
        ("snake_case_name 2*3*4", "snake_case_name 2<em>3</em>4"),
        ("¯\\_(ツ)_/¯ -> 5 > 3", "¯_(ツ)_/¯ -&gt; 5 &gt; 3"),
    ],
)
def test_what_the_signs_draw(text: str, html: str) -> None:
    assert body_html(text, MENTIONS) == html


@pytest.mark.parametrize("text", ["-", "+", "1.", ">", "```", "# big", "* * *", "a | b", "![", "&amp;", "<b>x</b>"])
def test_signs_without_a_meaning_stay_what_they_are(text: str) -> None:
    assert Reader(body_html(text)).text.strip() == text
    assert plain_text(text) == text


def test_a_link_with_words_of_its_own_tells_where_it_leads() -> None:
    html = body_html("[https://bank.example](https://evil.example/x) https://plain.example/a_b_c")
    assert 'href="https://evil.example/x" target="_blank" data-host="evil.example"' in html
    assert f'<a href="https://plain.example/a_b_c" target="_blank" rel="{REL}">https://plain.example/a_b_c</a>' in html


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_out(text: str) -> None:
    check(text)


@given(PIECES)
@settings(max_examples=300, deadline=None)
def test_nothing_but_what_is_allowed_comes_out_of_any_text(text: str) -> None:
    check(text)


@given(PIECES)
@settings(max_examples=300, deadline=None)
def test_a_text_that_is_told_to_have_no_formatting_has_none(text: str) -> None:
    if markup.is_formatted(text):
        return
    kinds = {child.type for token in markup.tokens(text) for child in token.children or []}
    assert kinds <= {"text", "softbreak", "hardbreak"}
    assert body_html(text) == escape(text)


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_the_plain_form_is_one_line_and_never_lost(text: str) -> None:
    line = plain_text(text)
    assert "\n" not in line
    assert len(line) <= formatting.LINE_LIMIT
    assert bool(line) == bool(text.strip())


@pytest.mark.parametrize("piece", DEEP)
def test_no_text_takes_much_longer_than_an_honest_one(piece: str) -> None:
    """By ratio, so that a busy machine does not judge: the honest text is of the same length."""
    line = "Some *words* of https://example.org/page, as `people` who know the signs write them in a long text. "
    honest = (line * BODY_LIMIT)[:BODY_LIMIT]
    assert min(taken(piece * BODY_LIMIT) for _ in range(3)) < 10 * min(taken(honest) for _ in range(3))


def test_names_after_an_at_sign_are_found_outside_of_code_and_addresses() -> None:
    text = "@one, @Two_3! **@one** `@code` me@mail.example https://e.example/@path [@label](https://e.example) @no"
    assert names_in(text) == ["one", "Two_3"]
    assert names_in("```\n@code\n```") == []


def test_a_formatted_message_on_the_page_and_old_ones_alike(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, "**loud** <b>quiet</b>")
    assert "<strong>loud</strong> &lt;b&gt;quiet&lt;/b&gt;" in oto.get(f"/rooms/{code}").text


def test_a_pinned_message_is_one_plain_line(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, "# **Rules**\n- be `kind`\n- no spam")
    hana.post(f"/rooms/{code}/messages/1/pin")
    assert '<span dir="auto"># Rules be kind no spam</span>' in oto.get(f"/rooms/{code}").text


def taken(text: str) -> float:
    begun = time.perf_counter()
    body_html(text[:BODY_LIMIT])
    return time.perf_counter() - begun
