"""A small inhabited site, and the ways to each of its pages and states: for pictures, and for looking at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, FilePayload, expect

from chatpop.core import queue
from chatpop.running import valkey
from tests.browser.profile import DESKTOP, Profile
from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import ROOT, RunningSite
from tests.support import operator
from tests.support.operator import PASSWORD

ROOMS = {
    "Friday pub quiz": "Six to a table, phones in the basket",
    "Gardeners": "Seeds, slugs and second tries",
    "Knitting by the sea": "",
    "Night shift": "For those who are up when nobody is",
}
TALK = [  # who says what
    (0, "Two taps and I was in!"),
    (1, "That was the idea. Table for six?"),
    (0, "Five. Oto comes later."),
    (2, "Who does geography?"),
    (2, "I can do music, if it is older than I am"),
    (1, "The list so far: https://example.org/quiz"),
    (0, "Here is the trick for the tie:\nname the year, then the month.\nNobody ever knows the month."),
    (1, "You. Last week you knew every capital."),
]


@dataclass
class World:
    """The site with people in its rooms; ``profiles`` are closed with it."""

    browser: Browser
    site: RunningSite
    codes: dict[str, str] = field(default_factory=dict)
    people: list[Caller] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    members: int = 0

    def person(self) -> Profile:
        """Somebody new with a browser of their own."""
        person = Profile(self.browser, self.site.address, viewport=DESKTOP, reduced_motion="reduce")
        self.profiles.append(person)
        return person

    def room(self, name: str = "Friday pub quiz") -> str:
        """The path of one of the rooms."""
        return f"/rooms/{self.codes[name]}"

    def member(self) -> Profile:
        """Somebody who has registered."""
        person = self.person()
        self.members += 1
        name = f"Mia-Maple{self.members}"
        person.page.goto("/register")
        person.page.get_by_label("Username").fill(name)
        person.page.get_by_label("E-mail").fill(f"{name}@example.com")
        person.page.get_by_label("Password", exact=True).fill(PASSWORD)
        person.page.get_by_label("Password again").fill(PASSWORD)
        person.page.locator("#register-button").click()
        operator.log_in(person, name)
        return person

    def admin(self) -> Profile:
        """The operator."""
        person = self.person()
        operator.make_admin(self.site, "Ada-Amber")
        person.page.goto("/login")
        operator.log_in(person, "Ada-Amber")
        return person


def furnish(browser: Browser, site: RunningSite) -> World:
    """Open the rooms and let three people talk in the first of them."""
    world = World(browser, site)
    hosts = [Caller(site.address) for _ in range(3)]
    for number, (name, topic) in enumerate(ROOMS.items()):
        world.codes[name] = hosts[number % 3].open_room(f"{name}&topic={topic}".replace(" ", "+"))
    first = world.codes["Friday pub quiz"]
    for host in hosts[1:]:
        host.join(first)
    for who, text in TALK:
        hosts[who].say(first, text)
    world.people = hosts
    return world


def post(person: Profile, path: str, **form: str | float | bool) -> None:
    """What a form of the person's own page would send."""
    answer = person.context.request.post(path, form=form, headers={"Origin": person.address})
    assert answer.status < 400, (path, answer.status, answer.text()[:300])


def _at(path: str) -> Callable[[World], Profile]:
    def go(world: World) -> Profile:
        person = world.person()
        person.page.goto(path.format(room=world.room(), empty=world.room("Night shift")))
        return person

    return go


def _home_after_a_roll(world: World) -> Profile:
    person = world.person()
    person.page.goto("/")
    person.page.get_by_role("button", name="Roll dice for username").click()
    expect(person.page.locator(".dice-try .dice-rolled")).to_be_visible()
    return person


def _guest(world: World, name: str = "Friday pub quiz") -> Profile:
    person = world.person()
    person.come_in(world.room(name))
    expect(person.page.locator(".person-me")).to_be_attached()
    return person


def _home_of_a_guest(world: World) -> Profile:
    person = _guest(world)
    person.page.goto("/")
    return person


def _talking(world: World) -> Profile:
    person = _guest(world)
    person.say("Count me in, and my cat")
    expect(person.message("Count me in").last).to_be_visible()
    person.say("She knows **all** the answers. `meow()` is one of them.")
    expect(person.message("She knows").last).to_be_visible()
    return person


