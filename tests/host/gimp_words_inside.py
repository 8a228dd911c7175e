# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for captions and questions, run inside of gimp-console."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, Gimp, Gio, IMAGE_TYPES, call, case, expect, load, of_type,
                         photo, refused, request_count, run_cases, same, state,
                         succeed)  # noqa: E402

CAPTION = "imgrecog-caption"
ASK = "imgrecog-ask"


def exiftool(path):
    done = subprocess.run(["exiftool", "-j", "-G1", "-struct", path], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)[0]


def export(image, name, procedure, **arguments):
    """With metadata, as a user who leaves the boxes ticked."""
    path = os.path.join(FOLDER, name)
    export_procedure = Gimp.get_pdb().lookup_procedure(procedure)
    config = export_procedure.create_config()
    config.set_property("image", image)
    config.set_property("file", Gio.File.new_for_path(path))
    for argument in ("include-exif", "include-xmp", "include-iptc", "include-comment"):
        if export_procedure.find_argument(argument) is not None:
            config.set_property(argument, True)
    values = export_procedure.run(config)
    same(values.index(0), Gimp.PDBStatusType.SUCCESS, f"export to {name}")
    return path


@case
def a_caption_is_in_exported_files():
    image = photo()
    image.detach_parasite("gimp-comment")  # GIMP writes it over Exif's description
    document, _ = succeed(CAPTION, image, endpoint="local", put_keywords=True)
    caption = document["caption"]
    expect(caption["text"] and caption["alt_text"] and caption["title"], f"{caption}")
    for name, procedure in (("c.jpg", "file-jpeg-export"), ("c.png", "file-png-export"),
                            ("c.tif", "file-tiff-export"), ("c.webp", "file-webp-export")):
        tags = exiftool(export(image, name, procedure))
        # GIMP cuts language alternatives at their first comma.
        same(tags.get("XMP-dc:Description"), caption["text"].replace(",", ";"),
             f"{name}: description")
        if name != "c.tif":  # where GIMP writes its default comment
            same(tags.get("IFD0:ImageDescription"), caption["text"], f"{name}: Exif")
        same(tags.get("XMP-dc:Title"), caption["title"], f"{name}: title")
        same(tags.get("XMP-iptcCore:AltTextAccessibility"), caption["alt_text"], f"{name}: alt text")
        subjects = tags.get("XMP-dc:Subject")
        same(subjects, caption["keywords"], f"{name}: keywords")
        if name != "c.webp":  # WebP has no place for IPTC-IIM
            same(tags.get("IPTC:Caption-Abstract"), caption["text"], f"{name}: IPTC caption")
    image.delete()


@case
def a_caption_goes_only_where_it_is_wanted():
    image = photo()
    before = state(image)
    succeed(CAPTION, image, endpoint="local", put_description=False, put_alt_text=False,
            put_title=False, put_comment=True)
    same(state(image), before, "layers and selection")
    tags = exiftool(export(image, "only.png", "file-png-export"))
    expect("XMP-dc:Description" not in tags and "XMP-iptcCore:AltTextAccessibility" not in tags, tags)
    expect(image.get_parasite("gimp-comment") is not None, "no comment")
    image.delete()


@case
def keywords_of_the_user_stay():
    image = photo()
    succeed(CAPTION, image, endpoint="local", put_keywords=True)
    succeed(CAPTION, image, endpoint="local", put_keywords=True)
    subjects = exiftool(export(image, "twice.png", "file-png-export"))["XMP-dc:Subject"]
    same(len(subjects), len(set(subjects)), "doubled keywords")
    image.delete()


@case
def a_text_layer_in_every_type_of_image():
    for name, base_type, precision in IMAGE_TYPES:
        image = of_type(base_type, precision)
        before = state(image)
        document, _ = succeed(CAPTION, image, endpoint="local", put_text_layer=True,
                              language="Korean")
        text = image.get_layers()[0]
        expect(isinstance(text, Gimp.TextLayer), f"{name}: no text layer on top")
        same(text.get_text(), document["caption"]["text"], name)
        after = state(image)
        same(([entry for entry in after[0] if entry[0] != text.get_id()],) + after[1:], before, name)
        _, x, y = text.get_offsets()
        expect(x >= 0 and y >= 0 and x + text.get_width() <= image.get_width() and
               y + text.get_height() <= image.get_height(), f"{name}: outside the image")
        image.delete()


@case
def what_is_known_already_is_not_kept_in_the_image():
    image = photo()
    succeed(CAPTION, image, endpoint="local", context="the Prototype Zebra")
    path = os.path.join(FOLDER, "known.xcf")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(path), None)
    with open(path, "rb") as f:
        expect(b"Prototype Zebra" not in f.read(), "it is in the XCF")
    image.delete()


@case
def a_caption_that_fails_changes_nothing():
    image = photo()
    refused(CAPTION, image, "bedrock", "AccessDeniedException", endpoint=FAKE + "/denied")
    refused(CAPTION, image, "endpoint", endpoint="ftp://example")
    image.delete()


@case
def a_question_is_answered_and_changes_nothing():
    image = photo()
    image.clean_all()
    before = state(image)
    document, _ = succeed(ASK, image, endpoint="local", question="How many faces are there?")
    expect(document["answer"]["text"], document)
    same((state(image), image.is_dirty()), (before, False), "the image")
    image.delete()


@case
def a_question_is_needed_and_errors_are_told():
    image = photo()
    refused(ASK, image, "no question", endpoint="local")
    refused(ASK, image, "bedrock", "AccessDeniedException", endpoint=FAKE + "/denied", question="?")
    image.delete()


run_cases()
