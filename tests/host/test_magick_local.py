# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter module in real `magick` against the embedded endpoint: what it says of a real
photograph, and that a box lies on the face whatever the file's orientation.
Usage: test_magick_local.py LOCAL"""

import json
import os
import pathlib
import stat
import sys
import time

import numpy

from support import (
    STORED_FROM_UPRIGHT,
    Magick,
    Tap,
    clean_environment,
    jpeg_with_orientation,
    label,
    listens_on_socket,
    png_with_orientation,
    portrait,
    process,
    run_cases,
    service_with,
    workspace,
)

# Where the face is in the portrait, by eye, in fractions: left, top, right, bottom.
FACE_OUTER = (0.22, 0.10, 0.80, 0.66)
FACE_MIDDLE = (0.50, 0.36)
WORDS = "imgrecog endpoint=local"


def boxes_of(document, name):
    labels = document["labels"]
    return [entry["box"] for entry in labels if entry["name"] == name and "box" in entry]


def lies_on_face(box):
    left, top = box["left"], box["top"]
    right, bottom = left + box["width"], top + box["height"]
    return (
        FACE_OUTER[0] <= left < FACE_MIDDLE[0] < right <= FACE_OUTER[2]
        and FACE_OUTER[1] <= top < FACE_MIDDLE[1] < bottom <= FACE_OUTER[3]
    )


def check_document(tap, document, name):
    """What include/imgrecog/result.md promises of every document."""
    tap.equal(document["schema"], "imgrecog/1", f"{name}: schema")
    tap.equal(document["endpoint"], "local", f"{name}: says that the local endpoint answered")
    image, usage = document["image"], document["usage"]
    tap.ok(
        image["width"] > 0 and image["height"] > 0 and len(image["sha256"]) == 64
        and image["sent"]["bytes"] > 0 and usage["requests"] == 1,
        f"{name}: says what was sent",
        document,
    )
    for entry in document["labels"]:
        box = entry.get("box", {"left": 0, "top": 0, "width": 1, "height": 1})
        tap.ok(
            0 <= entry["confidence"] <= 100
            and min(box["left"], box["top"]) >= 0
            and min(box["width"], box["height"]) > 0
            and max(box["left"] + box["width"], box["top"] + box["height"]) <= 1.000001,
            f"{name}: {entry['name']} is inside the picture",
            entry,
        )


def test_portrait(tap, magick):
    result = magick.run(
        "face.jpg", "-define", "imgrecog:endpoint=local", "-process", "imgrecog",
        "-format", "%[imgrecog:json]", "info:",
    )
    if not tap.equal((result.returncode, result.errors), (0, ""), "portrait: exit code, stderr"):
        return
    document = json.loads(result.stdout)
    check_document(tap, document, "portrait")
    faces = boxes_of(document, "Face")
    tap.ok(len(faces) == 1 and lies_on_face(faces[0]), "portrait: one face, its box on it", faces)
    size = (document["image"]["width"], document["image"]["height"])
    tap.equal(size, (512, 600), "portrait: size")


def test_list(tap, magick):
    magick.make("face.jpg", "-resize", "80%", "b.jpg")
    magick.make("face.jpg", "-flop", "c.png")
    result = magick.run(
        "face.jpg", "b.jpg", "c.png", "-process", f"{WORDS} min-confidence=80", "out-%d.png"
    )
    tap.equal((result.returncode, result.errors), (0, ""), "three pictures: exit code, stderr")
    for number, name in enumerate(("face.jpg", "b.jpg", "c.png")):
        drawn, before = magick.pixels(f"out-{number}.png"), magick.pixels(name)
        tap.ok(drawn.shape == before.shape and (drawn != before).any(), f"{name} is annotated")


def test_bedrock(tap, magick):
    """A model's boxes are drawn as Rekognition's are, on a picture that lies turned too."""
    for name, words in (("face.jpg", "from=bedrock"), ("turned.jpg", "from=bedrock"),
                        ("face.jpg", "from=sagemaker:imgrecog-local-classifier")):
        if name == "turned.jpg":
            magick.make("face.jpg", "-rotate", "-90", "stored.jpg")
            stored = pathlib.Path("stored.jpg").read_bytes()
            pathlib.Path(name).write_bytes(jpeg_with_orientation(stored, 6))
        result = magick.run(name, "-process", f"{WORDS} {words}", "-format",
                            "%[imgrecog:json]", "-write", "info:-", "out.miff")
        if not tap.equal((result.returncode, result.errors), (0, ""), f"{name}, {words}: exit code"):
            continue
        document = json.loads(result.stdout)
        faces = boxes_of(document, "Face")
        tap.ok("sagemaker" in words or (len(faces) == 1 and lies_on_face(faces[0])),
               f"{name}, {words}: the face's box", document)
        tap.ok(document["labels"][0]["source"] != "local" and ink_bounds(magick, "out.miff", name),
               f"{name}, {words}: drawn, and who said it", document["labels"][0])


def ink_bounds(magick, drawn, before, *operations):
    """The four sides of what changed, in pixels of the upright picture."""
    changed = (
        magick.pixels(drawn, "RGB", *operations) != magick.pixels(before, "RGB", *operations)
    ).any(axis=2)
    rows, columns = numpy.nonzero(changed.any(axis=1))[0], numpy.nonzero(changed.any(axis=0))[0]
    return (columns[0], rows[0], columns[-1], rows[-1]) if len(rows) else None


def recognise_turned(magick, name, operations):
    """The face's box, and where the ink of `name` lies once both pictures are upright."""
    result = magick.run(
        name, *operations, "-process", f"{WORDS} min-confidence=80",
        "-format", "%[imgrecog:json]", "-write", "info:-", "drawn.miff",
    )
    if result.returncode != 0:
        return [], None
    magick.make(name, *operations, "before.miff")
    faces = boxes_of(json.loads(result.stdout), "Face")
    return faces, ink_bounds(magick, "drawn.miff", "before.miff", "-auto-orient")


