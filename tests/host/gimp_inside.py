# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts share that GIMP's own Python runs inside of gimp-console: cases, calling a
procedure, and what of an image must not change.

Takes what it needs from environment variables TEST_*; writes one JSON line for each case to
TEST_RESULTS, which support.run_inside turns into TAP.
"""

import hashlib
import json
import os
import time
import traceback
import urllib.request

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gegl, Gimp, Gio  # noqa: E402
from document import DOCUMENT  # noqa: E402

FAKE = os.environ["TEST_FAKE_URL"]
PHOTO = os.environ["TEST_PHOTO"]
FOLDER = os.environ["TEST_FOLDER"]
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

Gegl.init(None)
cases = []


def case(function):
    cases.append(function)
    return function


def expect(value, what):
    if not value:
        raise AssertionError(what)


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


def load(path):
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(path))


def photo():
    return load(PHOTO)


def quick_photo(width=None, height=None):
    """The photo, scaled, from an XCF of this run's: GIMP starts no plug-in to read that."""
    path = os.path.join(FOLDER, f"photo-{width}.xcf")
    if not os.path.exists(path):
        image = photo()
        if width:
            image.scale(width, height)
        Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(path), None)
        image.delete()
    return load(path)


def call(name, image, run_mode=Gimp.RunMode.NONINTERACTIVE, **arguments):
    """(status, values or error text)"""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    expect(procedure is not None, f"{name} is not registered")
    config = procedure.create_config()
    config.set_property("run-mode", run_mode)
    if image is not None:
        config.set_property("image", image)
    for argument, value in arguments.items():
        config.set_property(argument.replace("_", "-"), value)
    values = procedure.run(config)
    if values.index(0) == Gimp.PDBStatusType.SUCCESS:
        return "success", values
    return values.index(0).value_nick, Gimp.get_pdb().get_last_error()


def succeed(name, image, **arguments):
    """(the document, the image that was made or None)"""
    status, values = call(name, image, **arguments)
    same(status, "success", f"status ({values})")
    document = json.loads(values.index(1))
    DOCUMENT.validate(document)
    return document, values.index(2)


def repeat(name, image, endpoint, words=None, **values):
    """What GIMP's Repeat does, after a run with these values: they are put where the dialog's run
    leaves them. (status, values or error text)"""
    Gimp.gimprc_set("imgrecog-endpoint", endpoint)
    folder = os.path.join(os.environ["GIMP3_DIRECTORY"], "plug-in-settings")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"GimpProcedureConfigRun-{name}.last"), "w",
              encoding="utf-8") as f:
        for argument, value in values.items():
            value = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else \
                json.dumps(value)
            print(f"({argument.replace('_', '-')} {value})", file=f)
    if words:
        lines = "".join(f"{key}={value}\n" for key, value in words.items())
        Gimp.attach_parasite(Gimp.Parasite.new(name + "-words", 0, f"[words]\n{lines}".encode()))
    return call(name, image, Gimp.RunMode.WITH_LAST_VALS)


def pixels(drawable):
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    return bytes(drawable.get_buffer().get(area, 1.0, "RGBA float", Gegl.AbyssPolicy.NONE))


def digest(drawable):
    """Of all pixels as they are kept, whatever the type."""
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    data = drawable.get_buffer().get(area, 1.0, None, Gegl.AbyssPolicy.NONE)
    return hashlib.sha256(bytes(data)).hexdigest()


def tree(items):
    return [(item.get_id(), item.get_name(), item.get_visible(), tuple(item.get_offsets()[1:]),
             tree(item.get_children()) if item.is_group()
             else digest(item))
            for item in items]


def state(image):
    """All that must not change: the layers' order, names, pixels, and what is selected."""
    return (tree(image.get_layers()), sorted(item.get_id() for item in image.get_selected_layers()),
            [item.get_id() for item in image.get_selected_channels()],
            Gimp.Selection.bounds(image)[1:],
            digest(image.get_selection()),
            Gimp.context_get_foreground().get_rgba(), Gimp.context_get_opacity())


def of_type(base_type, precision, width=320, height=240):
    """The photo in another type of image."""
    image = quick_photo(width, height)
    if base_type == Gimp.ImageBaseType.GRAY:
        image.convert_grayscale()
    if base_type == Gimp.ImageBaseType.INDEXED:
        image.convert_indexed(Gimp.ConvertDitherType.FS, Gimp.ConvertPaletteType.GENERATE, 200,
                              False, False, "")
    elif precision != image.get_precision():
        image.convert_precision(precision)
    return image


IMAGE_TYPES = [("rgb u8", Gimp.ImageBaseType.RGB, Gimp.Precision.U8_NON_LINEAR),
               ("rgb u16", Gimp.ImageBaseType.RGB, Gimp.Precision.U16_NON_LINEAR),
               ("rgb float linear", Gimp.ImageBaseType.RGB, Gimp.Precision.FLOAT_LINEAR),
               ("gray u8", Gimp.ImageBaseType.GRAY, Gimp.Precision.U8_NON_LINEAR),
               ("gray u32 linear", Gimp.ImageBaseType.GRAY, Gimp.Precision.U32_LINEAR),
               ("indexed", Gimp.ImageBaseType.INDEXED, Gimp.Precision.U8_NON_LINEAR)]


def fake(path):
    with urllib.request.urlopen(f"{FAKE}/{path}") as answer:
        return answer.read()


def request_count():
    return json.loads(fake("count"))["count"]


def refused(name, image, *words, wanted="execution-error", **arguments):
    """The procedure fails with these words and the image is as it was."""
    before = state(image) if image else None
    if image:
        image.clean_all()
    status, text = call(name, image, **arguments)
    same(status, wanted, f"status ({text})")
    for word in words:
        expect(word.lower() in text.lower(), f"no {word!r} in: {text}")
    expect(SECRET not in text, "the secret key is in the message")
    if image:
        same(state(image), before, "the image")
        same(image.is_dirty(), False, "modified")


def run_cases():
    only = os.environ.get("TEST_ONLY")
    with open(os.environ["TEST_RESULTS"], "w", encoding="utf-8") as results:
        for function in cases:
            name = function.__name__.replace("_", " ")
            if only and only not in name:
                continue
            failure = None
            started = time.monotonic()
            try:
                function()
            except Exception:  # a case may fail in any way; the others still run
                failure = traceback.format_exc()
            for image in Gimp.get_images():
                image.delete()
            seconds = round(time.monotonic() - started, 1)
            print(json.dumps({"name": name, "failure": failure, "seconds": seconds}), file=results,
                  flush=True)
