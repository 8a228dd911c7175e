# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for uploads, run inside of gimp-console."""

import io
import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, Gegl, Gimp, Gio, IMAGE_TYPES, PHOTO, case, expect, fake, load,
                         of_type, photo, refused, repeat, request_count, run_cases, same, state,
                         succeed)  # noqa: E402
from document import DOCUMENT  # noqa: E402
from PIL import Image  # noqa: E402

UPLOAD = "imgrecog-upload"


def upload(image, **arguments):
    arguments.setdefault("endpoint", FAKE + "/s3")
    arguments.setdefault("bucket", "holiday-pictures")
    document, _ = succeed(UPLOAD, image, **arguments)
    return document["stored"], fake("last-object")


@case
def each_format_arrives_whole_and_the_image_stays():
    for name, base_type, precision in IMAGE_TYPES:
        image = of_type(base_type, precision)
        image.clean_all()
        before = state(image)
        for file_format, kind in (("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")):
            answer, data = upload(image, format=file_format)
            picture = Image.open(io.BytesIO(data))
            picture.load()
            same((picture.format, picture.size, answer["bytes"]), (kind, (320, 240), len(data)),
                 f"{name} as {file_format}")
        same((state(image), image.is_dirty(), image.get_exported_file()), (before, False, None), name)
        image.delete()


@case
def an_xcf_has_all_layers():
    image = photo()
    layer = Gimp.Layer.new(image, "hidden", 20, 20, Gimp.ImageType.RGBA_IMAGE, 100,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    answer, data = upload(image, format="xcf", key="work/")
    # GIMP 3.0 does not know the file of what a script has loaded, 3.2 does.
    expect(answer["uri"] in ("s3://holiday-pictures/work/image.xcf",
                             "s3://holiday-pictures/work/grace_hopper.xcf"), answer["uri"])
    same(answer["content_type"], "image/x-xcf", "type")
    path = os.path.join(FOLDER, "back.xcf")
    with open(path, "wb") as f:
        f.write(data)
    again = load(path)
    same([item.get_name() for item in again.get_layers()],
         [item.get_name() for item in image.get_layers()], "layers")
    same(image.get_xcf_file(), None, "the image counts as saved")
    image.delete()


@case
def metadata_goes_only_when_asked():
    path = os.path.join(FOLDER, "gps.jpg")
    subprocess.run(["exiftool", "-q", "-o", path, "-GPSLatitude=37.5", "-GPSLatitudeRef=N", PHOTO],
                   check=True)
    image = load(path)
    for with_metadata, precheck in ((False, ""), (True, ""), (False, "warn"), (True, "warn")):
        _, data = upload(image, format="jpeg", with_metadata=with_metadata, precheck=precheck)
        exif = Image.open(io.BytesIO(data)).getexif()
        same(bool(exif.get_ifd(0x8825)), with_metadata, "GPS in the file")
        if not with_metadata:
            expect(b"http://ns.adobe.com/xap" not in data and b"commons.wikimedia" not in data,
                   "XMP or a comment is in the file")
    image.delete()


@case
def the_document_is_stored_beside_it_without_the_link():
    image = photo()
    answer, data = upload(image, key="work/it.jpg", format="jpeg", document=True, link_seconds=60)
    stored = json.loads(data)
    DOCUMENT.validate(stored)
    same((json.loads(fake("last-object-path"))["path"], stored["stored"]["uri"]),
         ("/s3/holiday-pictures/work/it.jpg.json", answer["uri"]), "places")
    expect("link" in answer and "link" not in stored["stored"], stored)
    image.delete()


@case
def names_with_quotes_make_a_document():
    image = photo()
    for key in ('with "quotes" and \\', "하늘/바다.png"):
        same(upload(image, key=key)[0]["uri"], f"s3://holiday-pictures/{key}", "place")
    image.delete()


@case
def a_link_is_made_for_addresses_only():
    image = photo()
    answer, _ = upload(image, link_seconds=60)
    expect("X-Amz-Signature" in answer["link"] and "X-Amz-Expires=60" in answer["link"], answer)
    answer, _ = upload(image)
    expect("link" not in answer, answer)
    refused(UPLOAD, image, "no link", endpoint="local", bucket="b-b-b", link_seconds=60)
    image.delete()


@case
def a_format_that_there_is_not_is_refused_also_when_repeated():
    image = photo()
    before = request_count()
    words = ('format cannot be "jpg"', "png, jpeg, webp, xcf")
    refused(UPLOAD, image, *words, wanted="calling-error", endpoint=FAKE + "/s3",
            bucket="holiday-pictures", format="jpg")
    status, text = repeat(UPLOAD, image, FAKE + "/s3", format="jpg")
    same((status, words[0] in text), ("calling-error", True), text)
    same(request_count(), before, "requests")
    image.delete()


@case
def an_image_with_nothing_visible_is_refused_but_as_xcf():
    image = Gimp.Image.new(100, 100, Gimp.ImageBaseType.RGB)
    before = request_count()
    for _ in range(2):
        for file_format in ("png", "jpeg", "webp"):
            refused(UPLOAD, image, "nothing is visible", endpoint=FAKE + "/s3",
                    bucket="holiday-pictures", format=file_format)
        layer = Gimp.Layer.new(image, "hidden", 100, 100, Gimp.ImageType.RGBA_IMAGE, 100,
                               Gimp.LayerMode.NORMAL)
        layer.set_visible(False)
        image.insert_layer(layer, None, 0)
    same(request_count(), before, "requests")
    upload(image, format="xcf")
    image.delete()


@case
def an_upload_is_repeated_to_the_same_place():
    image = photo()
    Gimp.gimprc_set("imgrecog-bucket", "holiday-pictures")
    status, values = repeat(UPLOAD, image, FAKE + "/s3", {"key": "work/a b.webp"}, format="webp",
                            link_seconds=60)
    same(status, "success", values)
    answer = json.loads(values.index(1))["stored"]
    same((answer["uri"], answer["content_type"], "link" in answer),
         ("s3://holiday-pictures/work/a b.webp", "image/webp", True), "what was uploaded")
    image.delete()


@case
def this_computer_looks_first():
    image = photo()
    before = request_count()
    refused(UPLOAD, image, "the picture was not sent", endpoint=FAKE + "/s3", precheck="block",
            bucket="holiday-pictures")
    same(request_count(), before, "requests")
    document, _ = succeed(UPLOAD, image, endpoint=FAKE + "/s3", precheck="warn",
                          bucket="holiday-pictures")
    expect(document["precheck"]["findings"] or document["precheck"]["not_checked"], "precheck")
    image.delete()


def show_mask(image):
    """In the window the last layer is its mask: white."""
    layer = image.get_layers()[-1]
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    layer.set_show_mask(True)


def above(image):
    """A layer of one pixel above."""
    layer = Gimp.Layer.new(image, "above", 1, 1, Gimp.ImageType.RGBA_IMAGE, 100,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)


@case
def a_mask_that_is_shown_hides_no_face_and_is_not_sent():
    for has_more in (False, True):
        image = photo()
        if has_more:
            above(image)
        show_mask(image)
        before = request_count()
        refused(UPLOAD, image, "the picture was not sent", "face", endpoint=FAKE + "/s3",
                precheck="block", bucket="holiday-pictures")
        same(request_count(), before, "requests")
        for file_format in ("png", "jpeg", "webp"):
            _, data = upload(image, format=file_format)
            colors = Image.open(io.BytesIO(data)).convert("RGB").getcolors(1 << 24)
            expect(len(colors) > 1000, f"{file_format}: {len(colors)} colours of the picture")
        image.delete()


def blank():
    """White, in which nothing can be found."""
    image = Gimp.Image.new(400, 300, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "white", 400, 300, Gimp.ImageType.RGB_IMAGE, 100,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.WHITE)
    return image


def put_face(image, parent, position):
    face = Gimp.Layer.new_from_drawable(FACE.get_layers()[0], image)
    image.insert_layer(face, parent, position)
    return face


def hidden(image):
    put_face(image, None, 0).set_visible(False)


def hidden_in_a_group(image):
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    put_face(image, group, 0).set_visible(False)


def below(image):
    put_face(image, None, 1)


def outside(image):
    image.crop(200, 150, 0, 0)
    image.get_layers()[0].resize(400, 300, 0, 0)


def erased(image):
    layer = image.get_layers()[0]
    layer.add_alpha()
    layer.edit_clear()


def masked(image):
    layer = image.get_layers()[0]
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))


