# SPDX-License-Identifier: GPL-3.0-or-later
"""`check` with an action in real `magick`: what is hidden cannot be seen, read, or worked out from
what is left, in pixels or metadata, and a picture that could not be made safe does not pass for
one. Usage: test_magick_redact.py LOCAL [CASE...]"""

import json
import os
import pathlib
import subprocess
import sys

import numpy

from judges import judged_by, program_version
from support import (
    Answer,
    FakeService,
    Magick,
    box,
    clean_environment,
    listens_on_socket,
    message_of,
    portrait,
    process,
    run_cases,
    workspace,
)

ACTIONS = ["pixelate", "blur", "fill", "crop"]
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
SECRETS = ["jane@example.com", "4111 1111 1111 1111", "7946 0018"]
# Every look that the recogniser on this machine can take.
LOOKS = "look-for=faces,text,codes,metadata"


def faces(*boxes):
    """A stand-in that sees faces there, and nothing else."""
    details = [{"BoundingBox": one, "Confidence": 99.0} for one in boxes]

    def answer(request):
        if request.target.endswith("DetectFaces"):
            return Answer(json.dumps({"FaceDetails": details}).encode())
        return Answer(b'{"__type":"AccessDeniedException","message":"no"}', 400)

    return FakeService(answer)


def check(magick, service, words, *arguments, before):
    return magick.run(
        *before, "-define", f"imgrecog:endpoint={service.url}", "-process",
        f"imgrecog check {words}", *arguments,
    )


# ---- pixels ----------------------------------------------------------------------------------


def test_nothing_comes_through(tap, magick):
    """Two pictures that differ in the place alone end as the same picture, in every kind."""
    place, more = box(0.3, 0.25, 0.25, 0.35), box(0.5, 0.5, 0.2, 0.2)
    inside = "rectangle 120,75 219,179"
    magick.make("-size", "400x300", "plasma:", "-strip", "-depth", "8", "one.png")
    magick.make("one.png", "-fill", "white", "-draw", inside, "-fill", "black", "-draw",
                "circle 170,120 170,90", "two.png")
    magick.make("one.png", "-colors", "200", "palette.png")
    kinds = [
        ("8 bit", []),
        ("16 bit", ["-depth", "16"]),
        ("gray", ["-colorspace", "Gray"]),
        ("CMYK", ["-colorspace", "CMYK"]),
        ("palette", ["+dither", "-remap", "palette.png", "-type", "Palette"]),
        ("alpha", ["(", "+clone", "-colorspace", "Gray", ")", "-alpha", "off", "-compose",
                   "CopyAlpha", "-composite"]),
        ("virtual canvas", ["-repage", "900x900+300-20"]),
        ("turned", ["-orient", "right-top"]),
    ]
    for kind, operations in kinds:
        where = box(0.4, 0.3, 0.35, 0.25) if kind == "turned" else place
        for action in ACTIONS:
            outputs = []
            for name in ("one.png", "two.png"):
                with faces(where, more) as service:
                    result = check(magick, service, f"look-for=faces action={action}",
                                   f"{name}.miff", before=[name, *operations])
                tap.ok(result.returncode == 0, f"{kind} {action}: exit code", result.errors)
                outputs.append(magick.pixels(f"{name}.miff"))
            tap.ok(numpy.array_equal(*outputs),
                   f"{kind} {action}: nothing of the place comes through")


def test_the_rest_stays(tap, magick):
    magick.make("-size", "400x300", "plasma:", "-strip", "-depth", "8", "one.png")
    before = magick.pixels("one.png")
    reach = numpy.zeros(before.shape[:2], bool)
    reach[75 - 20:180 + 20, 120 - 20:220 + 20] = True
    inner = numpy.zeros_like(reach)
    inner[75:180, 120:220] = True
    for action in ACTIONS[:3]:
        with faces(box(0.3, 0.25, 0.25, 0.35)) as service:
            check(magick, service, f"look-for=faces action={action}", "out.png",
                  before=["one.png"])
        changed = (magick.pixels("out.png") != before).any(axis=2)
        tap.ok(not changed[~reach].any(), f"{action}: what is not hidden keeps every bit")
        tap.ok(changed[inner].mean() > 0.98, f"{action}: all of the place is changed",
               changed[inner].mean())
    with faces(box(0.3, 0.25, 0.25, 0.35)) as service:
        check(magick, service, "look-for=faces action=crop", "out.png", before=["one.png"])
    size = magick.size("out.png")
    tap.ok(size in ((160, 300), (159, 300), (400, 100), (400, 99)),
           "crop: the largest part without the place", size)


