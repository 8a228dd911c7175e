# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for the check and redaction, run inside of gimp-console."""

import json
import math
import os
import re
import subprocess
import sys

import numpy

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, Gegl, Gimp, Gio, IMAGE_TYPES, PHOTO, call, case, expect, fake,
                         load, of_type, photo, pixels, refused, repeat, run_cases, same, state,
                         succeed)  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402

CHECK = "imgrecog-check"
WAYS = ("pixelate", "blur", "fill")
TAGS_OF_A_NEW_IMAGE = {"Exif.Photo.ColorSpace"} | {
    "Exif.Image." + name for name in ("BitsPerSample", "ImageLength", "ImageWidth", "ResolutionUnit",
                                      "XResolution", "YResolution")}


def rectangle(box, image):
    return (round(box["left"] * image.get_width()), round(box["top"] * image.get_height()),
            round(box["width"] * image.get_width()), round(box["height"] * image.get_height()))


def area(drawable, x, y, width, height):
    _, left, top = drawable.get_offsets()
    return bytes(drawable.get_buffer().get(Gegl.Rectangle.new(x - left, y - top, width, height), 1.0,
                                           "R'G'B' u8", Gegl.AbyssPolicy.NONE))


def visible(image):
    layer = Gimp.Layer.new_from_visible(image, image, "all")
    data = bytes(layer.get_buffer().get(
        Gegl.Rectangle.new(0, 0, image.get_width(), image.get_height()), 1.0, "R'G'B'A u8",
        Gegl.AbyssPolicy.NONE))
    layer.delete()
    return Image.frombytes("RGBA", (image.get_width(), image.get_height()), data)


def findings(document, kind):
    return [finding for finding in document["check"]["findings"] if finding["kind"] == kind]


def page():
    """A page with an e-mail address."""
    picture = Image.new("RGB", (900, 400), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 32)
    draw.text((60, 60), "Invoice 2026-117 for", font=font, fill="black")
    draw.text((60, 140), "jane.example@example.org", font=font, fill="black")
    path = os.path.join(FOLDER, "page.png")
    picture.save(path)
    return load(path)


@case
def a_verdict_without_changing_anything():
    image = photo()
    image.clean_all()
    before = state(image)
    document, made = succeed(CHECK, image, endpoint="local")
    same(document["check"]["verdict"], "YES", "verdict")
    same(len(findings(document, "face")), 1, "faces")
    same((state(image), image.is_dirty(), made), (before, False, None), "the image")
    image.delete()


def photo_with_position():
    path = os.path.join(FOLDER, "gps.jpg")
    if not os.path.exists(path):
        subprocess.run(["exiftool", "-q", "-o", path, "-GPSLatitude=37.5", "-GPSLatitudeRef=N",
                        "-GPSLongitude=127.0", "-GPSLongitudeRef=E", "-SerialNumber=C0FFEE", PHOTO],
                       check=True)
    return load(path)


@case
def metadata_of_the_image_is_judged_and_not_sent():
    image = photo_with_position()
    document, _ = succeed(CHECK, image, endpoint="local", look_for="metadata")
    same(document["check"]["verdict"], "YES", "verdict")
    expect(findings(document, "gps"), f"no position in {document['check']}")
    expect(findings(document, "serial-number"), f"no serial number in {document['check']}")
    image.delete()
    image = photo()
    document, _ = succeed(CHECK, image, endpoint="local", look_for="metadata")
    same(findings(document, "gps"), [], "position in a picture that has none")
    image.delete()


@case
def redaction_covers_what_was_found_and_nothing_else():
    for how in WAYS:
        for name, base_type, precision in IMAGE_TYPES:
            image = of_type(base_type, precision, 512, 600)
            before = state(image)
            seen = visible(image)
            document, _ = succeed(CHECK, image, endpoint="local", look_for="faces", redact=how)
            layer = image.get_layers()[0]
            after = state(image)
            same(([entry for entry in after[0] if entry[0] != layer.get_id()],) + after[1:], before,
                 f"{how}, {name}: everything else")
            x, y, width, height = rectangle(findings(document, "face")[0]["box"], image)
            now = visible(image)
            inside = (x, y, x + width, y + height)
            difference = sum(abs(a - b) for a, b in zip(seen.crop(inside).tobytes(),
                                                        now.crop(inside).tobytes()))
            expect(difference / (width * height * 4) > 4, f"{how}, {name}: the face is as it was")
            margin = math.ceil(min(width, height) / 5) + 1
            for outside in ((0, 0, 512, y - margin), (0, y + height + margin, 512, 600)):
                same(now.crop(outside).tobytes(), seen.crop(outside).tobytes(),
                     f"{how}, {name}: outside")
            image.delete()


