"""Two people in two browsers, one room."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.support.browsing import MakeProfile

CLICKS = """
document.addEventListener("click", (event) => {
  if (event.isTrusted && event.detail) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true);
document.addEventListener("input", (event) => {
  if (event.target.type !== "radio") sessionStorage.typed = `${sessionStorage.typed || ""}${event.target.name} `;
}, true);
"""

BEACONS = ("/reading", "/typing")
"""What the page's scripts say by themselves, in no form."""


def test_two_people_talk_both_ways_in_two_clicks_without_a_reload(hana: Profile, gus: Profile) -> None:
    gus.context.add_init_script(CLICKS)
    link = hana.open_room("Friday pub quiz")
    hanas_name = hana.chip.inner_text()

    gus.page.goto(link)
    gus.page.get_by_role("button", name="Roll dice for username").click()
    gus.page.get_by_role("button", name="Join Chat").click()
    expect(gus.composer).to_be_focused()
    gus.page.keyboard.type("Hello from gus")
    gus.page.keyboard.press("Enter")

    expect(hana.bodies).to_have_text(["Hello from gus"])
    hana.say("Hello from hana")
    for each in (gus, hana):
        expect(each.bodies).to_have_text(["Hello from gus", "Hello from hana"])
    guses_name = gus.chip.inner_text()
    assert guses_name != hanas_name
    for each in (gus, hana):
        expect(each.messages.locator(".message-author")).to_have_text([guses_name, hanas_name])
        assert each.page.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate"
    assert gus.page.evaluate("sessionStorage.clicks") == "2"
    assert set(gus.page.evaluate("sessionStorage.typed").split()) == {"body"}


def test_everybodys_own_messages_are_marked_as_their_own(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.say("from gus")
    expect(hana.bodies).to_have_text(["from gus"])
    hana.say("from hana")

    expect(gus.message("from hana")).to_be_visible()
    for each, own, other in ((gus, "from gus", "from hana"), (hana, "from hana", "from gus")):
        expect(each.page.locator(".message.mine")).to_have_count(1)
        expect(each.page.locator(".message.mine")).to_contain_text(own)
        expect(each.page.locator(".message:not(.mine)")).to_contain_text(other)


def test_a_reload_keeps_the_name_and_a_second_tab_is_the_same_person(hana: Profile, gus: Profile) -> None:
    link = hana.open_room()
    name = gus.come_in(link)

    gus.page.reload()
    expect(gus.chip).to_have_text(name)
    expect(gus.composer).to_be_visible()

    tab = gus.new_page()
    tab.goto(link)
    expect(tab.locator("#identity-chip .chip-name")).to_have_text(name)
    tab.get_by_role("textbox", name="Message").fill("from the second tab")
    tab.get_by_role("textbox", name="Message").press("Enter")
    expect(gus.page.locator(".message.mine")).to_contain_text("from the second tab")
    people = hana.page.locator("#people .person-name")
    expect(people).to_have_count(2)
    expect(people.filter(has_text=name)).to_have_count(1)


def test_somebody_who_joined_in_another_tab_needs_no_second_name(profile: MakeProfile, hana: Profile) -> None:
    oto = profile()
    link = hana.open_room()
    name = oto.come_in(link)

    oto.page.get_by_role("button", name="Leave").click()

    expect(oto.page.get_by_role("button", name="Join Chat")).to_be_visible()
    assert oto.join() == name


def test_a_message_taken_back_goes_for_everybody_and_is_not_offered_to_others(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.say("wrong room")
    expect(hana.message("wrong room")).to_be_visible()
    hana.say("what?")
    expect(gus.message("what?")).to_be_visible()
    menu = "What to do with this message"
    gus.message("what?").hover()
    gus.message("what?").get_by_label(menu).click()
    expect(gus.page.get_by_role("link", name="Report this message")).to_be_visible()
    expect(gus.page.get_by_role("button", name="Delete message")).to_have_count(0)
    gus.page.keyboard.press("Escape")

    gus.message("wrong room").hover()
    gus.message("wrong room").get_by_label(menu).click()
    gus.page.get_by_role("button", name="Delete message").click()

    for each in (gus, hana):
        expect(each.bodies).to_have_text(["Message deleted", "what?"])
        expect(each.page.locator("#messages")).not_to_contain_text("wrong room")


def test_every_post_of_the_page_carries_the_form_token(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.say("hello")
    expect(hana.message("hello")).to_be_visible()
    gus.message("hello").hover()
    gus.message("hello").get_by_label("What to do with this message").click()
    gus.page.get_by_role("button", name="Delete message").click()
    expect(hana.bodies).to_have_text(["Message deleted"])

    forms = [request for request in gus.posts if not request.url.endswith(BEACONS)]
    assert len(forms) == 4  # roll, join, message, deletion
    for request in [*hana.posts, *gus.posts]:
        assert request.all_headers().get("sec-fetch-site") == "same-origin", "vouched for by the browser"
        assert request.url.endswith(BEACONS) or "csrf_token=" in (request.post_data or "")


def test_links_in_messages_can_be_clicked_and_markup_is_only_text(hana: Profile) -> None:
    hana.open_room()
    hana.say("see https://example.org/a?b=1&c=2 <img src=x onerror=alert(1)> javascript:alert(1)")

    body = hana.bodies.first
    expect(body.get_by_role("link")).to_have_count(1)
    expect(body.get_by_role("link")).to_have_attribute("href", "https://example.org/a?b=1&c=2")
    expect(body).to_contain_text("<img src=x onerror=alert(1)>")
    expect(body.locator("img")).to_have_count(0)


def test_the_share_strip_copies_the_link_and_shows_its_code_to_scan(hana: Profile) -> None:
    hana.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = hana.open_room()

    hana.page.get_by_role("button", name="Copy").click()

    expect(hana.page.get_by_role("button", name="Copied")).to_be_visible()
    assert hana.page.evaluate("navigator.clipboard.readText()") == link
    qr = hana.page.get_by_alt_text("QR code of the link to this room")
    expect(qr).to_have_js_property("complete", True)
    assert qr.evaluate("image => image.naturalWidth") > 100


def test_a_private_room_is_nowhere_without_its_invite_link(hana: Profile, gus: Profile, profile: MakeProfile) -> None:
    link = hana.open_room("Between us", private=True)
    room, _, invite = link.partition("?invite=")
    assert invite
    oto = profile()
    oto.expects("status of 404")

    answer = oto.page.goto(room)

    assert answer
    assert answer.status == 404
    gus.page.goto(link)
    assert gus.page.url == room
    gus.roll()
    gus.join()
    gus.say("psst")
    expect(hana.message("psst")).to_be_visible()
    oto.page.goto("/")
    expect(oto.page.locator("body")).not_to_contain_text("Between us")
