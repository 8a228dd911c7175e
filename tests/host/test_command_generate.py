# SPDX-License-Identifier: GPL-3.0-or-later
"""imgrecog generate: what is asked of the models, the picture that comes, where it goes."""

import base64
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import PIL.Image

import support
from command_support import LOCAL, MAGICK, Bedrock, make, png_of, run


def case_generate(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(1216, 832)
        done = run(folder, "generate", "a cat running a marathon", "-o", "cat.png", "--width", "1200",
                   "--height", "800", "--json", bedrock=bedrock)
        tap.equal(done.returncode, 0, "generate")
        document = json.loads(done.stdout)
        made = document["generated"]
        tap.ok(made["width"] == 1216 and made["seed"] == 42 and "image" not in document
               and "marathon" not in done.stdout.decode() + done.stderr.decode(),
               "generate: the document, without the words", document)
        tap.equal(bedrock.requests[-1][1]["aspect_ratio"], "3:2", "generate: the nearest shape")
        tags = json.loads(subprocess.run(["exiftool", "-json", "-G1", "-a", "cat.png"], check=True,
                                         capture_output=True).stdout)[0]
        tap.ok(tags.get("XMP-iptcExt:DigitalSourceType", "").endswith("/trainedAlgorithmicMedia")
               and "Stable Image Core" in tags.get("XMP-iptcExt:AISystemUsed", "")
               and not any("marathon" in str(x) for x in tags.values())
               and "XMP" not in str(tags.get("ExifTool:Warning", "")),
               "generate: exiftool reads the disclosure, and no prompt", tags)
        compared = subprocess.run([MAGICK, "compare", "-metric", "AE", "cat.png", "-", "null:"],
                                  input=bedrock.picture, capture_output=True, check=False)
        tap.equal(compared.stderr.split()[0], b"0", "generate: the samples are those that came")
        with PIL.Image.open("cat.png") as image:
            image.verify()  # raises where a chunk's checksum is wrong
        tap.ok(True, "generate: Pillow finds every chunk whole")
        done = run(folder, "generate", "a cat", "-o", "-", bedrock=bedrock)
        tap.ok(done.stdout[:8] == b"\x89PNG\r\n\x1a\n" and done.returncode == 0,
               "generate: to standard output")


def case_generate_whole_or_not(tap):
    """What stood at the name stays until the new picture is whole."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        old = pathlib.Path("old.png")
        old.write_bytes(b"old")
        bedrock.picture, good = bedrock.picture[:-20], bedrock.picture
        done = run(folder, "generate", "x", "-o", "old.png", bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"cut off" in done.stderr and old.read_bytes() == b"old",
               "generate: a picture that is cut off replaces nothing", done.stderr)
        bedrock.picture = good
        os.mkdir("folder")
        done = run(folder, "generate", "x", "-o", "folder", bedrock=bedrock)
        tap.ok(done.returncode == 2 and os.path.isdir("folder"), "generate: not over a folder")
        done = run(folder, "generate", "x", "-o", "no/such/x.png", bedrock=bedrock)
        tap.ok(done.returncode == 2 and b"no/such/x.png" in done.stderr,
               "generate: a folder that is not there", done.stderr)
        tap.equal([x for x in os.listdir(".") if "imgrecog-" in x], [],
                  "generate: no temporary file is left")
        os.umask(0o027)
        run(folder, "generate", "x", "-o", "new.png", bedrock=bedrock)
        tap.equal(os.stat("new.png").st_mode & 0o777, 0o640, "generate: the usual rights")
        for words, says in (
            (("generate", "x"), b"-o FILE"),
            (("generate", "x", "-o"), b"needs a value"),
            (("generate", "x", "-o", "a.png", "--min-confidence", "5"), b"another task"),
            (("labels", "-o", "a.png", "b.png"), b"no such option"),
        ):
            done = run(folder, *words, bedrock=bedrock)
            tap.ok(done.returncode == 2 and says in done.stderr, f"wrong use: {' '.join(words)}",
                   done.stderr)


def case_generate_places(tap):
    """Where the picture goes: through links, into streams, over files with their rights."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        os.mkdir("sub")
        target = pathlib.Path("sub/real.png")
        target.write_bytes(b"old")
        target.chmod(0o600)
        os.symlink("sub/real.png", "link.png")
        done = run(folder, "generate", "x", "--output=link.png", bedrock=bedrock)
        tap.ok(done.returncode == 0 and os.path.islink("link.png")
               and target.read_bytes()[:4] == b"\x89PNG" and target.stat().st_mode & 0o777 == 0o600,
               "generate: a link is followed, the rights of the old file stay", done.stderr)
        os.symlink("sub/none.png", "nowhere.png")
        done = run(folder, "generate", "x", "-o", "nowhere.png", bedrock=bedrock)
        tap.ok(done.returncode == 0 and not os.path.islink("nowhere.png")
               and os.listdir("sub") == ["real.png"], "generate: a link to nothing is replaced",
               done.stderr)
        done = run(folder, "generate", "x", "-o", "/dev/stdout", bedrock=bedrock)
        tap.ok(done.returncode == 0 and done.stdout[:4] == b"\x89PNG" and os.path.islink("/dev/stdout"),
               "generate: /dev/stdout is written to, not replaced", done.stderr)
        os.mkfifo("pipe.png")
        pipe = os.open("pipe.png", os.O_RDONLY | os.O_NONBLOCK)  # the picture fits into it
        done = run(folder, "generate", "x", "-o", "pipe.png", bedrock=bedrock)
        tap.ok(done.returncode == 0 and os.read(pipe, 4) == b"\x89PNG", "generate: into a pipe",
               done.stderr)
        os.close(pipe)
        requests = len(bedrock.requests)
        for words, code, says in (
            (("-o", "sub"), 2, b"directory"),
            (("-o", "no/such/x.png"), 2, b"no/such/x.png"),
            (("-o", ""), 2, b"no name"),
            (("-o", "a.jpg"), 2, b"made as a PNG"),
            (("-o", "a.b/x.webp"), 2, b"made as a PNG"),
            (("-o", "-", "--json"), 2, b"standard output is the picture"),
            (("-o", "-", "--upload", "s3://photos/x/"), 2, b"standard output is the picture"),
            (("-o", "a.png", "--image", "-", "--mask=-"), 2, b"only one"),
        ):
            done = run(folder, "generate", "x", *words, bedrock=bedrock)
            tap.ok(done.returncode == code and says in done.stderr,
                   f"generate: refused: {' '.join(words)}", (done.returncode, done.stderr))
        tap.equal(len(bedrock.requests), requests, "generate: nothing was paid for what is refused")


def case_generate_from_picture(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(300, 200)
        make("in.tif")
        make("mask.png", "-threshold", "50%")
        done = run(folder, "generate", "a red car", "-o", "out.png", "--image", "in.tif", "--mask",
                   "mask.png", "--image-model", "stability.stable-image-inpaint-v1:0",
                   "--grow-mask", "3", bedrock=bedrock)
        path, body = bedrock.requests[-1]
        tap.ok(done.returncode == 0 and "us.stability.stable-image-inpaint" in path
               and set(body) == {"prompt", "image", "mask", "grow_mask", "output_format"},
               "generate: an image service by its model", (done.stderr, path, sorted(body)))
        done = run(folder, "generate", "a red car", "-o", "out.png", "--mask", "missing.png",
                   bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"cannot be read" in done.stderr, "generate: no such mask")


# Of each edit: the service and members of its request, by its page of
# https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html has.
EDITS = {
    "inpaint": ("stable-image-inpaint", {"prompt", "image", "mask", "grow_mask"}),
    "outpaint": ("stable-outpaint", {"image", "prompt", "left", "down", "creativity"}),
    "erase": ("stable-image-erase-object", {"image", "mask", "grow_mask"}),
    "remove-background": ("stable-image-remove-background", {"image"}),
    "search-replace": ("stable-image-search-replace", {"image", "prompt", "search_prompt"}),
    "recolor": ("stable-image-search-recolor", {"image", "prompt", "select_prompt"}),
    "sketch": ("stable-image-control-sketch", {"image", "prompt", "control_strength"}),
    "structure": ("stable-image-control-structure", {"image", "prompt", "control_strength"}),
    "style-guide": ("stable-image-style-guide", {"image", "prompt", "fidelity"}),
    "style-transfer": ("stable-style-transfer",
                       {"init_image", "style_image", "prompt", "style_strength",
                        "composition_fidelity", "change_strength"}),
    "upscale-fast": ("stable-fast-upscale", {"image"}),
    "upscale-conservative": ("stable-conservative-upscale", {"image", "prompt", "creativity"}),
    "upscale-creative": ("stable-creative-upscale", {"image", "prompt", "creativity"}),
}
WORDS = {
    "mask": ["--mask", "mask.png"], "grow_mask": ["--grow-mask", "3"], "left": ["--left", "10"],
    "down": ["--down", "20"], "creativity": ["--creativity", "0.3"],
    "search_prompt": ["--search", "a car"], "select_prompt": ["--search", "a car"],
    "control_strength": ["--control-strength", "0.6"], "fidelity": ["--fidelity", "0.4"],
    "style_image": ["--style-picture", "mask.png"], "style_strength": ["--style-strength", "0.7"],
    "composition_fidelity": ["--composition-fidelity", "0.8"],
    "change_strength": ["--change-strength", "0.9"],
}
VALUES = {"grow_mask": 3, "left": 10, "down": 20, "creativity": 0.3, "search_prompt": "a car",
          "select_prompt": "a car", "control_strength": 0.6, "fidelity": 0.4,
          "style_strength": 0.7, "composition_fidelity": 0.8, "change_strength": 0.9,
          "prompt": "a red house"}


def case_edits(tap):
    """Every service by the name of its edit; its request has the service's members and no others."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(300, 200)
        picture = pathlib.Path(make("in.png")).read_bytes()
        make("mask.png", "-threshold", "50%")
        for edit, (service, members) in EDITS.items():
            words = [word for member in sorted(members) for word in WORDS.get(member, [])]
            prompt = ["a red house"] if "prompt" in members else []
            done = run(folder, "generate", *prompt, "--edit", edit, "--image", "in.png", *words,
                       "-o", "out.png", bedrock=bedrock)
            if not tap.ok(done.returncode == 0, f"edit {edit}", done.stderr):
                continue
            path, body = bedrock.requests[-1]
            tap.ok(re.fullmatch(rf"/model/us\.stability\.{service}-v1(:|%3A)0/invoke", path),
                   f"edit {edit}: the service", path)
            expected = {name: VALUES[name] for name in members if name in VALUES}
            pictures = {name for name in members if name.endswith(("image", "mask"))} - set(VALUES)
            tap.ok({k: v for k, v in body.items() if k in expected} == expected
                   and set(body) == members | {"output_format"}
                   and all(base64.b64decode(body[name])[:4] == b"\x89PNG" for name in pictures),
                   f"edit {edit}: its members and no others", sorted(body))
            shown = body.get("image") or body["init_image"]
            tap.equal(size_of(base64.b64decode(shown)), size_of(picture),
                      f"edit {edit}: the picture in its size")
        requests = len(bedrock.requests)
        for words, code, says in (
            (("--edit", "paint", "--image", "in.png"), 2, b"remove-background"),
            (("x", "--edit", "inpaint"), 1, b"image is needed"),
            (("--edit", "sketch", "--image", "in.png"), 1, b"prompt is needed"),
            (("--edit", "remove-background", "--image", "in.png", "--seed", "1"), 1, b"not taken"),
            (("x", "--image", "in.png", "--width", "100", "--height", "100"), 1, b"that one's size"),
            ((), 2, b"no PROMPT"),
        ):
            done = run(folder, "generate", *words, "-o", "out.png", bedrock=bedrock)
            tap.ok(done.returncode == code and says in done.stderr,
                   f"refused: {' '.join(words) or 'no prompt'}", (done.returncode, done.stderr))
        make("other.png", "-resize", "50%")
        done = run(folder, "generate", "x", "--image", "in.png", "--mask", "other.png", "-o",
                   "out.png", bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"mask has another size" in done.stderr,
               "refused: a mask of another size", done.stderr)
        tap.equal(len(bedrock.requests), requests, "nothing is paid for what is refused")


def size_of(data):
    with PIL.Image.open(io.BytesIO(data)) as image:
        return image.size


def case_models_chosen(tap):
    """Which model is asked when none is named."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        make("in.png")
        make("mask.png", "-threshold", "50%")
        for words, model, members in (
            (("x",), "stable-image-core", {"prompt"}),
            (("x", "--image", "in.png", "--strength", "0.6"), "sd3-5-large",
             {"prompt", "image", "mode", "strength"}),
            (("x", "--image", "in.png", "--mask", "mask.png"), "stable-image-inpaint",
             {"prompt", "image", "mask"}),
            (("x", "--image", "in.png", "--image-model", "stability.stable-image-ultra-v1:1"),
             "stable-image-ultra", {"prompt", "image"}),
            (("--edit", "upscale-fast", "--image", "in.png", "--image-model",
              "stability.sd3-5-large-v1:0"), "stable-fast-upscale", {"image"}),
        ):
            done = run(folder, "generate", *words, "-o", "out.png", bedrock=bedrock)
            path, body = bedrock.requests[-1]
            tap.ok(done.returncode == 0 and model in path
                   and set(body) == members | {"output_format"},
                   f"{' '.join(words)}: {model}", (done.stderr, path, sorted(body)))
        done = run(folder, "generate", "x", "--image", "in.png", "--image-model",
                   "stability.stable-image-core-v1:1", "-o", "out.png", bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"words only" in done.stderr,
               "a model of words takes no picture", done.stderr)


def case_sdxl(tap):
    """The form of SDXL 1.0, as the service's page has it."""
    model = ("--image-model", "stability.stable-diffusion-xl-v1")
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(1152, 896)
        done = run(folder, "generate", "a cat", *model, "-o", "out.png", "--weighted-prompt", "at 16:9:0.5",
                   "--weighted-prompt=dogs:-0.75", "--negative-prompt", "rain", "--cfg-scale", "10",
                   "--seed", "0", "--steps", "50", "--sampler", "K_EULER", "--style-preset", "anime",
                   "--clip-guidance-preset", "FAST_BLUE", "--width", "1100", "--height", "900",
                   bedrock=bedrock)
        tap.equal(bedrock.requests[-1][1], {
            "text_prompts": [{"text": "a cat", "weight": 1}, {"text": "at 16:9", "weight": 0.5},
                             {"text": "dogs", "weight": -0.75}, {"text": "rain", "weight": -1}],
            "cfg_scale": 10, "seed": 0, "steps": 50, "sampler": "K_EULER", "style_preset": "anime",
            "clip_guidance_preset": "FAST_BLUE", "width": 1152, "height": 896,
        }, "sdxl: every member")
        tap.ok(b"out.png: 1152 x 896 pixels (the model's shape nearest to 1100 x 900)" in done.stdout,
               "sdxl: what came is told in words", done.stdout)
        make("in.png", "-resize", "1216x832!")
        make("mask.png", "-resize", "1216x832!", "-threshold", "50%")
        run(folder, "generate", "a cat", *model, "-o", "out.png", "--image", "in.png", "--mask",
            "mask.png", "--strength", "0.25", bedrock=bedrock)
        body = bedrock.requests[-1][1]
        tap.ok(base64.b64decode(body.pop("init_image"))[:4] == b"\x89PNG"
               and base64.b64decode(body.pop("mask_image"))[:4] == b"\x89PNG"
               and body == {"text_prompts": [{"text": "a cat", "weight": 1}],
                            "init_image_mode": "IMAGE_STRENGTH", "image_strength": 0.75,
                            "mask_source": "MASK_IMAGE_WHITE", "width": 1216, "height": 832},
               "sdxl: from a picture, by a mask", body)
        make("small.png")
        requests = len(bedrock.requests)
        for words, code, says in (
            (("--image", "small.png"), 1, b"-resize 1216x832^ -gravity center -extent 1216x832"),
            (("--edit", "erase"), 1, b"prompt is not taken"),
            (("--weighted-prompt", "no weight"), 2, b"TEXT:WEIGHT"),
            (("--weighted-prompt", "x:heavy"), 2, b"no number"),
            (("--weighted-prompt", "x:11"), 1, b"-10 to 10"),
            (["--weighted-prompt", "x:1"] * 9, 2, b"8 times"),
        ):
            done = run(folder, "generate", "a cat", *model, "-o", "out.png", *words, bedrock=bedrock)
            tap.ok(done.returncode == code and says in done.stderr,
                   f"sdxl: refused: {' '.join(words)[:40]}", (done.returncode, done.stderr))
        done = run(folder, "generate", "a cat", "-o", "out.png", "--weighted-prompt", "x:1", bedrock=bedrock)
        tap.ok(done.returncode == 1 and b"weighted prompts" in done.stderr,
               "weighted prompts belong to SDXL", done.stderr)
        tap.equal(len(bedrock.requests), requests, "sdxl: nothing is paid for what is refused")


def case_withheld(tap):
    """A picture that does not come is an error that says so, and that it is charged."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        for model, reason, says in (
            ("stability.sd3-5-large-v1:0", "Filter reason: prompt", b"Filter reason: prompt"),
            ("stability.stable-diffusion-xl-v1", "CONTENT_FILTERED", b"content filter"),
            ("stability.stable-diffusion-xl-v1", "ERROR", b"made no picture"),
        ):
            bedrock.withheld = reason
            done = run(folder, "generate", "a secret wish", "-o", "out.png", "--image-model", model,
                       bedrock=bedrock)
            tap.ok(done.returncode == 1 and says in done.stderr and b"it is charged" in done.stderr
                   and b"secret" not in done.stderr and not os.path.exists("out.png"),
                   f"withheld: {model}: {reason}", done.stderr)


def xmp_of(path):
    """The AI fields of IPTC 2025.1, by their namespace, from the packet that exiftool finds."""
    packet = subprocess.run(["exiftool", "-b", "-xmp", path], check=True, capture_output=True).stdout
    space = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
    return {name[len(space):]: value
            for element in xml.etree.ElementTree.fromstring(packet).iter()
            for name, value in element.attrib.items() if name.startswith(space)}


def case_disclosure(tap):
    """What the picture tells: the prompt and its writer only on request."""
    prompt = 'a <cat> & a "dog"\nrunning\x01 한국'
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        run(folder, "generate", prompt, "-o", "out.png", bedrock=bedrock)
        fields = xmp_of("out.png")
        tap.ok(set(fields) == {"DigitalSourceType", "AISystemUsed", "AISystemVersionUsed"}
               and fields["AISystemVersionUsed"] == "stability.stable-image-core-v1:1"
               and fields["AISystemUsed"] == "Stable Image Core on Amazon Bedrock",
               "disclosure: system and version, no prompt", fields)
        run(folder, "generate", prompt, "-o", "out.png", "--keep-prompt", "--prompt-writer",
            "Ann <Example>", bedrock=bedrock)
        fields = xmp_of("out.png")
        tap.equal((fields.get("AIPromptInformation"), fields.get("AIPromptWriterName")),
                  (prompt.replace("\x01", " "), "Ann <Example>"), "disclosure: on request")


def case_count(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.picture = png_of(64, 64)
        os.mkdir("a.b")
        done = run(folder, "generate", "x", "-o", "a.b/cat.png", "--count", "3", "--seed", "7",
                   "--json", bedrock=bedrock)
        tap.ok(done.returncode == 0 and sorted(os.listdir("a.b")) == [
            "cat-1.png", "cat-2.png", "cat-3.png"] and len(done.stdout.splitlines()) == 3
            and [body["seed"] for _, body in bedrock.requests] == [7, 8, 9],
               "--count: files, documents and seeds", (done.stderr, os.listdir("a.b")))
        for words in (("--count", "0"), ("--count", "21"), ("--count", "2x"),
                      ("--count", "2", "--seed", "4294967295"), ("--count", "2", "-o", "-")):
            done = run(folder, "generate", "x", "-o", "y.png", *words, bedrock=bedrock)
            tap.equal(done.returncode, 2, f"refused: {' '.join(words)}")
        tap.equal(len(bedrock.requests), 3, "--count: nothing is paid for what is refused")


def case_generate_local(tap):
    """The stand-in on this machine: in both forms, with a mask that is obeyed; no other edit."""
    local = {"IMGRECOG_LOCAL": LOCAL}
    with support.workspace() as folder:
        local["XDG_RUNTIME_DIR"] = str(folder)
        local["IMGRECOG_ENDPOINT"] = "local"
        make("in.png")
        make("mask.png", "-threshold", "50%")
        for name, words in (
            ("words", ("a cat running a marathon", "--width", "300", "--height", "200")),
            ("sdxl", ("a cat", "--image-model", "imgrecog.local-standin-sdxl-v1")),
            ("masked", ("a cat", "--image", "in.png", "--mask", "mask.png")),
        ):
            done = run(folder, "generate", *words, "-o", f"{name}.png", **local)
            tap.ok(done.returncode == 0 and xmp_of(f"{name}.png")["DigitalSourceType"].endswith(
                "/algorithmicMedia"), f"local: {name}: drawn, and marked so", done.stderr)
        with PIL.Image.open("in.png") as before, PIL.Image.open("masked.png") as after, \
                PIL.Image.open("mask.png") as mask:
            kept = [before.convert("RGB").getpixel(at) == after.convert("RGB").getpixel(at)
                    for at in ((x, 100) for x in range(0, 300, 10))
                    if mask.convert("L").getpixel(at) == 0]
        tap.ok(len(kept) > 5 and all(kept), "local: what the mask does not show stays", kept)
        done = run(folder, "generate", "--edit", "remove-background", "--image", "in.png", "-o",
                   "x.png", **local)
        tap.ok(done.returncode == 1 and b"endpoint=aws" in done.stderr,
               "local: an edit that is not drawn is refused", done.stderr)


sys.exit(support.run_cases([
    case_generate, case_generate_whole_or_not, case_generate_places, case_generate_from_picture,
    case_edits, case_models_chosen, case_sdxl, case_withheld, case_disclosure, case_count,
    *([case_generate_local] if LOCAL else []),
]))
