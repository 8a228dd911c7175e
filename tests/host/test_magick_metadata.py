# SPDX-License-Identifier: GPL-3.0-or-later
"""metadata=xmp,iptc in real `magick`: results are added to the profiles that are there, no field is
lost, and exiftool reads all of it. check sees what of metadata would be written. Usage: test_magick_metadata.py [CASE...]"""

import json
import pathlib
import shutil
import struct
import subprocess
import sys

from judges import judged_by, program_version
from support import (
    Magick,
    box,
    clean_environment,
    label,
    run_cases,
    service_with,
    workspace,
)

CAR = label("Car", 91.0, box(0.25, 0.5, 0.5, 0.25))
FACE = label("Face", 97.0, box(0.1, 0.2, 0.2, 0.4))
KOREAN = label("자동차", 80.0)


def exiftool(*arguments):
    return subprocess.run(["exiftool", "-q", *arguments], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def tags_of(path):
    """Every tag by group and name; structures as objects."""
    return json.loads(exiftool("-j", "-a", "-G1", "-struct", path))[0]


def recognise(magick, labels, words, *before, out):
    with service_with(*labels) as service:
        return magick.run(
            *before, "-define", f"imgrecog:endpoint={service.url}", "-process",
            f"imgrecog {words}", out,
        )


def make_old(magick, name="old.jpg"):
    magick.make("-size", "400x200", "plasma:", "-strip", name)
    exiftool("-overwrite_original", "-XMP-xmp:Rating=4", "-XMP-dc:Subject=old",
             "-XMP-dc:Creator=Me", "-XMP-photoshop:City=Zürich", "-Make=Canon", name)
    exiftool("-overwrite_original",
             "-RegionInfo={AppliedToDimensions={W=400,H=200,Unit=pixel},RegionList=[{Area={W=0.1,"
             "H=0.1,X=0.5,Y=0.5,Unit=normalized},Name=Grace,Type=Face}]}", name)


def as_list(value):
    return value if isinstance(value, list) else [value]


def test_added(tap, magick):
    make_old(magick)
    result = recognise(magick, [FACE, CAR, KOREAN], "metadata=xmp,iptc", "old.jpg", out="new.jpg")
    tap.equal((result.returncode, result.errors), (0, ""), "exit code, stderr")
    old, new = tags_of("old.jpg"), tags_of("new.jpg")
    changed = {"XMP-dc:Subject", "XMP-mwg-rs:RegionInfo", "XMP-x:XMPToolkit"}
    kept = {key: value for key, value in old.items()
            if key.split(":")[0].startswith(("XMP", "IFD0")) and key not in changed}
    tap.equal({key: new.get(key) for key in kept}, kept, "no field of the old ones is lost")
    tap.equal(new["XMP-dc:Subject"], ["old", "Face", "Car", "자동차"], "keywords are added")
    regions = new["XMP-mwg-rs:RegionInfo"]["RegionList"]
    tap.equal([region.get("Name") for region in regions], ["Grace", None, "Car"],
              "regions are added, and a face gets no name")
    area = regions[2]["Area"]
    tap.equal([float(area[k]) for k in ("X", "Y", "W", "H")], [0.5, 0.625, 0.5, 0.25],
              "MWG's area, by its middle")
    region = new["XMP-iptcExt:ImageRegion"][1]
    boundary = region["RegionBoundary"]
    tap.equal((region["Name"], [float(boundary[k]) for k in ("RbX", "RbY", "RbW", "RbH")]),
              ("Car", [0.25, 0.5, 0.5, 0.25]), "IPTC's region, by its corner")
    tap.equal(new["IPTC:Keywords"], ["Face", "Car", "자동차"], "IPTC keywords, in UTF-8")
    again = recognise(magick, [FACE, CAR], "metadata=xmp,iptc", "new.jpg", out="again.jpg")
    twice = tags_of("again.jpg")
    tap.ok(again.returncode == 0 and twice["XMP-dc:Subject"] == new["XMP-dc:Subject"]
           and twice["IPTC:Keywords"] == new["IPTC:Keywords"],
           "a second time no keyword is there twice", again.errors)


def test_formats(tap, magick):
    for name in ("a.jpg", "a.png", "a.tif", "a.webp"):
        magick.make("-size", "400x200", "plasma:", "-strip", name)
        result = recognise(magick, [CAR], "metadata=xmp,iptc overlay=none", name, out=f"new-{name}")
        tags = tags_of(f"new-{name}")
        tap.ok(
            result.returncode == 0 and tags.get("XMP-dc:Subject") in ("Car", ["Car"])
            and "XMP-mwg-rs:RegionInfo" in tags,
            f"{name}: XMP is read back", (result.errors, tags),
        )
        if name != "a.webp":  # which has no IPTC
            tap.equal(tags.get("IPTC:Keywords"), "Car", f"{name}: IPTC is read back")
    tap.ok("XMP-dc:Subject" not in tags_of("a.jpg"), "the file that was read is not touched")


def test_turned(tap, magick):
    """Regions lie in the pixels as they are stored."""
    magick.make("-size", "400x200", "plasma:", "-strip", "-orient", "right-top", "turned.jpg")
    recognise(magick, [label("Car", 90.0, box(0.1, 0.2, 0.3, 0.4))],
              "metadata=xmp overlay=none", "turned.jpg", "-orient", "right-top", out="new.jpg")
    tags = tags_of("new.jpg")
    info = tags["XMP-mwg-rs:RegionInfo"]
    boundary = as_list(tags["XMP-iptcExt:ImageRegion"])[0]["RegionBoundary"]
    tap.equal([float(boundary[k]) for k in ("RbX", "RbY", "RbW", "RbH")], [0.2, 0.6, 0.4, 0.3],
              "a turned picture: the region in stored pixels")
    tap.equal((info["AppliedToDimensions"]["W"], info["AppliedToDimensions"]["H"]), (400, 200),
              "a turned picture: the size it applies to")


def test_none(tap, magick):
    """What is left of EXIF is how the picture is to be turned: without it, it would lie."""
    magick.make("-size", "400x200", "plasma:", "-strip", "phone.jpg")
    exiftool("-overwrite_original", "-n", "-Orientation=8", "-Make=Canon", "-GPSLatitude=47.3",
             "-XMP-dc:Creator=Me", "-SerialNumber=4711", "phone.jpg")
    for name in ("new.jpg", "new.png", "new.webp", "new.tif"):
        recognise(magick, [CAR], "metadata=none overlay=none", "phone.jpg", out=name)
        tags = tags_of(name)
        tap.equal(tags.get("IFD0:Orientation"), "Rotate 270 CW", f"none, {name}: it is turned as it was")
        tap.ok(not {"Make", "GPSLatitude", "Creator", "SerialNumber"} & {key.split(":")[-1] for key in tags},
               f"none, {name}: nothing else of the camera or the person", list(tags))
    magick.make("phone.jpg", "-auto-orient", "upright.jpg")
    recognise(magick, [CAR], "metadata=none overlay=none", "upright.jpg", out="new.jpg")
    tap.ok(not any(key.startswith(("IFD0", "ExifIFD")) for key in tags_of("new.jpg")),
           "none, upright: no EXIF at all", list(tags_of("new.jpg")))


def test_latin1(tap, magick):
    """Old IPTC says Zürich in Latin-1: it must not become broken UTF-8."""
    magick.make("-size", "400x200", "plasma:", "-strip", "latin.jpg")
    exiftool("-overwrite_original", "-charset", "iptc=latin1", "-IPTC:City=Zürich",
             "-IPTC:Keywords=müde", "-IPTC:Caption-Abstract=alt", "latin.jpg")
    recognise(magick, [CAR], "metadata=iptc overlay=none", "latin.jpg", out="new.jpg")
    tags = tags_of("new.jpg")
    tap.equal((tags["IPTC:City"], tags["IPTC:Keywords"], tags["IPTC:Caption-Abstract"]),
              ("Zürich", ["müde", "Car"], "alt"), "Latin-1 becomes UTF-8, the caption stays")


def test_broken(tap, magick):
    magick.make("-size", "400x200", "plasma:", "-strip", "one.jpg")
    rows = [
        ("xmp", b"<x:xmpmeta"),
        ("xmp", b"\x00\xff" * 500),
        ("iptc", b"\x1c\x02\x19\x7f\xffabc"),
        ("iptc", b"\x1c\x02"),
        ("iptc", b"\x1c\x02\x19\x80\x09" + b"\xff" * 9),
    ]
    for number, (kind, data) in enumerate(rows):
        with open("junk.bin", "wb") as file:
            file.write(data)
        result = recognise(magick, [CAR], f"metadata={kind} overlay=none", "one.jpg", "-profile",
                           f"{kind}:junk.bin", out="out.miff")
        tap.ok(result.returncode in (0, 1) and len(result.errors.splitlines()) <= 2,
               f"broken {kind} {number}: no crash, a clear word",
               (result.returncode, result.errors))


def test_hostile_names(tap, magick):
    names = ["<rdf:li>", "</rdf:RDF>", "&amp;\"'", "]]>", "x" * 300, "a,b;c", "\\n"]
    labels = [label(name, 90.0, box(0.1, 0.1, 0.3, 0.3)) for name in names]
    magick.make("-size", "400x200", "plasma:", "-strip", "one.png")
    result = recognise(magick, labels, "metadata=xmp,iptc overlay=none", "one.png", out="new.png")
    tags = tags_of("new.png")
    tap.equal((result.returncode, tags["XMP-dc:Subject"]), (0, names), "names are text, nothing else")
    tap.equal(len(tags["XMP-iptcExt:ImageRegion"]), len(names), "each has a region")


# ---- check's look at it ----------------------------------------------------------------------

NOTHING = "nothing was found where it could be looked"
OWNER = "1 owner's name in the file"
GPS = "1 position in the file"
BOTH = f"{GPS}, {OWNER}"
WRITERS = ["jpg", "png", "tif", "webp", "miff"]


def segment(marker, data):
    return bytes([0xff, marker]) + struct.pack(">H", len(data) + 2) + data


def put_behind_start(source, segments, out):
    data = pathlib.Path(source).read_bytes()
    pathlib.Path(out).write_bytes(data[:2] + segments + data[2:])


def make_privates(magick):
    """Files in which Jane and her position stand in one place each."""
    magick.make("-size", "240x200", "plasma:", "-strip", "clean.jpg")
    magick.make("clean.jpg", "-strip", "clean.tif")
    position = ["-GPSLatitude=51.5", "-GPSLatitudeRef=N", "-GPSLongitude=0.1", "-GPSLongitudeRef=E"]
    for name, tags in (("exif.jpg", ["-Artist=Jane", *position]), ("windows.jpg", ["-XPAuthor=Jane"]),
                       ("camera.jpg", ["-Model=X", "-n", "-Orientation=6"]),
                       ("iptc.jpg", ["-IPTC:By-line=Jane", "-IPTC:Contact=Jane"]),
                       ("xmp.jpg", ["-XMP-dc:Creator=Jane", "-XMP-exif:GPSLatitude=51.5"]),
                       ("artist.tif", ["-IFD0:Artist=Jane"]), ("gps.tif", position)):
        shutil.copy(f"clean{name[-4:]}", name)
        exiftool("-overwrite_original", *tags, name)
    magick.make("xmp.jpg", "x.xmp")
    magick.make("clean.jpg", "-set", "Author", "Jane", "author.png")
    magick.make("clean.jpg", "-set", "Author", "Jane" * 3000, "long.png")  # which is compressed
    magick.make("clean.jpg", "-set", "Author", " ", "blank.png")
    more = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + struct.pack(">II", 35, 0)
    put_behind_start("clean.jpg", segment(0xe1, more + b"<x><dc:creator>Jane</dc:creator></x>"),
                     "more.jpg")
    put_behind_start("clean.jpg", segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><y "
                                          b"dc:creator='Jane'"), "broken.jpg")
    exif = pathlib.Path("exif.jpg").read_bytes()
    at = exif.index(b"Exif\0\0")
    tiff = exif[at + 6:at - 2 + struct.unpack(">H", exif[at - 2:at])[0]]
    resource = b"8BIM\x04\x22\0\0" + struct.pack(">I", len(tiff)) + tiff
    put_behind_start("clean.jpg", segment(0xed, b"Photoshop 3.0\0" + resource + b"\0"), "photoshop.jpg")