def check_turned(tap, magick, name, operations, wanted):
    """The box must lie on the face, the ink within a pixel of `wanted`."""
    faces, ink = recognise_turned(magick, name, operations)
    title = " ".join([name, *operations])
    tap.ok(len(faces) == 1 and lies_on_face(faces[0]), f"{title}: the box is on the face", faces)
    off = None if ink is None or wanted is None else max(abs(a - b) for a, b in zip(ink, wanted))
    tap.ok(off is not None and off <= 1, f"{title}: ink within a pixel of the upright picture's",
           f"{ink} {wanted}")


def test_orientations(tap, magick):
    """A recogniser that sees other pixels may move its box by a few. So what is sent as a file is
    compared with the upright file, and what -auto-orient turned, and is therefore encoded, with an
    upright picture that is encoded too. Both sides are multiples of a JPEG block's."""
    magick.make("face.jpg", "-crop", "512x592+0+0", "+repage", "-strip", "upright.png")
    _, from_file = recognise_turned(magick, "upright.png", [])
    _, encoded = recognise_turned(magick, "upright.png", ["-flop", "-flop"])
    tap.ok(max(abs(a - b) for a, b in zip(from_file, encoded)) <= 4, "file and encoding agree",
           f"{from_file} {encoded}")
    for orientation, operations in STORED_FROM_UPRIGHT.items():
        magick.make("upright.png", *operations, "-strip", "stored.png")
        magick.make("stored.png", "-quality", "100", "-sampling-factor", "1x1", "stored.jpg")
        for kind, turn in (("jpg", jpeg_with_orientation), ("png", png_with_orientation)):
            stored = pathlib.Path(f"stored.{kind}").read_bytes()
            name = f"o{orientation}.{kind}"
            pathlib.Path(name).write_bytes(turn(stored, orientation))
            if kind == "jpg":  # the service does not turn a PNG: a face may lie on its side
                check_turned(tap, magick, name, [], from_file)
            turned = encoded if orientation != 1 else from_file
            check_turned(tap, magick, name, ["-auto-orient"], turned)


