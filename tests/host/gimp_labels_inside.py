# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_labels.py, run by GIMP's own Python inside of gimp-console.

Takes what it needs from environment variables TEST_*; writes one JSON line for each case to
TEST_RESULTS, which gimp_labels.py turns into TAP.
"""

import io
import json
import os
import sys

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, IMAGE_TYPES, SECRET, Gegl, Gimp, Gio, call, case, expect,
                         fake, load, of_type, pixels, quick_photo, repeat, request_count, run_cases,
                         same, state)  # noqa: E402
from document import DOCUMENT  # noqa: E402
from PIL import Image  # noqa: E402

CLOSED = os.environ["TEST_CLOSED_URL"]
LABELS = json.loads(os.environ["TEST_LABELS"])


# ---- driving -------------------------------------------------------------------------------------


def detect(image, endpoint, run_mode=Gimp.RunMode.NONINTERACTIVE, **arguments):
    """(status, document or error text)"""
    if endpoint is not None:
        arguments["endpoint"] = endpoint
    status, values = call("imgrecog-labels", image, run_mode, **arguments)
    return status, values.index(1) if status == "success" else values


def found(image, endpoint, **arguments):
    status, text = detect(image, endpoint, **arguments)
    same(status, "success", f"status ({text})")
    document = json.loads(text)
    DOCUMENT.validate(document)
    return document


def without_group(seen, group):
    """A state as it was but for one new layer at the top level."""
    return ([entry for entry in seen[0] if entry[0] != group.get_id()],) + seen[1:]


def own_groups(image):
    return [layer for layer in image.get_layers()
            if layer.is_group() and layer.get_name().startswith("Labels (")]


def leaves(item):
    if not item.is_group():
        return [item]
    return [leaf for child in item.get_children() for leaf in leaves(child)]


def rectangle(layer):
    _, x, y = layer.get_offsets()
    return (x, y, layer.get_width(), layer.get_height())


def boxes(image):
    return sorted(rectangle(leaf) for group in own_groups(image) for leaf in leaves(group)
                  if "(box)" in leaf.get_name())


def box_rectangle(box, width, height):
    """The whole pixels of a box of the document: edges rounded to the nearest pixel edge."""
    left, top = round(box["left"] * width), round(box["top"] * height)
    right = round((box["left"] + box["width"]) * width)
    bottom = round((box["top"] + box["height"]) * height)
    return (left, top, right - left, bottom - top)


def is_outline_of(layer, thing, width, height):
    """The outline lies around the thing, as wide on all sides, cut where the picture ends."""
    around = [thing[0] - layer[0], thing[1] - layer[1],
              layer[0] + layer[2] - thing[0] - thing[2], layer[1] + layer[3] - thing[1] - thing[3]]
    room = [thing[0], thing[1], width - thing[0] - thing[2], height - thing[1] - thing[3]]
    line = max(around)
    most = max(4, round(0.0048 * (width + height) / 2))
    return line <= most + 1 and all(abs(a - min(line, r)) <= 1 for a, r in zip(around, room))


def expect_boxes(image, document, what):
    width, height = image.get_width(), image.get_height()
    wanted = sorted(box_rectangle(label["box"], width, height)
                    for label in document["labels"] if "box" in label)
    got = boxes(image)
    same(len(got), len(wanted), f"{what}: number of box layers")
    for a, b in zip(got, wanted):
        expect(is_outline_of(a, b, width, height), f"{what}: box layer at {a}, around {b}")


def last_request():
    return json.loads(fake("last-request"))


def mean_difference(image, jpeg):
    """Between what was sent and the visible pixels, both as 8-bit RGB over white; 0 to 255."""
    copy = image.duplicate()
    layer = Gimp.Layer.new_from_visible(copy, copy, "all")
    area = Gegl.Rectangle.new(0, 0, image.get_width(), image.get_height())
    rgba = bytes(layer.get_buffer().get(area, 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.NONE))
    layer.delete()
    copy.delete()
    seen = Image.frombytes("RGBA", (image.get_width(), image.get_height()), rgba)
    flat = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    sent = Image.open(io.BytesIO(jpeg)).convert("RGB")
    same(sent.size, flat.size, "size of the picture that was sent")
    pairs = zip(flat.resize((64, 64), Image.BOX).tobytes(), sent.resize((64, 64), Image.BOX).tobytes())
    differences = [abs(a - b) for a, b in pairs]
    return sum(differences) / len(differences)


# ---- cases ---------------------------------------------------------------------------------------


@case
def a_group_with_boxes_plates_texts_and_legend():
    image = quick_photo()
    before = state(image)
    document = found(image, FAKE + "/good")
    same(document["schema"], "imgrecog/1", "schema")
    with open(os.path.join(FOLDER, "fake.json"), "w", encoding="utf-8") as f:
        json.dump(document, f)
    groups = own_groups(image)
    same(len(groups), 1, "number of own groups")
    same(groups[0].get_name(), "Labels (other endpoint)", "name of the group")
    same(image.get_layers()[0].get_id(), groups[0].get_id(), "the topmost layer")
    same(without_group(state(image), groups[0]), before, "everything else")
    expect_boxes(image, document, "boxes")
    texts = [leaf for leaf in leaves(groups[0]) if isinstance(leaf, Gimp.TextLayer)]
    same(sorted(text.get_text() for text in texts),
         sorted(["Face 92%", "Person 99%", "Medal 71%", "Medal 66%",
                 "<b>@/etc/passwd %[fx:1]</b> 61%", "한국어 제복 88%", "Uniform 97%"]), "texts")
    image.delete()


@case
def texts_lie_on_their_plates_inside_the_image():
    image = quick_photo()
    found(image, FAKE + "/good")
    checked = 0
    for group in own_groups(image)[0].get_children():
        if not group.is_group():
            continue
        *texts, plate = group.get_children()
        for text in texts:
            x, y, width, height = rectangle(text)
            px, py, plate_width, plate_height = rectangle(plate)
            expect(px <= x and py <= y and x + width <= px + plate_width and
                   y + height <= py + plate_height,
                   f"{text.get_text()} at {rectangle(text)} is not on {rectangle(plate)}")
            expect(0 <= px and 0 <= py and px + plate_width <= image.get_width() and
                   py + plate_height <= image.get_height(), "the plate is outside the image")
            checked += 1
    expect(checked >= 7, f"only {checked} texts")
    image.delete()


@case
def every_image_type_and_precision():
    width, height = 320, 240
    rows = [("rgb u8", Gimp.ImageBaseType.RGB, Gimp.Precision.U8_NON_LINEAR),
            ("rgb u16", Gimp.ImageBaseType.RGB, Gimp.Precision.U16_NON_LINEAR),
            ("rgb u32 linear", Gimp.ImageBaseType.RGB, Gimp.Precision.U32_LINEAR),
            ("rgb half linear", Gimp.ImageBaseType.RGB, Gimp.Precision.HALF_LINEAR),
            ("rgb float", Gimp.ImageBaseType.RGB, Gimp.Precision.FLOAT_NON_LINEAR),
            ("rgb float linear", Gimp.ImageBaseType.RGB, Gimp.Precision.FLOAT_LINEAR),
            ("rgb double linear", Gimp.ImageBaseType.RGB, Gimp.Precision.DOUBLE_LINEAR),
            ("gray u8", Gimp.ImageBaseType.GRAY, Gimp.Precision.U8_NON_LINEAR),
            ("gray u16 perceptual", Gimp.ImageBaseType.GRAY, Gimp.Precision.U16_PERCEPTUAL),
            ("gray float linear", Gimp.ImageBaseType.GRAY, Gimp.Precision.FLOAT_LINEAR),
            ("indexed", Gimp.ImageBaseType.INDEXED, Gimp.Precision.U8_NON_LINEAR)]
    for name, base_type, precision in rows:
        image = of_type(base_type, precision, width, height)
        before = state(image)
        document = found(image, FAKE + "/two")
        difference = mean_difference(photo_of(before, image), fake("last-picture"))
        expect(difference < 2.0, f"{name}: the sent picture differs by {difference}")
        same(without_group(state(image), own_groups(image)[0]), before, name)
        expect_boxes(image, document, name)
        for leaf in leaves(own_groups(image)[0]):
            expect(any(pixels(leaf)[15::16]), f"{name}: {leaf.get_name()} is empty")
        image.delete()


def photo_of(before, image):
    """The image without what was just added, as a copy."""
    copy = image.duplicate()
    for layer in copy.get_layers()[:len(copy.get_layers()) - len(before[0])]:
        copy.remove_layer(layer)
    return copy


@case
def transparency_is_sent_over_white():
    image = Gimp.Image.new(200, 100, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "hidden red", 200, 100, Gimp.ImageType.RGBA_IMAGE, 100,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    red = bytes([255, 0, 0, 255]) * 10000 + bytes([255, 0, 0, 0]) * 10000
    buffer = layer.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, 200, 100), "R'G'B'A u8", red)
    buffer.flush()
    layer.update(0, 0, 200, 100)
    found(image, FAKE + "/one")
    sent = Image.open(io.BytesIO(fake("last-picture"))).convert("RGB")
    top, bottom = sent.getpixel((100, 20)), sent.getpixel((100, 80))
    expect(top[0] > 240 and top[1] < 15, f"opaque red became {top}")
    expect(min(bottom) > 250, f"transparent became {bottom}")
    image.delete()


@case
def sent_without_any_metadata():
    image = quick_photo()
    found(image, FAKE + "/one")
    sent = Image.open(io.BytesIO(fake("last-picture")))
    same((sent.format, dict(sent.getexif()), sent.info.get("comment")), ("JPEG", {}, None), "metadata")
    image.delete()


@case
def arguments_reach_the_request():
    image = quick_photo()
    found(image, FAKE + "/two", min_confidence=62.5, max_labels=7)
    body = last_request()["body"]
    same((body["MinConfidence"], body["MaxLabels"]), (62.5, 7), "MinConfidence and MaxLabels")
    found(image, FAKE + "/two")
    body = last_request()["body"]
    same((body["MinConfidence"], body["MaxLabels"]), (55, 33), "default, and IMGRECOG_MAX_LABELS")
    image.delete()


@case
def a_second_run_replaces_the_group_and_does_not_see_it():
    image = quick_photo()
    found(image, FAKE + "/good")
    first = last_request()["sha256"]
    group = own_groups(image)[0].get_id()
    layer_count = len(image.get_layers())
    found(image, FAKE + "/one")
    same(last_request()["sha256"], first, "the picture of the second run")
    same(len(image.get_layers()), layer_count, "number of layers")
    same([leaf.get_name() for leaf in leaves(own_groups(image)[0])],
         ["Face 92%", "Face 92% (plate)", "Face 92% (box)"], "names")
    expect(own_groups(image)[0].get_id() != group, "the group is the old one")
    same(len(boxes(image)), 1, "boxes of the second run")
    text = leaves(own_groups(image)[0])[0]
    text.set_text("Jane")
    same(text.get_name(), "Jane", "name of a text layer after a change of its text")
    image.delete()


def decorated():
    """Layers whose look is more than their pixels: a mask, a mode, a group that passes through."""
    image = quick_photo(256, 300)
    group = Gimp.GroupLayer.new(image, "mine")
    image.insert_layer(group, None, 0)
    group.set_mode(Gimp.LayerMode.PASS_THROUGH)
    for number, mode in enumerate((Gimp.LayerMode.MULTIPLY, Gimp.LayerMode.HSV_HUE_LEGACY)):
        layer = image.get_layers()[-1].copy()
        image.insert_layer(layer, group, 0)
        layer.set_mode(mode)
        layer.set_opacity(60)
        layer.set_offsets(40 * number, 30)
        layer.add_mask(layer.create_mask(Gimp.AddMaskType.COPY))
    return image


def with_a_filter():
    image = decorated()
    layer = image.get_layers()[0].get_children()[0]
    layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert", "inverted"))
    return image


def with_hidden_layers():
    """One in the group, and one above all that would cover everything."""
    image = decorated()
    image.get_layers()[0].get_children()[0].set_visible(False)
    cover = Gimp.Layer.new(image, "cover", 256, 300, Gimp.ImageType.RGBA_IMAGE, 100,
                           Gimp.LayerMode.NORMAL)
    image.insert_layer(cover, None, 0)
    cover.fill(Gimp.FillType.WHITE)
    cover.set_visible(False)
    return image


def with_a_channel_shown():
    image = decorated()
    channel = Gimp.Channel.new(image, "shown", 256, 300, 50, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    channel.fill(Gimp.FillType.WHITE)
    channel.set_visible(True)
    return image


def without_red():
    image = decorated()
    image.set_component_visible(Gimp.ChannelType.RED, False)
    return image


def with_a_group_around():
    image = decorated()
    found(image, FAKE + "/one")
    image.reorder_item(own_groups(image)[0], image.get_layers()[1], 0)
    return image


@case
def a_second_run_sees_the_same_picture_of_any_image():
    rows = [(decorated, None), (with_a_filter, None), (with_hidden_layers, None),
            (with_a_channel_shown, None), (without_red, None), (with_a_group_around, None)]
    rows += [(of_type, row[1:]) for row in IMAGE_TYPES if row[0] in ("rgb float linear", "indexed")]
    for make, arguments in rows:
        image = make(*arguments) if arguments else make()
        for run in range(2):
            found(image, FAKE + "/one")
            if run == 0:
                first = last_request()["sha256"]
        same(last_request()["sha256"], first, f"the second picture, {make.__name__} {arguments}")
        image.delete()


@case
def the_new_group_stands_where_the_old_one_stood():
    image = quick_photo()
    photo_layer = image.get_layers()[0]
    folder = Gimp.GroupLayer.new(image, "mine")
    image.insert_layer(folder, None, 0)
    found(image, FAKE + "/one")
    group = own_groups(image)[0]
    image.reorder_item(group, folder, 0)
    found(image, FAKE + "/good")
    same([item.get_id() for item in image.get_layers()], [folder.get_id(), photo_layer.get_id()],
         "top level")
    same([item.get_name() for item in folder.get_children()], ["Labels (other endpoint)"], "in it")
    image.delete()


@case
def layers_of_the_user_survive():
    image = quick_photo()
    found(image, FAKE + "/good")
    group = own_groups(image)[0]
    inside = Gimp.Layer.new(image, "mine inside", 10, 10, Gimp.ImageType.RGBA_IMAGE, 100,
                            Gimp.LayerMode.NORMAL)
    image.insert_layer(inside, group, 2)
    namesake = Gimp.GroupLayer.new(image, "Labels (other endpoint)")
    image.insert_layer(namesake, None, 0)
    copy = group.copy()
    image.insert_layer(copy, None, 0)
    copy_leaves = [leaf.get_id() for leaf in leaves(copy)]
    pulled_out = [child for child in group.get_children() if child.is_group()][0]
    image.reorder_item(pulled_out, None, 0)
    found(image, FAKE + "/one")
    for name, item in (("layer in our group", inside), ("group of the same name", namesake),
                       ("copy of our group", copy), ("part pulled out", pulled_out)):
        expect(item.is_valid(), f"{name} is gone")
    same([leaf.get_id() for leaf in leaves(copy)], copy_leaves, "what the copy holds")
    same([leaf.get_id() for leaf in leaves(group)], [inside.get_id()], "what the old group holds")
    found(image, FAKE + "/one")
    expect(inside.is_valid() and copy.is_valid(), "gone in the third run")
    image.delete()


@case
def replaced_after_saving_and_loading():
    path = os.path.join(FOLDER, "kept.xcf")
    image = quick_photo()
    found(image, FAKE + "/two")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(path), None)
    image.delete()
    image = load(path)
    count = len(image.get_layers())
    found(image, FAKE + "/one")
    same(len(image.get_layers()), count, "number of layers")
    same(len(boxes(image)), 1, "boxes")
    image.delete()


@case
def nothing_private_in_the_file():
    path = os.path.join(FOLDER, "private.xcf")
    image = quick_photo()
    found(image, FAKE + "/two", region="eu-test-9")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(path), None)
    with open(path, "rb") as f:
        data = f.read()
    for secret in (FAKE, "eu-test-9", "AKIDGIMPTESTS", SECRET):
        expect(secret.encode() not in data, f"{secret} is in the XCF")
    image.delete()


@case
def an_image_cannot_say_where_it_is_sent():
    image = quick_photo()
    planted = f'(endpoint "{FAKE}/planted")\n(max-labels 5)\n'.encode()
    image.attach_parasite(Gimp.Parasite.new("GimpProcedureConfigRun-imgrecog-labels-last", 1,
                                            planted))
    before = request_count()
    status, text = detect(image, None, run_mode=Gimp.RunMode.WITH_LAST_VALS)
    same((status, request_count()), ("execution-error", before), f"status and requests ({text})")
    expect("no earlier run" in text, text)
    image.delete()


@case
def a_dialog_without_a_screen_is_refused():
    image = quick_photo()
    status, text = detect(image, None, run_mode=Gimp.RunMode.INTERACTIVE)
    same(status, "execution-error", text)
    expect("no screen" in text and "RUN-NONINTERACTIVE" in text, text)
    image.delete()


@case
def labels_are_repeated_with_their_last_values():
    image = quick_photo()
    status, values = repeat("imgrecog-labels", image, FAKE + "/two", min_confidence=70.0,
                            max_labels=12, put_keywords=True)
    same(status, "success", values)
    body = last_request()["body"]
    same((body["MinConfidence"], body["MaxLabels"]), (70, 12), "MinConfidence and MaxLabels")
    status, values = call("imgrecog-labels", image, Gimp.RunMode.WITH_LAST_VALS)
    same((status, len(own_groups(image))), ("success", 1), "status, and groups after the second time")
    image.delete()


@case
def a_failed_repetition_says_what_can_be_done_in_gimp():
    image = quick_photo()
    Gimp.gimprc_set("imgrecog-region", "on mars")
    status, text = repeat("imgrecog-labels", image, "aws", max_labels=5)
    Gimp.gimprc_set("imgrecog-region", "")
    same(status, "execution-error", text)
    expect("There is no such AWS region. Choose one in the settings" in text, text)
    expect("AWS_REGION" not in text, text)
    status, text = detect(image, "aws", region="on mars")
    expect(status != "success" and "AWS_REGION" in text, f"a script is told all: {text}")
    image.delete()


@case
def without_labels_the_group_goes():
    image = quick_photo()
    image.clean_all()
    before = state(image)
    document = found(image, FAKE + "/none", put_keywords=True)
    same(document["labels"], [], "labels")
    same((state(image), image.is_dirty()), (before, False), "an image without a group")
    found(image, FAKE + "/two")
    found(image, FAKE + "/none")
    same(state(image), before, "an image with a group")
    image.delete()


@case
def selection_channel_and_context_stay():
    image = quick_photo()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 40, 50, 200, 100)
    second = Gimp.Layer.new(image, "second", 30, 30, Gimp.ImageType.RGBA_IMAGE, 100,
                            Gimp.LayerMode.NORMAL)
    image.insert_layer(second, None, 0)
    image.set_selected_layers([second, image.get_layers()[1]])
    before = state(image)
    found(image, FAKE + "/two")
    same(without_group(state(image), own_groups(image)[0]), before, "with two layers selected")
    channel = Gimp.Channel.new(image, "mask", 512, 600, 50, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    image.set_selected_channels([channel])
    before = state(image)[1:]
    found(image, FAKE + "/two")
    same(state(image)[1:], before, "with a channel selected")
    image.delete()


@case
def the_new_group_is_selected_where_the_old_one_was():
    image = quick_photo()
    found(image, FAKE + "/two")
    image.set_selected_layers([own_groups(image)[0]])
    found(image, FAKE + "/two")
    same(sorted(item.get_id() for item in image.get_selected_layers()),
         [own_groups(image)[0].get_id()], "selected")
    image.delete()


@case
def a_floating_selection_stays():
    image = quick_photo()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 50, 50)
    Gimp.edit_copy(image.get_layers())
    floating = Gimp.edit_paste(image.get_layers()[0], False)[0]
    same(image.get_floating_sel().get_id(), floating.get_id(), "the floating selection")
    status, text = detect(image, FAKE + "/two")
    expect(image.get_floating_sel() is not None and floating.is_valid(), "it is gone")
    if status == "success":
        expect_boxes(image, json.loads(text), "boxes")
    else:
        expect("floating" in text.lower(), text)
        same(own_groups(image), [], "groups")
    image.delete()


@case
def an_image_without_a_layer_is_worked_on():
    image = Gimp.Image.new(300, 200, Gimp.ImageBaseType.RGB)
    found(image, FAKE + "/one")
    same(len(image.get_layers()), 1, "layers")
    image.delete()


@case
def offset_layers_and_a_large_canvas():
    image = quick_photo()
    image.resize(1500, 900, 700, 200)
    document = found(image, FAKE + "/two")
    expect_boxes(image, document, "boxes")
    same((document["image"]["width"], document["image"]["height"]), (1500, 900), "size")
    image.delete()


def expect_error(endpoint, status, *words, image=None, **arguments):
    image = image or quick_photo()
    image.clean_all()
    before = state(image)
    got, text = detect(image, endpoint, **arguments)
    same(got, status, f"status ({text})")
    for word in words:
        expect(word.lower() in text.lower(), f"no {word!r} in: {text}")
    expect(SECRET not in text, "the secret key is in the message")
    expect("\n" not in text.strip(), f"more than one line: {text}")
    same(state(image), before, "the image")
    same(image.is_dirty(), False, "modified")
    image.delete()


@case
def errors_say_cause_and_next_step_and_change_nothing():
    expect_error(CLOSED, "execution-error", "rekognition", "127.0.0.1")
    expect_error(FAKE + "/denied", "execution-error", "AccessDeniedException", "not authorized")
    expect_error(FAKE + "/html", "execution-error", "rekognition")
    expect_error(FAKE + "/cut", "execution-error", "rekognition")
    expect_error("ftp://example", "execution-error", "endpoint", "https://")
    expect_error(FAKE + "/good", "execution-error", "no-such-profile", profile="no-such-profile")


@case
def a_picture_that_is_too_small_is_refused_before_sending():
    image = Gimp.Image.new(79, 200, Gimp.ImageBaseType.RGB)
    before = request_count()
    expect_error(FAKE + "/good", "execution-error", "79", "80", image=image)
    same(request_count(), before, "number of requests")


@case
def numbers_out_of_range_are_refused():
    procedure = Gimp.get_pdb().lookup_procedure("imgrecog-labels")
    for name, minimum, maximum in (("min-confidence", -1, 100), ("max-labels", 0, 1000)):
        spec = procedure.find_argument(name)
        same((spec.minimum, spec.maximum), (minimum, maximum), name)


@case
def no_image_of_ours_is_left_in_gimp():
    before = len(Gimp.get_images())
    image = quick_photo()
    found(image, FAKE + "/two")
    found(image, FAKE + "/two")
    detect(image, FAKE + "/denied")
    image.delete()
    same(len(Gimp.get_images()), before, "images in GIMP")


# ---- with the recogniser on this computer --------------------------------------------------------


def local_case(function):
    if os.environ.get("TEST_LOCAL"):
        case(function)
    return function


@local_case
def local_finds_the_face_and_says_local():
    image = quick_photo()
    document = found(image, "local")
    same(document["endpoint"], "local", "endpoint")
    same(own_groups(image)[0].get_name(), "Labels (local)", "name of the group")
    expect_boxes(image, document, "boxes")
    faces = [label["box"] for label in document["labels"] if label["name"] == "Face"]
    same(len(faces), 1, "faces")
    centre = (faces[0]["left"] + faces[0]["width"] / 2, faces[0]["top"] + faces[0]["height"] / 2)
    expect(0.35 < centre[0] < 0.65 and 0.12 < centre[1] < 0.45, f"the face's centre is {centre}")
    with open(os.path.join(FOLDER, "local.json"), "w", encoding="utf-8") as f:
        json.dump(document, f)
    image.delete()


run_cases()
