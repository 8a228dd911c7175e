# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter module in real `magick`, against a stand-in service whose answers and faults are
chosen here: arguments, what is sent, what is drawn, what is left alone, and what is said when it
fails. Usage: test_magick.py MAGICK_PROGRAM [CASE...]"""

import json
import os
import re
import struct
import subprocess
import sys
import time

import numpy

from judges import judged_by, program_version
from support import (
    ACCESS_KEY_ID,
    SECRET_KEY,
    STORED_FROM_UPRIGHT,
    Answer,
    FakeService,
    Magick,
    aws_error,
    box,
    clean_environment,
    jpeg_with_orientation,
    label,
    labels_answer,
    message_of,
    png_with_orientation,
    run_cases,
    service_with,
    unused_port,
    workspace,
)

PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None
FACE = label("Face", 97.5, box(0.3, 0.25, 0.25, 0.3))
SKY = label("Sky", 88.0)
HOSTILE = [
    "@/etc/passwd",
    "%[fx:1]",
    "<b>",
    "한국어",
    "\\n\\\\ %d %n %s",
    "عربي ومختلط 12",
    "x" * 300,
]


def endpoint(service):
    return f"imgrecog:endpoint={service.url}"


def recognise(magick, service, *arguments, words="imgrecog", before=(), env=None):
    """magick BEFORE -define endpoint -process words ARGUMENTS"""
    return magick.run(
        *before, "-define", endpoint(service), "-process", words, *arguments, env=env
    )


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def make_pictures(magick):
    """Pictures without metadata, so that the file's bytes are what is sent."""
    plain = ["+set", "date:create", "+set", "date:modify", "+set", "date:timestamp", "-strip"]
    magick.make("-size", "512x384", "plasma:", *plain, "-quality", "92", "a.jpg")
    magick.make("-size", "400x300", "gradient:red-blue", *plain, "b.jpg")
    exclude = ["-define", "png:exclude-chunks=all", "-define", "png:color-type=2"]
    magick.make("-size", "320x256", "plasma:", "-depth", "8", *plain, *exclude, "c.png")


def is_as_before(magick, got, before):
    return numpy.array_equal(magick.pixels(got), magick.pixels(before))


# ---- a list ----------------------------------------------------------------------------------


def test_list(tap, magick):
    def slow(request):
        time.sleep(0.5)
        return Answer(labels_answer(FACE, SKY))

    with FakeService(slow) as service:
        result = recognise(
            magick,
            service,
            "-format",
            "%[imgrecog:json]\\n",
            "-write",
            "info:list.txt",
            "list-%d.png",
            before=["a.jpg", "b.jpg", "c.png"],
        )
    tap.equal(result.returncode, 0, "three pictures: exit code")
    tap.equal(result.errors, "", "three pictures: nothing on stderr")
    tap.equal(len(service.requests), 3, "three pictures, three requests")
    tap.ok(service.most_at_once >= 2, "requests of a list run side by side")
    documents = [json.loads(line) for line in read("list.txt").splitlines()]
    tap.equal(
        [(d["schema"], d["image"]["source"], d["image"]["width"]) for d in documents],
        [("imgrecog/1", "a.jpg", 512), ("imgrecog/1", "b.jpg", 400), ("imgrecog/1", "c.png", 320)],
        "each picture has its own document",
    )
    for number, name in enumerate(("a.jpg", "b.jpg", "c.png")):
        tap.ok(not is_as_before(magick, f"list-{number}.png", name), f"{name} is drawn on")


def test_results(tap, magick):
    with service_with(FACE, SKY) as service:
        result = recognise(
            magick,
            service,
            "-resize",
            "50%",
            "-format",
            "%[imgrecog:labels]|%[imgrecog:error]|",
            "-write",
            "info:-",
            "property.png",
            before=["a.jpg"],
        )
    tap.equal(result.errors, "", "every result can be asked for, one that is empty too")
    tap.equal(result.stdout.decode(), "Face: 97%\nSky: 88%||", "labels as text, after -resize too")
    text = magick.make("property.png", "-verbose", "info:").decode()
    tap.ok("imgrecog" not in text, "no result is written into the picture's file", text)
    tap.ok(b"imgrecog" not in read("property.png"), "nor into any chunk of it")


def test_hostile_names_in_format(tap, magick):
    with service_with(*[label(name, 80.0) for name in HOSTILE]) as service:
        result = recognise(
            magick, service, "-format", "%[imgrecog:json]", "info:", before=["a.jpg"]
        )
        text = recognise(
            magick, service, "-format", "%[imgrecog:labels]", "info:", before=["a.jpg"]
        )
    names = [entry["name"] for entry in json.loads(result.stdout)["labels"]]
    tap.equal(names, HOSTILE, "JSON by -format: names with escapes come out as they are")
    tap.equal(
        text.stdout.decode().split("\n"),
        [f"{name}: 80%" for name in HOSTILE],
        "labels by -format: escapes in names are not interpreted",
    )


