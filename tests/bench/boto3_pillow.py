# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that people write in place of -process imgrecog: boto3 asks, Pillow draws.

    boto3_pillow.py URL OUT_FOLDER THREADS FILE...

Boxes, a filled plate with name and confidence above each, names without a box at the bottom left.
Credentials and region come from the environment. With "none" as URL pictures are read and written,
and nothing else is done or loaded.
"""
import concurrent.futures
import functools
import io
import os
import sys

from PIL import Image

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
COLORS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"]


def plate(draw, font, text, left, top, color):
    wide, high = draw.textlength(text, font=font), font.size + 6
    draw.rectangle([left, top - high, left + wide + 8, top], fill=color)
    draw.text((left + 4, top - high + 2), text, fill="black", font=font)


def copy(path, folder):
    Image.open(path).convert("RGB").save(os.path.join(folder, os.path.basename(path)), quality=85)


def annotate(client, path, folder):
    from PIL import ImageDraw, ImageFont  # pylint: disable=import-outside-toplevel

    with open(path, "rb") as stream:
        data = stream.read()
    answer = client.detect_labels(Image={"Bytes": data}, MaxLabels=100, MinConfidence=55)
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT, max(11, sum(picture.size) // 100))
    line_px = max(2, sum(picture.size) // 420)
    bottom = picture.height - 8
    for number, label in enumerate(answer["Labels"]):
        text, color = f"{label['Name']} {label['Confidence']:.0f}%", COLORS[number % len(COLORS)]
        for instance in label["Instances"]:
            box = instance["BoundingBox"]
            left, top = box["Left"] * picture.width, box["Top"] * picture.height
            draw.rectangle([left, top, left + box["Width"] * picture.width,
                            top + box["Height"] * picture.height], outline=color, width=line_px)
            plate(draw, font, text, left, top, color)
        if not label["Instances"]:
            plate(draw, font, text, 8, bottom, "white")
            bottom -= font.size + 8
    picture.save(os.path.join(folder, os.path.basename(path)), quality=85)


def new_client(url, threads):
    import boto3  # pylint: disable=import-outside-toplevel
    import botocore.config  # pylint: disable=import-outside-toplevel

    return boto3.client("rekognition", endpoint_url=url,
                        config=botocore.config.Config(max_pool_connections=threads))


def main(url, folder, threads, *paths):
    work = copy if url == "none" else functools.partial(annotate, new_client(url, int(threads)))
    with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
        for done in [pool.submit(work, path, folder) for path in paths]:
            done.result()


if __name__ == "__main__":
    main(*sys.argv[1:])
