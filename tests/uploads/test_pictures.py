"""Pictures look the same after they are written anew; the work is done elsewhere and is bounded."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageOps

from chatpop.uploads import pictures
from chatpop.uploads.pictures import Busy, DamagedPicture, Decoders, clean, decoders, make_thumbnail
from tests.uploads import corpus


def cleaned(folder: Path, data: bytes, media_type: str) -> tuple[pictures.Picture, Image.Image]:
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    done = clean(source, target, media_type, "“it”")
    with Image.open(target) as shown:
        shown.load()
        return done, shown.copy()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_looks_as_before(tmp_path: Path, kind: str) -> None:
    done, shown = cleaned(tmp_path, corpus.picture(kind), f"image/{kind.lower()}")
    assert (done.width, done.height, done.is_animated) == (64, 48, False)
    for place, colour in (((8, 8), (255, 165, 0)), ((56, 40), (0, 0, 128))):
        pixel: Any = shown.convert("RGB").getpixel(place)
        assert all(abs(a - b) < 14 for a, b in zip(pixel, colour, strict=True))


def test_the_turn_that_exif_asks_for_is_made(tmp_path: Path) -> None:
    done, shown = cleaned(tmp_path, corpus.jpeg_with_place(), "image/jpeg")
    assert (done.width, done.height) == shown.size == (48, 64)
    top: Any = shown.convert("RGB").getpixel((24, 5))
    assert top[0] > 200  # orange was on the left


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_turn_is_that_of_pillow(tmp_path: Path, orientation: int) -> None:
    image = Image.new("RGB", (6, 4))
    image.putpixel((1, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(corpus.saved(image, "PNG", exif=exif))))
    _, shown = cleaned(tmp_path, corpus.saved(image, "PNG", exif=exif), "image/png")
    assert shown.size == expected.size
    assert shown.tobytes() == expected.tobytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_stays(tmp_path: Path, kind: str) -> None:
    image = Image.new("RGBA", (20, 20), (10, 200, 30, 90))
    _, shown = cleaned(tmp_path, corpus.saved(image, kind, lossless=True), f"image/{kind.lower()}")
    assert shown.mode == "RGBA"
    assert shown.getpixel((5, 5)) == (10, 200, 30, 90)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_kind_of_png_can_be_read(tmp_path: Path, mode: str) -> None:
    done, shown = cleaned(tmp_path, corpus.saved(Image.new(mode, (9, 7)), "PNG"), "image/png")
    assert (done.width, done.height) == shown.size == (9, 7)


def test_a_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    _, shown = cleaned(tmp_path, corpus.saved(Image.new("CMYK", (9, 7)), "JPEG"), "image/jpeg")
    assert shown.mode == "RGB"


def test_a_colour_profile_is_applied_and_left_out(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, shown = cleaned(tmp_path, corpus.picture("PNG", icc_profile=profile), "image/png")
    assert "icc_profile" not in shown.info


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_still_moves_at_its_pace(tmp_path: Path, kind: str) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(corpus.animation(kind))
    assert clean(source, target, f"image/{kind.lower()}", "“it”") == pictures.Picture(40, 30, is_animated=True)
    with Image.open(target) as shown, Image.open(source) as before:
        assert getattr(shown, "n_frames", 1) == 4
        assert shown.info["loop"] == 0
        for number in range(4):
            shown.seek(number)
            before.seek(number)
            shown.load()
            assert shown.info["duration"] == 70
            new: Any = shown.convert("RGB").getpixel((5, 5))
            old: Any = before.convert("RGB").getpixel((5, 5))
            assert all(abs(a - b) < 8 for a, b in zip(new, old, strict=True))


def test_a_gif_whose_frames_are_partly_clear_keeps_no_ghosts(tmp_path: Path) -> None:
    frames = []
    for number in range(3):
        frame = Image.new("RGBA", (30, 10))
        frame.paste((250, 10, 10, 255), (number * 10, 0, number * 10 + 10, 10))
        frames.append(frame)
    data = corpus.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, disposal=2)
    cleaned(tmp_path, data, "image/gif")
    with Image.open(tmp_path / "target") as shown:
        for number in range(3):
            shown.seek(number)
            alpha = shown.convert("RGBA").getchannel("A")
            assert [alpha.getpixel((x, 5)) for x in (5, 15, 25)] == [255 * (number == i) for i in range(3)]


@pytest.mark.parametrize(
    ("size", "expected"), [((2000, 1000), (480, 240)), ((300, 200), (300, 200)), ((3000, 4), (480, 1))]
)
def test_a_thumbnail_fits_and_is_never_larger(tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]) -> None:
    (tmp_path / "source").write_bytes(corpus.picture("JPEG", size))
    assert make_thumbnail(tmp_path / "source", tmp_path / "thumb") == expected
    with Image.open(tmp_path / "thumb") as shown:
        assert (shown.get_format_mimetype(), shown.size) == (pictures.THUMBNAIL_TYPE, expected)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_a_thumbnail_of_an_animation_stands_still(tmp_path: Path, kind: str) -> None:
    (tmp_path / "source").write_bytes(corpus.animation(kind))
    assert make_thumbnail(tmp_path / "source", tmp_path / "thumb", 20) == (20, 15)
    with Image.open(tmp_path / "thumb") as shown:
        assert getattr(shown, "n_frames", 1) == 1


def test_no_thumbnail_is_made_of_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(corpus.html())
    with pytest.raises(DamagedPicture):
        make_thumbnail(tmp_path / "source", tmp_path / "thumb")


def test_who_finds_no_free_place_is_asked_to_come_back(tmp_path: Path) -> None:
    crowded = Decoders()
    crowded.PATIENCE_SECONDS = 0.0
    crowded._slots.acquire()
    crowded._slots.acquire()
    with pytest.raises(Busy) as refusal:
        crowded.run(task="clean")
    assert (refusal.value.status, refusal.value.retry_after) == (503, 5)


def test_a_decoding_process_that_dies_is_replaced(tmp_path: Path) -> None:
    cleaned(tmp_path, corpus.picture("PNG"), "image/png")
    for idle in decoders._idle:
        os.killpg(idle._process.pid, 9)
        idle._process.wait()
    assert cleaned(tmp_path, corpus.picture("PNG"), "image/png")[0].width == 64


def test_the_decoding_process_knows_no_secrets_and_has_limits(tmp_path: Path) -> None:
    cleaned(tmp_path, corpus.picture("PNG"), "image/png")
    environment = Path(f"/proc/{decoders._idle[-1]._process.pid}/environ").read_bytes()
    assert {line.partition(b"=")[0] for line in environment.split(b"\0") if line} == {b"PYTHONPATH"}
    code = (
        "import resource\nfrom chatpop.uploads import decoding\ndecoding._limit()\n"
        "print(*(resource.getrlimit(k)[1] for k in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=pictures._ROOT).stdout
    assert [int(part) for part in said.split()] == [640 * 2**20, 15, 256 * 2**20]


def test_several_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    found: dict[int, int] = {}

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        found[number] = cleaned(folder, corpus.picture("PNG", (10 + number, 10)), "image/png")[0].width

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: 10 + number for number in range(8)}


def test_under_gevent_others_go_on_while_a_picture_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(corpus.saved(Image.effect_noise((600, 500), 90).convert("RGB"), "PNG"))
    code = """
from gevent import monkey; monkey.patch_all()
import sys, time, gevent
from pathlib import Path
from chatpop.uploads.pictures import clean, decoders
folder, longest, last = Path(sys.argv[1]), 0.0, 0.0
clean(folder / "source", folder / "first", "image/png", "it")
def ticking():
    global longest, last
    last = time.perf_counter()
    while True:
        gevent.sleep(0.01)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
ticker = gevent.spawn(ticking)
start = time.perf_counter()
gevent.joinall([gevent.spawn(clean, folder / "source", folder / str(i), "image/png", "it") for i in range(3)],
               raise_error=True)
print(longest, time.perf_counter() - start)
decoders.close()
"""
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True, cwd=pictures._ROOT, text=True
    )
    longest, whole = (float(part) for part in said.stdout.split())
    assert longest < whole / 3