def test_hostile_names_drawn(tap, magick):
    os.mkfifo("fifo")  # whoever opened it for reading would hang
    names = [f"@{os.path.abspath('fifo')}", *HOSTILE]
    magick.make("-size", "800x800", "xc:fuchsia", "canvas.png")
    for name in names:
        with service_with(label(name, 80.0, box(0.2, 0.4, 0.3, 0.3)), label(name, 80.0)) as service:
            result = recognise(magick, service, "hostile.png", before=["canvas.png"])
        changed = (magick.pixels("hostile.png") != magick.pixels("canvas.png")).any(axis=2)
        outside_box = changed.copy()
        outside_box[300:600, 140:420] = False
        tap.ok(
            result.returncode == 0 and outside_box.sum() > 200,
            f"a label {name[:20]!r} is drawn, box, plate and legend",
            result.errors,
        )
    tap.ok(True, "no file that a label named was opened")


def test_twice(tap, magick):
    with service_with(FACE) as service:
        result = recognise(
            magick,
            service,
            "-process",
            "imgrecog",
            "-format",
            "%[imgrecog:labels]",
            "info:",
            before=["a.jpg", "c.png"],
        )
    tap.equal(result.returncode, 0, "-process imgrecog twice: exit code")
    tap.equal(len(service.requests), 4, "-process imgrecog twice: both runs asked")
    tap.equal(result.stdout.decode(), "Face: 97%" * 2, "-process imgrecog twice: results")
    sent = [request.image for request in service.requests]
    tap.ok(read("a.jpg") in sent[:2], "the first run sends the file")
    tap.ok(read("a.jpg") not in sent[2:], "the second sends what has been drawn since")


def test_clones(tap, magick):
    """Clones share their pixels until one is written to; here all are, by several threads."""
    def slow(request):
        time.sleep(0.2)
        return Answer(labels_answer(FACE, SKY))

    with FakeService(slow) as service:
        recognise(magick, service, "alone.miff", before=["a.jpg"])
        result = recognise(
            magick, service, "clone-%02d.miff", before=["a.jpg", "-duplicate", "23"]
        )
    wanted = magick.pixels("alone.miff")
    same = [numpy.array_equal(magick.pixels(f"clone-{i:02}.miff"), wanted) for i in range(24)]
    tap.ok(result.returncode == 0 and all(same), "24 clones are drawn on, each once", result.errors)
    tap.ok(2 <= service.most_at_once <= 8, "at most 8 requests at once", service.most_at_once)


