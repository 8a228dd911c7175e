# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for captions and questions, run inside of gimp-console."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, Gimp, Gio, IMAGE_TYPES, PHOTO, case, expect, load, of_type,
                         photo, refused, repeat, run_cases, same, state, succeed)  # noqa: E402

CAPTION = "imgrecog-caption"
ASK = "imgrecog-ask"
GENERATE = "imgrecog-generate"


EXPORTS = [("c.jpg", "file-jpeg-export"), ("c.png", "file-png-export"), ("c.tif", "file-tiff-export"),
           ("c.webp", "file-webp-export")]
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def exiftool(path):
    done = subprocess.run(["exiftool", "-j", "-G1", "-struct", path], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)[0]


def exported(image, name, procedure, with_comment=False):
    """The tags of a file that is written as by a user who leaves the boxes for metadata ticked."""
    path = os.path.join(FOLDER, name)
    export_procedure = Gimp.get_pdb().lookup_procedure(procedure)
    config = export_procedure.create_config()
    config.set_property("image", image)
    config.set_property("file", Gio.File.new_for_path(path))
    for argument in ("include-exif", "include-xmp", "include-iptc", "include-comment"):
        if export_procedure.find_argument(argument) is not None:
            config.set_property(argument, argument != "include-comment" or with_comment)
    values = export_procedure.run(config)
    same(values.index(0), Gimp.PDBStatusType.SUCCESS, f"export to {name}")
    return exiftool(path)


def words(tags, name):
    """A list of words, which exiftool writes as a word where there is but one."""
    value = tags.get(name, [])
    return value if isinstance(value, list) else [value]


def expect_caption(tags, caption, name):
    # GIMP cuts language alternatives at their first comma.
    same((tags.get("XMP-dc:Description"), tags.get("XMP-dc:Title"),
          tags.get("XMP-iptcCore:AltTextAccessibility")),
         tuple(caption[key].replace(",", ";") for key in ("text", "title", "alt_text")), name)
    same(tags.get("IFD0:ImageDescription"), caption["text"], f"{name}: Exif")
    if name != "c.webp":  # which has no place for IPTC-IIM
        same((tags.get("IPTC:Caption-Abstract"), tags.get("IPTC:ObjectName")),
             (caption["text"], caption["title"]), f"{name}: IPTC")


def expect_keywords(tags, keywords, name):
    same(sorted(words(tags, "XMP-dc:Subject")), sorted(keywords), f"{name}: keywords")
    if name != "c.webp":
        same(sorted(words(tags, "IPTC:Keywords")), sorted(keywords), f"{name}: IPTC keywords")
        same(tags.get("IPTC:CodedCharacterSet"), "UTF8", f"{name}: character set")


def expect_disclosure(tags, term, name):
    same((tags.get("XMP-iptcExt:DigitalSourceType"), tags.get("XMP-iptcExt:AISystemUsed"),
          tags.get("XMP-iptcExt:AISystemVersionUsed")),
         (TERMS + term, "imgrecog stand-in", "imgrecog.local-standin-image-v1"), f"{name}: made by")


@case
def our_own_labels_are_no_part_of_the_picture():
    image = photo()
    runs = [(CAPTION, "caption", {}), (ASK, "answer", {"question": "What text is in the picture?"})]
    before = [succeed(name, image, endpoint="local", **more)[0][key] for name, key, more in runs]
    succeed("imgrecog-labels", image, endpoint=FAKE + "/good")
    for (name, key, more), answer in zip(runs, before):
        same(succeed(name, image, endpoint="local", **more)[0][key], answer, key)
    image.delete()


