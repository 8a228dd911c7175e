# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that the filter module makes in real `magick` and `mogrify`, against the embedded
endpoint: what is stored, under which keys, and that none replaces another of its command.
Usage: test_magick_upload.py LOCAL [CASE...]"""

import hashlib
import os
import shutil
import subprocess
import sys

import numpy

from judges import judged_by, program_version
from support import label, message_of, service_with
from test_magick_tasks import main, read, run


def test_upload(tap, magick):
    defines = ["imgrecog:upload=s3://my-bucket/up/"]
    before = ["face.jpg", "face.jpg", "b.png", "(", "face.jpg", "-resize", "50%", ")",
              "-size", "99x99", "xc:red"]
    result = run(magick, before, "imgrecog upload", defines=defines)
    tap.equal((result.returncode, result.errors), (0, ""), "upload: exit code, stderr")
    wanted = [f"s3://my-bucket/up/{name}" for name in
              ("face.jpg", "face-2.jpg", "b.png", "face-3.png", "red.png")]
    tap.equal([row["uri"] for row in result.pictures], wanted, "upload: addresses, in order")
    tap.equal([row["json"] for row in result.pictures], [""] * 5, "upload: no document")
    got = magick.local_object("up/face.jpg")
    tap.ok(got == read("face.jpg"), "upload: a picture as it was read is the file's own bytes")
    with open("got.png", "wb") as file:
        file.write(magick.local_object("up/face-3.png"))
    magick.make("face.jpg", "-resize", "50%", "half.png")
    tap.ok(numpy.array_equal(magick.pixels("got.png"), magick.pixels("half.png")),
           "upload: one that was changed is the same pixels as PNG")
    result = run(magick, ["face.jpg"], "imgrecog labels upload", "drawn.png", defines=defines)
    tap.ok(magick.local_object("up/face.jpg") == read("face.jpg")
           and result.pictures[0]["uri"] == wanted[0] and result.pictures[0]["labels"],
           "labels upload: the picture goes without the drawing")
    result = run(magick, ["face.jpg"], "imgrecog upload",
                 defines=["imgrecog:upload=s3://no-such-bucket-here/x"])
    tap.ok(result.returncode == 1 and "NoSuchBucket" in result.errors,
           "upload: no such bucket", result.errors)


def test_upload_metadata(tap, magick):
    """A file goes as it is only where its metadata, too, are those of the picture by then."""
    def exiftool(*arguments):
        return subprocess.run(["exiftool", "-q", *arguments], check=True,
                              stdout=subprocess.PIPE).stdout.decode()

    def process(words):
        return ["-process", f"imgrecog {words}"]

    shutil.copy("face.jpg", "jane.jpg")
    exiftool("-overwrite_original", "-GPSLatitude=51.5", "-GPSLatitudeRef=N", "-Artist=Jane",
             "-Model=X", "jane.jpg")
    magick.make("jane.jpg", "-set", "Author", "Jane", "-set", "comment", "at home", "-depth", "8",
                "-define", "png:color-type=2", "jane.png")  # with EXIF behind the pixels
    exiftool("-overwrite_original", "-XMP-dc:Creator=Jane", "jane.png")
    look = "check look-for=metadata"
    for name in ("jane.jpg", "jane.png"):
        private = read(name)
        for what, operations in (
            ("-strip", ["-strip"]), ("+profile", ["+profile", "*"]),
            ("an action before", process(f"{look} action=fill")),
            ("metadata=none before", process("labels overlay=none metadata=none")),
            ("an action in the same run", f"{look} action=fill upload"),
            ("metadata=none in the same run", "labels overlay=none metadata=none upload"),
        ):
            words = operations if isinstance(operations, str) else "upload"
            before = operations if isinstance(operations, list) else []
            result = run(magick, [name, *before], f"imgrecog {words}",
                         defines=["imgrecog:upload=s3://my-bucket/meta/k"])
            with open("got.bin", "wb") as file:
                file.write(magick.local_object("meta/k"))
            tags = exiftool("-a", "-G1", "-s", "got.bin")
            wanted = ["Author"] if (name, what) == ("jane.png", "+profile") else []
            tap.equal((result.returncode, read("got.bin") == private,
                       [line.split()[1] for line in tags.splitlines()
                        if "Jane" in line or "GPS" in line]), (0, False, wanted),
                      f"upload, {name}, {what}: what was taken out is not stored")
        for what, operations in (("as it was read", []), ("-quality", ["-quality", "10"]),
                                 ("a look before", process(look)),
                                 ("labels before", process("labels overlay=none"))):
            run(magick, [name, *operations], "imgrecog upload",
                defines=["imgrecog:upload=s3://my-bucket/meta/k"])
            tap.ok(magick.local_object("meta/k") == private,
                   f"upload, {name}, {what}: the file's own bytes")
        for what, operations, tag in (
            ("keywords written before", process("labels overlay=none metadata=xmp"), "Person"),
            ("keywords of IPTC written before", process("labels overlay=none metadata=iptc"),
             "Person"),
            ("a comment", ["-set", "comment", "a fox"], "a fox"),
            ("a resolution", ["-units", "PixelsPerInch", "-density", "333"], "13110"),
        ):
            run(magick, [name, *operations], "imgrecog upload",
                defines=["imgrecog:upload=s3://my-bucket/meta/k"])
            with open("got.bin", "wb") as file:
                file.write(magick.local_object("meta/k"))
            tags = exiftool("-a", "-G1", "-s", "got.bin")
            tap.ok(tag in tags, f"upload, {name}, {what}: it is stored", tags)


def test_upload_template(tap, magick):
    """Keys are made as those of the command are, of what is put: the file, or the PNG."""
    judged_by("exiftool", program_version("exiftool", "-ver"))
    for name in ("dated.jpg", "plain.jpg"):
        shutil.copy("face.jpg", name)
    subprocess.run(["exiftool", "-q", "-overwrite_original",
                    "-DateTimeOriginal#=2024:02:29 23:59:58", "dated.jpg"], check=True)
    magick.make("face.jpg", "dated.tif")
    subprocess.run(["exiftool", "-q", "-overwrite_original",
                    "-DateTimeOriginal#=2020:01:02 03:04:05", "dated.tif"], check=True)
    for name in ("dated.jpg", "plain.jpg", "dated.tif"):
        os.utime(name, (1e9, 1e9))  # 2001-09-09T01:46:40Z
    digest = hashlib.sha256(read("dated.jpg")).hexdigest()
    half = ["-resize", "50%"]
    for before, template, keys in (
        (["dated.jpg"], "{year}/{month}/{name}-{sha256:8}.{ext}", [f"2024/02/dated-{digest[:8]}.jpg"]),
        (["dated.jpg", *half], "{date}T{time}/", ["20240229T235958/dated.png"]),
        (["plain.jpg"], "{date}T{time}/", ["20010909T014640/plain.jpg"]),
        (["plain.jpg", *half], "{year}/{file}", ["2001/plain.png"]),
        (["dated.jpg", "dated.jpg", "plain.jpg"], "{month}-{name}",
         ["02-dated", "02-dated-2", "09-plain"]),
        (["plain.jpg"], "{{{hour}}}.jpg", ["{01}.jpg"]),
        (["dated.tif"], "{date}T{time}/", ["20200102T030405/dated.png"]),
        (["dated.tif", *half], "{date}T{time}/", ["20200102T030405/dated.png"]),
        (["dated.tif", "-set", "exif:DateTimeOriginal", "0000:00:00 00:00:00"], "{date}/",
         ["20010909/dated.png"]),
    ):
        result = run(magick, before, "imgrecog upload",
                     defines=[f"imgrecog:upload=s3://my-bucket/{template}"],
                     env={"TZ": "Asia/Seoul"})
        tap.equal([row["uri"] for row in result.pictures], [f"s3://my-bucket/{key}" for key in keys],
                  f"upload: {template} of {' '.join(before)}")
        tap.equal([len(magick.local_object(key)) > 0 for key in keys], [True] * len(keys),
                  f"upload: {template} of {' '.join(before)}: the objects")
    for before, template, wanted in (
        (["plain.jpg"], "{city}/", "{city}"),
        (["plain.jpg"], "{year", "not closed"),
        (["plain.jpg", "dated.jpg"], "{date}.jpg", "2 pictures cannot have one key"),
        (["plain.jpg", "dated.jpg"], "{{name}}", "2 pictures cannot have one key"),
        (["plain.jpg"], "{name}/" + 1024 * "k", "1,024 bytes"),
    ):
        with service_with(label("Thing", 90.0)) as service:
            result = run(magick, before, "imgrecog labels upload",
                         defines=[f"imgrecog:upload=s3://my-bucket/{template}",
                                  f"imgrecog:endpoint={service.url}"])
        tap.ok(result.returncode == 1 and wanted in result.errors and not service.requests,
               f"upload: refused before anything is sent: {template[:20]}", result.errors)


def stored_keys(magick, prefix):
    listed = magick.s3.list_objects_v2(Bucket="my-bucket", Prefix=prefix).get("Contents", [])
    return [item["Key"][len(prefix):] for item in listed]


def test_names(tap, magick):
    """The names are the files' own; where two are the same, the later has the next free number."""
    long = "n" * 240
    for folder in ("n1", "n2"):
        os.makedirs(folder)
        shutil.copy("b.png", f"{folder}/a.png")
    for name in ("12:30", "a[1]", "a-2", "two words", ".hidden", long):
        shutil.copy("b.png", f"{name}.png")
    rows = (
        (["12:30.png", "a[1].png", "two words.png", ".hidden.png", f"{long}.png"],
         ["12:30", "a[1]", "two words", ".hidden", long]),
        (["n1/a.png", "n2/a.png", "a-2.png"], ["a", "a-3", "a-2"]),
        (["n1/a.png", "a-2.png", "n2/a.png", "n1/a.png"], ["a", "a-2", "a-3", "a-4"]),
        (["png:b.png", "b.png[0]", "label:" + 300 * "l"], ["b", "b-2", 263 * "l"]),
    )
    for number, (before, names) in enumerate(rows):
        prefix = f"names-{number}/"
        result = run(magick, before, "imgrecog upload",
                     defines=[f"imgrecog:upload=s3://my-bucket/{prefix}"])
        tap.equal((result.returncode, result.errors), (0, ""), f"names {number}: exit code, stderr")
        tap.equal(sorted(stored_keys(magick, prefix)), sorted(f"{name}.png" for name in names),
                  f"names {number}")
    tap.equal([row["uri"] for row in run(
        magick, rows[1][0], "imgrecog upload",
        defines=["imgrecog:upload=s3://my-bucket/names-order/"]).pictures],
        [f"s3://my-bucket/names-order/{name}.png" for name in rows[1][1]], "names: in order")


