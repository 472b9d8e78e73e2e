"""The words that scripts say, and those of fragments that come live in English: a table for each other language.

The keys are the English words, with ``#`` for a number; ``static/js/texts.js`` looks them up.
"""

from __future__ import annotations

import json

from babel import Locale

from chatpop.core.texts import counted, text, waiting
from chatpop.web import catalogues

SCRIPTS = (
    text("Sending {name}"),
    text("Cancel"),
    text("Cancel {name}"),
    text("Cancelled."),
    text("Remove"),
    text("Remove {name}"),
    text("Kept."),
    text("{kept} of {all} files kept"),
    text("The message goes once its files are there."),
    text("You have joined as {name}"),
    text("The live line has ended."),
    text("Reconnecting…"),
    text("You are offline. Reconnecting…"),
    text("Reload the room"),
    text("Copied"),
    text("Link copied"),
    text("Text copied"),
    text("Nothing was done: the question was closed, or took too long."),
    text("This device has a passkey for your account already."),
    text("Passkeys do not work at this address of the site."),
    text("Something broke. Please try again."),
    text("Something broke on our side. Nothing is lost: please try again."),
    text("chatpop cannot be reached right now. Nothing is lost: please try again."),
    text("chatpop cannot be reached right now. Please try again."),
)
FRAGMENTS = (
    text("Member, under their own name"),
    text("member"),
    text("edited"),
    text("Answers"),
    text("Message deleted"),
    text("Removed by a moderator"),
    text("What to do with this message"),
    text("What to do with the pinned message"),
    text("Pinned:"),
    text("A file"),
    text("Members only: guests can read"),
    text("Nobody is here to talk right now."),
    text("The picture is on its way"),
    text("The file has been removed"),
)
COUNTED = (
    counted("and %(num)s more", "and %(num)s more", 0),
    counted("%(num)s reading along", "%(num)s reading along", 0),
    counted("%(num)s left", "%(num)s left", 0),
    counted("%(num)s s to go.", "%(num)s s to go.", 0),
)
SIZES = (text("%(number)s kB"), text("%(number)s MB"))
BYTES = counted("%(num)s byte", "%(num)s bytes", 0)
SIGNS = (
    text("thumbs up"),
    text("heart"),
    text("laughing"),
    text("party"),
    text("surprised"),
    text("sad"),
    text("thank you"),
    text("applause"),
    text("fire"),
    text("eyes"),
    text("thinking"),
    text("thumbs down"),
)
"""What the signs of reactions are called; read out with their number behind."""
PACES = (5, 10, 30, 60, 300, 900, 3600)


def script(code: str) -> bytes:
    """The table of a language as a script."""
    table = json.dumps(_table(code), ensure_ascii=False, separators=(",", ":"))
    return f"globalThis.chatpopTexts={table};".encode()


def _table(code: str) -> dict[str, str | dict[str, str]]:
    catalogue, rule = catalogues.of_language(code), Locale(code).plural_form
    table: dict[str, str | dict[str, str]] = {
        str(words): catalogue.gettext(words.template) for words in (*SCRIPTS, *FRAGMENTS)
    }
    for words in (*COUNTED, BYTES):
        samples = {rule(number): number for number in range(110, -1, -1)}
        for key in (words.template, words.plural or ""):
            table[key.replace("%(num)s", "#")] = {
                form: catalogue.ngettext(words.template, words.plural or "", number).replace("%(num)s", "#")
                for form, number in samples.items()
            }
    for size in SIZES:
        table[size.template.replace("%(number)s", "#")] = {
            "other": catalogue.gettext(size.template).replace("%(number)s", "#")
        }
    for sign in SIGNS:
        table[f"{sign}, #"] = {"other": f"{catalogue.gettext(sign.template)}, #"}
    sentence = text("Slow mode: one message every %(pace)s").template
    for pace in map(waiting, PACES):
        said = catalogue.ngettext(pace.template, pace.plural or "", pace.number) % {"num": pace.number}
        table[sentence % {"pace": pace}] = catalogue.gettext(sentence) % {"pace": said}
    return table
