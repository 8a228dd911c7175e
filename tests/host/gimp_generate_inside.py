# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for generated layers, run inside of gimp-console."""

import base64
import io
import json
import os
import sys

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, Gegl, Gimp, Gio, IMAGE_TYPES, call, case, expect, fake, of_type,
                         photo, refused, repeat, request_count, run_cases, same, state,
                         succeed)  # noqa: E402
import numpy  # noqa: E402
from PIL import Image  # noqa: E402

GENERATE = "imgrecog-generate"


def rectangle(layer):
    _, x, y = layer.get_offsets()
    return (x, y, layer.get_width(), layer.get_height())


def visible(image):
    layer = Gimp.Layer.new_from_visible(image, image, "all")
    data = bytes(layer.get_buffer().get(
        Gegl.Rectangle.new(0, 0, image.get_width(), image.get_height()), 1.0, "RGBA float",
        Gegl.AbyssPolicy.NONE))
    layer.delete()
    return data


def rows(data, image, top, bottom, left, right):
    width = image.get_width() * 16
    return b"".join(data[y * width + left * 16:y * width + right * 16] for y in range(top, bottom))


def numbers(*arguments):
    return numpy.frombuffer(rows(*arguments), dtype=numpy.float32)


def tags(image):
    path = os.path.join(FOLDER, "tags.xcf")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(path), None)
    with open(path, "rb") as f:
        return f.read().decode("latin-1")


def parameters(layer):
    return json.loads(bytes(layer.get_parasite("imgrecog-generated").get_data()))


def without(seen, layer):
    return ([entry for entry in seen[0] if entry[0] != layer.get_id()],) + seen[1:]


@case
def our_own_labels_are_not_sent():
    image = photo()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 100, 100, 200, 200)
    succeed("imgrecog-labels", image, endpoint=FAKE + "/none")
    sent = []
    for labels in ("/none", "/good"):
        succeed("imgrecog-labels", image, endpoint=FAKE + labels)
        succeed(GENERATE, image, endpoint=FAKE + "/paint", action="replace", prompt="a door")
        sent.append(json.loads(fake("last-request"))["body"])
        image.remove_layer(image.get_layers()[0])
    same(sent[1], sent[0], "what was sent")
    image.delete()


@case
def a_new_layer_covers_the_canvas_and_is_not_stretched():
    for width, height in ((512, 600), (1000, 400), (300, 900)):
        image = photo()
        image.scale(width, height)
        before = state(image)
        document, made = succeed(GENERATE, image, endpoint="local", prompt="a quiet harbour")
        layer = image.get_layers()[0]
        same((without(state(image), layer), made), (before, None), "everything else")
        x, y, layer_width, layer_height = rectangle(layer)
        expect(x <= 0 and y <= 0 and x + layer_width >= width and y + layer_height >= height,
               f"{rectangle(layer)} does not cover {width} x {height}")
        generated = document["generated"]
        ratio = generated["width"] / generated["height"]
        expect(abs(layer_width / layer_height / ratio - 1) < 0.01, f"stretched to {rectangle(layer)}")
        image.delete()


@case
def with_a_selection_nothing_outside_changes_in_any_type():
    for name, base_type, precision in IMAGE_TYPES:
        image = of_type(base_type, precision, 512, 600)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 201, 303, 80, 60)
        before, seen = state(image), visible(image)
        succeed(GENERATE, image, endpoint="local", prompt="a red door", feather=4)
        layer = image.get_layers()[0]
        same(without(state(image), layer), before, f"{name}: everything else")
        now = visible(image)
        for box in ((0, 303, 0, 512), (363, 600, 0, 512), (303, 363, 0, 201), (303, 363, 281, 512)):
            # GIMP composes two layers in float: 32 bits of an integer do not fit. The layers
            # themselves are bit for bit as they were, see above.
            difference = numpy.abs(numbers(now, image, *box) - numbers(seen, image, *box)).max()
            expect(difference <= 1e-6 if "u32" in name else difference == 0,
                   f"{name}: outside {box} by {difference}")
        expect(rows(now, image, 310, 350, 210, 270) != rows(seen, image, 310, 350, 210, 270),
               f"{name}: nothing changed inside")
        image.delete()


@case
def the_part_is_sent_with_its_surroundings_and_a_mask():
    image = photo()
    image.scale(2048, 2400)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 901, 1203, 400, 300)
    succeed(GENERATE, image, endpoint=FAKE + "/paint", prompt="x", feather=0)
    body = json.loads(fake("last-request"))["body"]
    sent = Image.open(io.BytesIO(base64.b64decode(body["image"])))
    mask = Image.open(io.BytesIO(base64.b64decode(body["mask"]))).convert("L")
    same((sent.size, mask.size), ((800, 700), (800, 700)), "sizes")
    same(mask.getbbox(), (200, 200, 600, 500), "what is white in the mask")
    layer = image.get_layers()[0]
    same(rectangle(layer), (701, 1003, 800, 700), "the layer's place")
    same(layer.get_name(), "Generated (seed 7)", "the layer's name")
    image.delete()


