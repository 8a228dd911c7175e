# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for images that are changed while a procedure is at work, run inside of
gimp-console; gimp_neighbour.py does that to them. GIMP keeps an image that a script works on: closing
one is for tests of the dialogs."""

import json
import os
import sys
import time

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, FOLDER, Gegl, Gimp, call, case, expect, fake, photo, request_count, run_cases, same,
                         state, succeed)  # noqa: E402

WISH = os.path.join(FOLDER, "wish")
FULFILLED_S = 20


def meanwhile(image, what, **when):
    """Asks the neighbour; whole before it is seen."""
    with open(WISH + ".new", "w", encoding="utf-8") as f:
        json.dump(dict(when, image=image.get_id(), what=what), f)
    os.rename(WISH + ".new", WISH)


def expect_fulfilled():
    end = time.monotonic() + FULFILLED_S
    while os.path.exists(WISH) and time.monotonic() < end:
        time.sleep(0.01)
    expect(not os.path.exists(WISH), "the neighbour did nothing: it was never time")


def selected():
    """An image in which something is selected, a layer among two, and its state."""
    image = photo()
    image.scale(1200, 1400)
    layer = image.get_layers()[0].copy()
    image.insert_layer(layer, None, 0)
    image.set_selected_layers([image.get_layers()[1]])
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 360, 360, 290, 280)
    return image, state(image)


def failed(name, image, *words, **arguments):
    status, text = call(name, image, **arguments)
    expect_fulfilled()
    same(status, "execution-error", f"status ({text})")
    for word in words:
        expect(word in text, f"no {word!r} in: {text}")
    return text


@case
def labels_that_cannot_be_placed_whole_are_not_placed_at_all():
    image, before = selected()
    meanwhile(image, "remove group")
    failed("imgrecog-labels", image, "was removed while it was made", "not paid for twice",
           endpoint=FAKE + "/many")
    same(state(image), before, "the image")
    asked = request_count()
    document, _ = succeed("imgrecog-labels", image, endpoint=FAKE + "/many")
    same((document["usage"]["cached"], request_count()), (1, asked), "answers from the cache")
    image.delete()


@case
def labels_of_the_run_before_stay_where_new_ones_cannot_be_placed():
    image, _ = selected()
    succeed("imgrecog-labels", image, endpoint=FAKE + "/two")
    before = state(image)
    meanwhile(image, "remove group", but=image.get_layers()[0].get_id())
    failed("imgrecog-labels", image, "was removed while it was made", endpoint=FAKE + "/many")
    same(state(image), before, "the image")
    image.delete()


def last_sent():
    return json.loads(fake("last-request"))["sha256"]


@case
def labels_of_an_image_whose_layers_are_merged_meanwhile():
    """The two on top are one before their turn to be copied has come."""
    image = photo()
    for number in range(40):
        layer = Gimp.Layer.new(image, str(number), 60, 60, Gimp.ImageType.RGB_IMAGE, 100,
                               Gimp.LayerMode.NORMAL)
        image.insert_layer(layer, None, 0)
        layer.fill(Gimp.FillType.WHITE)
        layer.set_offsets(11 * number, 13 * number)
    succeed("imgrecog-labels", image, endpoint=FAKE + "/one")
    seen = last_sent()
    meanwhile(image, "merge", copied_layers=3)
    succeed("imgrecog-labels", image, endpoint=FAKE + "/two")
    expect_fulfilled()
    same(last_sent(), seen, "the second picture")
    image.delete()


@case
def labels_of_an_image_that_becomes_gray_meanwhile():
    image, _ = selected()
    meanwhile(image, "to gray")
    document, _ = succeed("imgrecog-labels", image, endpoint=FAKE + "/many")
    expect_fulfilled()
    group = image.get_layers()[0]
    boxes = [item for item in group.get_children() if "(box)" in item.get_name()]
    same((len(document["labels"]), len(boxes)), (140, 100), "labels, boxes")
    image.delete()


@case
def a_generated_picture_is_not_lost():
    image, _ = selected()
    count = len(image.get_layers())
    meanwhile(image, "scale", requests=request_count())
    _, made = succeed("imgrecog-generate", image, endpoint=FAKE + "/paint-late", action="replace",
                      prompt="a red door")
    expect_fulfilled()
    same(made is not None and len(made.get_layers()), 1, "layers of the new image")
    same((image.get_width(), len(image.get_layers())), (100, count), "the image")
    made.delete()
    image.delete()
    same(Gimp.get_images(), [], "images")


@case
def what_is_selected_counts_as_it_was_when_the_run_began():
    image, _ = selected()
    meanwhile(image, "select nothing", copied=True)
    succeed("imgrecog-generate", image, endpoint=FAKE + "/paint", action="replace", prompt="a door",
            feather=0)
    expect_fulfilled()
    same(Gimp.Selection.is_empty(image), True, "the selection was taken away")
    layer = image.get_layers()[0]
    _, x, y = layer.get_offsets()
    mask = layer.get_mask().get_buffer().get(Gegl.Rectangle.new(360 - x, 360 - y, 290, 280), 1.0,
                                             "Y u8", Gegl.AbyssPolicy.NONE)
    same(set(bytes(mask)), {255}, "the mask where it was selected")
    image.delete()


@case
def redaction_that_would_miss_its_place_is_not_made():
    image, _ = selected()
    count = len(image.get_layers())
    meanwhile(image, "scale", requests=request_count())
    failed("imgrecog-check", image, "size was changed", endpoint=FAKE + "/faces-late", look_for="faces",
           redact="blur")
    same((image.get_width(), len(image.get_layers())), (100, count), "the image")
    image.delete()


@case
def redaction_of_an_image_that_was_turned_meanwhile_is_not_made():
    """By half, so that its size is what it was."""
    for make_copy in (False, True):
        image, _ = selected()
        image.scale(600, 700 + make_copy)  # else there is an answer in the cache
        count = len(image.get_layers())
        meanwhile(image, "turn", requests=request_count())
        failed("imgrecog-check", image, "changed since it was looked at", "Check it again",
               endpoint=FAKE + "/faces-late", look_for="faces", redact="fill", make_copy=make_copy)
        same(len(image.get_layers()), count, "layers")
        image.delete()
    same(Gimp.get_images(), [], "images")


def colors_at(image, left):
    """In the middle of the face that /three-faces has there."""
    width, height = image.get_width(), image.get_height()
    area = Gegl.Rectangle.new(round(width * (left + 0.02)), round(height * 0.22),
                              round(width * 0.06), round(height * 0.06))
    layer = Gimp.Layer.new_from_visible(image, image, "all")
    data = bytes(layer.get_buffer().get(area, 1.0, "R'G'B' u8", Gegl.AbyssPolicy.NONE))
    layer.delete()
    return len(set(zip(*[iter(data)] * 3)))


@case
def redaction_of_an_image_that_is_turned_while_it_is_painted_misses_nothing():
    """After the answer, when the first image of the redaction's is there, or the second, in which it
    is looked at once more before the layer is put. It is refused, but for a copy that was taken
    before, and a layer that was there already and was turned, too."""
    lefts = (0.1, 0.3, 0.5)
    for number, (make_copy, made) in enumerate(((False, 1), (False, 2), (True, 1))):
        image = photo()
        image.scale(2048, 2400 + number)  # else the answer is in the cache
        count = len(image.get_layers())
        meanwhile(image, "flip", made_after=request_count(), made=made)
        status, values = call("imgrecog-check", image, endpoint=FAKE + "/three-faces-late",
                              look_for="faces", redact="fill", make_copy=make_copy)
        late = Gimp.Image.new(1, 1, Gimp.ImageBaseType.RGB)  # where the second was gone too soon
        expect_fulfilled()
        late.delete()
        if status != "success":
            same((status, len(image.get_layers())), ("execution-error", count), values)
            for word in ("changed since it was looked at", "nothing was covered", "Check it again"):
                expect(word in values, f"no {word!r} in: {values}")
        elif make_copy:
            same([colors_at(values.index(2), left) for left in lefts], [1, 1, 1],
                 "colours in the places of the copy")
            values.index(2).delete()
        else:
            same([colors_at(image, 0.9 - left) for left in lefts], [1, 1, 1],
                 "colours in the places of the image")
        image.delete()
    same(Gimp.get_images(), [], "images")


run_cases()