@case
def caption_keywords_and_disclosure_are_in_exported_files():
    image = photo()
    image.detach_parasite("gimp-comment")  # GIMP 3.0 writes it over Exif's description
    succeed(GENERATE, image, endpoint="local", prompt="a door")
    image.get_layers()[0].set_visible(False)
    caption = succeed(CAPTION, image, endpoint="local", put_keywords=True,
                      language="Korean")[0]["caption"]
    expect(caption["text"] and caption["alt_text"] and caption["title"], f"{caption}")
    labels = succeed("imgrecog-labels", image, endpoint=FAKE + "/good", put_keywords=True)[0]
    keywords = set(caption["keywords"]) | {label["name"] for label in labels["labels"]}
    expect({"한국어 제복", "Uniform", "Medal"} < keywords, keywords)
    for name, procedure in EXPORTS:
        tags = exported(image, name, procedure)
        expect_caption(tags, caption, name)
        expect_keywords(tags, keywords, name)
        expect_disclosure(tags, "compositeSynthetic", name)
    _, made = succeed(GENERATE, None, endpoint="local", prompt="a door")
    for name, procedure in EXPORTS:
        expect_disclosure(exported(made, name, procedure), "algorithmicMedia", f"new {name}")


@case
def a_caption_goes_only_where_it_is_wanted():
    image = photo()
    before = state(image)
    succeed(CAPTION, image, endpoint="local", put_description=False, put_alt_text=False,
            put_title=False, put_comment=True)
    same(state(image), before, "layers and selection")
    tags = exported(image, "only.png", "file-png-export", with_comment=True)
    expect("XMP-dc:Description" not in tags and "XMP-iptcCore:AltTextAccessibility" not in tags, tags)
    expect(image.get_parasite("gimp-comment") is not None, "no comment")
    image.delete()


@case
def keywords_of_the_user_stay():
    path = os.path.join(FOLDER, "mine.jpg")
    subprocess.run(["exiftool", "-q", "-o", path, "-XMP-dc:Subject=나의 것", "-IPTC:Keywords=나의 것",
                    "-IPTC:CodedCharacterSet=UTF8", "-XMP-dc:Creator=me", PHOTO], check=True)
    image = load(path)
    for _ in range(2):
        caption = succeed(CAPTION, image, endpoint="local", put_keywords=True)[0]["caption"]
    tags = exported(image, "twice.jpg", "file-jpeg-export")
    expect_keywords(tags, ["나의 것"] + caption["keywords"], "twice.jpg")
    same(words(tags, "XMP-dc:Creator"), ["me"], "what else was there")


@case
def what_is_wanted_nowhere_leaves_no_step_of_undo():
    image = photo()
    image.clean_all()
    succeed(CAPTION, image, endpoint="local", put_description=False, put_alt_text=False,
            put_title=False)
    same(image.is_dirty(), False, "modified")
    image.delete()


@case
def a_caption_is_repeated_with_its_last_values():
    image = photo()
    status, values = repeat(CAPTION, image, "local", put_description=False, put_text_layer=True,
                            language="Korean")
    same(status, "success", values)
    caption = json.loads(values.index(1))["caption"]
    same((image.get_layers()[0].get_text(), caption["language"]), (caption["text"], "Korean"),
         "text layer and language")
    status, text = repeat(ASK, image, "local")
    same(status, "execution-error", text)
    expect("no question" in text, text)
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
def a_model_of_another_service_is_refused_before_anything_is_sent():
    image = photo()
    for name, more in ((ASK, {"question": "?"}), (CAPTION, {})):
        refused(name, image, "imgrecog.local-describer-v1 is this computer's", endpoint="aws",
                model="imgrecog.local-describer-v1", **more)
        refused(name, image, "anthropic.claude-opus-5 is none of this computer's", endpoint="local",
                model="anthropic.claude-opus-5", **more)
    refused(GENERATE, image, "is this computer's", endpoint="aws", prompt="a door",
            image_model="imgrecog.local-standin-image-v1")
    status, text = repeat(CAPTION, image, "aws", {"model": "imgrecog.local-describer-v1"})
    same((status, "is this computer's" in text), ("execution-error", True), text)
    image.delete()


@case
def a_question_is_needed_and_errors_are_told():
    image = photo()
    refused(ASK, image, "no question", endpoint="local")
    refused(ASK, image, "no question", endpoint="local", question=" \n ")
    refused(ASK, image, "bedrock", "AccessDeniedException", endpoint=FAKE + "/denied", question="?")
    image.delete()


run_cases()
