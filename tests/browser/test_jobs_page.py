"""The queue's dashboard in a real browser: a failed job is seen, queued again and deleted, without a complaint."""

from __future__ import annotations

import os
import subprocess
import sys

from playwright.sync_api import expect

from chatpop.core import queue
from chatpop.running import valkey
from chatpop.running.surroundings import surroundings
from tests.browser.profile import Profile
from tests.site.process import ROOT, RunningSite

PASSWORD = "maple-otter-kettle-42"


def make_admin(site: RunningSite, name: str) -> None:
    """As the operator does, at the command line."""
    own = {"DATA_DIR": str(site.data_dir), "REDIS_URL": valkey.url(site.data_dir)}
    command = [sys.executable, "-P", "-m", "chatpop.cli", "create-admin", "--username", name]
    subprocess.run(
        [*command, "--email", f"{name}@example.com"],
        input=PASSWORD,
        text=True,
        check=True,
        cwd=ROOT,
        env=surroundings(ROOT, {**os.environ, **own}, dotenv=False),
        capture_output=True,
    )


def test_the_operator_looks_after_a_failed_job(site: RunningSite, gus: Profile) -> None:
    make_admin(site, "Ada-Amber")
    connection = queue.connect(valkey.url(site.data_dir))
    job = queue.open_queue(connection).enqueue("no-such-job", description="<b>no such job</b>")
    page = gus.page
    page.goto("/login?next=/admin/jobs/")
    page.get_by_label("Name or e-mail").fill("Ada-Amber")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Queues")).to_be_visible()
    expect(page.locator("#queues td.failed").first).to_have_text("1")
    page.locator("#queues td.failed a").first.click()
    row = page.locator(f"[data-job-id='{job.id}']")
    expect(row).to_contain_text("There is no job called 'no-such-job'.")
    expect(row.locator(".description")).to_have_text("<b>no such job</b>")
    page.get_by_role("link", name=job.id).click()
    expect(page.locator("#job-data")).to_contain_text("<b>no such job</b>")
    page.get_by_role("button", name="Requeue").click()
    page.go_back()
    expect(row).to_contain_text("There is no job called")
    with page.expect_response(lambda answer: answer.url.endswith(f"{job.id}/requeue")) as again:
        row.get_by_role("link", name="Requeue").click()
    assert again.value.status == 200
    expect(row).to_be_visible()
    row.get_by_role("link", name="Delete").click()
    with page.expect_response(lambda answer: answer.url.endswith(f"{job.id}/delete")) as gone:
        page.get_by_role("button", name="Yes").click()
    assert gone.value.status == 200
    expect(row).to_have_count(0)
    page.get_by_role("link", name="Workers").click()
    expect(page.get_by_role("cell", name="idle")).to_be_visible()
    page.get_by_role("link", name="Back to the admin of this site").click()
    expect(page.get_by_role("heading", name="How the site stands")).to_be_visible()
    connection.close()
