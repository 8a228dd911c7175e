# SPDX-License-Identifier: GPL-3.0-or-later
"""Boxes lie where they belong, within a pixel: eight orientations in JPEG, PNG, TIFF and WebP, as
they are and after -auto-orient, -resize, -crop and -rotate. The stand-in looks for a magenta
rectangle in what it is sent, and answers as Rekognition does: in the upright picture of a JPEG, in
the stored one of a PNG. And a list of 32 pictures is as quick as its slowest.
Usage: test_magick_places.py"""

import io
import json
import sys
import time

import numpy
from PIL import Image, ImageOps

from judges import judged_by, program_version
from support import (
    STORED_FROM_UPRIGHT,
    Answer,
    FakeService,
    Magick,
    clean_environment,
    jpeg_with_orientation,
    label,
    labels_answer,
    png_with_orientation,
    run_cases,
    workspace,
)

PATIENCE_S = 10
OPERATIONS = {
    "as it is": [],
    "-auto-orient": ["-auto-orient"],
    "-resize": ["-resize", "70%"],
    "-crop": ["-gravity", "center", "-crop", "80%x80%+0+0", "+gravity"],
    "-rotate": ["-rotate", "90"],
}
ORIENTATION_NAMES = ["undefined", "top-left", "top-right", "bottom-right", "bottom-left",
                     "left-top", "right-top", "right-bottom", "left-bottom"]


def find_magenta(pixels):
    """left, top, right, bottom of the magenta rectangle (8 bit RGB), or None."""
    is_magenta = (pixels[..., 0] > 127) & (pixels[..., 1] < 64) & (pixels[..., 2] > 127)
    rows, columns = numpy.where(is_magenta.any(axis=1))[0], numpy.where(is_magenta.any(axis=0))[0]
    if not len(rows):
        return None
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def answer(request):
    picture = Image.open(io.BytesIO(request.image))
    if picture.format == "JPEG":
        picture = ImageOps.exif_transpose(picture)
    pixels = numpy.asarray(picture.convert("RGB"))
    found = find_magenta(pixels)
    if found is None:
        return Answer(labels_answer())
    high, wide = pixels.shape[:2]
    left, top, right, bottom = found
    where = {"Left": left / wide, "Top": top / high, "Width": (right - left) / wide,
             "Height": (bottom - top) / high}
    return Answer(labels_answer(label("Thing", 90.0, where)))


def make_pictures(magick):
    """The same upright picture in every format and orientation."""
    names = {}
    magick.make("-size", "400x300", "xc:gray(60%)", "-fill", "magenta", "-draw",
                "rectangle 120,90 239,149", "-strip", "upright.png")
    for orientation, operations in STORED_FROM_UPRIGHT.items():
        stored = f"stored-{orientation}.png"
        magick.make("upright.png", *operations, "-strip", "-define", "png:color-type=2", stored)
        for kind in ("jpg", "png", "tif", "webp"):
            name = f"o{orientation}.{kind}"
            names[orientation, kind] = name
            if kind == "png":
                data = png_with_orientation(open(stored, "rb").read(), orientation)
                open(name, "wb").write(data)
            elif kind == "jpg":
                magick.make(stored, "-quality", "98", "-sampling-factor", "1x1", "plain.jpg")
                data = jpeg_with_orientation(open("plain.jpg", "rb").read(), orientation)
                open(name, "wb").write(data)
            else:
                magick.make(stored, "-define", "webp:lossless=true", "-orient",
                            ORIENTATION_NAMES[orientation], name)
    return names


def raw(path, shape):
    return numpy.fromfile(path, numpy.uint8).reshape(shape)


def edges_of_ink(changed, found):
    """How far the unchanged inside reaches from the rectangle's middle, on all four sides."""
    left, top, right, bottom = found
    x, y = (left + right) // 2, (top + bottom) // 2
    row, column = numpy.where(changed[y])[0], numpy.where(changed[:, x])[0]
    return (
        max((i for i in row if i < x), default=-1) + 1,
        max((i for i in column if i < y), default=-1) + 1,
        min((i for i in row if i > x), default=changed.shape[1]),
        min((i for i in column if i > y), default=changed.shape[0]),
    )


def test_places(tap, magick):
    names = make_pictures(magick)
    with FakeService(answer) as service:
        for (orientation, kind), name in names.items():
            for title, operations in OPERATIONS.items():
                magick.make(
                    name, *(["-orient", ORIENTATION_NAMES[orientation]] if kind == "webp" else []),
                    *operations, "-depth", "8",
                    "(", "+clone", "-auto-orient", "-write", "rgb:before.raw", "-format",
                    "%w %h", "-write", "info:size.txt", "+delete", ")",
                    "-define", f"imgrecog:endpoint={service.url}", "-process", "imgrecog",
                    "-auto-orient", "-depth", "8", "rgb:after.raw",
                )
                wide, high = map(int, open("size.txt", encoding="ascii").read().split())
                before, after = (raw(f"{n}.raw", (high, wide, 3)) for n in ("before", "after"))
                found = find_magenta(before)
                ink = edges_of_ink((before != after).any(axis=2), found)
                off = max(abs(int(a) - int(b)) for a, b in zip(ink, found))
                tap.ok(off <= 1, f"orientation {orientation} {kind} {title}: within a pixel",
                       f"ink {ink}, thing {found}")


def test_list_at_once(tap, magick):
    """32 pictures at an endpoint that answers when as many have asked as may be at once."""
    least = 0

    def slow(request):
        end = time.monotonic() + PATIENCE_S
        while service.most_at_once < least and time.monotonic() < end:
            time.sleep(0.01)
        return answer(request)

    magick.make("-size", "200x160", "plasma:", "-strip", *["-duplicate", "31"], "list-%02d.jpg")
    files = [f"list-{i:02}.jpg" for i in range(32)]
    with FakeService(slow) as service:
        for jobs in (32, 8, 1):
            service.most_at_once, least = 0, jobs
            result = magick.run(*files[: 32 if jobs > 1 else 4], "-define",
                                f"imgrecog:endpoint={service.url}", "-process",
                                f"imgrecog jobs={jobs}", "-format", "%[imgrecog:json]\\n",
                                "info:")
            sources = [json.loads(line)["image"]["source"]
                       for line in result.stdout.decode().splitlines()]
            tap.ok(service.most_at_once == jobs, f"jobs={jobs}: so many at once",
                   service.most_at_once)
            tap.equal(sources, files[: 32 if jobs > 1 else 4], f"jobs={jobs}: in order")


CASES = [test_places, test_list_at_once]


def main():
    wanted = sys.argv[1:]
    with workspace() as folder:
        magick = Magick(clean_environment(folder))
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        return run_cases([case for case in CASES if not wanted or case.__name__ in wanted], magick)


if __name__ == "__main__":
    sys.exit(main())
