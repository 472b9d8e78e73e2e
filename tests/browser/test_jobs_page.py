"""The queue's dashboard in a real browser: a failed job is seen, queued again and deleted; and how its pages look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from rq.job import Job

from chatpop.core import queue
from chatpop.running import valkey
from tests.browser.profile import DESKTOP, PHONE, Profile
from tests.running.waiting import until
from tests.site.process import RunningSite
from tests.support import operator
from tests.support.axe import Eye
from tests.support.browsing import MakeProfile

LIST = "/admin/jobs/0/view/jobs/chatpop/{}/8/asc/1"


@pytest.fixture
def failed(site: RunningSite) -> Iterator[Job]:
    """A job that has failed, with markup in its description."""
    connection = queue.connect(valkey.url(site.data_dir))
    job = queue.open_queue(connection).enqueue("no-such-job", description="<b>no such job</b>")
    until(lambda: job.get_status() == "failed")
    yield job
    if Job.exists(job.id, connection=connection):
        job.delete()
    connection.close()


@pytest.fixture
def ada(site: RunningSite, gus: Profile) -> Profile:
    """The operator, at the dashboard."""
    operator.make_admin(site, "Ada-Amber")
    gus.page.goto("/login?next=/admin/jobs/")
    operator.log_in(gus, "Ada-Amber")
    return gus


def look(person: Profile) -> None:
    """Nothing for axe to find in either theme, and nothing wider than the window, on a desk and on a phone."""
    for viewport in (PHONE, DESKTOP):
        person.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert Eye().faults(person.page) == []
        assert person.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], person.page.url


def test_the_operator_looks_after_a_failed_job(ada: Profile, failed: Job) -> None:
    page = ada.page
    expect(page.get_by_role("heading", name="Queues")).to_be_visible()
    expect(page.locator("#queues td.failed").first).to_have_text("1")
    page.locator("#queues td.failed a").first.click()
    row = page.locator(f"[data-job-id='{failed.id}']")
    expect(row).to_contain_text("There is no job called 'no-such-job'.")
    expect(row.locator(".description")).to_have_text("<b>no such job</b>")
    page.get_by_role("link", name=failed.id).click()
    expect(page.locator("#job-data")).to_contain_text("<b>no such job</b>")
    page.get_by_role("button", name="Queue again").click()
    page.go_back()
    expect(row).to_contain_text("There is no job called")
    with page.expect_response(lambda answer: answer.url.endswith(f"{failed.id}/requeue")) as again:
        row.get_by_role("button", name="Queue again").click()
    assert again.value.status == 200
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete this job?").get_by_role("button", name="No").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    row.get_by_role("button", name="Delete").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    with page.expect_response(lambda answer: answer.url.endswith(f"{failed.id}/delete")) as gone:
        page.get_by_role("button", name="Yes").click()
    assert gone.value.status == 200
    expect(row).to_have_count(0)
    assert [post.url.rpartition("/")[2] for post in ada.posts].count("delete") == 1
    page.get_by_role("link", name="Workers").click()
    expect(page.get_by_role("cell", name="idle")).to_be_visible()
    page.get_by_role("link", name="Figures").click()
    expect(page.get_by_role("heading", name="How the site stands")).to_be_visible()


def test_all_jobs_of_a_list_are_deleted_after_a_question(ada: Profile, failed: Job) -> None:
    ada.page.goto(LIST.format("failed"))
    expect(ada.page.locator("[data-role=job]").first).to_be_visible()
    ada.page.get_by_role("link", name="Delete all").click()
    ada.page.get_by_role("dialog", name="Delete all jobs of this list?").get_by_role("button", name="Yes").click()
    expect(ada.page.get_by_text("There is no such job.")).to_be_visible()


def test_another_state_is_chosen_and_leads_to_its_list(ada: Profile) -> None:
    ada.page.get_by_role("link", name="Lists of jobs").click()
    expect(ada.page.locator("#select-registry")).to_be_visible()
    expect(ada.page.locator("[data-role=loading-placeholder]")).to_have_count(0)
    ada.page.get_by_label("State").select_option("Finished")
    ada.page.wait_for_url("**" + LIST.format("finished"))
    expect(ada.page.get_by_role("heading", name="Finished")).to_be_visible()


def test_times_and_questions_are_said_in_the_language_and_the_zone_of_the_reader(
    site: RunningSite, profile: MakeProfile, failed: Job
) -> None:
    operator.make_admin(site, "Ada-Amber")
    ada = profile(timezone_id="Asia/Kolkata")
    ada.page.goto("/login")
    operator.log_in(ada, "Ada-Amber")
    ada.page.goto(LIST.format("failed"))
    ada.page.get_by_role("button", name="Deutsch").click()
    row = ada.page.locator(f"[data-job-id='{failed.id}']")
    expect(row.locator(".creation_date")).to_have_text("in dieser Minute")
    row.get_by_role("button", name="Löschen").click()
    expect(ada.page.get_by_role("dialog", name="Diesen Auftrag löschen?")).to_be_visible()


@pytest.mark.timeout(180)
def test_no_page_of_the_dashboard_has_a_fault_that_axe_finds(ada: Profile, failed: Job) -> None:
    page = ada.page
    expect(page.locator("[data-role=queue]").first).to_be_visible()
    look(ada)
    page.goto(LIST.format("failed"))
    expect(page.locator(".exc_info").first).to_be_visible()
    look(ada)
    page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look(ada)
    page.goto(LIST.format("started"))
    expect(page.get_by_text("There is no such job.")).to_be_visible()
    look(ada)
    page.goto(f"/admin/jobs/0/view/job/{failed.id}")
    expect(page.locator(".exc_info")).to_be_visible()
    look(ada)
    page.goto("/admin/jobs/0/view/workers")
    expect(page.locator("[data-role=worker]").first).to_be_visible()
    look(ada)
    page.route("**/data/*.json", lambda route: route.fulfill(json={"queues": [], "workers": []}))
    for noun, empty in (("queues", "There is no queue."), ("workers", "No worker runs.")):
        page.goto(f"/admin/jobs/0/view/{noun}")
        expect(page.get_by_text(empty)).to_be_visible()
        look(ada)