def run_check(magick, words, *before, out):
    """The reason, and what else came of it."""
    with service_with() as service:
        result = magick.run(
            "convert", *before, "-define", f"imgrecog:endpoint={service.url}", "-process",
            f"imgrecog check look-for=metadata {words}", "-format", "%[imgrecog:reason]", "-write",
            "info:", out)
    return result.stdout.decode(), result


def test_check_what_is_written(tap, magick):
    """Not what the file holds, but what writers would write of the picture as it is by now."""
    make_privates(magick)
    rows = [
        ("EXIF", BOTH, "exif.jpg"),
        ("EXIF of Windows", OWNER, "windows.jpg"),
        ("EXIF of Windows, resized", OWNER, "windows.jpg", "-resize", "50%"),
        ("EXIF of Windows, its copies", OWNER, "windows.jpg", "+profile", "*"),
        ("EXIF without anything private", NOTHING, "camera.jpg"),
        ("IPTC", OWNER, "iptc.jpg"),
        ("IPTC, resized", OWNER, "iptc.jpg", "-resize", "50%"),
        ("TIFF's artist", OWNER, "artist.tif"),
        ("TIFF's position", GPS, "gps.tif"),
        ("an author in PNG", OWNER, "author.png"),
        ("an author in PNG, compressed", OWNER, "long.png"),
        ("an author of a blank", NOTHING, "blank.png"),
        ("an author that was set", OWNER, "clean.jpg", "-set", "Author", "Jane"),
        ("XMP that was added", BOTH, "clean.jpg", "-profile", "x.xmp"),
        ("XMP that was added, resized", BOTH, "clean.jpg", "-profile", "x.xmp", "-resize", "99%"),
        ("the rest of a long XMP", OWNER, "more.jpg"),
        ("a broken XMP", OWNER, "broken.jpg"),
        ("EXIF in Photoshop's resources", BOTH, "photoshop.jpg", "+profile", "exif"),
        ("profiles that were taken out, and their copies", BOTH, "exif.jpg", "+profile", "*"),
        ("nothing", NOTHING, "clean.jpg"),
        *((f"{name} {' '.join(more)}", NOTHING, name, *more)
          for name in ("exif.jpg", "camera.jpg", "iptc.jpg", "artist.tif", "gps.tif", "author.png")
          for more in (["-strip"], ["-strip", "-resize", "50%"], ["-resize", "50%", "-strip"])),
        ("an author set behind -strip, which PNG leaves out", NOTHING, "clean.jpg", "-strip", "-set",
         "Author", "Jane"),
        ("a profile added behind -strip", BOTH, "clean.jpg", "-strip", "-profile", "x.xmp"),
        ("texts left out by hand", NOTHING, "author.png", "-define", "png:exclude-chunk=all"),
        ("texts left out in part", OWNER, "author.png", "-define", "png:exclude-chunk=tEXt,iTXt"),
        ("texts put back", OWNER, "author.png", "-strip", "-define", "png:include-chunk=tEXt"),
        ("a position in a picture of another kind", GPS, "gps.tif", "-colorspace", "CMYK", "-depth",
         "16", "-repage", "900x900+300-20"),
    ]
    for name, wanted, *before in rows:
        reason, result = run_check(magick, "", *before, out="null:")
        tap.equal((reason, result.returncode, result.errors), (wanted, 0, ""), f"check, {name}")


