# SPDX-License-Identifier: GPL-3.0-or-later
"""Sheets for the eye: the overlay beside drawings in the manner of supervision, ultralytics and
torchvision, made here with PIL on the same boxes, at several sizes. Nothing is measured; people
judge. Runs where the module is found (packaging/shell).

    overlay_sheet.py FOLDER [--only SCENE] [--sizes 400,1600,8000] [--define KEY=VALUE ...]
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "host"))
from support import box, label, portrait, service_with  # noqa: E402, pylint: disable=wrong-import-position

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LANDSCAPE = "/usr/share/gimp/3.0/images/gimp-splash.png"
SHOWN_PX = 1000  # a picture's longer side on the sheet
# The default colours of the three, as they are documented.
SUPERVISION = ["#A351FB", "#FF4040", "#FFA1A0", "#FF7633", "#FFB633", "#D1D435", "#4CFB12",
               "#94CF1A", "#40DE8A", "#1B9640", "#00D6C1", "#2E9CAA", "#00C4FF", "#364797",
               "#6675FF", "#0019EF", "#863AFF", "#530087", "#CD3AFF", "#FF97CA", "#FF39C9"]
ULTRALYTICS = ["#042AFF", "#0BDBEB", "#F3F3F3", "#00DFB7", "#111F68", "#FF6FDD", "#FF444F",
               "#CCED00", "#00F344", "#BD00FF", "#00B4FF", "#DD00BA", "#00FFFF", "#26C000",
               "#01FFB3", "#7D24FF", "#7B0068", "#FF1B6C", "#FC6D2F", "#A2FF0B"]


# ---- scenes: a picture and what is in it -----------------------------------------------------


def hopper():
    return Image.open(portrait()).convert("RGB"), [
        ("Person", 99.1, (0.03, 0.03, 0.95, 0.97)),
        ("Face", 99.8, (0.35, 0.19, 0.30, 0.33)),
        ("Hat", 97.2, (0.33, 0.03, 0.42, 0.20)),
        ("Flag", 88.4, (0.0, 0.0, 0.28, 0.72)),
        ("Glasses", 92.0, (0.39, 0.27, 0.23, 0.08)),
        ("Tie", 71.3, (0.44, 0.62, 0.13, 0.16)),
        ("Badge", 64.9, (0.63, 0.81, 0.26, 0.08)),
        ("Name Tag", 66.1, (0.15, 0.80, 0.18, 0.06)),
    ], ["Officer", "Navy", "Military Uniform", "Captain"]


def splash():
    return Image.open(LANDSCAPE).convert("RGB"), [
        ("Animal", 98.0, (0.30, 0.15, 0.40, 0.75)),
        ("Mammal", 98.0, (0.30, 0.15, 0.40, 0.75)),
        ("Head", 93.5, (0.38, 0.20, 0.22, 0.30)),
        ("Eye", 81.7, (0.44, 0.30, 0.04, 0.06)),
        ("Eye", 80.2, (0.52, 0.30, 0.04, 0.06)),
        ("Plant", 77.7, (0.0, 0.55, 0.28, 0.45)),
        ("Plant", 75.1, (0.72, 0.50, 0.28, 0.50)),
        ("Sky", 70.3, (0.0, 0.0, 1.0, 0.4)),
    ], ["Art", "Painting", "Nature", "Outdoors", "Graphics"]


def crowd():
    """200 portraits, each with a box; the canvas is dark."""
    face = Image.open(portrait()).convert("RGB").resize((88, 103))
    picture = Image.new("RGB", (20 * 96, 10 * 110), "#14181c")
    boxes = []
    for i in range(200):
        left, top = i % 20 * 96 + 4, i // 20 * 110 + 3
        picture.paste(face, (left, top))
        name = ["Person", "Person", "Officer", "Face", "Woman"][i * 7 % 5]
        boxes.append((name, 60 + (i * 37 % 390) / 10,
                      (left / 1920, top / 1100, 88 / 1920, 103 / 1100)))
    return picture, boxes, ["Crowd", "People"]


def page():
    """Light: a page of text in which words are found."""
    picture = Image.new("RGB", (1240, 900), "#fbfaf6")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT, 34)
    boxes = []
    lines = ["Invoice 2026-117", "Jane Example, 12 Field Road", "jane@example.com",
             "4111 1111 1111 1111", "Total: 1,240.00", "Thank you for your order"]
    kinds = ["Heading", "Address", "E-Mail", "Payment Card", "Amount", "Sentence"]
    for i, (text, kind) in enumerate(zip(lines, kinds)):
        top = 90 + i * 120
        draw.text((120, top), text, font=font, fill="#202020")
        width = draw.textlength(text, font=font)
        boxes.append((kind, 99.0 - 4 * i,
                      (116 / 1240, top / 900, (width + 8) / 1240, 44 / 900)))
    return picture, boxes, ["Document", "Page"]


def corners():
    """Small boxes in the corners and at the edges of a bright picture."""
    picture = Image.linear_gradient("L").resize((900, 1200)).convert("RGB")
    boxes = [("Left Top", 91, (0, 0, .08, .06)), ("Right Top", 92, (.92, 0, .08, .06)),
             ("Left Bottom", 93, (0, .94, .08, .06)), ("Right Bottom", 94, (.92, .94, .08, .06)),
             ("Middle", 95, (.47, .47, .06, .05)), ("A rather long name of a thing", 90,
             (.45, .53, .06, .05)), ("한국어 이름", 83, (.2, .25, .12, .1)),
             ("عربي ومختلط", 82, (.6, .25, .12, .1)), ("Tiny", 81, (.3, .75, .012, .01)),
             ("Tiny", 80, (.33, .75, .012, .01)), ("Tiny", 79, (.36, .75, .012, .01))]
    return picture, boxes, []


def seeds():
    """Small things of many kinds, close together: names have to move away."""
    picture = Image.new("RGB", (1200, 800), "#7d8f69")
    draw = ImageDraw.Draw(picture)
    boxes = []
    for i in range(30):
        left, top = 420 + i % 6 * 62, 280 + i // 6 * 48
        draw.ellipse([left, top, left + 30, top + 26], fill=("#d8c49a", "#5d4630")[i % 2])
        boxes.append((f"Seed {i + 1}", 95 - i, (left / 1200, top / 800, 30 / 1200, 26 / 800)))
    return picture, boxes, []


def grained(picture, blur_px=1.2, grain=9):
    """What a lens and a sensor make of a drawing."""
    noise = Image.effect_noise(picture.size, grain).convert("RGB")
    soft = picture.filter(ImageFilter.GaussianBlur(blur_px))
    return ImageChops.add(soft, noise, offset=-128)


def fraction(picture, left, top, right, bottom):
    wide, high = picture.size
    return left / wide, top / high, (right - left) / wide, (bottom - top) / high


def street(night):
    """Cars with wheels and plates, people before houses, lights: boxes in and over boxes."""
    wide, high = 1600, 1066
    sky = ((13, 16, 34), (44, 36, 62)) if night else ((122, 170, 220), (226, 232, 236))
    picture = Image.linear_gradient("L").resize((wide, high))
    picture = ImageOps.colorize(picture, *sky)
    draw = ImageDraw.Draw(picture)
    shade = 0.28 if night else 1
    rng = random.Random(7)
    boxes = []

    def color(*rgb):
        return tuple(int(c * shade) for c in rgb)

    def add(name, confidence, *where):
        boxes.append((name, confidence, fraction(picture, *where)))

    for i, (left, right, top) in enumerate([(0, 330, 160), (340, 700, 60), (980, 1300, 110),
                                            (1310, 1600, 200)]):
        draw.rectangle([left, top, right, 720], fill=color(*[(176, 150, 128), (150, 90, 74),
                                                            (198, 190, 176), (120, 132, 140)][i]))
        for x in range(left + 30, right - 50, 78):
            for y in range(top + 40, 640, 96):
                lit = night and rng.random() < .45
                draw.rectangle([x, y, x + 40, y + 58],
                               fill=(246, 214, 130) if lit else color(70, 84, 98))
        add("Building", 97 - 4 * i, left, top, right, 720)
    draw.polygon([(0, 1066), (560, 690), (1020, 690), (1600, 1066)], fill=color(92, 92, 96))
    draw.rectangle([0, 690, 1600, 730], fill=color(150, 146, 140))
    for x in range(60, 1600, 320):
        draw.rectangle([x, 560, x + 10, 720], fill=color(60, 48, 40))
        draw.ellipse([x - 66, 400, x + 76, 600], fill=color(56, 104, 52))
        add("Tree", 88 - x / 100, x - 66, 400, x + 76, 720)
    for i, (left, top, size, paint) in enumerate([(90, 790, 1.25, (186, 40, 40)),
                                                  (700, 742, .8, (232, 232, 228)),
                                                  (1090, 770, 1.1, (40, 82, 150)),
                                                  (560, 708, .4, (60, 60, 66)),
                                                  (940, 712, .42, (208, 178, 60))]):
        w, h = 400 * size, 190 * size
        draw.rounded_rectangle([left, top + h * .35, left + w, top + h * .86], h * .2,
                               fill=color(*paint))
        draw.rounded_rectangle([left + w * .2, top, left + w * .8, top + h * .6], h * .25,
                               fill=color(*paint))
        draw.rounded_rectangle([left + w * .25, top + h * .07, left + w * .75, top + h * .38],
                               h * .12, fill=color(120, 146, 162))
        for x in (.2, .8):
            cx, cy, r = left + w * x, top + h * .84, h * .19
            draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=color(22, 22, 24))
            add("Wheel", 93 - 5 * i, cx - r, cy - r, cx + r, cy + r)
        add("Car", 99 - 2 * i, left, top, left + w, top + h * 1.03)
        if size > .7:
            draw.rectangle([left + w * .42, top + h * .68, left + w * .58, top + h * .78],
                           fill=color(240, 240, 220))
            add("License Plate", 82 - i, left + w * .42, top + h * .68, left + w * .58,
                top + h * .78)
    for i in range(14):
        x, h = 30 + i * 112 + rng.randrange(40), rng.randrange(120, 190)
        top = 760 - h
        draw.ellipse([x + h * .12, top, x + h * .3, top + h * .18], fill=color(206, 160, 132))
        draw.rounded_rectangle([x, top + h * .19, x + h * .42, top + h * .62], h * .1,
                               fill=color(*[rng.randrange(40, 230) for _ in range(3)]))
        draw.rectangle([x + h * .06, top + h * .6, x + h * .36, top + h], fill=color(40, 44, 60))
        add("Person", 98.6 - i, x, top, x + h * .42, top + h)
        if i % 4 == 0:
            add("Handbag", 71 - i, x + h * .36, top + h * .5, x + h * .56, top + h * .7)
    for x in (500, 1080):
        draw.rectangle([x, 420, x + 34, 520], fill=color(30, 30, 30))
        for y, light in ((440, (230, 40, 40)), (470, (90, 80, 20)), (500, (20, 80, 30))):
            draw.ellipse([x + 8, y - 10, x + 26, y + 8], fill=light)
        add("Traffic Light", 86, x, 420, x + 34, 520)
    return grained(picture), boxes, ["City", "Street", "Urban", "Road", "Night" if night else "Day"]


def shelf():
    """200 goods of eight kinds on ten shelves, in portrait."""
    picture = Image.new("RGB", (1000, 1400), "#d9d2c4")
    draw = ImageDraw.Draw(picture)
    rng = random.Random(3)
    kinds = ["Bottle", "Can", "Jar", "Milk Carton", "Cereal Box", "Juice", "Tea", "Spray Bottle"]
    boxes = []
    for row in range(10):
        foot = 138 * (row + 1)
        draw.rectangle([0, foot, 1000, foot + 10], fill="#8d8271")
        for column in range(20):
            kind = (row * 3 + column // 5 * 5 + (column % 7 == 0)) % 8
            wide, high = 32 + kind % 4 * 4, 70 + kind * 6
            left = 6 + column * 50 + rng.randrange(6)
            paint = tuple(40 + (kind * n * 37 + rng.randrange(30)) % 190 for n in (1, 2, 3))
            draw.rounded_rectangle([left, foot - high, left + wide, foot - 1], 8, fill=paint)
            draw.rectangle([left + 4, foot - high * .6, left + wide - 4, foot - high * .3],
                           fill="#f4f0e6")
            boxes.append((kinds[kind], 60 + rng.random() * 39,
                          fraction(picture, left, foot - high, left + wide, foot)))
    return grained(picture), boxes, ["Shop", "Shelf", "Indoors"]


def letter():
    """A full page, photographed a little warm: forty lines, each a box, to near the right edge."""
    wide, high = 1240, 1754
    picture = Image.linear_gradient("L").resize((wide, high))
    picture = ImageOps.colorize(picture, "#f4eee2", "#d9cfbd")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT, 25)
    words = ("the harbour lay quiet in the morning and nobody had yet seen the ship which came in "
             "over night with grain and letters from the other side of the sea so that we went "
             "down to ask what she would take back").split()
    rng = random.Random(40)
    boxes = []
    for i in range(40):
        top, limit = 84 + i * 40, 1110 if i % 7 < 6 else rng.randrange(300, 800)
        text = ""
        while draw.textlength(text, font=font) < limit:
            text = f"{text} {rng.choice(words)}".strip()
        text = text.rsplit(" ", 1)[0]
        draw.text((70, top), text, font=font, fill="#2b2620")
        boxes.append(("Text", 99.5 - i % 9,
                      fraction(picture, 66, top + 1, 74 + draw.textlength(text, font=font), top + 31)))
    return grained(picture, 0.8, 6), boxes, []


def pupils(tightness):
    """A class photograph: four rows of ten, half a head aside, each face a box."""
    wide, high = 1600, 1066
    picture = Image.linear_gradient("L").resize((wide, high))
    picture = ImageOps.colorize(picture, "#8d9bb0", "#5b6b4a")
    draw = ImageDraw.Draw(picture)
    rng = random.Random(1904)
    boxes = []
    for i in range(40):
        row = i // 10
        x = (i % 10 + (.35, .85)[row % 2]) / 10.7 * wide + 60 + rng.randrange(-6, 7)
        y = 190 + row * 181 + rng.randrange(22)
        h = 181 * tightness
        skin = rng.choice([(232, 190, 160), (198, 146, 110), (140, 96, 70), (246, 212, 188)])
        hair = rng.choice([(40, 30, 24), (92, 62, 34), (206, 170, 96), (20, 20, 22)])
        shirt = tuple(rng.randrange(50, 220) for _ in range(3))
        draw.rounded_rectangle([x - h * .62, y + h * .5, x + h * .62, y + h * 1.7], h * .3, shirt)
        draw.ellipse([x - h * .40, y - h * .56, x + h * .40, y + h * .3], fill=hair)
        draw.ellipse([x - h * .34, y - h * .42, x + h * .34, y + h * .5], fill=skin)
        for side in (-1, 1):
            draw.ellipse([x + side * h * .13 - 5, y - 4, x + side * h * .13 + 5, y + 5], "#241c18")
        draw.arc([x - h * .14, y + h * .1, x + h * .14, y + h * .3], 20, 160, "#803830", 4)
        boxes.append(("Face", 99.9 - i % 13, fraction(picture, x - h * .36, y - h * .46,
                                                      x + h * .36, y + h * .5)))
    return grained(picture), boxes, ["People", "School", "Group"]


SCENES = {
    "hopper": hopper, "splash": splash, "day": lambda: street(False), "night": lambda: street(True),
    "shelf": shelf, "crowd": crowd, "page": page,
    "letter": letter, "class": lambda: pupils(.62), "tight": lambda: pupils(.95), "corners": corners, "seeds": seeds,
}


# ---- how others draw -------------------------------------------------------------------------


def pixel_box(picture, where):
    wide, high = picture.size
    left, top, width, height = where
    return [left * wide, top * high, (left + width) * wide, (top + height) * high]


def color_of(colors, names, name):
    return colors[names.index(name) % len(colors)]


def draw_plates(picture, boxes, colors, line_px, font, pad_px):
    """A filled plate above the box's left top corner, white letters."""
    draw = ImageDraw.Draw(picture)
    names = sorted({name for name, _, _ in boxes})
    for name, confidence, where in boxes:
        left, top, right, bottom = pixel_box(picture, where)
        color = color_of(colors, names, name)
        draw.rectangle([left, top, right, bottom], outline=color, width=line_px)
        text = f"{name} {confidence / 100:.2f}"
        wide, high = draw.textlength(text, font=font), font.size
        plate_top = top - high - 2 * pad_px
        draw.rectangle([left, plate_top, left + wide + 2 * pad_px, top], fill=color)
        draw.text((left + pad_px, plate_top + pad_px), text, fill="white", font=font)
    return picture