# Of full scale: GIMP's conversions are as exact as its library finds them fast at the time.
SAME = 1.01 / 255


def samples(data, kind):
    return numpy.frombuffer(data, kind).astype(float)


def over_faces(image):
    """What lies in the places of /near-faces, its margins left alone, becomes something else."""
    layer = image.get_layers()[0]
    for number, left in enumerate((0.1, 0.19, 0.4)):
        image.select_rectangle(Gimp.ChannelOps.REPLACE, round(left * 512) + 1, 121, 49, 58)
        layer.edit_fill(Gimp.FillType.WHITE if number else Gimp.FillType.FOREGROUND)
        image.select_ellipse(Gimp.ChannelOps.REPLACE, round(left * 512) + 9, 130, 30, 40)
        layer.edit_fill(Gimp.FillType.FOREGROUND if number else Gimp.FillType.WHITE)
    Gimp.Selection.none(image)


@case
def nothing_of_a_place_comes_through():
    """Two pictures that differ in the places alone, by much, end as the same, with the same layer."""
    for how in WAYS:
        for name, base_type, precision in IMAGE_TYPES[::2] + IMAGE_TYPES[-1:]:
            ends = []
            for is_other in (False, True):
                image = of_type(base_type, precision, 512, 600)
                if is_other:
                    over_faces(image)
                seen = visible(image)
                succeed(CHECK, image, endpoint=FAKE + "/near-faces", look_for="faces", redact=how)
                ends.append((samples(visible(image).tobytes(), "u1") / 255,
                             samples(pixels(image.get_layers()[0]), "f4")))
                expect(abs(ends[-1][0] - samples(seen.tobytes(), "u1") / 255).max() > 0.1,
                       f"{how}, {name}: nothing was done")
                image.delete()
            for one, other in zip(*ends):
                difference = abs(one - other).max()
                expect(difference <= SAME, f"{how}, {name}: the pictures differ by {difference}")


@case
def the_same_places_are_hidden_as_by_the_module():
    """20 percent of the shorter side around each, at least 4 pixels; nothing between them."""
    image = of_type(*IMAGE_TYPES[0][1:], 512, 600)
    succeed(CHECK, image, endpoint=FAKE + "/near-faces", look_for="faces", redact="fill")
    layer = image.get_layers()[0]
    _, x, y = layer.get_offsets()
    wanted = Image.new("L", (512, 600))
    for left in (51, 97, 205):
        wanted.paste(255, (left - 11, 120 - 11, left + 51 + 11, 180 + 11))
    data = bytes(layer.get_buffer().get(
        Gegl.Rectangle.new(-x, -y, 512, 600), 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.NONE))
    got = Image.frombytes("RGBA", (512, 600), data)
    same((got.getchannel("A").getbbox(), wanted.getbbox()), (wanted.getbbox(),) * 2, "places")
    same(got.getchannel("A").tobytes(), wanted.tobytes(), "what is opaque")
    same({color[1][:3] for color in got.getcolors(9)}, {(0, 0, 0)}, "colours")
    image.delete()


@case
def nothing_of_the_original_shines_through():
    image = photo()
    layer = image.get_layers()[0]
    layer.add_alpha()
    layer.set_opacity(60)
    document, _ = succeed(CHECK, image, endpoint="local", look_for="faces", redact="pixelate")
    x, y, width, height = rectangle(findings(document, "face")[0]["box"], image)
    data = visible(image).crop((x, y, x + width, y + height))
    colors = data.getcolors(100000)
    expect(colors is not None and len(colors) < 200, f"{len(colors or [])} colours in the blocks")
    same({color[3] for _, color in colors}, {255}, "alpha in the blocks")
    image.delete()


