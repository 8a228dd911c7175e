# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for images in every state that a user leaves them in: each procedure leaves
layers, masks, offsets, selection and what is chosen as they were. Run inside of gimp-console.
"""

import os
import sys

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, Gegl, Gimp, case, digest, expect, quick_photo, run_cases, same, state,
                         succeed)  # noqa: E402

RUNS = [("labels", "imgrecog-labels", {"endpoint": FAKE + "/two", "put_keywords": True}),
        ("caption", "imgrecog-caption", {"endpoint": "local", "put_text_layer": True}),
        ("ask", "imgrecog-ask", {"endpoint": "local", "question": "faces?"}),
        ("redact", "imgrecog-check", {"endpoint": "local", "look_for": "faces",
                                      "redact": "pixelate"}),
        ("copy", "imgrecog-check", {"endpoint": "local", "look_for": "faces", "redact": "blur",
                                    "make_copy": True}),
        ("generate", "imgrecog-generate", {"endpoint": "local", "prompt": "a door"}),
        ("cut out", "imgrecog-generate", {"endpoint": FAKE + "/paint",
                                          "action": "remove-background"}),
        ("upload", "imgrecog-upload", {"endpoint": FAKE + "/s3", "bucket": "holiday-pictures"})]
NEW_LAYERS = {"labels", "caption", "redact", "generate", "cut out"}


def small():
    image = quick_photo(256, 300)
    return image, image.get_layers()[0]


def with_alpha():
    image, layer = small()
    layer.add_alpha()
    return image


def in_a_group():
    image, layer = small()
    group = Gimp.GroupLayer.new(image, "mine")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    image.set_selected_layers([layer])
    return image


def with_its_mask_chosen():
    image, layer = small()
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    layer.set_edit_mask(True)
    return image


def offset():
    image, layer = small()
    layer.set_offsets(-40, 30)
    return image


def locked():
    image, layer = small()
    layer.set_lock_content(True)
    layer.set_lock_position(True)
    layer.set_lock_visibility(True)
    return image


def on_a_large_canvas():
    image, _ = small()
    image.resize(700, 600, 200, 100)
    return image


def with_a_soft_selection():
    image, _ = small()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, -20, -20, 100, 100)
    Gimp.Selection.feather(image, 12)
    return image


def with_a_channel_chosen():
    image, _ = small()
    channel = Gimp.Channel.new(image, "mine", 256, 300, 50, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    image.set_selected_channels([channel])
    return image


def with_a_path_and_guides():
    image, _ = small()
    path = Gimp.Path.new(image, "mine")
    image.insert_path(path, None, 0)
    image.add_hguide(40)
    image.set_resolution(300, 150)
    return image


def with_a_profile():
    image, _ = small()
    image.convert_precision(Gimp.Precision.U16_NON_LINEAR)
    image.convert_color_profile(Gimp.ColorProfile.new_rgb_adobe(),
                                Gimp.ColorRenderingIntent.PERCEPTUAL, True)
    return image


def without_undo():
    image, _ = small()
    image.undo_disable()
    return image


STATES = [with_alpha, in_a_group, with_its_mask_chosen, offset, locked, on_a_large_canvas,
          with_a_soft_selection, with_a_channel_chosen, with_a_path_and_guides, with_a_profile,
          without_undo]


def masks(image):
    return [(layer.get_id(), layer.get_edit_mask(), digest(layer.get_mask()))
            for layer in image.get_layers() if layer.get_mask()]


def all_of(image):
    """What the user would miss, in addition to state()."""
    profile = image.get_effective_color_profile()
    return (masks(image), [path.get_id() for path in image.get_paths()], image.find_next_guide(0),
            image.get_resolution()[1:], (image.get_width(), image.get_height()),
            image.get_precision(), profile.get_label(), image.undo_is_enabled(),
            [layer.get_blend_space() for layer in image.get_layers()])


def expect_kept(image, before, others, ids, what):
    """All but what was added; (the added layers)."""
    after = state(image)
    added = [layer for layer in image.get_layers() if layer.get_id() not in ids]
    new = [layer.get_id() for layer in added]
    same(([entry for entry in after[0] if entry[0] not in new],) + after[1:], before, what)
    for layer in added:
        image.remove_layer(layer)
    same(all_of(image), others, what)
    return added


@case
def every_procedure_leaves_every_state_as_it_was():
    for number, make in enumerate(STATES):
        image = make()
        before, others = state(image), all_of(image)
        ids = [layer.get_id() for layer in image.get_layers()]
        channels = image.get_selected_channels()
        # Each state meets all procedures in turn, and each procedure all states in two rounds.
        for name, procedure, arguments in RUNS[number % 2::2]:
            what = f"{make.__name__}, {name}"
            _, made = succeed(procedure, image, **arguments)
            added = expect_kept(image, before, others, ids, what)
            same(len(added) > 0, name in NEW_LAYERS, f"{what}: new layers")
            expect((made is not None) == (name == "copy"), f"{what}: new image {made}")
            if made:
                made.delete()
            if channels:
                image.set_selected_channels(channels)
        image.delete()


@case
def forty_eight_megapixels():
    image, layer = small()
    Gimp.context_push()
    Gimp.context_set_interpolation(Gimp.InterpolationType.NONE)
    image.scale(8000, 6000)
    Gimp.context_pop()
    before = pixels_of(layer, 3990, 2990)
    document, _ = succeed("imgrecog-labels", image, endpoint=FAKE + "/good")
    size = document["image"]
    same((size["width"], size["height"]), (8000, 6000), "size in the document")
    expect(max(size["sent"]["width"], size["sent"]["height"]) < 8000, size["sent"])
    person = next(label["box"] for label in document["labels"] if label["name"] == "Person")
    boxes = [item for item in image.get_layers()[0].get_children() if "(box)" in item.get_name()]
    widths = [item.get_width() for item in boxes]
    same(len(boxes), 5, "boxes")
    expect(abs(max(widths) - person["width"] * 8000) < 90, f"{widths}, {person}")
    document, _ = succeed("imgrecog-check", image, endpoint=FAKE + "/faces",
                          look_for="faces,metadata")
    same(document["image"]["width"], 8000, "width in the check's document")
    same(pixels_of(layer, 3990, 2990), before, "a part of the picture")
    image.delete()


def pixels_of(layer, x, y):
    return bytes(layer.get_buffer().get(Gegl.Rectangle.new(x, y, 20, 20), 1.0, "R'G'B' u8",
                                        Gegl.AbyssPolicy.NONE))


run_cases()
