# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile answers and sizes, folders by mogrify, the progress monitor, and files of several
pictures with offsets and pages. Usage: test_magick_files.py [CASE...]"""

import os
import re
import sys

import numpy

from judges import judged_by, program_version
from support import (
    Answer,
    FakeService,
    Magick,
    aws_error,
    box,
    clean_environment,
    label,
    labels_answer,
    message_of,
    run_cases,
    service_with,
    workspace,
)

THING = label("Thing", 90.0, box(0.25, 0.25, 0.5, 0.5))
FACE = (b'{"FaceDetails":[{"Confidence":99,"BoundingBox":'
        b'{"Left":0.3,"Top":0.3,"Width":0.3,"Height":0.3}}]}')


def recognise(magick, service, before, *after, words="imgrecog"):
    return magick.run(*before, "-define", f"imgrecog:endpoint={service.url}", "-process", words,
                      *after)


def same(magick, one, other):
    return numpy.array_equal(magick.pixels(one), magick.pixels(other))


def is_boxed(before, after):
    """True when THING is drawn: nothing in it, its lower edge where that belongs."""
    changed = (before != after).any(axis=2)
    high, wide = changed.shape
    inked = numpy.where(changed[high // 2:, wide // 2])[0] + high // 2
    inside = changed[high // 2 - 5: high // 2 + 5, wide // 3: wide // 2]
    return inked.size > 0 and not inside.any() and abs(inked[0] - 0.75 * high) <= 1


# ---- hostile ---------------------------------------------------------------------------------


def boxes(*values):
    """An answer with a box of these four members, as they are; they need not be numbers."""
    members = ",".join(f'"{name}":{value}' for name, value in
                       zip(("Left", "Top", "Width", "Height"), values))
    return ('{"Labels":[{"Name":"X","Confidence":90,"Instances":[{"Confidence":90,"BoundingBox":{'
            + members + "}}]}]}").encode()


def many(count):
    instances = [box(0.1, 0.2, 0.02, 0.02)] * count
    return labels_answer(label("X", 90.0, *instances))


HOSTILE = [
    # name, answer, exit code, what is said, whether something is drawn
    ("a box that is no number", boxes("NaN", 0, 1, 1), 1, "not valid JSON", False),
    ("an infinite box", boxes("1e999", 0, 1, 1), 0, "", None),
    ("a huge box", boxes("-1e300", "-1e300", "1e308", "1e308"), 0, "", True),
    ("a negative box", boxes(0.5, 0.5, -0.2, 0.2), 0, "", None),
    ("a box of null", boxes("null", 0.5, 0.2, 0.2), 0, "", None),
    ("a box of text", boxes('"0"', 0.5, 0.2, 0.2), 0, "", None),
    ("no label", b'{"Labels":[]}', 0, "", False),
    ("no list", b"{}", 1, 'no list "Labels"', False),
    ("ten thousand boxes", many(10000), 0, "", True),
    ("more boxes than a result holds", many(20001), 1, "more items than a result can hold", False),
    ("a million boxes", many(1000000), 1, "larger than 33554432 bytes", False),
]


def test_hostile_boxes(tap, magick):
    magick.make("-size", "400x300", "plasma:", "-strip", "a.png")
    for name, answer, code, said, is_drawn in HOSTILE:
        with FakeService(lambda request, body=answer: Answer(body)) as service:
            result = recognise(magick, service, ["convert", "a.png"], "out.png")
        lines = message_of(result.errors)
        tap.ok(result.returncode == code and said in result.errors and len(lines) == code,
               f"{name}: exit code and words", (result.returncode, result.errors[:300]))
        if is_drawn is not None:
            tap.equal(not same(magick, "a.png", "out.png"), is_drawn, f"{name}: drawn")


def test_sizes(tap, magick):
    rows = [
        ("1 x 1", ["-size", "1x1", "xc:red"], "The picture has 1 x 1 pixels; at least 80 a side are needed. Enlarge"),
        ("no pixels", ["-ping", "a.png"], "read without its pixels"),
        ("null:", ["null:"], "1 x 1 pixels"),
    ]
    magick.make("-size", "400x300", "plasma:", "-strip", "a.png")
    with service_with(THING) as service:
        for name, before, said in rows:
            result = recognise(magick, service, before, "out.png")
            tap.ok(result.returncode == 1 and said in result.errors
                   and len(message_of(result.errors)) == 1, f"{name}: said", result.errors)
        tap.equal(len(service.requests), 0, "nothing is sent of them")
        result = magick.run("-process", "imgrecog", "out.png")
        tap.ok(result.returncode == 1 and "no images" in result.errors, "no picture at all",
               result.errors)
        # As large as ImageMagick's own limits let through: 32,000 pixels a side.
        result = recognise(magick, service, ["-size", "32000x400", "xc:gray"], "-crop",
                           "1x400+16000+0", "+repage", "strip.png")
        tap.equal((result.returncode, result.errors), (0, ""), "32,000 pixels wide: drawn on")
        pixels = magick.pixels("strip.png", "RGB")
        changed = (pixels != pixels[200, 0]).any(axis=2)[:, 0]
        tap.ok(changed[:100].any() and changed[300:].any() and not changed[120:280].any(),
               "the box's edges lie where they belong", numpy.where(changed)[0])


# ---- folders ---------------------------------------------------------------------------------


def test_mogrify(tap, magick):
    """Two of three are refused: the other is annotated, they are written as they were and have a
    line each, exit code 1."""
    os.makedirs("out", exist_ok=True)
    for number, kind in enumerate(("red", "lime", "blue")):
        magick.make("-size", "200x160", f"gradient:{kind}-white", "-strip", f"m{number}.png")
    seen = []

    def answer(request):
        seen.append(request)  # mogrify gives one picture after the other
        if len(seen) < 3:
            return aws_error("InvalidImageFormatException", "Request has invalid image format")
        return Answer(labels_answer(THING))

    with FakeService(answer) as service:
        result = magick.run("mogrify", "-path", "out", "-define",
                            f"imgrecog:endpoint={service.url}", "-process", "imgrecog", "m0.png",
                            "m1.png", "m2.png")
    lines = message_of(result.errors)
    tap.ok(result.returncode == 1 and len(lines) == 2 and "m0.png" in lines[0]
           and "m1.png" in lines[1], "mogrify: a line for each, exit code 1", result.errors)
    tap.equal(len(seen), 3, "mogrify: the other is asked about")
    tap.equal([same(magick, f"m{n}.png", f"out/m{n}.png") for n in range(3)], [True, True, False],
              "mogrify -path: the other is drawn on")


def test_mogrify_in_place(tap, magick):
    """The first and the last are refused: each file is written as its own answer says, TIFF too."""
    refused = aws_error("InvalidImageFormatException", "Request has invalid image format")
    for kind in ("png", "tif", "jpg"):
        for case, define, word in (("", [], "imgrecog"),
                                   (", fail-closed", ["-define", "imgrecog:fail-closed=true"],
                                    "imgrecog check look-for=faces action=fill")):
            names = [f"in{n}.{kind}" for n in range(3)]
            for number, name in enumerate(names):
                magick.make("-size", "200x160", f"gradient:rgb(0,0,{40 * number})-white", "-strip",
                            "-quality", "100", name)
            before = [magick.pixels(name, "RGB") for name in names]
            answers = [refused, Answer(FACE if define else labels_answer(THING)), refused]
            with FakeService(lambda request: answers.pop(0)) as service:
                result = magick.run("mogrify", "-define", f"imgrecog:endpoint={service.url}",
                                    *define, "-process", word, *names)
            after = [magick.pixels(name, "RGB") for name in names]
            tap.equal((result.returncode, len(message_of(result.errors)), len(answers)), (1, 2, 0),
                      f"mogrify {kind}{case}: exit code 1, two lines, all asked")
            # JPEG is not lossless, so what stayed is alike.
            alike = [bool(numpy.abs(a - b).mean() < 257) for a, b in zip(before, after)]
            white = [bool((a == 65535).all()) for a in after]
            tap.equal((alike, white),
                      (([False] * 3, [True, False, True]) if define
                       else ([True, False, True], [False] * 3)),
                      f"mogrify {kind}{case}: what failed, and the other")


def test_monitor(tap, magick):
    magick.make("-size", "120x100", "plasma:", "-strip", "a.png")
    with service_with(THING) as service:
        result = recognise(magick, service, [*["a.png"] * 4, "-monitor"], "null:")
    said = re.findall(r"Recognize/Image\[[^]]*\]: (\d) of 4", result.errors)
    tap.equal(said, ["0", "1", "2", "3"], "-monitor: picture by picture")


# ---- several pictures in a file --------------------------------------------------------------


def test_animation(tap, magick):
    """Frames keep their offsets, times and canvas, and each is drawn on in its own corner."""
    magick.make("-size", "300x240", "xc:red", "(", "-size", "160x120", "xc:blue", "-repage",
                "300x240+90+80", ")", "-set", "delay", "7", "-loop", "0", "a.gif")
    with service_with(THING) as service:
        recognise(magick, service, ["a.gif"], "b.gif")
    frames = ["-format", "%w %h %g %T|", "info:"]
    tap.equal(magick.make("b.gif", *frames), magick.make("a.gif", *frames),
              "GIF: sizes, offsets and times stay")
    for frame in range(2):
        before, after = (magick.pixels(f"{name}[{frame}]", "RGB") for name in ("a.gif", "b.gif"))
        tap.ok(is_boxed(before, after), f"GIF frame {frame}: the box is where it belongs",
               after.shape)


def test_pages(tap, magick):
    """A TIFF of two pages of different sizes, as TIFF and as PDF, and what is read from that."""
    magick.make("-size", "300x240", "plasma:", "(", "-size", "200x320", "plasma:", ")", "-density",
                "150", "-units", "PixelsPerInch", "pages.tif")
    with service_with(THING) as service:
        recognise(magick, service, ["pages.tif"], "-write", "out.tif", "out.pdf")
        tap.equal(len(service.requests), 2, "two pages, two requests")
    pages = ["-format", "%w %h %x|", "info:"]
    tap.equal(magick.make("out.tif", *pages), magick.make("pages.tif", *pages), "TIFF: pages stay")
    tap.ok(not any(same(magick, f"pages.tif[{n}]", f"out.tif[{n}]") for n in range(2)),
           "TIFF: both are drawn on")
    with open("out.pdf", "rb") as file:
        text = file.read()
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", text)
    tap.equal([tuple(round(float(side)) for side in size) for size in sizes],
              [(144, 115), (96, 154)], "PDF: a page for each, in their sizes")
    magick.make("pages.tif", "plain.pdf")
    magick.make("-density", "150", "plain.pdf", "plain.tif")
    with service_with(THING) as service:
        recognise(magick, service, ["-density", "150", "plain.pdf"], "read.tif")
        tap.equal(len(service.requests), 2, "PDF, read: two pages, two requests")
    for page in range(2):
        before, after = (magick.pixels(f"{name}.tif[{page}]", "RGB") for name in ("plain", "read"))
        tap.ok(is_boxed(before, after), f"PDF, read: the box is where it belongs on page {page}",
               after.shape)


CASES = [test_hostile_boxes, test_sizes, test_mogrify, test_mogrify_in_place, test_monitor,
         test_animation, test_pages]


def main():
    wanted = sys.argv[1:]
    with workspace() as folder:
        magick = Magick(clean_environment(folder))
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        return run_cases([case for case in CASES if not wanted or case.__name__ in wanted], magick)


if __name__ == "__main__":
    sys.exit(main())
