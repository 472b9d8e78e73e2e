"""Writing: the keys, and drafts that survive whatever happens to them."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.profile import LOST, Profile


def test_enter_sends_and_shift_enter_breaks_the_line(hana: Profile) -> None:
    hana.open_room()

    hana.composer.press_sequentially("one")
    hana.composer.press("Shift+Enter")
    hana.composer.press_sequentially("two")
    expect(hana.messages).to_have_count(0)
    hana.composer.press("Enter")

    expect(hana.messages).to_have_count(1)
    assert hana.bodies.first.inner_text() == "one\ntwo"
    expect(hana.composer).to_have_value("")
    expect(hana.composer).to_be_focused()


def test_a_message_that_is_too_long_stays_in_the_box_with_the_reason(hana: Profile) -> None:
    hana.open_room()
    hana.expects("status of 422")
    hana.composer.evaluate("box => box.removeAttribute('maxlength')")

    hana.say("x" * 5001)

    notice = hana.page.locator("#composer-notice")
    expect(notice).to_have_text("A message can have at most 5,000 characters. Yours is kept below; please shorten it.")
    expect(hana.composer).to_have_value("x" * 5001)
    hana.say("x" * 5000)
    expect(hana.messages).to_have_count(1)
    expect(notice).to_be_empty()


def test_too_many_messages_a_minute_are_refused_and_the_text_is_kept(hana: Profile) -> None:
    code = hana.open_room().rpartition("/")[2]
    hana.expects("status of 429")
    for number in range(30):
        sent = {"body": f"Message {number}", "client_id": f"id-{number}"}
        assert hana.context.request.post(f"/rooms/{code}/messages", data=sent).status == 201

    hana.say("one too many")

    expect(hana.page.locator("#composer-notice")).to_contain_text(
        "30 messages a minute are the most. Your text is kept"
    )
    expect(hana.composer).to_have_value("one too many")
    expect(hana.messages).to_have_count(30)


def test_offline_the_text_is_kept_the_page_says_so_and_goes_on_by_itself(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.expects(*LOST)

    gus.context.set_offline(True)
    expect(gus.live).to_contain_text("You are offline. Reconnecting…")
    hana.say("are you there?")
    gus.say("hello?")
    expect(gus.page.locator("#composer-notice")).to_contain_text("Nothing is lost")
    expect(gus.composer).to_have_value("hello?")

    gus.context.set_offline(False)
    expect(gus.live).to_be_empty()
    expect(gus.bodies).to_have_text(["are you there?"])
    gus.composer.press("Enter")
    for each in (hana, gus):
        expect(each.bodies).to_have_text(["are you there?", "hello?"])
    expect(gus.composer).to_have_value("")


def test_what_is_sent_while_a_message_is_on_its_way_goes_next(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    held: list[Route] = []
    gus.page.route("**/messages", lambda route: held.append(route), times=1)
    gus.say("first")
    expect(gus.page.locator("#composer-form")).to_have_class(re.compile("htmx-request"))
    gus.say("second")
    expect(gus.composer).to_have_value("second")

    held.pop().continue_()

    for each in (hana, gus):
        expect(each.bodies).to_have_text(["first", "second"])
    expect(gus.composer).to_have_value("")


def test_a_draft_outlives_a_reload(hana: Profile) -> None:
    hana.open_room()
    hana.composer.press_sequentially("half a thou")

    hana.page.reload()

    expect(hana.composer).to_have_value("half a thou")


def test_an_answer_that_gets_lost_is_no_second_message(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.expects(*LOST)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    gus.page.route("**/messages", lose_the_answer)
    gus.say("only once")
    expect(gus.page.locator("#composer-notice")).to_contain_text("Nothing is lost")
    gus.page.unroute("**/messages")
    gus.composer.press("Enter")

    expect(gus.composer).to_have_value("")
    hana.say("yes")
    for each in (hana, gus):
        expect(each.bodies).to_have_text(["only once", "yes"])


def test_the_keys_for_bold_italic_and_code_wrap_the_selection_and_undo_it(hana: Profile) -> None:
    hana.open_room()

    hana.composer.fill("loud")
    hana.composer.press("ControlOrMeta+a")
    hana.composer.press("ControlOrMeta+b")
    expect(hana.composer).to_have_value("**loud**")
    hana.composer.press("ControlOrMeta+i")
    expect(hana.composer).to_have_value("**_loud_**")
    hana.composer.press("ControlOrMeta+i")
    expect(hana.composer).to_have_value("**loud**")
    hana.composer.press("End")
    hana.composer.press_sequentially(" and ")
    hana.composer.press("ControlOrMeta+e")
    hana.composer.press_sequentially("code")
    expect(hana.composer).to_have_value("**loud** and `code`")
    hana.composer.press("Enter")

    expect(hana.bodies.first.locator("strong")).to_have_text("loud")
    expect(hana.bodies.first.locator("code")).to_have_text("code")