def like_supervision(picture, boxes):
    return draw_plates(picture, boxes, SUPERVISION, 2, ImageFont.truetype(FONT, 13), 10)


def like_ultralytics(picture, boxes):
    mean_px = sum(picture.size) / 2
    line_px = max(round(mean_px * 0.003), 2)
    font = ImageFont.truetype(FONT, max(round(mean_px * 0.035), 12))
    return draw_plates(picture, boxes, ULTRALYTICS, line_px, font, line_px)


def like_torchvision(picture, boxes):
    draw = ImageDraw.Draw(picture)
    names = sorted({name for name, _, _ in boxes})
    font = ImageFont.load_default(10)
    for name, _, where in boxes:
        left, top, right, bottom = pixel_box(picture, where)
        color = color_of(SUPERVISION, names, name)
        draw.rectangle([left, top, right, bottom], outline=color, width=1)
        draw.text((left + 1, top + 1), name, fill=color, font=font)
    return picture


def ours(path, boxes, loose, defines, out):
    answer = [label(name, confidence, box(*where)) for name, confidence, where in boxes]
    answer += [label(name, 90.0 - 5 * i) for i, name in enumerate(loose)]
    options = [word for define in defines for word in ("-define", f"imgrecog:{define}")]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
                   "AWS_REGION": "us-east-1", "IMGRECOG_ENDPOINT": ""}
    environment.pop("IMGRECOG_ENDPOINT")
    with service_with(*answer) as service:
        subprocess.run(
            [os.environ.get("MAGICK", "magick"), path, "-define",
             f"imgrecog:endpoint={service.url}", *options, "-process", "imgrecog", out],
            check=True, env=environment,
        )
    return Image.open(out).convert("RGB")