def test_mogrify_names(tap, magick):
    """mogrify shows the filter one file after the other; none replaces another's object."""
    for folder in ("m1", "m2"):
        os.makedirs(folder)
    for path, colour in (("m1/a.png", "red"), ("m2/a.png", "blue"), ("m1/b.png", "lime")):
        magick.make("-size", "99x99", f"xc:{colour}", "-depth", "8", "-strip", path)
    files = ["m1/a.png", "m2/a.png", "m1/b.png"]
    twice = ["-process", "imgrecog upload"] * 2
    result = magick.run("mogrify", "-define", "imgrecog:upload=s3://my-bucket/mogrified/", *twice,
                        *files)
    tap.equal((result.returncode, result.errors), (0, ""), "mogrify: exit code, stderr")
    tap.equal(sorted(stored_keys(magick, "mogrified/")), ["a-2.png", "a.png", "b.png"],
              "mogrify: an object for each file, though it was put twice")
    magick.make("-size", "99x99", "xc:blue", "blue.png")
    with open("a-2.got.png", "wb") as file:
        file.write(magick.local_object("mogrified/a-2.png"))
    tap.ok(numpy.array_equal(magick.pixels("a-2.got.png"), magick.pixels("blue.png")),
           "mogrify: of two files with one name each has its own object")
    result = magick.run("mogrify", "-define", "imgrecog:upload=s3://my-bucket/one.png", "-process",
                        "imgrecog upload", *files)
    tap.equal((result.returncode, len(message_of(result.errors))), (1, 2),
              "mogrify: a key without a name is one file's")
    tap.ok("cannot have one key" in result.errors and "{name}" in result.errors,
           "mogrify: why, and what to do", result.errors)
    with open("one.got.png", "wb") as file:
        file.write(magick.local_object("one.png"))
    tap.ok(numpy.array_equal(magick.pixels("one.got.png"), magick.pixels("m1/a.png")),
           "mogrify: the first file's object is there still")