@case
def words_are_unreadable_after_redaction():
    for how in WAYS:
        image = page()
        document, _ = succeed(CHECK, image, endpoint="local", look_for="text", redact=how)
        kinds = {finding["kind"] for finding in document["check"]["findings"]}
        expect("email" in kinds, f"no e-mail address in {kinds}")
        again, _ = succeed(CHECK, image, endpoint="local", look_for="text")
        same([finding["kind"] for finding in again["check"]["findings"]], [],
             f"{how}: findings afterwards")
        image.delete()


@case
def a_selection_does_not_limit_the_redaction():
    image = photo()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    before = state(image)
    seen = visible(image)
    document, _ = succeed(CHECK, image, endpoint="local", look_for="faces", redact="pixelate")
    same(state(image)[1:], before[1:], "selection and selected layers")
    x, y, width, height = rectangle(findings(document, "face")[0]["box"], image)
    inside = (x, y, x + width, y + height)
    expect(seen.crop(inside).tobytes() != visible(image).crop(inside).tobytes(), "not redacted")
    same(len(image.get_channels()), 0, "channels")
    image.delete()


@case
def a_copy_for_sharing_holds_nothing_else():
    image = photo()
    hidden = Gimp.Layer.new(image, "secret", 50, 50, Gimp.ImageType.RGBA_IMAGE, 100,
                            Gimp.LayerMode.NORMAL)
    image.insert_layer(hidden, None, 0)
    hidden.set_visible(False)
    image.insert_channel(Gimp.Channel.new(image, "mask", 512, 600, 50, Gegl.Color.new("red")), None, 0)
    before = state(image)
    document, copy = succeed(CHECK, image, endpoint="local", look_for="faces", redact="pixelate",
                             make_copy=True)
    same(state(image), before, "the image")
    expect(copy is not None and copy.is_valid(), "no copy")
    same((len(copy.get_layers()), len(copy.get_channels()), copy.get_layers()[0].has_alpha()),
         (1, 0, False), "layers, channels and alpha of the copy")
    left = set(copy.get_parasite_list()) - {"icc-profile"}
    same(left, set(), "parasites of the copy")
    x, y, width, height = rectangle(findings(document, "face")[0]["box"], image)
    expect(area(copy.get_layers()[0], x, y, width, height) !=
           area(image.get_layers()[1], x, y, width, height), "the face is in the copy")
    same(area(copy.get_layers()[0], 0, 0, 512, 40), area(image.get_layers()[1], 0, 0, 512, 40),
         "the rest of the copy")
    copy.delete()
    image.delete()


def veil(image):
    """A channel, shown: in the window it hides all but what it holds, which is nothing."""
    channel = Gimp.Channel.new(image, "veil", image.get_width(), image.get_height(), 100,
                               Gegl.Color.new("black"))
    image.insert_channel(channel, None, 0)
    channel.set_visible(True)


def without_colors(image):
    for color in (Gimp.ChannelType.RED, Gimp.ChannelType.GREEN, Gimp.ChannelType.BLUE):
        image.set_component_visible(color, False)


def show_mask(layer):
    """In the window the layer is its mask: white."""
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    layer.set_show_mask(True)


def mask_of_the_layer(image):
    show_mask(image.get_layers()[0])


def mask_in_a_group(image):
    layer = image.get_layers()[0]
    for number in range(2):
        group = Gimp.GroupLayer.new(image, f"group {number}")
        image.insert_layer(group, layer.get_parent(), 0)
        image.reorder_item(layer, group, 0)
    show_mask(layer)


@case
def what_only_the_window_hides_is_found_and_covered():
    for hide in (veil, without_colors, mask_of_the_layer, mask_in_a_group):
        image = photo()
        bare = visible(image)
        hide(image)
        before = state(image)
        expect(visible(image).tobytes() != bare.tobytes(), f"{hide.__name__}: nothing is hidden")
        document, copy = succeed(CHECK, image, endpoint="local", look_for="faces", redact="fill",
                                 make_copy=True)
        same((document["check"]["verdict"], state(image)), ("YES", before), hide.__name__)
        x, y, width, height = rectangle(findings(document, "face")[0]["box"], image)
        now = visible(copy)
        same({color[:3] for _, color in now.crop((x, y, x + width, y + height)).getcolors(9)},
             {(0, 0, 0)}, f"{hide.__name__}: the face in the copy")
        same(now.crop((0, 0, 512, 40)).tobytes(), bare.crop((0, 0, 512, 40)).tobytes(),
             f"{hide.__name__}: the rest of the copy")
        document, _ = succeed(CHECK, image, endpoint="local", look_for="faces", redact="pixelate")
        same(len(findings(document, "face")), 1, f"{hide.__name__}: faces that a layer covers")
        for one in (copy, image):
            one.delete()