def test_started_by_the_module(tap, magick, program):
    """endpoint=local starts the endpoint when nobody listens; here one that soon ends by itself."""
    short = pathlib.Path("short-lived")
    short.write_text(f'#!/bin/sh\nexec "{program}" "$@" --idle 2\n', encoding="ascii")
    short.chmod(0o700)
    path = pathlib.Path("own.sock").absolute()
    environment = {"IMGRECOG_LOCAL": str(short.absolute()), "IMGRECOG_LOCAL_SOCKET": str(path)}
    result = magick.run("face.jpg", "-process", WORDS, "-format", "%[imgrecog:labels]", "info:",
                        env=environment)
    tap.ok(result.returncode == 0 and b"Face" in result.stdout, "the module starts the endpoint",
           result.errors)
    tap.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "its socket is the user's alone")
    deadline = time.monotonic() + 15
    while path.exists() and listens_on_socket(path) and time.monotonic() < deadline:
        time.sleep(0.2)
    tap.ok(time.monotonic() < deadline, "idle, it ends by itself")


def test_cannot_start(tap, magick):
    environment = {
        "IMGRECOG_LOCAL": "/nonexistent/imgrecog-local",
        "IMGRECOG_LOCAL_SOCKET": str(pathlib.Path("none.sock").absolute()),
    }
    result = magick.run("face.jpg", "-process", WORDS, "none.png", env=environment)
    tap.ok(
        result.returncode == 1 and "/nonexistent/imgrecog-local" in result.errors
        and len(result.errors.splitlines()) == 1,
        "an endpoint that cannot be started: one line that names it",
        result.errors,
    )


def test_precheck(tap, magick):
    """The recogniser on this machine looks before a picture goes to another one."""
    with service_with(label("Person", 99.0)) as service:
        define = ("-define", f"imgrecog:endpoint={service.url}")
        result = magick.run("face.jpg", *define, "-define", "imgrecog:precheck=block", "-process",
                            "imgrecog", "blocked.png")
        tap.ok(
            result.returncode == 1 and not service.requests and "found something: 1 face" in result.errors
            and not os.path.exists("blocked.png"),
            "precheck=block: a face keeps the picture here",
            (result.errors, len(service.requests)),
        )
        result = magick.run("face.jpg", *define, "-process",
                            "imgrecog check action=fill look-for=faces,text precheck=block", "info:")
        tap.ok(result.returncode == 1 and "set precheck to warn" in result.errors,
               "check, precheck=block: the next step is the precheck's", result.errors)
        upload = "imgrecog {} upload=s3://photos/in/ precheck=block"
        result = magick.run("face.jpg", *define, "-process", upload.format("upload"), "info:")
        tap.ok(result.returncode == 1 and not service.requests
               and "found something: 1 face" in result.errors,
               "upload, precheck=block: nor is it uploaded", result.errors)
        for action in ("check upload", "check upload action=fill"):
            result = magick.run("face.jpg", *define, "-process", upload.format(action), "info:")
            tap.ok(result.returncode == 1 and not service.requests
                   and ("1 face" in result.errors or "not checked as a whole" in result.errors),
                   f"{action}, precheck=block: no upload", (result.stdout, result.errors))
        result = magick.run("face.jpg", *define, "-process", "imgrecog precheck=warn", "-format",
                            "%[imgrecog:json]", "info:")
        precheck = json.loads(result.stdout)["precheck"]
        tap.ok(
            len(service.requests) == 1 and [x["kind"] for x in precheck["findings"]] == ["face"]
            and precheck["reason"] == "1 face",
            "precheck=warn: it is sent, and the document tells",
            precheck,
        )


def main():
    photo = portrait()
    if photo is None:
        tap = Tap()
        tap.skip("embedded endpoint", "no portrait: install python-matplotlib-data")
        return tap.finish()
    program = os.path.abspath(sys.argv[1])
    with workspace() as folder:
        path = folder / "local.sock"
        magick = Magick(
            clean_environment(folder, IMGRECOG_LOCAL=program, IMGRECOG_LOCAL_SOCKET=str(path))
        )
        pathlib.Path("face.jpg").write_bytes(pathlib.Path(photo).read_bytes())
        command = [program, "--socket", str(path), "--idle", "300"]
        cases = [
            test_portrait,
            test_list,
            test_orientations,
            test_bedrock,
            lambda tap, _: test_started_by_the_module(tap, magick, program),
            test_cannot_start,
            test_precheck,
        ]
        with process(command, lambda: listens_on_socket(path), env=magick.environment):
            return run_cases(cases, magick)


if __name__ == "__main__":
    sys.exit(main())