def channel(image):
    image.insert_channel(Gimp.Channel.new(image, "veil", 400, 300, 50, Gegl.Color.new("red")), None,
                         0)


def selection(image):
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 20, 20)


def written(image):
    layer = Gimp.TextLayer.new(image, "jane.example@example.org", Gimp.context_get_font(), 12,
                               Gimp.Unit.pixel())
    image.insert_layer(layer, None, 0)
    image.remove_layer(image.get_layers()[1])


@case
def an_xcf_is_kept_here_unless_all_that_is_in_it_can_be_looked_at():
    global FACE
    FACE = photo()
    image = blank()
    upload(image, format="xcf", precheck="block")
    image.delete()
    for add in (hidden, hidden_in_a_group, below, outside, erased, masked, channel, selection,
                written):
        image = blank()
        add(image)
        before = request_count()
        refused(UPLOAD, image, "Nothing was sent", "an XCF holds more", "copy for sharing",
                endpoint=FAKE + "/s3", precheck="block", format="xcf", bucket="holiday-pictures")
        same(request_count(), before, f"requests, {add.__name__}")
        image.delete()
    FACE.delete()


@case
def an_xcf_with_a_layer_of_ours_that_covers_is_kept_here():
    image = photo()
    succeed("imgrecog-check", image, endpoint="local", look_for="faces", redact="fill")
    refused(UPLOAD, image, "Nothing was sent", "below other layers", endpoint=FAKE + "/s3",
            precheck="block", format="xcf", bucket="holiday-pictures")
    document, _ = succeed(UPLOAD, image, endpoint=FAKE + "/s3", precheck="warn", format="xcf",
                          bucket="holiday-pictures")
    expect(any(line.startswith("layers: ") for line in document["precheck"]["not_checked"]),
           document["precheck"])
    document, _ = succeed(UPLOAD, image, endpoint=FAKE + "/s3", precheck="warn",
                          bucket="holiday-pictures")
    same([line for line in document["precheck"].get("not_checked", [])
          if line.startswith("layers: ")], [], "of a PNG")
    _, copy = succeed("imgrecog-check", image, endpoint="local", look_for="faces", make_copy=True)
    upload(copy, format="xcf", precheck="block")
    for one in (copy, image):
        one.delete()


@case
def what_is_wrong_is_said():
    image = photo()
    before = request_count()
    refused(UPLOAD, image, "no bucket", endpoint=FAKE + "/s3")
    same(request_count(), before, "requests")
    refused(UPLOAD, image, "AccessDenied", endpoint=FAKE + "/denied", bucket="holiday-pictures")
    refused(UPLOAD, image, "NoSuchBucket", endpoint="local", bucket="holiday-pictures")
    image.delete()


run_cases()
