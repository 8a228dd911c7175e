# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that gimp.py measures, run inside of gimp-console on an image of 8000 x 6000 pixels.
Writes lines to the file that IMGRECOG_TURNS names, between those of turns.c: "task NAME" before each
task, "peer MS" for GIMP's own way of making a JPEG of the same size as the caption's."""

import os
import sys
import time

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import FAKE, Gimp, Gio, photo, succeed  # noqa: E402

WIDTH, HEIGHT = 8000, 6000


def tell(*words):
    with open(os.environ["IMGRECOG_TURNS"], "a", encoding="utf-8") as f:
        print(*words, file=f)


def huge():
    image = photo()
    image.scale(WIDTH, WIDTH * image.get_height() // image.get_width())
    image.crop(WIDTH, HEIGHT, 0, 0)
    image.undo_disable()
    return image


def remove_new(image, kept):
    for layer in image.get_layers():
        if layer.get_id() not in kept:
            image.remove_layer(layer)


def peer(image, width, height):
    """What a plug-in does that leaves all to GIMP."""
    started = time.monotonic()
    copy = image.duplicate()
    copy.flatten()
    copy.scale(width, height)
    procedure = Gimp.get_pdb().lookup_procedure("file-jpeg-export")
    config = procedure.create_config()
    config.set_property("image", copy)
    config.set_property("file", Gio.File.new_for_path(os.path.join(os.environ["TEST_FOLDER"],
                                                                   "peer.jpg")))
    config.set_property("quality", 0.9)
    result = procedure.run(config)
    assert result.index(0) == Gimp.PDBStatusType.SUCCESS, Gimp.get_pdb().get_last_error()
    tell("peer", round((time.monotonic() - started) * 1000, 1))
    copy.delete()


def run(image, name, procedure, **arguments):
    tell("task", name)
    document, made = succeed("imgrecog-" + procedure, image, **arguments)
    if made:
        made.delete()
    return document


def main():
    image = huge()
    kept = [layer.get_id() for layer in image.get_layers()]
    paint = FAKE + "/paint"
    # The first time GIMP computes what is visible at all; the table is of later times.
    sent = run(image, "caption, the first", "caption", endpoint="local")["image"]["sent"]
    for _ in range(int(os.environ["TEST_ROUNDS"])):
        peer(image, sent["width"], sent["height"])
        run(image, "caption", "caption", endpoint="local")
        run(image, "labels", "labels", endpoint=FAKE + "/many")
        run(image, "labels again", "labels", endpoint=FAKE + "/many")
        remove_new(image, kept)
        for how in ("pixelate", "blur"):
            run(image, f"check, {how}", "check", endpoint="local", look_for="faces", redact=how)
            remove_new(image, kept)
        run(image, "check, copy", "check", endpoint="local", look_for="faces", redact="pixelate",
            make_copy=True)
        run(image, "generate, new", "generate", endpoint="local", prompt="a quiet harbour")
        remove_new(image, kept)
        image.select_ellipse(Gimp.ChannelOps.REPLACE, 1000, 1000, 6000, 4500)
        Gimp.Selection.feather(image, 50)
        run(image, "generate, replace", "generate", endpoint=paint, action="replace", prompt="x")
        Gimp.Selection.none(image)
        remove_new(image, kept)
        run(image, "generate, cut out", "generate", endpoint=paint, action="remove-background")
        remove_new(image, kept)
        for kind in ("png", "jpeg", "webp", "xcf"):
            run(image, f"upload, {kind}", "upload", endpoint="local",
                bucket=os.environ["TEST_BUCKET"], format=kind)


main()