def _tray(world: World) -> Profile:
    person = world.person()
    person.page.goto(world.room())
    person.roll()
    for count in (2, 3, 4):
        person.page.get_by_role("button", name="Roll again").click()
        expect(person.choices).to_have_count(count)
    return person


def _no_rolls_left(world: World) -> Profile:
    person = _tray(world)
    for count in range(5, 11):
        person.page.get_by_role("button", name="Roll again").click()
        expect(person.choices).to_have_count(count)
    return person


def _join_dialog(world: World) -> Profile:
    person = world.person()
    person.page.goto(world.room())
    person.page.get_by_role("link", name="Join", exact=True).click()
    expect(person.page.get_by_role("dialog").locator(".tray")).to_be_visible()
    return person


def _own_name(world: World) -> Profile:
    person = _guest(world)
    person.page.goto(world.room("Gardeners"))
    return person


def _menu(world: World) -> Profile:
    person = _guest(world)
    person.page.locator("#identity-chip > summary").click()
    return person


def _sheet(world: World) -> Profile:
    person = _guest(world)
    person.page.set_viewport_size({"width": 360, "height": 740})
    person.page.get_by_role("button", name="People and invitation").click()
    return person


def _acts(world: World) -> Profile:
    person = _talking(world)
    person.message("Count me in").last.hover()
    person.message("Count me in").last.locator(".message-more").click()
    expect(person.page.locator("#acts")).to_be_visible()
    return person


def _hosted(world: World) -> tuple[Profile, Profile]:
    """A host who looks at the room, and a guest in it."""
    hana, gus = world.person(), world.person()
    link = hana.open_room("The cellar")
    gus.come_in(link)
    gus.say("Is anybody down here?")
    expect(hana.message("Is anybody")).to_be_visible()
    return hana, gus


def _tag(person: Profile) -> str:
    return str(person.page.locator("#room").get_attribute("data-me"))


def _path(person: Profile) -> str:
    return "/rooms/" + person.page.url.split("/rooms/")[1][:6]


def _muted(world: World) -> Profile:
    hana, gus = _hosted(world)
    post(hana, f"{_path(gus)}/people/{_tag(gus)}/mute", length="1h", reason="Too loud")
    gus.page.reload()
    expect(gus.page.get_by_role("heading", name="You are muted here")).to_be_visible()
    return gus


def _banned(world: World) -> Profile:
    hana, gus = _hosted(world)
    post(hana, f"{_path(gus)}/people/{_tag(gus)}/ban", length="1d", reason="Be kind")
    gus.page.reload()
    return gus


def _closed(world: World) -> Profile:
    hana, gus = _hosted(world)
    post(hana, f"{_path(gus)}/closure")
    gus.page.reload()
    expect(gus.page.get_by_role("heading", name="Members only at present")).to_be_visible()
    return gus


def _pinned(world: World) -> Profile:
    hana, gus = _hosted(world)
    post(hana, f"{_path(gus)}/messages/1/pin")
    post(hana, f"{_path(gus)}/slow-mode", seconds="30")
    hana.page.reload()
    return hana


def _room_settings(world: World) -> Profile:
    hana, gus = _hosted(world)
    post(hana, f"{_path(gus)}/people/{_tag(gus)}/mute", length="1h", reason="Too loud")
    hana.page.goto(f"{_path(gus)}/settings")
    return hana


def _about_a_person(world: World) -> Profile:
    hana, gus = _hosted(world)
    hana.page.goto(f"{_path(gus)}/people/{_tag(gus)}")
    return hana


def _offline(world: World) -> Profile:
    person = _talking(world)
    person.context.set_offline(True)
    expect(person.live).to_contain_text("offline")
    return person


def _taken_name(world: World) -> Profile:
    person = world.person()
    person.page.goto("/register")
    person.page.get_by_label("Username").fill(world.people[1].name)
    person.page.get_by_label("E-mail").fill("no address")
    person.page.locator("#register-button").click()
    expect(person.page.locator(".field-error").first).to_be_visible()
    return person


def _upgrade(world: World) -> Profile:
    person = _guest(world)
    person.page.goto("/register")
    person.page.get_by_role("button", name="Roll dice for username").click()
    expect(person.page.get_by_text("rolls remaining").first).to_be_attached()
    return person


def _refused_login(world: World) -> Profile:
    person = world.person()
    person.page.goto("/login")
    person.page.get_by_label("Name or e-mail").fill("nobody")
    person.page.get_by_label("Password").fill("nothing")
    person.page.get_by_role("button", name="Log in").click()
    expect(person.page.locator(".notice").first).to_be_visible()
    return person


