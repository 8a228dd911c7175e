# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the labels of an imgrecog/1 result document as a table: name, confidence, box."""
import json
import sys
import unicodedata

NAME_COLUMNS = 28


def columns(text):
    """How many terminal columns a text takes: Korean letters and most emoji take two."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def fit(text):
    text = "".join(c if c.isprintable() else " " for c in text)
    while columns(text) > NAME_COLUMNS:
        text = text[:-2] + "…"
    return text + " " * (NAME_COLUMNS - columns(text))


def box_text(label, width, height):
    box = label.get("box")
    if not box:
        return "no box"
    return (f"{box['width'] * width:.0f}x{box['height'] * height:.0f}"
            f"+{box['left'] * width:.0f}+{box['top'] * height:.0f}")


def main(path):
    with open(path, encoding="utf-8") as stream:
        result = json.load(stream)
    if result.get("schema") != "imgrecog/1":
        sys.exit(f"imgrecog: {path} is not an imgrecog/1 document")
    width, height = result["image"]["width"], result["image"]["height"]  # upright, as boxes are
    labels = result.get("labels", [])
    if labels:
        print(f"  {'found':<{NAME_COLUMNS}}  confidence  box in pixels")
        for label in labels:
            print(f"  {fit(label['name'])}  {label['confidence']:9.1f}%  "
                  f"{box_text(label, width, height)}")
    else:
        print("  nothing found that this recogniser knows")


if __name__ == "__main__":
    main(sys.argv[1])
