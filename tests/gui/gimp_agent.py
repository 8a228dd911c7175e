# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by GIMP's own Python while its windows are open: evaluates what gimp_dialog.py asks, one
JSON line over a Unix socket at a time, and answers with one JSON line."""

import hashlib
import json
import os
import socket

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gegl, Gimp, Gio  # noqa: E402

Gegl.init(None)


def pixels(drawable):
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    return bytes(drawable.get_buffer().get(area, 1.0, "RGBA float", Gegl.AbyssPolicy.NONE))


def tree(items):
    return [[item.get_id(), item.get_name(), list(item.get_offsets()[1:]), item.get_visible(),
             tree(item.get_children()) if item.is_group()
             else hashlib.sha256(pixels(item)).hexdigest()]
            for item in items]


def state(image):
    return [tree(image.get_layers()),
            sorted(item.get_id() for item in image.get_selected_layers()),
            hashlib.sha256(pixels(image.get_selection())).hexdigest(), image.is_dirty()]


def serve():
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.environ["TEST_AGENT_SOCKET"])
        listener.listen(1)
        connection, _ = listener.accept()
    with connection, connection.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            code = json.loads(line)
            if code == "quit":
                return
            # The oldest one: a plug-in's own for a moment are younger.
            scope = {"Gimp": Gimp, "Gio": Gio, "state": state,
                     "image": min(Gimp.get_images(), key=lambda image: image.get_id(), default=None)}
            try:
                exec(code, scope)  # the test's own words
                answer = {"result": scope.get("result")}
            except Exception as failure:  # told to the test, which fails
                answer = {"error": repr(failure)}
            lines.write(json.dumps(answer) + "\n")
            lines.flush()


serve()
