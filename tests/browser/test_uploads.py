"""Bringing files with scripts: choose, drop, paste; progress, cancel, and what came of each."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.uploads.sending import picture

GIVE = """([event, name, text]) => {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/png" }));
  const options = { bubbles: true, cancelable: true };
  document.body.dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
    : new DragEvent("drop", { ...options, dataTransfer: transfer }));
}"""


def give(someone: Profile, event: str, name: str, content: bytes) -> None:
    """Paste or drop a picture onto the page."""
    someone.page.evaluate(GIVE, [event, name, base64.b64encode(content).decode()])


def test_a_visitor_pastes_a_picture_and_sees_its_small_version_come(hana: Profile) -> None:
    hana.page.goto("/uploads")

    give(hana, "paste", "holiday.png", picture(960, 720))

    expect(hana.page.locator(".upload-name")).to_have_text("holiday.png")
    expect(hana.page.locator(".upload-room")).to_contain_text("1 of 5 files")
    small = hana.page.locator(".upload-preview img")
    expect(small).to_be_visible(timeout=20_000)
    assert small.evaluate("image => image.decode().then(() => image.naturalWidth)") == 480


def test_several_files_have_a_result_each_and_one_on_its_way_is_cancelled(hana: Profile, tmp_path: Path) -> None:
    hana.page.goto("/uploads")
    give(hana, "drop", "first.png", picture())
    expect(hana.page.locator(".upload-name")).to_have_count(1)
    for name, content in (("good.png", picture()), ("bad.png", b"no picture"), ("huge.png", b"x" * 11_000_000)):
        (tmp_path / name).write_bytes(content)
    hana.page.locator("#files").set_input_files([tmp_path / name for name in ("good.png", "bad.png", "huge.png")])

    hana.page.get_by_role("button", name="Upload").click()

    lines = hana.page.locator(".upload-sending")
    expect(lines.nth(0)).to_contain_text("Kept.")
    expect(lines.nth(1)).to_contain_text("Registered, you could bring files of any type.")
    expect(lines.nth(2)).to_contain_text("10 MB is the most for guests.")
    expect(hana.page.locator(".upload-name")).to_have_count(2)

    hana.page.route("**/uploads", lambda route: None)  # never answered
    give(hana, "drop", "slow.png", picture())
    hana.page.get_by_role("button", name="Cancel slow.png").click()
    expect(lines.last).to_contain_text("Cancelled.")
    expect(hana.page.locator(".upload-name")).to_have_count(2)