def run_program(magick, service, stop_after, *files):
    """The lines and exit code of a program that uses the filter through MagickCore."""
    result = subprocess.run(
        [PROGRAM, service.url, str(stop_after), *files],
        env=magick.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    magick.printed.append(result.stderr.decode())
    return result.stdout.decode().splitlines(), result.returncode, result.stderr.decode()


def test_program(tap, magick):
    """Definitions in the images themselves, and progress picture by picture."""
    with service_with(FACE) as service:
        lines, code, errors = run_program(magick, service, 0, "a.jpg", "b.jpg", "c.png")
    tap.equal((lines, code, errors), (["Face: 97%|"] * 3, 0, ""), "a program of MagickCore's")


def test_monitor_stops(tap, magick):
    """The first picture answers at once; the others would take 20 s."""
    quick = read("b.jpg")

    def answer(request):
        if request.image != quick:
            time.sleep(20)
        return Answer(labels_answer(FACE))

    with FakeService(answer) as service:
        start = time.monotonic()
        lines, code, _ = run_program(magick, service, 1, "a.jpg", "b.jpg", "c.png")
        seconds = time.monotonic() - start
    tap.ok(seconds < 5, "a monitor that says stop ends all requests soon", seconds)
    tap.ok(
        code == 1 and lines[1] == "Face: 97%|" and "cancel" in lines[0].lower()
        and lines[0].startswith("|"),
        "what was stopped says so, what was done stays",
        lines,
    )


# ---- arguments -------------------------------------------------------------------------------


def test_precedence(tap, magick):
    home = magick.environment["XDG_CONFIG_HOME"]
    os.makedirs(f"{home}/imgrecog", exist_ok=True)
    write(f"{home}/imgrecog/config", b"[default]\nmin_confidence = 11\nmax-labels = 7\n")
    rows = [
        ("file", {}, [], "imgrecog", 11),
        ("environment over file", {"IMGRECOG_MIN_CONFIDENCE": "22"}, [], "imgrecog", 22),
        (
            "-define over environment",
            {"IMGRECOG_MIN_CONFIDENCE": "22"},
            ["-define", "imgrecog:min-confidence=33"],
            "imgrecog",
            33,
        ),
        (
            "word over -define",
            {"IMGRECOG_MIN_CONFIDENCE": "22"},
            ["-define", "imgrecog:min-confidence=33"],
            "imgrecog labels min-confidence=44.5",
            44.5,
        ),
        (
            "later word over earlier",
            {},
            [],
            "imgrecog min-confidence=44 min-confidence=45",
            45,
        ),
    ]
    for name, environment, defines, words, wanted in rows:
        with service_with(FACE) as service:
            recognise(
                magick, service, "null:", words=words, before=["a.jpg", *defines], env=environment
            )
            tap.equal(
                [
                    (request.parameters["MinConfidence"], request.parameters["MaxLabels"])
                    for request in service.requests
                ],
                [(wanted, 7)],
                f"precedence: {name}",
            )
    os.remove(f"{home}/imgrecog/config")


def test_argument_errors(tap, magick):
    rows = [
        ("unknown word", "imgrecog min-confidance=80", [], ["min-confidance", "min-confidence"]),
        ("unknown -define", "imgrecog", ["-define", "imgrecog:hue=red"], ["hue", "max-labels"]),
        ("number out of range", "imgrecog min-confidence=101", [], ["min-confidence", "100"]),
        ("not a number", "imgrecog max-labels=many", [], ["max-labels", "1000"]),
        ("range by -define", "imgrecog", ["-define", "imgrecog:max-labels=0"], ["max-labels"]),
        ("unknown task", "imgrecog captions", [], ["captions", "labels", "caption"]),
        ("unknown task behind one", "imgrecog labels find", [], ["find", "labels"]),
        ("key without value", "imgrecog endpoint", [], ["endpoint", "value"]),
        ("empty value", "imgrecog profile=", [], ["profile"]),
        ("unknown profile", "imgrecog profile=nobody", [], ["nobody"]),
        ("bad endpoint", "imgrecog endpoint=ftp://x/", [], ["endpoint", "http://"]),
        ("kind that is none", "imgrecog check action=fill kinds=faces", [], ["kinds", "face,"]),
        ("setting of another task", "imgrecog action=fill", [], ["action", "Ask for check"]),
        ("a link that nobody gets", "imgrecog upload upload=s3://b/k/ presign=60", [],
         ["presign", "imgrecog upload --presign"]),
        ("a document beside the picture", "imgrecog upload upload=s3://b/k/ document=true", [],
         ["document", "%[imgrecog:json]"]),
        ("generate without words", "imgrecog generate", [], ["generate", "prompt"]),
        ("an edit that needs words", "imgrecog generate edit=search-replace", [], ["prompt"]),
    ]
    for name, words, defines, wanted in rows:
        with service_with(FACE) as service:
            result = recognise(
                magick, service, "argument.png", words=words, before=["a.jpg", "b.jpg", *defines]
            )
        lines = message_of(result.errors)
        tap.equal(result.returncode, 1, f"{name}: exit code 1")
        tap.ok(
            len(lines) == 1 and all(word in lines[0] for word in wanted),
            f"{name}: one line that says so",
            result.errors,
        )
        tap.equal(len(service.requests), 0, f"{name}: nothing is sent")
        tap.ok(not os.path.exists("argument.png"), f"{name}: nothing is written")


def test_help(tap, magick):
    with service_with(FACE) as service:
        result = recognise(
            magick, service, "help.png", words="imgrecog help", before=["a.jpg"]
        )
    keys = ["endpoint=", "min-confidence=", "max-labels=", "profile=", "region="]
    tap.ok(all(key in result.errors for key in keys), "help lists the settings", result.errors)
    tap.ok("document=" not in result.errors, "help lists nothing that is refused", result.errors)
    of_check = magick.run("a.jpg", "-process", "imgrecog help check", "null:").stderr.decode()
    tap.ok("look-for=" in of_check and "region=" in of_check and "steps=" not in of_check
           and "overlay=" not in of_check, "help of a task lists that task's", of_check)
    tap.equal(result.stdout, b"", "help leaves stdout to the picture")
    tap.equal(len(service.requests), 0, "help sends nothing")
    tap.ok(is_as_before(magick, "help.png", "a.jpg"), "help draws nothing")


# ---- what is sent ----------------------------------------------------------------------------


def test_original_bytes(tap, magick):
    write("future.jpg", read("a.jpg"))
    os.utime("future.jpg", (time.time() + 3600, time.time() + 3600))
    write("turned-6.jpg", jpeg_with_orientation(read("a.jpg"), 6))
    rows = [
        ("JPEG", ["a.jpg"], "a.jpg"),
        ("PNG", ["c.png"], "c.png"),
        ("format before the name", ["jpeg:a.jpg"], "a.jpg"),
        ("upright and -auto-orient", ["a.jpg", "-auto-orient"], "a.jpg"),
        ("JPEG with an orientation", ["turned-6.jpg"], "turned-6.jpg"),
        ("-strip", ["a.jpg", "-strip"], "a.jpg"),
        ("a clone", ["a.jpg", "(", "-clone", "0", ")", "-delete", "0"], "a.jpg"),
        ("one frame of a file", ["a.jpg[0]"], None),
        ("a region of a file", ["a.jpg[100x100+5+5]"], None),
        ("-negate", ["a.jpg", "-negate"], None),
        ("-resize", ["a.jpg", "-resize", "50%"], None),
        ("-auto-orient that turned", ["turned-6.jpg", "-auto-orient"], None),
        ("-orient", ["a.jpg", "-orient", "right-top"], None),
        ("-alpha on", ["c.png", "-alpha", "on"], None),
        ("-set colorspace", ["a.jpg", "-set", "colorspace", "Gray"], None),
        ("jpeg:size", ["-define", "jpeg:size=128x128", "a.jpg"], None),
        ("file written after it was read", ["future.jpg"], None),
        ("drawn here", ["-size", "100x100", "xc:red"], None),
        ("mpr:", ["a.jpg", "-write", "mpr:x", "-delete", "0", "mpr:x"], None),
    ]
    for name, before, wanted in rows:
        with service_with(FACE) as service:
            result = recognise(magick, service, "null:", before=before)
        sent = service.requests[0].image if service.requests else b""
        is_file = wanted is not None and sent == read(wanted)
        write("sent.bin", sent)
        if wanted is not None:
            tap.ok(is_file, f"the file's own bytes: {name}", result.errors)
        else:
            is_encoded = sent[:2] == b"\xff\xd8" and sent not in (read("a.jpg"), read("c.png"))
            tap.ok(is_encoded, f"encoded: {name}", result.errors)


def test_original_by_mogrify_and_stdin(tap, magick):
    os.makedirs("out", exist_ok=True)
    with service_with(FACE) as service:
        recognise(magick, service, "a.jpg", before=["mogrify", "-path", "out"])
    tap.ok(
        service.requests and service.requests[0].image == read("a.jpg"),
        "mogrify sends the file's own bytes",
    )
    tap.ok(not is_as_before(magick, "out/a.jpg", "a.jpg"), "mogrify draws")
    other = bytearray(read("a.jpg"))
    other[-40] ^= 1  # a file that only its name could make look like the one from stdin
    write("-", other)
    with service_with(FACE) as service:
        magick.run(
            "-", "-define", endpoint(service), "-process", "imgrecog", "null:", stdin=read("a.jpg")
        )
    tap.ok(
        service.requests and service.requests[0].image not in (read("a.jpg"), bytes(other)),
        "a picture from stdin is encoded",
    )
    os.remove("-")


def sent_pixels(magick, before):
    """What a service decodes of what was sent, 8 bit RGB."""
    with service_with(FACE) as service:
        recognise(magick, service, "null:", before=before)
    if not service.requests:
        return None
    write("sent.jpg", service.requests[0].image)
    return magick.pixels("sent.jpg", "RGB") // 257


def test_encoding(tap, magick):
    halves = ["-size", "200x160", "xc:red", "-fill", "blue", "-draw", "rectangle 100,0 199,159"]
    rows = [
        ("CMYK", ["-colorspace", "CMYK"]),
        ("linear light", ["-colorspace", "RGB"]),
        ("Lab", ["-colorspace", "Lab"]),
        ("palette", ["-type", "Palette"]),
        ("16 bit", ["-depth", "16"]),
        ("a channel mask", ["-alpha", "on", "-colorspace", "CMYK", "-channel", "B"]),
    ]
    for name, operations in rows:
        got = sent_pixels(magick, [*halves, *operations])
        tap.ok(
            got is not None
            and got.shape == (160, 200, 3)
            and abs(got[80, 40] - [255, 0, 0]).max() <= 6
            and abs(got[80, 160] - [0, 0, 255]).max() <= 6,
            f"sent as 8-bit sRGB: {name}",
            got,
        )
    gray = sent_pixels(magick, ["-size", "100x100", "xc:gray(60%)", "-colorspace", "LinearGray"])
    tap.ok(abs(gray[50, 50] - 153).max() <= 2, "sent as 8-bit sRGB: linear gray", gray[50, 50])
    hidden = sent_pixels(magick, ["-size", "100x100", "xc:rgba(255,0,0,0)"])
    tap.ok(hidden.min() >= 254, "what full transparency hides is not sent", hidden[50, 50])
    half = sent_pixels(magick, ["-size", "100x100", "xc:rgba(0,0,0,0.5)"])
    tap.ok(abs(half[50, 50] - 128).max() <= 2, "alpha is laid over white", half[50, 50])


def test_limits(tap, magick):
    magick.make("-size", "10400x100", "gradient:", "-rotate", "90", "long.jpg")
    got = sent_pixels(magick, ["long.jpg"])
    tap.ok(got is None or max(got.shape) <= 10000, "over 10,000 pixels: scaled or refused")
    magick.make("-size", "2600x2000", "xc:gray", "-attenuate", "2", "+noise", "Random", "big.png")
    with service_with(FACE) as service:
        result = recognise(magick, service, "null:", before=["big.png"])
    tap.ok(
        os.path.getsize("big.png") > 5242880
        and len(service.requests) == 1
        and len(service.requests[0].image) <= 5242880,
        "a file over 5,242,880 bytes is encoded to fit",
        result.errors,
    )
    with service_with(FACE) as service:
        result = recognise(magick, service, "null:", before=["-size", "1x1", "xc:red"])
    tap.ok(
        result.returncode == 1 and not service.requests and "1 x 1" in result.errors,
        "1 x 1 pixel: a clear error, nothing is sent",
        result.errors,
    )


# ---- what is drawn ---------------------------------------------------------------------------


def ink_of(magick, annotated, untouched, *operations):
    """Where two pictures differ, after the operations on both."""
    return (
        magick.pixels(annotated, "RGB", *operations) != magick.pixels(untouched, "RGB", *operations)
    ).any(axis=2)


def test_orientations(tap, magick):
    """The stand-in answers boxes of the upright picture, as Rekognition does for JPEG. The canvas
    is of one colour, which a JPEG keeps exactly, so all eight must end as the same pixels."""
    magick.make("-size", "400x240", "xc:fuchsia", "-strip", "-quality", "95", "upright.jpg")
    labels = [
        label("Left Top", 90.0, box(0.1, 0.15, 0.25, 0.3)),
        label("Right Bottom", 90.0, box(0.6, 0.6, 0.3, 0.3)),
        SKY,
    ]
    wanted = None
    for orientation, operations in STORED_FROM_UPRIGHT.items():
        magick.make("upright.jpg", *operations, "-quality", "95", "stored.jpg")
        write("o.jpg", jpeg_with_orientation(read("stored.jpg"), orientation))
        for turned in ([], ["-auto-orient"]):
            with service_with(*labels) as service:
                result = recognise(magick, service, "o.miff", before=["o.jpg", *turned])
            pixels = magick.pixels("o.miff", "RGB", "-auto-orient")
            ink = (pixels != pixels[120, 200]).any(axis=2)
            wanted = pixels if wanted is None else wanted
            tap.ok(
                result.returncode == 0 and ink.sum() > 1000 and numpy.array_equal(pixels, wanted),
                f"orientation {orientation} {' '.join(turned)}: drawn as on the upright picture",
                result.errors or f"{pixels.shape} {ink.sum()}",
            )


def test_bands(tap, magick):
    """A picture that is drawn in several bands: they lie across it when it is upright, along it when
    it is stored turned, and all must end as the same pixels."""
    magick.make("-size", "1900x1400", "xc:fuchsia", "-strip", "-quality", "95", "upright.jpg")
    labels = [label(f"Thing {i}", 90.0 - i, box(0.02 + 0.16 * (i % 6), 0.03 + 0.23 * (i // 6), 0.15,
                                                0.28)) for i in range(24)]
    wanted = None
    for name, words, operations, channels, orientations in (
            ("one thread", "imgrecog", ["-limit", "thread", "1"], "RGB", (1, 6)),
            ("eight threads", "imgrecog", ["-limit", "thread", "8"], "RGB", range(1, 9)),
            ("on disk", "imgrecog", ["-limit", "area", "1", "-limit", "memory", "1", "-limit", "map",
                                     "1"], "RGB", (1, 8)),
            ("half opaque", "imgrecog opacity=0.5", [], "RGB", (1, 3, 6)),
            ("CMYK", "imgrecog", ["-colorspace", "CMYK"], "CMYK", (1, 6, 8))):
        if name in ("half opaque", "CMYK"):
            wanted = None
        for orientation in orientations:
            magick.make("upright.jpg", *STORED_FROM_UPRIGHT[orientation], "-quality", "95",
                        "stored.jpg")
            write("o.jpg", jpeg_with_orientation(read("stored.jpg"), orientation))
            with service_with(*labels) as service:
                before = [*operations, "o.jpg"] if "-limit" in operations else ["o.jpg", *operations]
                result = recognise(magick, service, "o.miff", before=before, words=words)
            pixels = magick.pixels("o.miff", channels, "-auto-orient")
            inked = (pixels != pixels[0, 0]).any(axis=2).sum()
            wanted = pixels if wanted is None else wanted
            tap.ok(result.returncode == 0 and inked > 50000 and numpy.array_equal(pixels, wanted),
                   f"bands, {name}, orientation {orientation}", result.errors or inked)


def test_png_orientation(tap, magick):
    """A PNG is sent as stored and answered as stored; its eXIf orientation turns the boxes."""
    magick.make("-size", "400x240", "xc:fuchsia", "-strip", "-define", "png:exclude-chunks=all",
                "-define", "png:color-type=2", "upright.png")
    upright_box, stored_box = box(0.1, 0.2, 0.3, 0.4), box(0.2, 0.6, 0.4, 0.3)
    with service_with(label("Thing", 90.0, upright_box)) as service:
        recognise(magick, service, "u.miff", before=["upright.png"])
    wanted = ink_of(magick, "u.miff", "upright.png")
    magick.make("upright.png", "-rotate", "270", "-define", "png:exclude-chunks=all",
                "-define", "png:color-type=2", "stored.png")
    write("o.png", png_with_orientation(read("stored.png"), 6))
    with service_with(label("Thing", 90.0, stored_box)) as service:
        result = recognise(magick, service, "o.miff", before=["o.png"])
    sent = service.requests[0].image if service.requests else b""
    tap.ok(sent == read("stored.png"), "PNG with orientation 6: its own bytes, without eXIf")
    ink = ink_of(magick, "o.miff", "o.png", "-auto-orient")
    tap.ok(numpy.array_equal(ink, wanted), "PNG with orientation 6: ink is upright", result.errors)
    with service_with(label("Thing", 90.0, upright_box)) as service:
        recognise(magick, service, "o.miff", before=["o.png", "-auto-orient"])
    magick.make("o.png", "-auto-orient", "before.miff")
    ink = ink_of(magick, "o.miff", "before.miff")
    tap.ok(numpy.array_equal(ink, wanted), "PNG with orientation 6 -auto-orient: ink is upright")


ALPHA_40 = ["-alpha", "on", "-channel", "A", "-evaluate", "set", "40%", "+channel"]

# What is done to the picture, the colour space in which its ink is, and the channels to compare.
KINDS = {
    "8 bit": ([], "sRGB", "RGB"),
    "16 bit": (["-evaluate", "multiply", "0.7713", "-depth", "16"], "sRGB", "RGB"),
    "gray": (["-colorspace", "Gray"], "sRGB", "RGB"),
    "linear gray": (["-colorspace", "LinearGray"], "RGB", "RGB"),
    "gray and alpha": (["-colorspace", "Gray", *ALPHA_40], "sRGB", "RGBA"),
    "bilevel": (["-monochrome"], "sRGB", "RGB"),
    "palette": (["-colors", "60", "-type", "Palette"], "sRGB", "RGB"),
    "alpha": (ALPHA_40, "sRGB", "RGBA"),
    "CMYK": (["-colorspace", "CMYK"], "CMYK", "CMYK"),
    "CMYK and alpha": (["-colorspace", "CMYK", *ALPHA_40], "CMYK", "CMYKA"),
    "linear light": (["-colorspace", "RGB"], "RGB", "RGB"),
    "Lab": (["-colorspace", "Lab"], "Lab", "RGB"),
    "virtual canvas": (["-repage", "900x900+300-20"], "sRGB", "RGB"),
    "channel mask": (["-channel", "R"], "sRGB", "RGB"),
    "gray and channel mask": (["-colorspace", "Gray", "-channel", "G"], "sRGB", "RGB"),
    "linear gray and channel mask": (["-colorspace", "LinearGray", "-channel", "B"], "RGB", "RGB"),
}
# Rounding, in 65,535ths: the ink's colours are read from a file and converted once more.
ROUNDING = 3


def over(ink, coverage, below):
    """Porter and Duff's over; `below` has its alpha last when it has a channel more than `ink`."""
    alpha = below[..., -1:] / 65535 if below.shape[-1] > ink.shape[-1] else 1.0
    color = below[..., : ink.shape[-1]]
    result_alpha = coverage + alpha * (1 - coverage)
    mixed = (ink * coverage + color * alpha * (1 - coverage)) / result_alpha
    if below.shape[-1] == ink.shape[-1]:
        return mixed
    return numpy.concatenate([mixed, result_alpha * 65535], axis=-1)


# The same in linear light, of which a step is up to 13 of sRGB's.
LINEAR_ROUNDING = 20
# The same where the ink's colours are mixed in the picture's own encoding: how they are mixed is
# read from what 16 bits of sRGB hold, and dark colours' mixes are told apart by little.
MIX_ROUNDING = 400


def mixed_over(ink, flat, flat_there, coverage, below):
    """The least and the most that each sample may be. `ink` (pixels) are mixes, in sRGB, of one of
    the colours `flat` with black or white, which are the last two of them; `flat_there` are the
    same colours in the picture's encoding. Where a mix can be several, all are allowed."""
    least, most = numpy.full(below.shape, numpy.inf), numpy.full(below.shape, -numpy.inf)
    for color, color_there in zip(flat, flat_there):
        for end, end_there in zip(flat[-2:], flat_there[-2:]):
            way = end - color
            part = ((ink - color) @ way / max(way @ way, 1)).clip(0, 1)[:, None]
            fits = abs(color + part * way - ink).max(axis=1) < 2 * 257
            mix = over(color_there + part * (end_there - color_there), coverage, below)
            least[fits] = numpy.minimum(least, mix)[fits]
            most[fits] = numpy.maximum(most, mix)[fits]
    return least, most


def flat_colors(ink):
    """Those of many pixels, then black and white."""
    colors, counts = numpy.unique(ink, axis=0, return_counts=True)
    return numpy.concatenate([colors[counts >= 40], [[0] * 3, [65535] * 3]])


def color_distance(magick, ink, coverage, before, after, colorspace):
    """How far pixels (rows of samples) are from ink that lies on `before` in a colour space of its
    own; `colorspace` are the operations that make its samples, the channels first."""
    flat = flat_colors(ink)
    write("flat.ppm", b"P6 %d 1 65535\n" % len(flat) + flat.astype(">u2").tobytes())
    flat_there = magick.pixels("flat.ppm", *colorspace)[0]
    least, most = mixed_over(ink, flat, flat_there, coverage, before)
    return max((least - after).max(), (after - most).max())


def test_kinds(tap, magick):
    """Pixels without ink keep every bit, the others are the ink over what was there. What ink there
    is, and how opaque, is seen on a fully transparent canvas."""
    labels = [label("Face", 97.0, box(0.3, 0.25, 0.25, 0.3)), label("Tree", 80.0, box(0, 0, 1, 1)),
              SKY]
    with service_with(*labels) as service:
        recognise(magick, service, "ink.miff", before=["-size", "512x384", "xc:none"])
        coverage = magick.pixels("ink.miff")[..., 3:] / 65535
        mask = coverage[..., 0] > 0
        ink = magick.pixels("ink.miff", "RGB", "-alpha", "off")
        tap.ok(2000 < mask.sum() < mask.size / 4, "ink covers a part of the picture")
        for name, (operations, space, channels) in KINDS.items():
            # "sRGB" is only a new name for the values, so that they are read as they are
            rename = [] if space == "CMYK" else ["-set", "colorspace", "sRGB"]
            magick.make("a.jpg", *operations, "kind.mpc")
            result = recognise(magick, service, "drawn.mpc", before=["a.jpg", *operations])
            before = magick.pixels("kind.mpc", channels, *rename)
            after = magick.pixels("drawn.mpc", channels, *rename)
            changed = (before != after).any(axis=2)
            tap.equal(int((changed & ~mask).sum()), 0, f"{name}: nothing outside the ink changes")
            if space == "RGB": # linear light is mixed as sRGB
                before, after = (magick.pixels(file, channels, "-colorspace", "sRGB")
                                 for file in ("kind.mpc", "drawn.mpc"))
            if space in ("sRGB", "RGB"):
                difference = abs(over(ink, coverage, before) - after)[mask].max()
            else:
                difference = color_distance(
                    magick, ink[mask], coverage[mask], before[mask], after[mask],
                    [channels.rstrip("A"), "-colorspace", space, *rename])
            tap.ok(difference <= {"sRGB": ROUNDING, "RGB": LINEAR_ROUNDING}.get(space, MIX_ROUNDING),
                   f"{name}: the ink is blended", difference)


def test_kinds_keep_their_form(tap, magick):
    rows = [
        ("CMYK", ["-colorspace", "CMYK"], [FACE], "CMYK DirectClass"),
        ("linear light", ["-colorspace", "RGB"], [FACE], "RGB DirectClass"),
        ("gray becomes sRGB", ["-colorspace", "Gray"], [FACE], "sRGB DirectClass"),
        ("linear gray becomes linear RGB", ["-colorspace", "LinearGray"], [FACE],
         "RGB DirectClass"),
        ("palette becomes direct colour", ["-colors", "16"], [FACE], "sRGB DirectClass"),
        ("without ink a palette stays", ["-colors", "16"], [], "sRGB PseudoClass"),
    ]
    for name, operations, labels, wanted in rows:
        with service_with(*labels) as service:
            result = recognise(
                magick, service, "-format", "%[colorspace] %r", "info:",
                before=["a.jpg", *operations],
            )
        got = result.stdout.decode().split()
        tap.equal([got[0], got[1]], wanted.split(), f"form afterwards: {name}")
    # ICC.1:2022, 7.2: an empty profile whose header says that it is of a gray device
    header = (132, 0x04000000, b"prtr", b"GRAY", b"XYZ ", b"acsp", 0)
    write("gray.icc", struct.pack(">L4xL4s4s4s12x4s88xL", *header))
    gray = ["a.jpg", "-colorspace", "Gray", "-profile", "icc:gray.icc"]
    with service_with(FACE) as service:
        result = recognise(
            magick, service, "-format", "%[colorspace]", "-write", "info:-", "profile.miff",
            before=gray,
        )
    magick.make(*gray, "before.miff")
    tap.ok(
        result.stdout == b"Gray" and not is_as_before(magick, "profile.miff", "before.miff"),
        "gray with a gray ICC profile stays gray, and is drawn on",
        result.errors or result.stdout,
    )
    with service_with(label("Nothing", 80.0)) as service:
        service.answer = lambda request: Answer(labels_answer())
        result = recognise(
            magick, service, "-format", "%[colorspace]", "info:",
            before=["a.jpg", "-colorspace", "Gray"],
        )
    tap.equal(result.stdout, b"Gray", "no label, no ink: gray stays gray")


# ---- failures --------------------------------------------------------------------------------


def fault_rows():
    html = b"<html><body><h1>It works!</h1>" + b"x" * 500 + b"</body></html>"
    body = labels_answer(FACE)
    throttled = aws_error("ThrottlingException", "Rate exceeded")
    return [
        ("HTML with 200", Answer(html, 200, "text/html"), ["Rekognition"]),
        ("HTML with 503", Answer(html, 503, "text/html"), ["Rekognition", "503"]),
        ("a cut-off body", Answer(body, cut_bytes=40), ["Rekognition"]),
        ("JSON that ends early", Answer(body[:-20]), ["Rekognition"]),
        ("an empty body", Answer(b""), ["Rekognition"]),
        ("throttled for good", throttled, ["Rekognition", "ThrottlingException"]),
        (
            "a wrong secret",
            aws_error("InvalidSignatureException", "The request signature does not match."),
            ["Rekognition", "InvalidSignatureException"],
        ),
        (
            "control and format characters",
            aws_error("InvalidParameterException", "bad %s%n%d \x1b[31m red\nnew line"),
            ["Rekognition", "bad %s%n%d"],
        ),
        (
            "a message that echoes the secret's neighbours",
            aws_error("AccessDeniedException", f"User {ACCESS_KEY_ID} is not authorized"),
            ["Rekognition", "AccessDeniedException"],
        ),
    ]


def check_failure(tap, magick, name, result, wanted):
    lines = message_of(result.errors)
    tap.equal(result.returncode, 1, f"{name}: exit code 1")
    tap.ok(
        len(lines) == 1 and all(word in lines[0] for word in wanted),
        f"{name}: one line with service and cause",
        result.errors,
    )
    tap.ok(not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", result.errors), f"{name}: no control byte")


def test_faults(tap, magick):
    for name, answer, wanted in fault_rows():
        with FakeService(lambda request, answer=answer: answer) as service:
            result = recognise(magick, service, "fault.png", before=["a.jpg"])
            check_failure(tap, magick, name, result, wanted)
            tap.ok(not os.path.exists("fault.png"), f"{name}: magick writes nothing")
            kept = recognise(magick, service, "fault.miff", before=["convert", "a.jpg"])
            tap.ok(
                kept.returncode == 1 and is_as_before(magick, "fault.miff", "a.jpg"),
                f"{name}: the picture is left as it was",
            )


def test_endpoint_down(tap, magick):
    port = unused_port()
    result = magick.run(
        "a.jpg", "b.jpg", "c.png", "-process", f"imgrecog endpoint=http://127.0.0.1:{port}", "x.png"
    )
    wanted = ["Rekognition", "127.0.0.1", str(port), "2 more"]
    check_failure(tap, magick, "endpoint down", result, wanted)


def test_no_answer(tap, magick):
    with FakeService(lambda request: time.sleep(8) or Answer(labels_answer(FACE))) as service:
        start = time.monotonic()
        result = recognise(
            magick, service, "x.png", words="imgrecog timeout=1", before=["a.jpg", "b.jpg"]
        )
        seconds = time.monotonic() - start
    check_failure(tap, magick, "no answer", result, ["Rekognition", "more"])
    tap.ok(seconds < 5, "no answer: timeout=1 ends it", seconds)


def test_no_credentials(tap, magick):
    environment = dict(magick.environment)
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del environment[key]
    result = Magick(environment).run("a.jpg", "-process", "imgrecog", "x.png")
    check_failure(
        tap, magick, "no credentials", result,
        ["AWS_ACCESS_KEY_ID", "credentials", "endpoint=local", "aws configure"],
    )


def test_one_of_a_list_fails(tap, magick):
    refused = read("b.jpg")

    def answer(request):
        if request.image == refused:
            return aws_error("InvalidImageFormatException", "Request has invalid image format")
        return Answer(labels_answer(FACE))

    with FakeService(answer) as service:
        result = recognise(
            magick, service, "-format", "[%[imgrecog:labels]|%[imgrecog:error]]", "-write",
            "info:-", "some-%d.miff", before=["convert", "a.jpg", "b.jpg", "c.png"],
        )
    check_failure(tap, magick, "one of three fails", result, ["b.jpg", "InvalidImageFormat"])
    found = re.findall(rb"\[([^|]*)\|([^\]]*)\]", result.stdout)
    labels = [row[0] for row in found]
    tap.equal(labels, [b"Face: 97%", b"", b"Face: 97%"], "the others are labelled")
    tap.ok(
        len(found) == 3 and b"InvalidImageFormat" in found[1][1] and not found[0][1],
        "the failed one carries imgrecog:error",
        result.stdout,
    )
    tap.ok(is_as_before(magick, "some-1.miff", "b.jpg"), "the failed one is left as it was")
    tap.ok(not is_as_before(magick, "some-2.miff", "c.png"), "the others are drawn on")


def test_refused_key_ends_the_list(tap, magick):
    refusal = aws_error("UnrecognizedClientException", "The security token is invalid.")
    with FakeService(lambda request: refusal) as service:
        result = recognise(
            magick, service, "x-%d.png",
            before=["-size", "100x100", *["xc:red"] * 30],
        )
    tap.equal(result.returncode, 1, "a refused key: exit code 1")
    tap.ok(len(service.requests) <= 16, "a refused key is not tried for every picture",
           len(service.requests))
    lines = message_of(result.errors)
    tap.ok(len(lines) <= 16 and "UnrecognizedClient" in result.errors, "a refused key: few lines",
           result.errors)


def test_secret(tap, magick):
    tap.ok(SECRET_KEY in magick.environment["AWS_SECRET_ACCESS_KEY"], "the secret was in use")
    tap.ok(not magick.printed_secret(), "the secret is in no message of this whole run")


CASES = [
    test_list,
    test_results,
    test_hostile_names_in_format,
    test_hostile_names_drawn,
    test_twice,
    test_clones,
    test_program,
    test_monitor_stops,
    test_precedence,
    test_argument_errors,
    test_help,
    test_original_bytes,
    test_original_by_mogrify_and_stdin,
    test_encoding,
    test_limits,
    test_orientations,
    test_bands,
    test_png_orientation,
    test_kinds,
    test_kinds_keep_their_form,
    test_faults,
    test_endpoint_down,
    test_no_answer,
    test_no_credentials,
    test_one_of_a_list_fails,
    test_refused_key_ends_the_list,
    test_secret,
]


def main():
    wanted = sys.argv[2:]
    assert set(wanted) <= {case.__name__ for case in CASES}, "there is no such case"
    with workspace() as folder:
        magick = Magick(clean_environment(folder))
        make_pictures(magick)
        cases = [case for case in CASES if not wanted or case.__name__ in wanted]
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        return run_cases(cases, magick)


if __name__ == "__main__":
    sys.exit(main())