@case
def the_mask_is_what_was_selected_in_any_type():
    for name, base_type, precision in IMAGE_TYPES:
        image = of_type(base_type, precision, 512, 600)
        image.select_ellipse(Gimp.ChannelOps.REPLACE, 201, 303, 80, 60)
        Gimp.Selection.feather(image, 30)
        area = Gegl.Rectangle.new(0, 0, 512, 600)
        selected = bytes(image.get_selection().get_buffer().get(area, 1.0, "Y u8",
                                                                Gegl.AbyssPolicy.NONE))
        succeed(GENERATE, image, endpoint=FAKE + "/paint", prompt="x", feather=0)
        layer = image.get_layers()[0]
        left, top, width, height = rectangle(layer)
        mask = bytes(layer.get_mask().get_buffer().get(Gegl.Rectangle.new(0, 0, width, height), 1.0,
                                                       "Y u8", Gegl.AbyssPolicy.NONE))
        expected = numpy.frombuffer(selected, numpy.uint8).reshape(600, 512)
        same(mask, expected[top:top + height, left:left + width].tobytes(), f"{name}: the mask")
        expect(len(set(selected)) > 100, f"{name}: the edge is not soft")
        same(Gimp.get_images(), [image], f"{name}: images")
        image.delete()


@case
def erasing_and_cutting_out_and_extending():
    image = photo()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 100, 100, 200, 200)
    succeed(GENERATE, image, endpoint=FAKE + "/paint", action="erase")
    expect(image.get_layers()[0].get_mask() is not None, "no mask")
    image.delete()
    image = photo()
    before = state(image)
    succeed(GENERATE, image, endpoint=FAKE + "/paint", action="remove-background")
    layer = image.get_layers()[0]
    same((rectangle(layer), without(state(image), layer)), ((0, 0, 512, 600), before), "cut out")
    image.delete()
    image = photo()
    original = image.get_layers()[0]
    succeed(GENERATE, image, endpoint=FAKE + "/paint", action="extend", left=100, up=50, right=20)
    same((image.get_width(), image.get_height()), (632, 650), "canvas")
    same([rectangle(layer) for layer in image.get_layers()], [(100, 50, 512, 600), (0, 0, 632, 650)],
         "the original above the new layer")
    same(image.get_layers()[0].get_id(), original.get_id(), "the topmost layer")
    image.delete()
    image = photo()
    before = state(image)
    _, made = succeed(GENERATE, image, endpoint=FAKE + "/paint", action="upscale")
    same((state(image), made.get_width() > 0), (before, True), "the image, and a new one")
    made.delete()
    image.delete()


@case
def without_an_image_one_is_made():
    document, made = succeed(GENERATE, None, endpoint="local", prompt="a quiet harbour")
    same((made.get_width(), made.get_height()),
         (document["generated"]["width"], document["generated"]["height"]), "size")
    expect("algorithmicMedia" in tags(made), "the image does not say how it was made")
    same(made.get_parasite("imgrecog-hidden"), None, "the mark of images that nobody is to see")
    made.delete()


@case
def parameters_are_kept_and_words_only_when_asked():
    image = photo()
    succeed(GENERATE, image, endpoint="local", prompt="the secret Zebra", seed=42.0)
    kept = parameters(image.get_layers()[0])
    same(kept["seed"], 42, "seed")
    expect(kept["model"] and "prompt" not in kept, kept)
    saved = tags(image)
    expect("secret Zebra" not in saved, "the prompt is in the XCF")
    expect("compositeSynthetic" in saved and "AISystemUsed" in saved, "no disclosure")
    succeed(GENERATE, image, endpoint="local", prompt='the "open" Zebra', keep_words=True)
    same(parameters(image.get_layers()[0])["prompt"], 'the "open" Zebra', "prompt")
    image.delete()


@case
def the_same_seed_gives_the_same_layer():
    image = photo()
    for _ in range(2):
        succeed(GENERATE, image, endpoint="local", prompt="a door", seed=5.0)
    first, second = [entry[4] for entry in state(image)[0][:2]]
    same(first, second, "pixels")
    image.delete()


