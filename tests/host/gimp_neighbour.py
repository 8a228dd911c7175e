#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plug-in of GIMP's that the tests put beside ours: what the user does to an image while ours is at
work. It runs from GIMP's start to its end and does what the file TEST_FOLDER/wish says, as soon as it
is time: when the server was asked more often than "requests", with "copied" when something is selected
in another image, too, with "copied_layers" when another image has so many layers, with "made_after"
when so many images as "made" are made after the server was asked more often than that, else when a
group of ours is there other than that of the id "but"."""

import json
import os
import sys
import urllib.request

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, GLib  # noqa: E402

LOOK_MS = 5
WISH = os.path.join(os.environ["TEST_FOLDER"], "wish")


def own_group(image, wish):
    for layer in image.get_layers():
        if layer.is_group() and layer.get_name().startswith("Labels (") and \
                layer.get_id() != wish.get("but"):
            return layer
    return None


before, after = set(), set()


def is_made(wish):
    ids = {other.get_id() for other in Gimp.get_images()}
    with urllib.request.urlopen(os.environ["TEST_FAKE_URL"] + "/count") as answer:
        if json.load(answer)["count"] <= wish["made_after"]:
            before.update(ids)
            after.clear()
        else:
            after.update(ids - before)
    return len(after) >= wish["made"]


def is_time(wish, image):
    if "made_after" in wish:
        return is_made(wish)
    if "requests" in wish:
        with urllib.request.urlopen(os.environ["TEST_FAKE_URL"] + "/count") as answer:
            return json.load(answer)["count"] > wish["requests"]
    if "copied_layers" in wish:
        return any(other.is_valid() and len(other.get_layers()) >= wish["copied_layers"]
                   for other in Gimp.get_images() if other.get_id() != image.get_id())
    if "copied" in wish:
        return any(other.is_valid() and not Gimp.Selection.is_empty(other)
                   for other in Gimp.get_images() if other.get_id() != image.get_id())
    return own_group(image, wish) is not None


def fulfil(wish, image):
    what = wish["what"]
    if what == "scale":
        image.scale(100, 90)
    elif what == "turn":
        image.rotate(Gimp.RotationType.DEGREES180)
    elif what == "flip":
        image.flip(Gimp.OrientationType.HORIZONTAL)
    elif what == "merge":
        image.merge_down(image.get_layers()[1], Gimp.MergeType.EXPAND_AS_NECESSARY)
    elif what == "select nothing":
        Gimp.Selection.none(image)
    elif what == "to gray":
        image.convert_grayscale()
    elif what == "remove group":
        image.remove_layer(own_group(image, wish))


def look():
    if not os.path.exists(WISH):
        return True
    with open(WISH, encoding="utf-8") as f:
        wish = json.load(f)
    image = Gimp.Image.get_by_id(wish["image"])
    if image is not None and is_time(wish, image):
        fulfil(wish, image)
        os.remove(WISH)
    return True


class Neighbour(Gimp.PlugIn):
    def do_set_i18n(self, _name):
        return False

    def do_query_procedures(self):
        return ["test-neighbour"]

    def do_create_procedure(self, name):
        return Gimp.Procedure.new(self, name, Gimp.PDBProcType.PERSISTENT, self.run, None)

    def run(self, procedure, _config, _data):
        self.persistent_enable()
        procedure.persistent_ready()
        GLib.timeout_add(LOOK_MS, look)
        GLib.MainLoop().run()
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


Gimp.main(Neighbour.__gtype__, sys.argv)
