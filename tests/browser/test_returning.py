"""Coming back in a real browser: code, second device, passkey; with and without JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.support.browsing import MakeProfile

VIRTUAL = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class VirtualAuthenticator:
    """Chromium's own, attached to one page; its passkeys can be carried to another page's."""

    def __init__(self, profile: Profile) -> None:
        self.devtools = profile.context.new_cdp_session(profile.page)
        self.devtools.send("WebAuthn.enable")
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL})
        self.id = added["authenticatorId"]

    def passkeys(self) -> list[dict[str, object]]:
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def learn(self, passkey: dict[str, object]) -> None:
        self.devtools.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": passkey})


def press(profile: Profile, name: str) -> None:
    profile.page.get_by_role("button", name=name, exact=True).click()


def link_of(profile: Profile) -> str:
    """Make a resume code on the page of the ways back; returns the link it shows."""
    profile.page.goto("/returning")
    press(profile, "Show my resume code")
    return str(profile.page.locator("#resume-link").input_value())


def test_a_resume_link_brings_the_guest_to_another_browser(hana: Profile, gus: Profile) -> None:
    hana.open_room()
    name = hana.chip.inner_text()
    link = link_of(hana)
    expect(hana.page.locator(".way-code")).to_have_text(re.compile(r"[0-9A-Z-]{24,29}"))

    gus.page.goto(link)
    expect(gus.page).to_have_url(re.compile(r"/resume$"))
    expect(gus.page.get_by_label("Resume code")).to_have_value(re.compile(r"[0-9A-Z-]{29}"))
    press(gus, "Come back")
    expect(gus.chip).to_have_text(name)
    assert all("#" not in request.url and link.split("#")[1] not in request.url for request in gus.posts)


def test_a_wrong_code_says_so_beside_the_field(gus: Profile) -> None:
    gus.expects("422")
    gus.page.goto("/resume")
    gus.page.get_by_label("Resume code").fill("AAAA-BBBB")
    press(gus, "Come back")
    expect(gus.page.get_by_role("alert").filter(has_text="does not bring anybody back")).to_be_visible()


def hand_over(old: Profile, new: Profile, *, with_script: bool = True) -> str:
    """Up to the number that the new browser shows; returns it."""
    old.page.goto("/returning")
    press(old, "Show the QR code")
    expect(old.page.get_by_role("img", name="QR code with a link")).to_be_visible()
    code = "-".join(old.page.locator(".way-code span:not(.visually-hidden)").all_inner_texts())
    new.page.goto(f"/handover#{code}" if with_script else "/handover")
    if not with_script:
        new.page.get_by_label("Code").fill(code)
    press(new, "Continue")
    return new.page.locator(".way-number").inner_text()


def test_a_second_profile_comes_in_by_choosing_its_number(hana: Profile, gus: Profile) -> None:
    hana.open_room()
    number = hand_over(hana, gus)
    expect(hana.page.locator(".way-choices button")).to_have_count(4)
    press(hana, number)
    expect(gus.chip).to_have_text(hana.chip.inner_text())
    expect(hana.page.get_by_text("Done.")).to_be_visible()


def test_a_wrong_number_lets_nobody_in(hana: Profile, gus: Profile) -> None:
    for each in (hana, gus):
        each.expects("409")
    hana.open_room()
    number = hand_over(hana, gus)
    choices = hana.page.locator(".way-choices button[value]:not([value=''])")
    expect(choices).to_have_count(3)
    wrong = next(text for text in choices.all_inner_texts() if text != number)
    press(hana, wrong)
    expect(hana.page.get_by_text("It is over.")).to_be_visible()
    expect(gus.page.get_by_text("It did not work")).to_be_visible()
    expect(gus.chip).to_have_text("Visitor")


def test_handing_over_and_the_code_work_without_javascript(profile: MakeProfile) -> None:
    hana, gus, oto = (profile(java_script_enabled=False) for _ in range(3))
    hana.open_room()
    number = hand_over(hana, gus, with_script=False)
    hana.page.get_by_role("link", name="The other device shows a number").click()
    press(hana, number)
    press(gus, "Continue")
    expect(gus.chip).to_have_text(hana.chip.inner_text())

    hana.page.goto("/returning")
    press(hana, "Show my resume code")
    expect(hana.page.locator(".way-code")).to_be_visible()
    code = "-".join(hana.page.locator(".way-code span:not(.visually-hidden)").all_inner_texts())
    expect(hana.page.get_by_role("button", name="Make a passkey")).to_be_hidden()
    oto.page.goto("/resume")
    oto.page.get_by_label("Resume code").fill(code)
    press(oto, "Come back")
    expect(oto.chip).to_have_text(hana.chip.inner_text())


def test_a_passkey_brings_the_guest_to_another_browser(hana: Profile, gus: Profile) -> None:
    phone, laptop = VirtualAuthenticator(hana), VirtualAuthenticator(gus)
    hana.open_room()
    name = hana.chip.inner_text()
    hana.page.goto("/returning")
    press(hana, "Make a passkey")
    expect(hana.page.get_by_text("Your passkey is kept.")).to_be_visible()
    [passkey] = phone.passkeys()
    laptop.learn(passkey)

    gus.page.goto("/resume")
    press(gus, "Use a passkey")
    expect(gus.chip).to_have_text(name)


def test_a_guest_becomes_a_member_by_a_passkey_in_one_tap(hana: Profile, gus: Profile) -> None:
    phone, laptop = VirtualAuthenticator(hana), VirtualAuthenticator(gus)
    link = hana.open_room()
    hana.page.goto(link)
    hana.say("written as a guest")
    name = hana.chip.inner_text()
    hana.page.goto("/returning")
    press(hana, "Upgrade with a passkey")
    expect(hana.page.get_by_text("Your account is upgraded.")).to_be_visible()
    expect(hana.chip).to_have_text(name)
    hana.page.goto(link)
    expect(hana.message("written as a guest")).to_be_visible()
    hana.say("written as a member")
    expect(hana.message("written as a member")).to_be_visible()

    [passkey] = phone.passkeys()
    laptop.learn(passkey)
    gus.page.goto("/resume")
    press(gus, "Use a passkey")
    expect(gus.chip).to_have_text(name)


def test_forgetting_this_device_makes_a_visitor(hana: Profile) -> None:
    hana.open_room()
    hana.page.goto("/account/devices")
    expect(hana.page.get_by_text("this one")).to_be_visible()
    press(hana, "Forget me on this device")
    expect(hana.chip).to_have_text("Visitor")
    assert hana.context.cookies() == [] or all("flash" in cookie["name"] for cookie in hana.context.cookies())