def test_several_calls(tap, magick):
    """Nor does a later -process of the command replace what an earlier one has put."""
    for folder in ("c1", "c2", "c3"):
        os.makedirs(folder)
        shutil.copy("b.png", f"{folder}/a.png")
    put = ["-process", "imgrecog upload", "-format", "%[imgrecog:uri]\n", "-write", "info:-"]
    result = magick.run("-define", "imgrecog:upload=s3://my-bucket/calls/", "c1/a.png", "c1/a.png",
                        *put, *put, "-delete", "0--1", "c2/a.png", *put, *put, "-delete", "0",
                        "c3/a.png", *put, "null:")
    tap.equal([uri.rsplit("/", 1)[1] for uri in result.stdout.decode().split()],
              ["a.png", "a-2.png"] * 2 + ["a-3.png"] * 2 + ["a-4.png"], "several calls: names")
    tap.equal(len(stored_keys(magick, "calls/")), 4, "several calls: an object for each picture")


def test_metadata_is_taken_back(tap, magick):
    """What could not be stored is as it was, its profiles too."""
    for kind, has_xmp in (("jpg", True), ("png", True), ("tif", True), ("jpg", False), ("png", False)):
        magick.make("face.jpg", "-strip", f"kept.{kind}")
        if has_xmp:
            subprocess.run(["exiftool", "-q", "-overwrite_original", "-XMP-dc:Creator=Jane",
                            f"kept.{kind}"], check=True)
        shown = subprocess.run(["exiftool", "-s", "-XMP:all", "-IPTC:all", f"kept.{kind}"],
                               capture_output=True, check=True).stdout
        result = magick.run(
            "mogrify", "-define", "imgrecog:upload=s3://no-such-bucket-here/", "-process",
            "imgrecog labels upload overlay=none metadata=xmp,iptc", f"kept.{kind}")
        tap.ok(result.returncode == 1 and "NoSuchBucket" in result.errors,
               f"{kind}, {has_xmp}: the object is refused", result.errors)
        after = subprocess.run(["exiftool", "-s", "-XMP:all", "-IPTC:all", f"kept.{kind}"],
                               capture_output=True, check=True).stdout
        tap.equal([line for line in after.splitlines() if b"XMPToolkit" not in line],
                  [line for line in shown.splitlines() if b"XMPToolkit" not in line],
                  f"{kind}, {has_xmp}: no keywords in the file that stayed")


def test_stored_first(tap, magick):
    """What cannot be stored is not asked about, unless the answer has a say in what is stored."""
    for words, is_asked in (("labels upload", False), ("labels caption upload", False),
                            ("labels upload metadata=xmp", True), ("labels upload precheck=warn", True)):
        for bucket, code in (("my-bucket", 0), ("no-such-bucket-here", 1)):
            result = run(magick, ["convert", "face.jpg"], f"imgrecog {words}",
                         defines=[f"imgrecog:upload=s3://{bucket}/first/"])
            got = result.pictures[0]
            tap.equal((result.returncode, "NoSuchBucket" in result.errors, got["labels"] != ""),
                      (code, code == 1, code == 0 or is_asked), f"{words}: to {bucket}")
            tap.equal(got["uri"] != "", code == 0, f"{words}: the address in {bucket}")


CASES = [test_upload, test_upload_metadata, test_upload_template, test_names, test_mogrify_names,
         test_several_calls, test_metadata_is_taken_back, test_stored_first]


if __name__ == "__main__":
    sys.exit(main(CASES))
