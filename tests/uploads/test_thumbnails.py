"""Small pictures come from the queue; until then a page shows a placeholder that asks again."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Flask
from freezegun import freeze_time
from PIL import Image
from redis import Redis

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.uploads import jobs, thumbnails
from chatpop.uploads.storage import the_store
from tests.lifecycle.working import work
from tests.support.people import Person
from tests.support.valkey import RunningValkey
from tests.uploads.sending import all_uploads, fetch, keep, picture, stored

WAITING = "The picture is on its way"


def test_the_queue_makes_it_and_the_page_shows_it(app: Flask, gus: Person, oto: Person) -> None:
    url = keep(gus, content=picture(960, 720))
    region = f"/attachments/{url.split('/')[2]}"
    assert WAITING in gus.get("/uploads").text
    waiting = oto.get(region).text
    assert WAITING in waiting
    assert f'hx-get="{region}"' in waiting
    work(app)
    shown = oto.get(region).text
    assert f'src="{url}?size=thumbnail" width="480" height="360"' in shown
    answer = fetch(oto, f"{url}?size=thumbnail")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.data)).size == (480, 360)
    assert answer.headers["ETag"] != fetch(oto, url).headers["ETag"]
    assert Image.open(io.BytesIO(fetch(oto, url).data)).size == (960, 720)


def test_a_small_picture_is_its_own(app: Flask, gus: Person) -> None:
    url = keep(gus)
    assert f'src="{url}?size=thumbnail" width="8" height="8"' in gus.get("/uploads").text
    assert fetch(gus, f"{url}?size=thumbnail").data == fetch(gus, url).data
    work(app)
    assert stored(app) == {url.split("/")[2]}


def test_one_whose_job_was_lost_is_made_by_the_periodic_job(app: Flask, gus: Person, redis: Redis) -> None:
    keep(gus, content=picture(960, 720))
    redis.flushall()
    with app.app_context():
        assert jobs.make_lost_thumbnails() == 0, "its own job may still come"
        with freeze_time(clock.now() + timedelta(minutes=11)):
            assert jobs.make_lost_thumbnails() == 1
            assert jobs.make_lost_thumbnails() == 0
    assert all_uploads(app)[0].thumbnail == "ready"


def test_while_redis_is_away_an_upload_is_kept(app: Flask, gus: Person, valkey: RunningValkey) -> None:
    keep(gus)
    valkey.stop()
    try:
        keep(gus, "more.png", picture(960, 720))
    finally:
        valkey.start()
    assert len(all_uploads(app)) == 2


def test_one_that_can_not_be_made_shows_the_ending_instead(app: Flask, gus: Person) -> None:
    url = keep(gus, content=picture(960, 720))
    with app.app_context():
        the_store().delete(url.split("/")[2])
        jobs.make_thumbnail(all_uploads(app)[0].id)
    assert all_uploads(app)[0].thumbnail == "failed"
    assert "upload-preview-file" in gus.get("/uploads").text


def test_it_goes_with_its_picture(app: Flask, gus: Person) -> None:
    url = keep(gus, content=picture(960, 720))
    work(app)
    assert len(stored(app)) == 2
    gus.post(f"/uploads/{url.split('/')[2]}/deletion")
    with app.app_context():
        assert jobs.remove_files() == 2
    assert stored(app) == set()


def test_a_picture_that_goes_while_its_small_one_is_made_leaves_nothing(app: Flask, gus: Person) -> None:
    url = keep(gus, content=picture(960, 720))
    upload = all_uploads(app)[0]
    with app.app_context():
        db.session.remove()
        real = the_store()

        class Slow:
            """The owner deletes the picture while the worker is at it."""

            open, delete = real.open, real.delete

            def put(self, *args: object) -> None:
                real.put(*args)  # type: ignore[arg-type]
                gus.post(f"/uploads/{upload.public_id}/deletion")

        assert not thumbnails.make(upload.id, Slow(), jobs.incoming_folder())  # type: ignore[arg-type]
        jobs.remove_files()
    assert stored(app) == set()
    assert fetch(gus, url).status_code == 404