def test_hostile_boxes(tap, magick):
    magick.make("-size", "200x160", "plasma:", "-strip", "one.png")
    rows = [
        ("none", []),
        ("the whole picture", [box(0, 0, 1, 1)]),
        ("outside", [box(5, 5, 1, 1), box(-3, -3, 1, 1)]),
        ("negative and huge", [box(0.5, 0.5, -0.2, 0.2), box(-1e300, -1e300, 2e300, 2e300)]),
        ("thousands", [box(i % 97 / 97, i % 89 / 89, 0.05, 0.05) for i in range(9000)]),
    ]
    for name, boxes in rows:
        for action in ACTIONS:
            with faces(*boxes) as service:
                result = check(magick, service, f"look-for=faces action={action}", "out.png",
                               before=["one.png"])
            crashed = result.returncode not in (0, 1)
            lines = message_of(result.errors)
            tap.ok(not crashed and len(lines) <= 1, f"{name}, {action}: no crash, a clear word",
                   (result.returncode, result.errors))
    with faces(box(0, 0, 1, 1)) as service:
        result = check(magick, service, "look-for=faces action=crop", "out.png",
                       before=["one.png"])
    tap.ok(result.returncode == 1 and "left" in result.errors, "crop of all: refused",
           result.errors)


# ---- a picture of a card ---------------------------------------------------------------------


def make_card(magick):
    """Text, a face, a QR code; EXIF with a thumbnail and a position, Photoshop's thumbnail."""
    subprocess.run(["qrencode", "-o", "code.png", "-s", "5", "https://example.com/u/jane"],
                   check=True)
    magick.make(
        "-size", "1000x640", "xc:#f4f4f0", "-font", FONT, "-fill", "black", "-pointsize", "44",
        "-annotate", "+60+230", SECRETS[0], "-annotate", "+60+340", SECRETS[1],
        "-annotate", "+60+450", "+44 20 " + SECRETS[2],
        "(", portrait(), "-resize", "260x", ")", "-gravity", "northeast", "-geometry", "+60+20",
        "-composite", "code.png", "-gravity", "southeast", "-geometry", "+60+20", "-composite",
        "-strip", "card.png",
    )
    magick.make("card.png", "-quality", "95", "card.jpg")
    magick.make("card.jpg", "-resize", "160x", "-strip", "thumb.jpg")
    exiftool("-overwrite_original", "-GPSLatitude=51.5", "-GPSLatitudeRef=N", "-Make=Canon",
             "-GPSLongitude=0.1", "-GPSLongitudeRef=W", "-FNumber=2.8", "-XMP-dc:Subject=card",
             "-ThumbnailImage<=thumb.jpg", "-PhotoshopThumbnail<=thumb.jpg",
             "-XMP-exif:GPSLatitude=51.5", "-IPTC:Keywords=card", "card.jpg")