@case
def a_mask_that_is_disabled_hides_nothing():
    """GIMP shows all of the layer then; that an exporter would write less of it is no harm."""
    image = photo()
    layer = image.get_layers()[0]
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.BLACK))
    layer.set_apply_mask(False)
    document, copy = succeed(CHECK, image, endpoint="local", look_for="faces", redact="fill",
                             make_copy=True)
    same(len(findings(document, "face")), 1, "faces")
    copy.delete()
    layer.set_apply_mask(True)
    document, _ = succeed(CHECK, image, endpoint="local", look_for="faces")
    same(findings(document, "face"), [], "faces behind the mask")
    image.delete()


@case
def labels_are_of_the_picture_where_a_mask_is_shown():
    """Also the second time, when it is taken without the labels of the first."""
    image = photo()
    succeed("imgrecog-labels", image, endpoint=FAKE + "/good")
    seen = json.loads(fake("last-request"))["sha256"]
    for number in range(2):
        layer = image.get_layers()[-1]
        if number:
            show_mask(layer)
        succeed("imgrecog-labels", image, endpoint=FAKE + "/good")
        same(json.loads(fake("last-request"))["sha256"], seen, f"picture {number}")
    image.delete()


@case
def a_copy_is_covered_where_no_way_is_named():
    image = photo()
    document, copy = succeed(CHECK, image, endpoint="local", look_for="faces", make_copy=True)
    same(document["check"]["verdict"], "YES", "verdict")
    x, y, width, height = rectangle(findings(document, "face")[0]["box"], image)
    inside = (x, y, x + width, y + height)
    colors = visible(copy).crop(inside).getcolors(100000)
    expect(colors is not None and len(colors) < 200, f"{len(colors or [])} colours in the place")
    status, text = call(CHECK, image, endpoint="local", make_copy=True)
    same((status, "No copy was made" in text), ("execution-error", True), text)
    for one in (copy, image):
        one.delete()


@case
def nothing_that_hangs_on_image_or_layers_is_in_the_copy():
    """A layer keeps its text, or the words that it was made from, where no pixel shows them."""
    secret = b"jane.example@example.org"
    image = photo()
    layer = image.get_layers()[0]
    layer.set_name(secret.decode())
    for holder in (image, layer):
        for name in ("gimp-text-layer", "imgrecog-generated", "gimp-comment"):
            holder.attach_parasite(Gimp.Parasite.new(name, Gimp.PARASITE_PERSISTENT,
                                                     b'(text "' + secret + b'")\0'))
    image.add_hguide(120)
    image.add_sample_point(120, 120)
    image.set_resolution(300, 200)
    _, copy = succeed(CHECK, image, endpoint=FAKE + "/near-faces", look_for="faces", redact="fill",
                      make_copy=True)
    flat = copy.get_layers()[0]
    same((flat.get_parasite_list(), flat.get_name()), ([], "Picture"), "parasites, name")
    same((copy.find_next_guide(0), copy.find_next_sample_point(0)), (0, 0), "guide, sample point")
    same(copy.get_resolution()[1:], (300.0, 200.0), "resolution")
    same((copy.undo_is_enabled(), copy.get_parasite("imgrecog-hidden")), (True, None),
         "undo, the mark of images that nobody is to see")
    path = os.path.join(FOLDER, "shared.xcf")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, copy, Gio.File.new_for_path(path), None)
    with open(path, "rb") as f:
        expect(secret not in f.read(), "the copy holds the words")
    for one in (copy, image):
        one.delete()