def test_check_takes_it_out(tap, magick):
    make_privates(magick)
    for name, *before in (
            ("EXIF", "exif.jpg"), ("IPTC", "iptc.jpg"), ("TIFF's artist", "artist.tif"),
            ("TIFF's position", "gps.tif"), ("an author", "author.png"),
            ("XMP that was added", "clean.jpg", "-profile", "x.xmp"), ("the rest of XMP", "more.jpg"),
            ("Photoshop's resources", "photoshop.jpg", "+profile", "exif")):
        for ending in WRITERS:
            reason, result = run_check(magick, "action=fill fail-closed=true", *before,
                                       out=f"out.{ending}")
            tags = exiftool("-a", "-G1", "-s", f"out.{ending}")
            tap.ok(result.returncode == 0 and reason != NOTHING and "GPS" not in tags
                   and b"Jane" not in pathlib.Path(f"out.{ending}").read_bytes(),
                   f"fill, {name}, as {ending}: nothing is left", (result.errors, reason, tags))


CASES = [test_added, test_formats, test_turned, test_none, test_latin1, test_broken,
         test_hostile_names, test_check_what_is_written, test_check_takes_it_out]


def main():
    wanted = sys.argv[1:]
    with workspace() as folder:
        magick = Magick(clean_environment(folder))
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        judged_by("exiftool", exiftool("-ver").strip())
        return run_cases([case for case in CASES if not wanted or case.__name__ in wanted], magick)


if __name__ == "__main__":
    sys.exit(main())
