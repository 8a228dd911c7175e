# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented schema of result documents: it is one, it refuses what is no result document, and
what every command prints is in it. (The other tests of the command judge by it, too: command_support.)
"""

import copy
import json
import subprocess
import sys

import jsonschema

import support
from command_support import DOCUMENT, LOCAL, MAGICK, SCHEMA, Bedrock, make, moto, png_of, run


def members(schema, value, path, seen):
    """The paths of the schema's members that `value` has."""
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict):
        for name, item in value.items():
            seen.add(f"{path}.{name}")
            members(schema["properties"][name], item, f"{path}.{name}", seen)
    elif isinstance(value, list):
        for item in value:
            members(schema["items"], item, path + "[]", seen)


def case_schema(tap):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    tap.ok(True, "the schema is one of draft 2020-12")
    good = {"schema": "imgrecog/1",
            "image": {"source": "a.png", "width": 3, "height": 2, "orientation": 1,
                      "sent": {"bytes": 9, "width": 3, "height": 2, "media_type": "image/png",
                               "via": "inline"}},
            "labels": [{"name": "Dog", "confidence": 97.5, "label_confidence": 98, "parents": [],
                        "box": {"left": 0, "top": 0.5, "width": 1, "height": 0.5},
                        "categories": [], "aliases": [], "source": "local"}],
            "check": {"verdict": "NO", "reason": "nothing", "findings": [], "not_checked": []},
            "usage": {"requests": 1, "retries": 0}, "endpoint": "aws", "errors": []}
    plain = jsonschema.Draft202012Validator(SCHEMA)
    tap.ok(plain.is_valid(good) and DOCUMENT.is_valid(good), "a document fits")
    more = copy.deepcopy(good)
    more["image"]["mood"] = "sunny"
    tap.ok(plain.is_valid(more) and not DOCUMENT.is_valid(more),
           "a member that is not known is for readers to ignore, and for the tests a mistake")
    for name, change in (
        ("another schema", lambda x: x.update(schema="imgrecog/2")),
        ("no errors", lambda x: x.pop("errors")),
        ("a confidence over 100", lambda x: x["labels"][0].update(confidence=101)),
        ("a box that is outside", lambda x: x["labels"][0]["box"].update(left=-0.1)),
        ("a box without a width", lambda x: x["labels"][0]["box"].pop("width")),
        ("NO although something was not checked", lambda x: x["check"].update(not_checked=["x"])),
        ("unsure things that are none", lambda x: x["check"].update(unsure=0)),
        ("no such verdict", lambda x: x["check"].update(verdict="MAYBE")),
        ("no such kind", lambda x: x["check"]["findings"].append({"kind": "x", "source": "y"})),
        ("a picture without a size", lambda x: x["image"].update(width=0)),
        ("words as a number", lambda x: x["usage"].update(requests="1")),
    ):
        bad = copy.deepcopy(good)
        change(bad)
        tap.ok(not plain.is_valid(bad), f"refused: {name}")


def case_every_command(tap):
    """What the commands print, with all that can be asked for: run() judges each document."""
    seen = set()
    url, _ = moto()
    with support.workspace() as folder:
        make("a.jpg")
        subprocess.run([MAGICK, "-size", "900x300", "xc:white", "-pointsize", "44", "-annotate",
                        "+40+150", "mail jane.doe@example.com", "text.png"], check=True)
        picture = support.portrait() or "a.jpg"
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        caption = json.dumps({"caption": "A.", "alt_text": "B", "title": "C", "keywords": ["d"]})
        local = {"IMGRECOG_ENDPOINT": "local", "IMGRECOG_LOCAL": LOCAL or "",
                 "XDG_RUNTIME_DIR": str(folder)}
        aws = {"AWS_ENDPOINT_URL_S3": url, "bedrock": bedrock}
        for text, words, services in (
            ("", ("labels", "--text", "--faces", "--properties", picture, "text.png"), local),
            ("", ("labels", "a.jpg", "--upload", "s3://photos/", "--presign", "60"), aws),
            ("", ("labels", "a.jpg", "--dry-run"), aws),
            ("", ("upload", "a.jpg", "s3://photos/", "--dry-run"), aws),
            (caption, ("caption", "a.jpg", "--language", "French"), aws),
            (caption, ("caption", "a.jpg", "--from-labels"), aws),
            ("", ("caption", "text.png"), local),
            ("", ("check", "text.png", picture, "--look-for", "faces,text,codes,metadata"), local),
            ("", ("check", picture, "--look-for", "faces", "--min-confidence", "100"), local),
            ('{"result":"YES","reason":"r"}', ("check", "a.jpg", "--look-for", "model"), aws),
            ("words", ("ask", "what?", "a.jpg"), aws),
            ("words", ("ask", "what?", "text.png", "--precheck", "warn"), {**local, **aws,
                                                                          "IMGRECOG_ENDPOINT": "aws"}),
            ("", ("generate", "a cat", "-o", "x.png"), aws),
            ("", ("generate", "a cat", "-o", "x.png"), local),
            ("", ("upload", "a.jpg", "s3://photos/", "--presign", "60"), aws),
        ):
            if services is local and not LOCAL:
                continue
            bedrock.text = text
            done = run(folder, *words, "--json", **services)
            tap.ok(done.returncode in (0, 3, 4) and done.stdout, " ".join(words), done.stderr)
            for line in done.stdout.splitlines():
                members(SCHEMA, json.loads(line), "", seen)
    wanted = {"." + name for name in SCHEMA["properties"]}
    wanted |= {f".{name}.{member}" for name, part in (
        ("caption", "caption"), ("stored", "stored"), ("generated", "generated"), ("check", "check"))
        for member in SCHEMA["$defs"][part]["properties"]}
    absent = {".text_model_version", ".stored.version_id", ".stored.parts"}  # by no stand-in here
    tap.equal(sorted(wanted - seen - absent), [], "every member was seen")


sys.exit(support.run_cases([case_schema, case_every_command]))