@case
def a_layer_is_generated_again_with_the_same_words():
    image = photo()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 201, 303, 80, 60)
    status, values = repeat(GENERATE, image, FAKE + "/paint",
                            {"prompt": "a red door\\nof wood", "negative-prompt": "blue"},
                            action="replace", feather=0)
    same(status, "success", values)
    body = json.loads(fake("last-request"))["body"]
    same((body["prompt"], body["negative_prompt"]), ("a red door\nof wood", "blue"), "words")
    image.delete()


@case
def steps_that_the_model_does_not_take_are_left_out_where_a_dialog_hid_them():
    """It keeps them, for the next model that takes them; a script is told."""
    image = photo()
    status, values = repeat(GENERATE, image, FAKE + "/paint", {"prompt": ""},
                            action="remove-background", steps=30, cfg_scale=9.0)
    same(status, "success", values)
    status, text = call(GENERATE, image, endpoint=FAKE + "/paint", action="remove-background",
                        steps=30)
    same((status, "steps" in text), ("execution-error", True), text)
    image.delete()


@case
def that_a_filtered_picture_is_charged_is_told_to_a_script_and_to_who_repeats():
    image = photo()
    status, text = call(GENERATE, image, endpoint=FAKE + "/filtered", action="new", prompt="a hat")
    same(status, "execution-error", text)
    expect("so it is charged" in text, text)
    status, text = repeat(GENERATE, image, FAKE + "/filtered", {"prompt": "a hat"}, action="new")
    same(status, "execution-error", text)
    for word in ("so it is charged", "If that charges as AWS does, this cost about 0.0400 US dollars"):
        expect(word in text, f"no {word!r} in: {text}")
    image.delete()


@case
def what_is_missing_is_said_before_anything_is_sent():
    image = photo()
    before = request_count()
    refused(GENERATE, image, "no prompt", endpoint=FAKE + "/paint")
    refused(GENERATE, image, "nothing is selected", endpoint=FAKE + "/paint", action="erase")
    refused(GENERATE, image, "no side", endpoint=FAKE + "/paint", action="extend")
    refused(GENERATE, None, "no image", endpoint=FAKE + "/paint", action="upscale")
    for word in ("Erase", "inpaint", ""):  # GIMP's own choices would make it "auto"
        refused(GENERATE, image, f'action cannot be "{word}"', "auto, new, replace",
                wanted="calling-error", endpoint=FAKE + "/paint", action=word, prompt="x")
    same(request_count(), before, "requests")
    refused(GENERATE, image, "AccessDeniedException", endpoint=FAKE + "/denied", prompt="x")
    image.delete()


@case
def what_would_be_too_large_is_refused_before_it_is_paid_for():
    image = Gimp.Image.new(20000, 20000, Gimp.ImageBaseType.RGB)
    Gimp.Selection.all(image)
    before = request_count()
    status, text = call(GENERATE, image, endpoint=FAKE + "/paint", action="erase")
    same((status, request_count()), ("execution-error", before), text)
    expect("over 268 million pixels" in text, text)
    image.delete()
    image = Gimp.Image.new(16000, 16000, Gimp.ImageBaseType.RGB)
    refused(GENERATE, image, "extended canvas would have over 268 million pixels", "Extend it by less",
            endpoint=FAKE + "/paint", action="extend", left=2000, right=2000, up=2000, down=2000)
    # It is sent smaller: one pixel is none there.
    refused(GENERATE, image, "extended by too little", "Extend it by more",
            endpoint=FAKE + "/paint", action="extend", up=1)
    image.delete()
    image = Gimp.Image.new(524000, 8, Gimp.ImageBaseType.RGB)
    refused(GENERATE, image, "would be over 524288 pixels", "Extend it by less",
            endpoint=FAKE + "/paint", action="extend", right=2000)
    same(request_count(), before, "requests")
    image.delete()


@case
def what_no_layer_of_the_image_can_hold_is_in_a_new_image():
    image = Gimp.Image.new(60000, 8, Gimp.ImageBaseType.RGB)
    _, made = succeed(GENERATE, image, endpoint="local", action="new", prompt="a road")
    same((len(image.get_layers()), len(made.get_layers())), (0, 1), "layers, of the new image")
    made.delete()
    image.delete()


@case
def over_the_limit_of_the_month_nothing_is_sent():
    image = photo()
    before = request_count()
    for name, arguments in ((GENERATE, {"action": "remove-background"}),
                            ("imgrecog-labels", {}), ("imgrecog-check", {"look_for": "faces"})):
        refused(name, image, "of monthly-limit, $0.0001", "not sent", "Raise monthly-limit",
                endpoint=FAKE + "/paint", monthly_limit="0.0001", **arguments)
    same(request_count(), before, "requests")
    image.delete()


run_cases()
