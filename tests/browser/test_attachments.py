"""Files in a room: choose, drop, paste; progress and cancel; everybody sees them come and go without a reload."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Route, expect

from tests.browser.profile import Profile
from tests.browser.test_uploads import give
from tests.support.browsing import MakeProfile
from tests.uploads.sending import picture

LARGE = picture(960, 720)


def lines(someone: Profile) -> Locator:
    """The files in the composer."""
    return someone.page.locator("#composer-files > li")


def pictures(someone: Profile) -> Locator:
    return someone.messages.locator(".attachment-picture img")


def test_a_pasted_picture_reaches_the_other_person_without_a_reload(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    hana.page.evaluate("window.sameDocument = true")
    hana.page.route("**/attachments?wait*", lambda route: None)  # its own question: it is to be told
    gus.page.evaluate(
        """() => { window.bars = 0; new MutationObserver(() => {
          if (document.querySelector('#composer-files progress')) window.bars += 1;
        }).observe(document.body, { childList: true, subtree: true }); }"""
    )

    give(gus, "paste", "holiday.png", LARGE)
    expect(lines(gus)).to_have_attribute("data-state", "ready")
    assert gus.page.evaluate("window.bars") > 0, "a bar was there"
    expect(hana.messages).to_have_count(0)
    gus.say("Look at this")

    expect(lines(gus)).to_have_count(0)
    expect(hana.message("Look at this")).to_be_visible()
    place = hana.messages.locator(".attachment-picture").bounding_box()
    small = pictures(hana)
    expect(small).to_be_visible(timeout=20_000)
    assert small.evaluate("image => image.decode().then(() => image.naturalWidth)") == 480
    assert hana.messages.locator(".attachment-picture").bounding_box() == place, "nothing has moved"
    assert hana.page.evaluate("window.sameDocument")
    expect(pictures(gus)).to_be_visible(timeout=20_000)

    gus.page.locator(".message-more").last.click()
    gus.page.get_by_role("button", name="Delete message").click()
    expect(hana.messages.locator(".message-body")).to_have_text("Message deleted")
    expect(pictures(hana)).to_have_count(0)


def test_several_files_have_a_result_each_and_the_text_stays(hana: Profile, tmp_path: Path) -> None:
    hana.open_room()
    hana.composer.fill("My words")
    for name, content in (("good.png", picture()), ("bad.png", b"no picture"), ("huge.png", b"x" * 11_000_000)):
        (tmp_path / name).write_bytes(content)
    hana.page.locator("#composer-choice").set_input_files([tmp_path / n for n in ("good.png", "bad.png", "huge.png")])

    expect(lines(hana).nth(0)).to_have_attribute("data-state", "ready")
    expect(lines(hana).nth(1)).to_contain_text("Registered, you could bring files of any type.")
    expect(lines(hana).nth(2)).to_contain_text(
        "10 MB is the most for guests. Registered, you could bring up to 100 MB."
    )
    expect(hana.composer).to_have_value("My words")
    hana.composer.press("Enter")
    expect(hana.message("My words").locator(".attachment-picture")).to_have_count(1)
    expect(lines(hana)).to_have_count(0)


def test_a_file_on_its_way_is_cancelled_and_one_that_has_come_is_taken_away(hana: Profile) -> None:
    hana.open_room()
    give(hana, "drop", "first.png", picture())
    expect(lines(hana)).to_have_attribute("data-state", "ready")
    hana.page.route("**/attachments", lambda route: None)  # never answered
    give(hana, "drop", "slow.png", picture())
    expect(lines(hana).last.locator("progress")).to_be_visible()

    hana.page.get_by_role("button", name="Cancel slow.png").click()
    expect(lines(hana)).to_have_count(1)
    with hana.page.expect_response("**/deletion") as answer:
        hana.page.get_by_role("button", name="Remove first.png").click()
    assert answer.value.status == 200

    hana.say("Only words")
    expect(hana.message("Only words")).to_be_visible()
    expect(hana.messages.locator(".attachments")).to_have_count(0)


def test_a_message_sent_early_waits_for_its_files(hana: Profile) -> None:
    hana.open_room()
    waiting: list[Route] = []
    hana.page.route("**/attachments", lambda route: waiting.append(route))
    with hana.page.expect_request("**/attachments"):
        give(hana, "drop", "cat.png", picture())
    hana.say("With a cat")
    expect(hana.messages).to_have_count(0)

    waiting[0].continue_()

    expect(hana.message("With a cat").locator("img")).to_be_visible()
    expect(hana.composer).to_have_value("")


def test_without_scripts_a_picture_goes_with_the_form(profile: MakeProfile, tmp_path: Path) -> None:
    hana = profile(java_script_enabled=False)
    hana.open_room()
    (tmp_path / "cat.png").write_bytes(picture(60, 40))
    (tmp_path / "words.txt").write_bytes(b"plain words")

    hana.expects("status of 4")
    hana.page.get_by_label("Attach files").first.set_input_files([tmp_path / "cat.png", tmp_path / "words.txt"])
    hana.composer.fill("My cat")
    hana.page.get_by_role("button", name="Send").click()
    expect(hana.page.locator("#composer-notice")).to_contain_text("“words.txt”")
    expect(hana.composer).to_have_value("My cat")
    expect(hana.page.get_by_role("checkbox", name="cat.png")).to_be_checked()
    hana.page.get_by_role("button", name="Send").click()

    small = hana.message("My cat").locator("img")
    expect(small).to_be_visible()
    expect(small).to_have_js_property("naturalWidth", 60)
