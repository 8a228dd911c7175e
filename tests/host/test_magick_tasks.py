# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task of the filter module in real `magick`, against the embedded endpoint: results as
artifacts, several tasks on one encoding, pictures that are made and painted, and lists.
Usage: test_magick_tasks.py LOCAL [CASE...]"""

import json
import os
import sys

import boto3
import botocore.config
import numpy

from judges import judged_by, program_version
from local_support import KEY_ID, SECRET, Server
from support import (
    Answer,
    FakeService,
    Magick,
    box,
    clean_environment,
    label,
    labels_answer,
    message_of,
    portrait,
    run_cases,
    service_with,
    workspace,
)

MODELS = ["imgrecog:model=imgrecog.local-describer-v1",
          "imgrecog:image-model=imgrecog.local-standin-image-v1"]
RESULTS = [
    "json", "labels", "caption", "alt-text", "verdict", "reason", "answer", "model", "uri", "error",
]
ESCAPES = "\\u0001".join(f"%[imgrecog:{name}]" for name in RESULTS).replace("\\u0001", "\x01")


def run(magick, before, words, *after, defines=(), env=None):
    """magick BEFORE -define ... -process words AFTER, with every result by name."""
    options = [option for define in (*MODELS, *defines) for option in ("-define", define)]
    result = magick.run(
        *before, *options, "-process", words, "-format", ESCAPES + "\x02", "-write", "info:-",
        *(after or ["null:"]), env=env,
    )
    rows = result.stdout.decode().split("\x02")[:-1]
    result.pictures = [dict(zip(RESULTS, row.split("\x01"))) for row in rows]
    return result


def read(path):
    with open(path, "rb") as file:
        return file.read()


# ---- notices ---------------------------------------------------------------------------------


def test_notices(tap, magick):
    """What `only` and `font` name and is not there is told once a command, and fails nothing."""
    dog = {**label("Dog", 91.0, box(0.2, 0.2, 0.4, 0.4)), "Parents": [{"Name": "Animal"}]}
    said_by = os.path.basename(magick.program)
    misspelt = (said_by + ": imgrecog: only={}: neither a label that was found nor what it belongs to is "
                "called so, and nothing was drawn for it. %[imgrecog:labels] has the names.")
    cut = misspelt.format(", ".join(["x" * 99] * 4) + ", …")
    rows = [
        ("names that fit", "", ["only=dog , ANIMAL"], []),
        ("a misspelt name", "", ["only=Dgo"], [misspelt.format("Dgo")]),
        ("misspelt names among others", "", ["only= Dgo,Dog,, a cat ,"],
         [misspelt.format("Dgo, a cat")]),
        ("names without end", "", ["only=" + ",".join(["x" * 99] * 80)], [cut]),
        ("a name where nothing is drawn", "overlay=none", ["only=Dgo", "font=Nonesuch"], []),
        ("a name in a dry run", "dry-run=true", ["only=Dgo", "font=Nonesuch"], ["Dry run"]),
        ("a family that is not there", "", ["font=Nonesuch 20"],
         [f"{said_by}: imgrecog: font=Nonesuch: there is no such family here, so names were drawn in "]),
        ("a size alone", "", ["font=20"], []),
        ("a generic family", "", ["font=monospace 12"], []),
    ]
    for name, words, defines, wanted in rows:
        with service_with(dog) as service:
            result = run(magick, ["face.jpg", "b.png"], f"imgrecog {words}",
                         defines=[f"imgrecog:endpoint={service.url}",
                                  *(f"imgrecog:{define}" for define in defines)])
        lines = message_of(result.errors)
        tap.ok(result.returncode == 0 and len(lines) == len(wanted)
               and all(part in line for part, line in zip(wanted, lines))
               and all(row["error"] == "" for row in result.pictures), f"notice: {name}", lines)
    answers = [Answer(labels_answer(dog)), Answer(labels_answer(label("Cat", 80.0)))]
    for pictures, quiet, said in ((2, [], False), (1, [], True), (1, ["-quiet"], False)):
        left = iter(answers)
        with FakeService(lambda request, left=left: next(left)) as service:
            result = magick.run(*quiet, *["face.jpg", "b.png"][:pictures], "-define",
                                f"imgrecog:endpoint={service.url}", "-process",
                                "imgrecog jobs=1 only=Cat,Dog", "null:")
        tap.ok(result.returncode == 0 and ("only=" in result.errors) == said,
               f"notice: names that fit one of two pictures, {pictures} of them, {quiet}",
               result.errors)
    with FakeService(lambda request: Answer(b'{"__type":"X"}', 400)) as service:
        result = magick.run("face.jpg", "-define", f"imgrecog:endpoint={service.url}", "-process",
                            "imgrecog only=Dgo font=Nonesuch", "null:")
    tap.ok(result.returncode == 1 and "only=" not in result.errors
           and "font=" not in result.errors, "notice: nothing where all failed", result.errors)
    with service_with(dog) as service:
        os.makedirs("told", exist_ok=True)
        result = magick.run("mogrify", "-path", "told", "-define",
                            f"imgrecog:endpoint={service.url}", "-process", "imgrecog only=Dgo",
                            "face.jpg", "b.png")
    tap.ok(result.returncode == 0 and result.errors.count("only=Dgo") == 2,
           "notice: mogrify has one picture at a time", result.errors)


# ---- several tasks ---------------------------------------------------------------------------


def test_all_looks(tap, magick):
    result = run(
        magick, ["face.jpg"], "imgrecog labels caption check ask",
        defines=["imgrecog:question=What is this?"],
    )
    if not tap.equal((result.returncode, result.errors), (0, ""), "four tasks: exit code, stderr"):
        return
    got = result.pictures[0]
    document = json.loads(got["json"])
    tap.equal(
        sorted(set(document) & {"labels", "caption", "check", "answer", "image"}),
        ["answer", "caption", "check", "image", "labels"], "four tasks: one document",
    )
    tap.equal(document["usage"]["requests"], 7, "four tasks: all requests are counted")
    tap.equal(
        (got["caption"], got["alt-text"], got["answer"], got["reason"], got["verdict"]),
        (document["caption"]["text"], document["caption"]["alt_text"], document["answer"]["text"],
         document["check"]["reason"], "YES"), "results by name",
    )
    tap.equal(got["model"], "imgrecog.local-describer-v1", "results by name: the model")
    tap.equal(got["labels"].splitlines()[0][:6], "Face: ", "results by name: labels")
    tap.equal(len(document["image"]["sha256"]), 64, "the document has the picture's sum")


def test_one_encoding(tap, magick):
    """Several tasks send the same bytes; here two services that both take JPEG."""
    magick.make("face.jpg", "-resize", "3000x", "large.png")

    def answer(request):
        if request.target.endswith("DetectLabels"):
            return Answer(labels_answer(label("Face", 90.0, box(0.3, 0.2, 0.3, 0.3))))
        return Answer(b'{"TextDetections":[],"FaceDetails":[]}')

    with FakeService(answer) as service:
        magick.run(
            "large.png", "-define", f"imgrecog:endpoint={service.url}", "-process",
            "imgrecog labels check look-for=text,faces", "null:",
        )
    sent = {request.image for request in service.requests}
    tap.ok(len(service.requests) >= 3 and len(sent) == 1, "three requests send the same bytes",
           (len(service.requests), [len(data) for data in sent]))


def test_single_labels(tap, magick):
    """Artifacts of single labels: in stored pixels, so that -crop cuts them out."""
    escapes = "%[imgrecog:label-count]|%[imgrecog:label-0-name]|%[imgrecog:label-0-confidence]|" \
              "%[imgrecog:label-0-box]|%[imgrecog:label-1-name]|%[imgrecog:label-1-box]|"
    labels = [label("Cat", 91.239, box(0.25, 0.5, 0.5, 0.25)), label("Pet", 80.0)]
    with service_with(*labels) as service:
        result = magick.run(
            "-size", "400x200", "xc:red", "-orient", "right-top", "-define",
            f"imgrecog:endpoint={service.url}", "-process", "imgrecog", "-format", escapes, "info:",
        )
    tap.equal(result.stdout.decode(), "2|Cat|91.24|100x100+200+50|Pet||", "one label's artifacts")
    answers = iter([labels_answer(*labels), labels_answer(label("Dog", 70.0))])
    with FakeService(lambda request: Answer(next(answers))) as service:
        result = magick.run(
            "-size", "400x200", "xc:red", "-define", f"imgrecog:endpoint={service.url}",
            "-process", "imgrecog", "-process", "imgrecog", "-format",
            "%[imgrecog:label-count] %[imgrecog:label-0-name] %[imgrecog:label-1-name]", "info:",
        )
    tap.ok(result.stdout.decode().strip() == "1 Dog", "none is left of an earlier run",
           result.stdout)


def test_second_run(tap, magick):
    """A run leaves what another task of an earlier one found, and nothing of its own."""
    answers = iter([Answer(labels_answer(label("Dog", 70.0))), Answer(b'{"__type":"X"}', 400)])
    got = run(magick, ["face.jpg"], "imgrecog labels", "-process", "imgrecog caption", "-format",
              ESCAPES + "\x02", "-write", "info:-", "null:").pictures[1]
    tap.ok(got["labels"].startswith("Face: ") and got["caption"] and got["alt-text"]
           and "caption" in json.loads(got["json"]) and "labels" not in json.loads(got["json"]),
           "labels, then caption: both are there, and the document is the caption's", got)
    got = run(magick, ["face.jpg"], "imgrecog caption", "-process", "imgrecog labels", "-format",
              ESCAPES + "\x02%[imgrecog:label-0-name]\x02", "-write", "info:-", "null:").pictures[1]
    tap.ok(got["labels"].startswith("Face: ") and got["caption"]
           and got["model"] == "imgrecog.local-describer-v1",
           "caption, then labels: both are there, and who wrote the caption", got)
    with FakeService(lambda request: next(answers)) as service:
        result = magick.run(
            "convert", "face.jpg", "-define", f"imgrecog:endpoint={service.url}",
            "-process", "imgrecog", "-process", "imgrecog labels", "-format",
            "%[imgrecog:labels]|%[imgrecog:label-count]|%[imgrecog:json]|", "info:")
    tap.equal(result.stdout.decode(), "|0||", "labels, then labels that fail: no earlier ones stay")
    with FakeService(lambda request: Answer(labels_answer(label("Dog", 70.0)))) as service:
        first = ["convert", "face.jpg", "-process", f"imgrecog endpoint={service.url}", "-process"]
        result = magick.run(*first, "imgrecog nonsense", "-format",
                            "%[imgrecog:labels]|%[imgrecog:json]|%[imgrecog:error]", "info:")
        got = result.stdout.decode().split("|")
        tap.ok(got[:2] == ["Dog: 70%", ""] and "nonsense" in got[2],
               "labels, then no task that exists: they stay, their document does not", got)
        for words in ("nonsense labels", "labels nonsense", "labels hue=red",
                      "nonsense hue=red labels"):
            result = magick.run(*first, f"imgrecog {words}", "-format",
                                "%[imgrecog:labels]|%[imgrecog:label-count]|%[imgrecog:error]",
                                "info:")
            got = result.stdout.decode().split("|")
            tap.ok(result.returncode == 1 and got[:2] == ["", "0"]
                   and ("nonsense" if "nonsense" in words else "hue") in got[2],
                   f"labels, then {words}: a wrong word in any place, and none stay", got)


def test_another_picture(tap, magick):
    """What an earlier run found goes when the picture becomes another one."""
    looks = "labels caption ask"
    faces = "check look-for=faces"
    everything = {"labels", "label-count", "label-0-name", "caption", "alt-text", "answer", "model",
                  "model-of", "verdict", "uri"}
    named = {"caption", "alt-text"}
    asked = {"answer"}
    of_labels = {"labels", "label-count", "label-0-name"}
    of_model = {"model", "model-of"}
    store = "upload upload=s3://my-bucket/up/"
    rows = [
        ("nothing changes", [looks, store, faces], everything, 0),
        ("generate", [looks, store, faces, "generate prompt=fox"], of_model, 0),
        ("generate and labels", [looks, faces, "generate prompt=fox seed=1 labels overlay=none"],
         of_model | of_labels, 0),
        ("crop", [looks, store, f"{faces} action=crop"], {"verdict"}, 0),
        ("crop that cuts nothing", [looks, store, f"{faces} action=crop kinds=email"], everything, 0),
        ("fill", [looks, store, f"{faces} action=fill"], of_labels | {"verdict", "uri"}, 0),
        ("pixelate", [looks, f"{faces} action=pixelate"], of_labels | {"verdict"}, 0),
        ("blur", [looks, f"{faces} action=blur"], of_labels | {"verdict"}, 0),
        ("fill in the same run", ["ask", f"caption {faces} action=fill"],
         named | of_model | {"verdict"}, 0),
        ("fill of nothing", [looks, f"{faces} action=fill kinds=email"],
         everything - {"uri"}, 0),
        ("a check that fails", [looks, f"{faces},moderation action=fill"],
         of_labels | {"verdict"}, 1),
        ("blank", [looks, store, f"{faces},moderation fail-closed=true"], {"verdict"}, 1),
        ("blank, all in one run", [f"{looks} {faces},moderation fail-closed=true"], {"verdict"}, 1),
        ("blank for a wrong word", [looks, faces, "check fail-closed=true action=hide"], set(), 1),
        ("generate that fails", [looks, "generate prompt=fox image-model=nobody.such-v1"],
         of_labels | named | asked | of_model, 1),
        ("a dry run of generate", [looks, "generate prompt=fox dry-run=true"],
         of_labels | named | asked | of_model, 0),
    ]
    defines = [word for define in (*MODELS, "imgrecog:question=What is it?",
                                   "imgrecog:overlay=none") for word in ("-define", define)]
    escapes = "|".join(f"{name}=%[imgrecog:{name}]" for name in sorted(everything))
    for case, runs, wanted, code in rows:
        processes = [word for run in runs for word in ("-process", f"imgrecog {run}")]
        result = magick.run("convert", "face.jpg", *defines, *processes, "-format",
                            escapes.replace("|", "\x02"), "info:")
        got = dict(part.split("=", 1) for part in result.stdout.decode().strip().split("\x02"))
        left = {name for name, value in got.items() if value.strip() not in ("", "0")}
        tap.equal((result.returncode, left), (code, wanted), f"another picture: {case}")


def test_whose_model(tap, magick):
    """The model that is named did something that is still there; a definition alone names none."""
    ask = ["imgrecog:question=What is it?"]
    name = MODELS[0].split("=")[1]
    rows = [
        ("labels alone", ["labels"], "", ""),
        ("labels of the describer", ["labels from=bedrock"], "", ""),
        ("labels of the describer, then of Rekognition", ["labels from=bedrock", "labels"], "", ""),
        ("caption", ["caption"], name, "caption"),
        ("labels and caption", ["labels caption"], name, "caption"),
        ("a picture of one model, its caption of another", ["generate caption prompt=fox"], name,
         "caption"),
        ("caption, then labels", ["caption", "labels"], name, "caption"),
        ("caption, then a check without a model", ["caption", "check look-for=faces"], name,
         "caption"),
        ("caption and ask", ["caption ask"], name, "caption,ask"),
        ("caption, then ask", ["caption", "ask"], name, "caption,ask"),
        ("caption, then ask, then one that fails", ["caption", "ask", "ask model=nobody.such-v1"],
         name, "caption"),
        ("caption, then a caption and ask", ["caption", "caption ask"], name, "caption,ask"),
        ("a picture, then its caption of another model", ["generate prompt=fox", "caption"], name,
         "caption"),
        ("a caption, then another picture, then its caption",
         ["caption", "generate prompt=fox", "caption"], name, "caption"),
        ("caption, then one that fails", ["caption", "caption model=nobody.such-v1"], "", ""),
        ("both, then a caption that fails", ["caption ask", "caption model=nobody.such-v1"], name,
         "ask"),
    ]
    for case, runs, model, of in rows:
        processes = [word for run in runs for word in ("-process", f"imgrecog {run}")]
        defines = [word for define in MODELS + ask for word in ("-define", define)]
        result = magick.run("convert", "face.jpg", *defines, *processes, "-format",
                            "%[imgrecog:model]|%[imgrecog:model-of]", "info:")
        tap.equal(result.stdout.decode().strip(), f"{model}|{of}", f"whose model: {case}")


def test_dry_run(tap, magick):
    """What would be sent, where to and for how much is said on stderr; nothing is sent or drawn."""
    magick.make("-size", "20x20", "xc:red", "small.png")
    with FakeService(lambda request: Answer(labels_answer(label("Dog", 70.0)))) as service:
        define = ["-define", f"imgrecog:endpoint={service.url}", "-define", "imgrecog:cache=true"]
        host = service.url.split("//")[1]
        words = ["-process",
                 "imgrecog labels caption upload upload=s3://my-bucket/in/ dry-run=true"]
        models = [option for model in MODELS for option in ("-define", model)]
        result = magick.run("face.jpg", "b.png", *define, *models, *words, "dry-%d.miff")
        lines = message_of(result.errors)
        tap.ok(
            result.returncode == 0 and len(lines) == 1 and "Dry run, nothing was sent" in lines[0]
            and "Rekognition DetectLabels: 2 requests, " in lines[0] and f"to {host}" in lines[0]
            and "(imgrecog.local-describer-v1): 2 requests" in lines[0]
            and " 2 pictures would be stored at s3://my-bucket/in/; what S3 takes" in lines[0], "a dry run says what would be sent",
            (result.returncode, result.errors),
        )
        tap.equal(len(service.requests), 0, "a dry run sends nothing")
        tap.ok(numpy.array_equal(magick.pixels("dry-0.miff"), magick.pixels("face.jpg")),
               "a dry run draws nothing")
        result = magick.run("face.jpg", *define, "-process",
                            "imgrecog upload upload=s3://my-bucket/in/ dry-run=true", "null:")
        tap.ok(result.returncode == 0 and "nothing was sent: 1 picture would be stored at"
               " s3://my-bucket/in/; what S3 takes for that is not counted." in result.errors
               and "nothing to send" not in result.errors, "a dry run of an upload alone",
               result.errors)
        result = magick.run("face.jpg", *define, "-process",
                            "imgrecog check look-for=metadata dry-run=true", "null:")
        tap.ok(result.returncode == 0 and "there would be nothing to send." in result.errors,
               "a dry run of what this machine does alone", result.errors)
        for files, said in ((["small.png"], 0), (["small.png", "face.jpg"], 1)):
            result = magick.run("convert", *files, *define, *words, *models, "null:")
            tap.ok(result.returncode == 1 and "at least 80 a side" in result.errors
                   and result.errors.count("Dry run") == said
                   and result.errors.count("1 picture would be stored") == said,
                   f"a dry run in which {len(files) - said} of {len(files)} failed", result.errors)
        result = magick.run("-quiet", "face.jpg", *define, *models, *words, "null:")
        tap.equal((result.returncode, result.errors), (0, ""), "a dry run and -quiet")
        result = magick.run("face.jpg", *define, "-process", "imgrecog overlay=none", "-process",
                            "imgrecog dry-run=true", "null:")
        tap.ok("would cost nothing. Rekognition DetectLabels: 1 answer in the cache."
               in result.errors, "a dry run of what is in the cache", result.errors)
        result = magick.run("mogrify", "-path", ".", "-format", "miff", *define,
                            "-define", "imgrecog:dry-run=true", "-process", "imgrecog", "face.jpg",
                            "b.png")
        tap.ok(result.returncode == 0 and result.errors.count("at most $0.001 (prices of") == 1
               and result.errors.count("1 answer in the cache") == 1,
               "a dry run of mogrify: a line for each picture", result.errors)


def test_dry_run_changes_nothing(tap, magick):
    """mogrify writes over its own files: after a dry run they are, byte for byte, what mogrify
    makes of them without a filter."""
    magick.make("-size", "320x256", "gradient:red-blue", "-set", "comment", "mine", "-quality", "92",
                "commented.jpg")
    rows = [
        ("check", "check", [], 0),
        ("an action", "check action=pixelate", [], 0),
        ("an action, fail-closed", "check action=pixelate fail-closed=true", [], 0),
        ("fail-closed by definition", "check action=crop", ["imgrecog:fail-closed=true"], 0),
        ("a report, fail-closed", "check fail-closed=true", [], 0),
        ("metadata=none", "labels metadata=none", [], 0),
        ("metadata=xmp,iptc", "labels caption metadata=xmp,iptc", [], 0),
        ("everything", "check caption upload upload=s3://my-bucket/in/ action=fill metadata=none "
         "fail-closed=true", [], 0),
        ("generate", "generate", ["imgrecog:prompt=x", "imgrecog:fail-closed=true"], 0),
        ("a wrong word, fail-closed", "check fail-closed=true action=hide", [], 1),
        ("no task that exists, fail-closed", "nonsense", ["imgrecog:fail-closed=true"], 1),
        ("a wrong profile, fail-closed", "check fail-closed=true profile=nobody", [], 1),
    ]
    ways = [("word", " dry-run=true", [], {}), ("definition", "", ["imgrecog:dry-run=true"], {}),
            ("environment", "", [], {"IMGRECOG_DRY_RUN": "true"})]
    with open("plain.jpg", "wb") as file:
        file.write(read("commented.jpg"))
    magick.make("mogrify", "plain.jpg")
    for name, words, defines, wanted in rows:
        for way, more_words, more_defines, env in ways:
            options = [option for define in (*MODELS, *defines, *more_defines)
                       for option in ("-define", define)]
            with open("x.jpg", "wb") as file:
                file.write(read("commented.jpg"))
            with FakeService(lambda request: Answer(b"{}")) as service:
                result = magick.run(
                    "mogrify", "-define", f"imgrecog:endpoint={service.url}", *options, "-process",
                    f"imgrecog {words}{more_words}", "x.jpg", env=env)
            case = f"dry run by {way}: {name}"
            tap.equal((result.returncode, len(service.requests)), (wanted, 0),
                      f"{case}: exit code, nothing is sent")
            tap.ok(wanted == 1 or "Dry run" in result.errors, f"{case}: says what would be",
                   result.errors)
            tap.ok(read("x.jpg") == read("plain.jpg"), f"{case}: nothing of the file changes")


def test_partial(tap, magick):
    """A task fails after another was answered: what was paid for is kept, nothing is drawn."""
    def answer(request):
        if request.target.endswith("DetectLabels"):
            return Answer(labels_answer(label("Face", 97.5, box(0.3, 0.2, 0.3, 0.3))))
        return Answer(b'{"__type":"AccessDeniedException","message":"no"}', 400)

    with FakeService(answer) as service:
        result = run(
            magick, ["convert", "face.jpg"], "imgrecog labels caption", "partial.miff",
            defines=[f"imgrecog:endpoint={service.url}"],
        )
    got = result.pictures[0]
    tap.ok(
        result.returncode == 1 and "AccessDenied" in got["error"] and got["labels"] == "Face: 97%"
        and json.loads(got["json"])["labels"],
        "a task fails: the others' results stay", (result.errors, got),
    )
    tap.ok(
        numpy.array_equal(magick.pixels("partial.miff"), magick.pixels("face.jpg")),
        "a task fails: nothing is drawn",
    )


def test_draw_fails(tap, magick):
    """No memory for the pixels that would be drawn on; what was answered stays, and why it failed."""
    nothing = [word for name in ("memory", "map", "disk") for word in ("-limit", name, "0")]
    with service_with(label("Face", 97.5, box(0.3, 0.2, 0.3, 0.3))) as service:
        result = magick.run(  # the copy shares the pixels, so that drawing needs new ones
            "convert", "face.jpg", "-write", "mpr:copy", *nothing, "-define",
            f"imgrecog:endpoint={service.url}", "-process", "imgrecog", "-format",
            "%[imgrecog:labels]|%[imgrecog:label-count]|%[imgrecog:error]", "info:")
    got = result.stdout.decode().split("|")
    tap.ok(result.returncode == 1 and got[:2] == ["Face: 97%", "1"]
           and "could not draw" in got[2] and got[2].strip() in result.errors,
           "drawing fails: the artifact says so", (got, result.errors))


def test_words(tap, magick):
    rows = [
        ("ask without a question", "imgrecog ask", [], ["question", "-define"]),
        ("generate without a prompt", "imgrecog generate", [], ["prompt"]),
        ("upload without a place", "imgrecog upload", [], ["upload", "-define"]),
        ("a question without ask", "imgrecog labels question=x", [], ["question", "ask"]),
        ("an upload that is no address", "imgrecog upload", ["imgrecog:upload=x"], ["s3://"]),
        ("a setting of another task", "imgrecog caption max-labels=3", [], ["max-labels"]),
        ("metadata=none with xmp", "imgrecog metadata=none,xmp", [], ["metadata=none"]),
        ("an action on the first frame", "imgrecog check action=fill frames=first", [], ["frame"]),
        ("no such overlay", "imgrecog overlay=circles", [], ["overlay", "corners"]),
        ("a question with blanks", "imgrecog ask question=What is it?", [],
         ["no task 'is'", "of question ended", "labels, caption",
          "-define imgrecog:question='...' before -process"]),
        ("a prompt with the name of a setting", "imgrecog generate prompt=a model boat", [],
         ["'model' has no value", "of prompt ended", "-define imgrecog:prompt='...'"]),
        ("a task behind a setting", "imgrecog min-confidence=80 lables", [],
         ["no task 'lables'", "labels, caption"]),
        ("no task that exists", "imgrecog lables min-confidence=80", [],
         ["no task 'lables'. The tasks", "imgrecog TASK key=value"]),
        ("a setting without a value", "imgrecog overlay", [],
         ["'overlay' has no value; it takes", "Write overlay=VALUE, without blanks"]),
        ("one key for two", "imgrecog upload", ["imgrecog:upload=s3://my-bucket/k"], ["one key"]),
    ]
    for name, words, defines, wanted in rows:
        result = run(magick, ["face.jpg", "face.jpg"], words, defines=defines)
        lines = message_of(result.errors)
        tap.ok(
            result.returncode == 1 and len(lines) == 1 and all(w in lines[0] for w in wanted),
            f"refused: {name}", result.errors,
        )
    result = run(
        magick, ["face.jpg"], "imgrecog caption model=imgrecog.local-describer-v1 labels",
        "-process", "imgrecog caption", "null:",
        defines=["imgrecog:question=for a later run"],
    )
    tap.equal((result.returncode, result.errors), (0, ""),
              "tasks in any place, a definition for another run, a model of an earlier run")


# ---- pictures that are made ------------------------------------------------------------------


def test_fill_canvas(tap, magick):
    prompt = ["imgrecog:prompt=a red fox in snow"]
    for size, shape in (("1152x896", (5, 4)), ("300x900", (9, 21)), ("64x64", (1, 1))):
        result = run(magick, ["-size", size, "xc:white"], "imgrecog generate", "made.png",
                     defines=[*prompt, "imgrecog:seed=7"])
        wide, high = map(int, size.split("x"))
        document = json.loads(result.pictures[0]["json"] or "{}")
        made = document.get("generated", {"width": 1, "height": 1})
        tap.equal((result.returncode, magick.size("made.png")), (0, (wide, high)),
                  f"{size}: the canvas keeps its size")
        tap.ok(abs(made["width"] / made["height"] - shape[0] / shape[1]) < 0.04,
               f"{size}: the nearest shape is asked for", made)
        pixels = magick.pixels("made.png", "RGB")
        tap.ok(len(numpy.unique(pixels.reshape(-1, 3), axis=0)) > 100, f"{size}: it is filled")
        depth = magick.run("made.png", "-format", "%z", "info:").stdout
        tap.equal(depth, b"8", f"{size}: it is written with 8 bits")
    xmp = magick.make("made.png", "xmp:-")
    tap.ok(b"trainedAlgorithmicMedia" in xmp or b"algorithmicMedia" in xmp,
           "it says that a machine made it", xmp[:300])
    spaces = [("CMYK", ["-colorspace", "CMYK"]), ("gray", ["-colorspace", "Gray"]),
              ("transparent", ["-alpha", "transparent"]), ("palette", ["-type", "Palette"])]
    plain = None
    for name, operations in spaces:
        run(magick, ["-size", "640x512", "xc:white", *operations], "imgrecog generate",
            "made.miff", defines=[*prompt, "imgrecog:seed=7"])
        pixels = magick.pixels("made.miff", "RGB")
        plain = pixels if plain is None else plain
        tap.ok(numpy.array_equal(pixels, plain), f"a {name} canvas becomes the same sRGB")


def test_not_stretched(tap, magick):
    """What is made is scaled alike in both directions: two canvases of unlike shape that get the
    same picture show the same middle at their own scale."""
    defines = ["imgrecog:prompt=x", "imgrecog:seed=7", "imgrecog:width=100", "imgrecog:height=100"]
    run(magick, ["-size", "1024x1024", "xc:white"], "imgrecog generate", "square.png",
        defines=defines)
    run(magick, ["-size", "1024x512", "xc:white"], "imgrecog generate", "wide.png",
        defines=defines)
    square, wide = magick.pixels("square.png", "RGB"), magick.pixels("wide.png", "RGB")
    tap.ok(numpy.array_equal(wide, square[256:768]), "cut at the middle, not stretched")


def test_paint_transparency(tap, magick):
    magick.make("face.jpg", "(", "-size", "512x600", "xc:white", "-fill", "black", "-draw",
                "rectangle 100,150 299,399", ")", "-alpha", "off", "-compose", "CopyAlpha",
                "-composite", "hole.png")
    for orientation in ("top-left", "right-top", "left-bottom"):
        with Server(magick.local, socket=os.path.abspath("own.sock"),
                    environment={"LD_PRELOAD": ""}):  # whose models are the presets
            result = magick.run(
                "hole.png", "-orient", orientation, "-define", "imgrecog:prompt=a red fox",
                "-process", "imgrecog generate endpoint=local", "painted.miff",
                env={"IMGRECOG_LOCAL_SOCKET": os.path.abspath("own.sock")},
            )
        tap.equal(result.errors, "", f"{orientation}: a hole is painted")
        hole, got = magick.pixels("hole.png"), magick.pixels("painted.miff")
        opaque = hole[..., 3] == 65535
        tap.ok(numpy.array_equal(got[opaque], hole[opaque]),
               f"{orientation}: opaque pixels keep every bit")
        tap.ok(got[..., 3].min() == 65535 and got[~opaque][:, :3].std() > 500,
               f"{orientation}: nothing is transparent any more, and the hole is no one colour")


def test_picture_to_picture(tap, magick):
    result = run(magick, ["face.jpg"], "imgrecog generate", "changed.png",
                 defines=["imgrecog:prompt=a red fox"])
    tap.equal((result.returncode, magick.size("changed.png")), (0, (512, 600)),
              "a picture is changed and keeps its size")
    a, b = magick.pixels("changed.png", "RGB"), magick.pixels("face.jpg", "RGB")
    tap.ok((a != b).any(axis=2).mean() > 0.5, "a picture is changed")


# ---- lists -----------------------------------------------------------------------------------


def test_on_error(tap, magick):
    calls = []

    def answer(request):
        calls.append(request)
        if len(calls) == 2:
            return Answer(b'{"__type":"InvalidImageFormatException","message":"no"}', 400)
        return Answer(labels_answer(label("Face", 97.5)))

    for mode, wanted in (("continue", 5), ("stop", 2)):
        calls.clear()
        with FakeService(answer) as service:
            result = run(
                magick, ["convert", *["face.jpg"] * 5], f"imgrecog jobs=1 on-error={mode}",
                defines=[f"imgrecog:endpoint={service.url}"],
            )
        tap.equal((result.returncode, len(calls)), (1, wanted), f"on-error={mode}: requests")
        tap.equal([row["labels"] for row in result.pictures].count("Face: 97%"),
                  4 if mode == "continue" else 1, f"on-error={mode}: what was done")


def test_frames(tap, magick):
    magick.make("-size", "120x120", "xc:red", "xc:lime", "xc:blue", "-set", "delay", "9", "a.gif")
    magick.make("-size", "120x120", "xc:red", "xc:lime", "xc:blue", "a.tif")
    for name in ("a.gif", "a.tif"):
        for mode, wanted in (("each", [True] * 3), ("first", [True, False, False])):
            with service_with(label("Thing", 90.0, box(0.2, 0.2, 0.5, 0.5))) as service:
                result = magick.run(
                    name, "-define", f"imgrecog:endpoint={service.url}", "-process",
                    f"imgrecog frames={mode}", "out.miff",
                )
            drawn = []
            for frame in range(3):
                before, after = magick.pixels(f"{name}[{frame}]"), magick.pixels(f"out.miff[{frame}]")
                drawn.append(not numpy.array_equal(before, after))
            tap.equal((len(service.requests), drawn), (sum(wanted), wanted),
                      f"{name} frames={mode}: asked and drawn on")
    with service_with(label("Thing", 90.0, box(0.2, 0.2, 0.5, 0.5))) as service:
        magick.run("a.gif", "b.png", "a.tif", "-define", f"imgrecog:endpoint={service.url}",
                   "-process", "imgrecog frames=first", "null:")
    tap.equal(len(service.requests), 3, "frames=first: the first of each file")


def test_frames_results(tap, magick):
    """Frames that were left out have every artifact, empty; or what an earlier run found there."""
    magick.make("-size", "120x120", "xc:red", "xc:lime", "xc:blue", "-set", "delay", "9", "a.gif")
    escapes = "|".join(f"%[imgrecog:{name}]" for name in [
        *RESULTS, "title", "keywords", "model-of", "cost-usd", "cached"]) + "|%[imgrecog:label-count]\n"
    each, first = "imgrecog labels overlay=none", "imgrecog labels overlay=none frames=first"
    with service_with(label("Thing", 90.0)) as service:
        define = ["-define", f"imgrecog:endpoint={service.url}"]
        alone = magick.run("a.gif", *define, "-process", first, "-format", escapes, "info:")
        behind = magick.run("a.gif", *define, "-process", each, "-process", first, "-format",
                            "%[imgrecog:labels]|%[imgrecog:label-count]|%[imgrecog:json]\n", "info:")
    lines = alone.stdout.decode().splitlines()
    tap.ok(alone.returncode == 0 and alone.errors == "" and "Thing: 90%" in lines[0]
           and lines[1:] == ["|" * 15 + "0"] * 2, "frames=first: the others have artifacts",
           (alone.errors, lines))
    lines = behind.stdout.decode().splitlines()
    tap.ok(behind.errors == "" and lines[0].startswith("Thing: 90%|1|{")
           and lines[1:] == ["Thing: 90%|1|"] * 2, "frames=first: an earlier run's results stay",
           (behind.errors, lines))


CASES = [
    test_notices,
    test_all_looks,
    test_one_encoding,
    test_single_labels,
    test_second_run,
    test_another_picture,
    test_whose_model,
    test_dry_run,
    test_dry_run_changes_nothing,
    test_partial,
    test_draw_fails,
    test_words,
    test_fill_canvas,
    test_not_stretched,
    test_paint_transparency,
    test_picture_to_picture,
    test_on_error,
    test_frames,
    test_frames_results,
]


class LocalMagick(Magick):
    """With the objects of the embedded endpoint, which is on a port here so that boto3 reaches it."""

    def __init__(self, environment, url, local):
        super().__init__(environment)
        self.local = local
        self.s3 = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1",
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            config=botocore.config.Config(s3={"addressing_style": "path"}),
        )

    def local_object(self, key):
        return self.s3.get_object(Bucket="my-bucket", Key=key)["Body"].read()


def main(all_cases):
    local, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    assert set(wanted) <= {case.__name__ for case in all_cases}, "there is no such case"
    with workspace() as folder:
        data = folder / "data"
        (data / "imgrecog/s3/my-bucket").mkdir(parents=True)
        environment = clean_environment(folder, XDG_DATA_HOME=str(data))
        environment.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET)
        with Server(local, environment={"XDG_DATA_HOME": str(data), "LD_PRELOAD": ""}) as server:
            environment["AWS_ENDPOINT_URL"] = server.url
            magick = LocalMagick(environment, server.url, local)
            magick.make(portrait(), "-strip", "-quality", "92", "face.jpg")
            magick.make("-size", "320x256", "plasma:", "-strip", "-depth", "8", "-define",
                        "png:color-type=2", "b.png")
            judged_by("ImageMagick", program_version(magick.program, "--version"))
            cases = [case for case in all_cases if not wanted or case.__name__ in wanted]
            return run_cases(cases, magick)


if __name__ == "__main__":
    sys.exit(main(CASES))