def _guest_at(path: str) -> Callable[[World], Profile]:
    def go(world: World) -> Profile:
        person = _guest(world)
        person.page.goto(path)
        return person

    return go


def _member_at(path: str) -> Callable[[World], Profile]:
    def go(world: World) -> Profile:
        person = world.member()
        person.page.goto(path)
        return person

    return go


def _files(world: World) -> Profile:
    person = world.member()
    person.page.goto("/uploads")
    path = ROOT / "static" / "icons" / "favicon.svg"
    for name in ("notes.txt", "list of plants for the long bed.txt"):
        person.page.locator("input[type=file]").set_input_files(
            FilePayload(name=name, mimeType="text/plain", buffer=path.read_bytes())
        )
        person.page.get_by_role("button", name="Upload").click()
        expect(person.page.locator(".upload-list .upload-name", has_text=name)).to_be_visible()
    return person


def _admin_at(path: str) -> Callable[[World], Profile]:
    def go(world: World) -> Profile:
        person = world.admin()
        person.page.goto(path.format(code=world.codes["Friday pub quiz"]))
        return person

    return go


def _jobs_at(path: str, what: str) -> Callable[[World], Profile]:
    """The dashboard with a job that has failed; ``what`` is there once its script has filled the page."""

    def go(world: World) -> Profile:
        person = world.admin()
        connection = queue.connect(valkey.url(world.site.data_dir))
        job = queue.open_queue(connection).enqueue("no-such-job", description="Water the plants of the long bed")
        until(lambda: job.get_status() == "failed")
        connection.close()
        person.page.goto(path.format(job=job.id))
        expect(person.page.locator(what).first).to_be_visible()
        return person

    return go


def _job_is_to_go(world: World) -> Profile:
    person = _jobs_at("/admin/jobs/0/view/jobs/chatpop/failed/8/asc/1", ".exc_info")(world)
    person.page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(person.page.get_by_role("dialog")).to_be_visible()
    return person


SCENES: dict[str, Callable[[World], Profile]] = {
    "home": _at("/"),
    "home-rolled": _home_after_a_roll,
    "home-guest": _home_of_a_guest,
    "open-a-room": _at("/rooms/new"),
    "room-visitor": _at("{room}"),
    "room-empty": _at("{empty}"),
    "room-tray": _tray,
    "room-no-rolls": _no_rolls_left,
    "room-join-dialog": _join_dialog,
    "room-own-name": _own_name,
    "room-talking": _talking,
    "room-menu": _menu,
    "room-people": _sheet,
    "room-acts": _acts,
    "room-pinned": _pinned,
    "room-offline": _offline,
    "room-muted": _muted,
    "room-banned": _banned,
    "room-closed": _closed,
    "room-settings": _room_settings,
    "person": _about_a_person,
    "join-page": _at("{room}/join"),
    "register": _at("/register"),
    "register-refused": _taken_name,
    "upgrade": _upgrade,
    "login": _at("/login"),
    "login-refused": _refused_login,
    "account-guest": _guest_at("/account"),
    "account-member": _member_at("/account"),
    "devices": _member_at("/account/devices"),
    "returning": _guest_at("/returning"),
    "logout": _guest_at("/logout"),
    "resume": _at("/resume"),
    "tokens": _member_at("/account/tokens"),
    "deletion": _member_at("/account/deletion"),
    "uploads-empty": _guest_at("/uploads"),
    "uploads": _files,
    "error-404": _at("/rooms/NOPE22"),
    "admin": _admin_at("/admin"),
    "admin-people": _admin_at("/admin/people"),
    "admin-rooms": _admin_at("/admin/rooms/{code}"),
    "admin-settings": _admin_at("/admin/settings"),
    "admin-names": _admin_at("/admin/names"),
    "admin-queues": _jobs_at("/admin/jobs/", "[data-role=queue]"),
    "admin-jobs": _jobs_at("/admin/jobs/0/view/jobs/chatpop/failed/8/asc/1", ".exc_info"),
    "admin-job": _jobs_at("/admin/jobs/0/view/job/{job}", ".exc_info"),
    "admin-job-to-go": _job_is_to_go,
    "admin-workers": _jobs_at("/admin/jobs/0/view/workers", "[data-role=worker]"),
}