@case
def a_copy_of_every_type_keeps_the_rest_and_no_palette():
    """Colours that lie in the places alone would be left in a palette."""
    for name, base_type, precision in IMAGE_TYPES:
        image = of_type(base_type, precision, 512, 600)
        seen = visible(image)
        _, copy = succeed(CHECK, image, endpoint=FAKE + "/near-faces", look_for="faces",
                          redact="fill", make_copy=True)
        indexed = Gimp.ImageBaseType.INDEXED
        same((copy.get_base_type(), copy.get_precision()),
             (Gimp.ImageBaseType.RGB if base_type == indexed else base_type, precision),
             f"{name}: type of the copy")
        now = visible(copy)
        for outside in ((0, 0, 512, 100), (0, 200, 512, 600)):
            difference = abs(samples(now.crop(outside).tobytes(), "u1") -
                             samples(seen.crop(outside).tobytes(), "u1")).max()
            expect(difference <= 1, f"{name}: the rest differs by {difference}")
        same({color[:3] for _, color in now.crop((51, 120, 100, 180)).getcolors(9)}, {(0, 0, 0)},
             f"{name}: the place")
        for one in (copy, image):
            one.delete()


@case
def a_check_is_repeated_with_its_last_values():
    image = photo()
    before = state(image)
    status, values = repeat(CHECK, image, "local", look_for="faces", redact="pixelate")
    same(status, "success", values)
    same({finding["kind"] for finding in json.loads(values.index(1))["check"]["findings"]}, {"face"},
         "what was looked for")
    same((len(image.get_layers()), state(image)[0][1:]), (2, before[0]), "layers")
    image.delete()


@case
def a_model_of_another_service_is_not_in_the_way():
    """One that was set for AWS, in the dialogs or in the file, is none of a run on this computer;
    one that the run itself names is refused."""
    image = photo()
    model = "anthropic.claude-3-haiku-20240307-v1:0"
    file = os.path.join(os.environ["XDG_CONFIG_HOME"], "imgrecog", "config")
    Gimp.gimprc_set("imgrecog-model", model)
    status, got = repeat(CHECK, image, "local", look_for="faces", redact="none")
    same(status, "success", f"set in the dialogs: {got}")
    Gimp.gimprc_set("imgrecog-model", "")
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8") as f:
        f.write(f"[default]\nmodel = {model}\n")
    document, _ = succeed(CHECK, image, endpoint="local", look_for="model")
    same(document["check"]["verdict"], "YES", "set in the file: this computer's own is asked")
    os.remove(file)
    refused(CHECK, image, "none of this computer's", endpoint="local", look_for="faces", model=model)
    image.delete()


@case
def a_repeated_check_that_covers_nothing_is_told():
    """Its verdict and its cost: gimp_tasks.py looks for both in what GIMP says."""
    image = photo()
    before = state(image)
    for address, values in (("/faces", {"look_for": "faces"}),
                            ("/judged", {"look_for": "model",
                                         "words": {"model": "example.of-nobody-v1"}})):
        status, got = repeat(CHECK, image, FAKE + address, redact="none", **values)
        same((status, state(image)), ("success", before), f"{address}: {got}")
    image.delete()


@case
def what_a_repetition_has_cost_is_told_when_it_fails():
    """Not all could be looked for, and so the copy that was paid for is not made."""
    image = photo()
    status, text = repeat(CHECK, image, FAKE + "/faces", look_for="faces,model", redact="fill",
                          make_copy=True)
    same(status, "execution-error", text)
    for word in ("No copy was made", "If that charges as AWS does, this cost about 0.0"):
        expect(word in text, f"no {word!r} in: {text}")
    image.delete()


@case
def what_was_not_looked_for_fails_and_the_rest_is_covered():
    """The recogniser here judges no moderation, and is asked for all unless told otherwise."""
    image = photo()
    before = state(image)
    status, text = call(CHECK, image, endpoint="local", redact="fill")
    same(status, "execution-error", text)
    for word in ("1 place was found and covered", "nudity and violence", "cannot judge that",
                 "look-for"):
        expect(word in text, f"no {word!r} in: {text}")
    same((len(image.get_layers()), state(image)[0][1:]), (2, before[0]), "layers")
    expect("text" not in text.split(":")[1], f"what was looked for is named: {text}")
    status, text = call(CHECK, image, endpoint="local", redact="fill", make_copy=True)
    same((status, "No copy was made" in text), ("execution-error", True), text)
    same((len(Gimp.get_images()), len(image.get_layers())), (1, 2), "images, layers")
    document, _ = succeed(CHECK, image, endpoint="local")
    expect(document["check"]["not_checked"], "a report alone does not fail")
    image.delete()
    image = of_type(*IMAGE_TYPES[0][1:], 512, 600)
    status, text = call(CHECK, image, endpoint=FAKE + "/violent", look_for="moderation", redact="blur")
    same((status, len(image.get_layers())), ("execution-error", 1), text)
    for word in ("Nothing was covered", "nobody says where", "Violence"):
        expect(word in text, f"no {word!r} in: {text}")
    image.delete()