def exiftool(*arguments):
    return subprocess.run(["exiftool", "-q", *arguments], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def read_text(path):
    done = subprocess.run(["tesseract", path, "-", "--psm", "11"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode()


def test_card(tap, magick):
    make_card(magick)
    text = read_text("card.jpg")
    tap.ok(all("".join(secret.split()) in "".join(text.split()) for secret in SECRETS), "the card can be read before", text)
    for action in ACTIONS:
        result = magick.run("card.jpg", "-process",
                            f"imgrecog check {LOOKS} action={action} metadata=none", "safe.jpg")
        tap.equal((result.returncode, result.errors), (0, ""), f"{action}: exit code, stderr")
        text = read_text("safe.jpg")
        digits = "".join(c for c in text if c.isdigit())
        tap.ok("jane" not in text.lower() and "4111" not in digits and "7946" not in digits,
               f"{action}: tesseract reads nothing of it", text)
        tags = exiftool("-a", "-G1", "-s", "safe.jpg")
        tap.ok(not any(word in tags for word in ("GPS", "Thumb", "Canon", "card", "Subject")),
               f"{action}: exiftool -a finds nothing of it", tags)
        again = magick.run("safe.jpg", "-process", f"imgrecog check {LOOKS}", "-format",
                           "%[imgrecog:verdict] %[imgrecog:reason]", "info:")
        tap.ok("nothing was found" in again.stdout.decode(), f"{action}: a second check finds nothing",
               again.stdout)


def test_other_metadata_stays(tap, magick):
    make_card(magick)
    result = magick.run("card.jpg", "-process",
                        f"imgrecog check {LOOKS} action=fill kinds=face,email,payment-card,phone",
                        "kept.jpg")
    tags = exiftool("-a", "-G1", "-s", "kept.jpg")
    tap.equal(result.errors, "", "kinds of the pixels alone")
    tap.ok(all(word in tags for word in ("Canon", "FNumber", "Subject", "Keywords")),
           "the camera's and the user's fields stay", tags)
    tap.ok(not any(word in tags for word in ("GPS", "Thumbnail", "IFD1")),
           "thumbnails and positions go", tags)
    magick.run("card.jpg", "-process", f"imgrecog check {LOOKS}", "kept.jpg")
    tap.ok("ThumbnailImage" in exiftool("-a", "-s", "kept.jpg"), "a report alone changes nothing")


def test_broken_profiles(tap, magick):
    """Profiles that cannot be read are taken out, and nobody crashes."""
    magick.make("-size", "200x160", "plasma:", "-strip", "one.jpg")
    junk = {
        "exif": [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", os.urandom(3000),
                 b"Exif\0\0MM\0\x2a\0\0\0\x08" + b"\xff" * 400],
        "xmp": [b"", b"<", b"<x:xmpmeta" + b"<a>" * 5000, os.urandom(3000),
                b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"],
        "8bim": [b"", b"8BIM", b"8BIM\x04\x09\0\0\xff\xff\xff\xff", b"8BIM\x04\x09\xff",
                 b"8BIM\x04\x09\0\0\0\0\0\x03abc"],
    }
    for name, profiles in junk.items():
        for number, data in enumerate(profiles):
            with open("junk.bin", "wb") as file:
                file.write(data)
            with faces(box(0.3, 0.3, 0.3, 0.3)) as service:
                result = check(magick, service, "look-for=faces action=fill", "out.jpg",
                               before=["one.jpg", "-profile", f"{name}:junk.bin"])
            tap.ok(result.returncode in (0, 1) and "AddressSanitizer" not in result.errors,
                   f"{name} {number}: no crash", (result.returncode, result.errors[:500]))


# ---- what is not safe ------------------------------------------------------------------------


def test_not_safe(tap, magick):
    """exit 1 always; with fail-closed=true the picture that is written shows nothing."""
    magick.make("-size", "200x160", "plasma:red-blue", "-strip", "-quality", "95", "one.jpg")
    exiftool("-overwrite_original", "-GPSLatitude=51.5", "-GPSLatitudeRef=N", "one.jpg")
    moderation = json.dumps({"ModerationLabels": [{"Name": "Violence", "Confidence": 99.0}]})

    def odd(request):
        if request.target.endswith("DetectModerationLabels"):
            return Answer(moderation.encode())
        return Answer(b'{"FaceDetails":[]}')

    def model_says_yes(request):
        text = "<result>YES</result><reason>A passport.</reason>"
        return Answer(json.dumps({
            "output": {"message": {"content": [{"text": text}]}}, "stopReason": "end_turn",
            "usage": {"inputTokens": 5, "outputTokens": 5}}).encode())

    denied = FakeService(lambda request: Answer(b'{"__type":"AccessDeniedException"}', 400))
    rows = [
        ("a look that fails", faces(box(0.3, 0.3, 0.3, 0.3)), "look-for=faces,text action=fill",
         "Not checked: text"),
        ("a finding without a place", FakeService(odd), "look-for=faces,moderation action=fill",
         "nobody says where"),
        ("a model's YES beside a position in the metadata", FakeService(model_says_yes),
         "look-for=model,metadata action=fill", "nobody says where"),
        ("a check that fails", denied, "look-for=faces action=fill", "AccessDenied"),
        ("a report that is not whole", faces(), "look-for=faces,text", None),
        ("a wrong word", faces(), "look-for=faces action=hide", "action"),
        ("a wrong profile", faces(), "look-for=faces profile=nobody", "nobody"),
    ]
    for name, service, words, wanted in rows:
        with service:
            result = check(magick, service, words, "open.miff", before=["convert", "one.jpg"])
            closed = check(magick, service, f"{words} fail-closed=true", "closed.jpg",
                           before=["convert", "one.jpg"])
        tap.equal(result.returncode, 1 if wanted else 0, f"{name}: exit code")
        tap.ok(not wanted or wanted in result.errors, f"{name}: says so", result.errors)
        tap.equal(closed.returncode, 1, f"{name}: fail-closed: exit code 1")
        pixels = magick.pixels("closed.jpg", "RGB")
        tap.ok((pixels == 65535).all() and "GPS" not in exiftool("-a", "-G1", "-s", "closed.jpg"),
               f"{name}: fail-closed: the picture is blank")
    magick.make("one.jpg", "-set", "Author", "Jane", "-set", "comment", "Jane", "jane.png")
    magick.make("one.jpg", "jane.tif")
    exiftool("-overwrite_original", "-IFD0:Artist=Jane", "-XMP-dc:Creator=Jane", "jane.tif")
    for name in ("jane.png", "jane.tif"):
        for ending in ("png", "webp", "miff", "jpg"):
            with faces() as service:
                check(magick, service, "look-for=text fail-closed=true", f"closed.{ending}",
                      before=["convert", name])
            tap.ok((magick.pixels(f"closed.{ending}", "RGB") == 65535).all()
                   and b"Jane" not in pathlib.Path(f"closed.{ending}").read_bytes(),
                   f"{name} as {ending}: a blank picture tells nothing either")
    for words in ("nonsense check", "check nonsense"):
        magick.run("convert", "one.jpg", "-process", f"imgrecog {words}", "closed.jpg",
                   env={"IMGRECOG_FAIL_CLOSED": "true"})
        tap.ok((magick.pixels("closed.jpg", "RGB") == 65535).all(),
               f"{words}: fail-closed by environment: the picture is blank")
    config = pathlib.Path(magick.environment["XDG_CONFIG_HOME"], "imgrecog/config")
    config.parent.mkdir(parents=True, exist_ok=True)
    for name, text, environment in (
            ("the environment, beside a wrong value", "",
             {"IMGRECOG_FAIL_CLOSED": "true", "IMGRECOG_MAX_LABELS": "abc"}),
            ("the file, beside a wrong value",
             "[default]\nfail-closed = true\nmax-labels = abc\n", {}),
            ("the file, which is no file of settings", "fail_closed=on\n[default\n", {}),
            ("a mistyped value", "", {"IMGRECOG_FAIL_CLOSED": "ture"})):
        config.write_text(text, encoding="utf-8")
        result = magick.run("convert", "one.jpg", "-process", "imgrecog check action=fill",
                            "closed.jpg", env=environment)
        tap.ok(result.returncode == 1 and (magick.pixels("closed.jpg", "RGB") == 65535).all(),
               f"fail-closed by {name}: the picture is blank", result.errors)
    config.unlink()
    with faces() as service:
        result = check(magick, service, "look-for=faces action=fill fail-closed=true", "fine.miff",
                       before=["convert", "one.jpg"])
    tap.ok(result.returncode == 0
           and numpy.array_equal(magick.pixels("fine.miff"), magick.pixels("one.jpg")),
           "fail-closed leaves a picture alone in which nothing is", result.errors)


def test_no_memory_for_white(tap, magick):
    """Of two pictures that share their pixels one has to become a copy to be white."""
    magick.make("-size", "3000x3000", "plasma:", "-strip", "large.png")
    result = magick.run("convert", "-limit", "memory", "0", "-limit", "map", "0", "-limit", "disk",
                        "80MiB", "large.png", "+clone", "-process",
                        "imgrecog check action=hide fail-closed=true", "white-%d.png")
    tap.ok(result.returncode == 1 and "no memory to make the picture white" in result.errors,
           "no memory for a white picture: said", result.errors)
    tap.ok(all((magick.pixels(f"white-{n}.png", "RGB") == 65535).all() for n in range(2)),
           "no memory for a white picture: nothing is in sight")


def test_kinds(tap, magick):
    magick.make("-size", "200x160", "plasma:", "-strip", "one.png")
    for kinds, is_hidden in (("all", True), ("face", True), ("email,face", True), ("email", False)):
        with faces(box(0.3, 0.3, 0.3, 0.3)) as service:
            result = check(magick, service, f"look-for=faces action=fill kinds={kinds}", "out.png",
                           before=["one.png"])
        changed = not numpy.array_equal(magick.pixels("out.png"), magick.pixels("one.png"))
        tap.equal((result.returncode, changed), (0, is_hidden), f"kinds={kinds}")


CASES = [
    test_nothing_comes_through,
    test_the_rest_stays,
    test_hostile_boxes,
    test_card,
    test_other_metadata_stays,
    test_broken_profiles,
    test_not_safe,
    test_no_memory_for_white,
    test_kinds,
]


def main():
    local, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    assert set(wanted) <= {case.__name__ for case in CASES}, "there is no such case"
    with workspace() as folder:
        sock = folder / "s"
        environment = clean_environment(folder, IMGRECOG_LOCAL_SOCKET=str(sock),
                                        IMGRECOG_ENDPOINT="local")
        magick = Magick(environment)
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        judged_by("exiftool", exiftool("-ver").strip())
        judged_by("tesseract", program_version("tesseract", "--version"))
        cases = [case for case in CASES if not wanted or case.__name__ in wanted]
        with process([local, "--socket", str(sock)], lambda: listens_on_socket(sock),
                     env={**environment, "LD_PRELOAD": ""}):
            return run_cases(cases, magick)


if __name__ == "__main__":
    sys.exit(main())
