"""What hangs on messages, as a member's program sees it."""

from __future__ import annotations

from tests.api.program import Program
from tests.rooms.test_attachments import SMALL, send
from tests.support.people import Person


def test_a_program_sees_the_files_of_messages_until_they_are_deleted(bot: Program, hana: Person) -> None:
    code = hana.open_room()
    send(hana, code, ("cat dog.png", SMALL))
    hana.say(code, "no files")
    first, second = bot.get(f"rooms/{code}/messages").json["messages"]
    [file] = first["attachments"]
    assert second["attachments"] == []
    assert (file["name"], file["media_type"]) == ("cat dog.png", "image/png")
    assert (file["width"], file["height"]) == (40, 30)
    assert file["url"] in hana.get(f"/rooms/{code}").text, "one address, however it is made"
    hana.post(f"/rooms/{code}/messages/1/deletion")
    assert bot.get(f"rooms/{code}/messages").json["messages"][0]["attachments"] == []