@case
def a_layer_leaves_what_is_in_the_metadata_and_says_so():
    image = photo_with_position()
    refused(CHECK, image, "Nothing was covered", "A layer covers no metadata", "Position (GPS)",
            "make-copy", endpoint="local", look_for="metadata", redact="fill")
    status, text = call(CHECK, image, endpoint="local", look_for="faces,metadata", redact="fill")
    same((status, len(image.get_layers())), ("execution-error", 2), text)
    for word in ("1 place was found and covered", "A layer covers no metadata"):
        expect(word in text, f"no {word!r} in: {text}")
    _, text = call(CHECK, image, endpoint="local", redact="fill")
    expect("cannot judge that" in text and "make-copy" not in text, f"a copy is as unsafe: {text}")
    _, copy = succeed(CHECK, image, endpoint="local", look_for="metadata", redact="fill",
                      make_copy=True)
    metadata = copy.get_metadata()
    tags = re.findall(r'name="([^"]+)"', metadata.serialize()) if metadata else []
    same(set(tags) - TAGS_OF_A_NEW_IMAGE, set(), "metadata of the copy")
    document, _ = succeed(CHECK, copy, endpoint="local", look_for="metadata")
    same(document["check"]["findings"], [], "findings in the copy")
    for one in (copy, image):
        one.delete()


def lying():
    path = os.path.join(FOLDER, "lying.jpg")
    exif = Image.Exif()
    exif[0x0112] = 8  # Orientation
    Image.open(PHOTO).save(path, exif=exif)
    return load(path)


@case
def an_image_that_lies_is_refused_until_it_is_turned():
    image = lying()
    for name in (CHECK, "imgrecog-labels", "imgrecog-caption"):
        refused(name, image, "orientation 8", "gimp-image-policy-rotate", endpoint="local")
    for mode in ("warn", "block"):
        for name, more in (("imgrecog-upload", {"bucket": "holiday-pictures"}),
                           ("imgrecog-generate", {"action": "remove-background"})):
            refused(name, image, "orientation 8", endpoint=FAKE + "/good", precheck=mode, **more)
    image.policy_rotate(False)
    succeed(CHECK, image, endpoint=FAKE + "/three-faces", look_for="faces")
    image.delete()


@case
def an_image_that_was_turned_by_hand_is_accepted_as_the_words_say():
    """Turned by -90 degrees, twice: by hand and by the tag, which goes; then back once."""
    image = lying()
    image.rotate(Gimp.RotationType.DEGREES270)
    sides = (image.get_width(), image.get_height())
    refused(CHECK, image, "orientation 8", "turned back after it", endpoint="local")
    image.policy_rotate(False)
    image.rotate(Gimp.RotationType.DEGREES90)
    same((image.get_width(), image.get_height()), sides, "the sides")
    succeed(CHECK, image, endpoint=FAKE + "/three-faces", look_for="faces")
    image.delete()


@case
def a_check_that_fails_changes_nothing():
    image = photo()
    refused(CHECK, image, "AccessDeniedException", endpoint=FAKE + "/denied", redact="pixelate",
            look_for="faces")
    refused(CHECK, image, "look-for", endpoint="local", look_for="ghosts")
    for word in ("mosaic", "crop", ""):  # a copy that only looks redacted is worse than none
        refused(CHECK, image, f'redact cannot be "{word}"', "none, pixelate, blur, fill",
                wanted="calling-error", endpoint="local", look_for="faces", redact=word,
                make_copy=True)
    image.delete()


run_cases()