# ---- the sheet -------------------------------------------------------------------------------


def shown(picture):
    picture.thumbnail((SHOWN_PX, SHOWN_PX), Image.LANCZOS)
    return picture


def make_sheet(folder, name, size_px, defines, is_alone):
    picture, boxes, loose = SCENES[name]()
    scale = size_px / max(picture.size)
    picture = picture.resize([round(side * scale) for side in picture.size], Image.LANCZOS)
    source = str(folder / f"{name}-{size_px}.png")
    picture.save(source, compress_level=1)
    parts = [ours(source, boxes, loose, defines, str(folder / f"{name}-{size_px}-ours.png"))]
    if not is_alone:
        for draw in (like_supervision, like_ultralytics, like_torchvision):
            parts.append(draw(picture.copy(), boxes))
    parts = [shown(part) for part in parts]
    wide, high = parts[0].size
    columns = 2 if len(parts) > 1 else 1
    rows = (len(parts) + columns - 1) // columns
    sheet = Image.new("RGB", (columns * (wide + 8), rows * (high + 8)), "white")
    for i, part in enumerate(parts):
        sheet.paste(part, (i % columns * (wide + 8), i // columns * (high + 8)))
    sheet.save(folder / f"sheet-{name}-{size_px}.png")
    print(folder / f"sheet-{name}-{size_px}.png", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", action="append", choices=SCENES)
    parser.add_argument("--sizes", default="400,1600,8000")
    parser.add_argument("--define", action="append", default=[])
    parser.add_argument("--alone", action="store_true", help="without the others' manner")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or SCENES:
        for size in arguments.sizes.split(","):
            make_sheet(arguments.folder, name, int(size), arguments.define, arguments.alone)


if __name__ == "__main__":
    main()
