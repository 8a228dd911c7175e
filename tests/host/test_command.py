# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `imgrecog`, run as people run it: pictures of every kind, a model's words as they come,
the result document, failures and exit codes."""

import base64
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import time

import jsonschema

import support
from command_support import LOCAL, MAGICK, PROGRAM, Bedrock, make, run

CAPTION = {
    "caption": "A woman in uniform smiles.",
    "alt_text": "Smiling woman in uniform",
    "title": "Portrait",
    "keywords": ["portrait", "uniform"],
}


def picture_sent(bedrock, folder, index=-1):
    """What a model was shown: its format and its size as magick sees it."""
    contents = bedrock.requests[index][1]["messages"][0]["content"]
    shown = contents[0]["image"]
    path = pathlib.Path(folder) / "shown"
    path.write_bytes(base64.b64decode(shown["source"]["bytes"]))
    out = subprocess.run([MAGICK, str(path), "-format", "%m %w %h %[pixel:p{10,10}]", "info:"],
                         capture_output=True, text=True, check=True).stdout.split()
    return shown["format"], out


# ---- cases -----------------------------------------------------------------------------------


def case_usage(tap):
    with support.workspace() as folder:
        for arguments, code, says in (
            ((), 2, b"Usage"),
            (("help",), 0, b"ask QUESTION PICTURE"),
            (("labels", "--help"), 0, b"--min-confidence"),
            (("--version",), 0, b"imgrecog 0."),
            (("paint",), 2, b'no command "paint"'),
            (("labels",), 2, b"PICTURE"),
            (("ask", "what?"), 2, b"QUESTION PICTURE"),
            (("labels", "--max-labels", "0", "x.jpg"), 2, b"--max-labels"),
            (("labels", "--max-labels"), 2, b"needs a value"),
            (("labels", "-q", "x.jpg"), 2, b"no such option"),
            (("labels", "--text=maybe", "x.jpg"), 2, b"true or false"),
            (("labels", "--endpoint", "ftp://x", "x.jpg"), 2, b"--endpoint"),
        ):
            done = run(folder, *arguments)
            tap.ok(done.returncode == code and says in done.stdout + done.stderr,
                   f"usage: {' '.join(arguments) or 'nothing'}: exit code {code}",
                   (done.returncode, done.stdout, done.stderr))


def case_config(tap):
    with support.workspace() as folder:
        done = run(folder, "config", "--language", "Korean", "--text", IMGRECOG_MAX_LABELS="7")
        lines = done.stdout.decode().splitlines()
        tap.ok({"language = Korean", "text = true", "max-labels = 7", "# model is not set"}
               <= set(lines), "config shows what is in force", lines)


def case_help_of_broken_settings(tap):
    """Help is what somebody wants who has settings that are wrong."""
    with support.workspace() as folder:
        wrong = {"IMGRECOG_MAX_LABELS": "many"}
        whole = run(folder, "labels", "--help").stdout
        for words in (("--help",), ("-h",), ("a.jpg", "--max-labels", "3", "--help"),
                      ("--max-labels=x", "--help")):
            done = run(folder, "labels", *words, **wrong)
            tap.ok((done.returncode, done.stdout) == (0, whole), "help of settings that are wrong: "
                   + " ".join(words), done)
        for words in (("a.jpg",), ("a.jpg", "--context", "--help"), ("--", "--help")):
            done = run(folder, "caption", *words, **wrong)
            tap.ok(done.returncode == 2 and b"IMGRECOG_MAX_LABELS" in done.stderr and not done.stdout,
                   "no help: " + " ".join(words), done)


def case_ask(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        done = run(folder, "ask", "What is it?", "a.jpg", bedrock=bedrock)
        tap.equal(done.stdout.decode(), "Two people.\nOne smiles.\n", "ask prints the answer")
        tap.equal(picture_sent(bedrock, folder)[0], "jpeg", "ask: a JPEG goes as it is")
        done = run(folder, "ask", "What is it?", "a.jpg", "--json", bedrock=bedrock)
        document = json.loads(done.stdout)
        tap.equal(document["answer"]["text"], bedrock.text, "ask --json: the answer")
        tap.equal(document["usage"], {"requests": 1, "retries": 0, "input_tokens": 1200,
                                      "output_tokens": 34, "cost_usd": 0.001507,
                                      "prices_of": "2026-11-20", "cached": 0},
                  "ask --json: what it took")
        tap.ok("What is it?" not in done.stdout.decode() + done.stderr.decode(),
               "ask: the question is in no output")
        bedrock.text = "\x1b[31mred\x9b\r\x07"
        done = run(folder, "ask", "?", "a.jpg", bedrock=bedrock)
        tap.ok(not set(done.stdout) & set(b"\x1b\x07\r"), "ask: nothing that controls a terminal",
               done.stdout)


def case_titles(tap):
    """Of several pictures, each one's words stand behind its name."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        make("b.jpg")
        done = run(folder, "ask", "?", "a.jpg", "missing.jpg", "b.jpg", bedrock=bedrock)
        tap.equal(done.stdout.decode(), f"a.jpg:\n{bedrock.text}\nb.jpg:\n{bedrock.text}\n",
                  "ask: the pictures' names where there are several")
        done = run(folder, "upload", "a.jpg", "s3://photos/", "--presign", "60", "--endpoint",
                   "local")
        tap.ok(done.returncode == 2 and b"no link" in done.stderr,
               "upload --presign to this machine is refused before anything is sent", done.stderr)


def case_streamed(tap):
    """The first words are there long before the last."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.pause_s = 0.3
        bedrock.text = "first words, and then some more of them, until the end"
        make("a.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url)
        with subprocess.Popen([PROGRAM, "ask", "?", "a.jpg"], env=environment,
                              stdout=subprocess.PIPE) as child:
            first = os.read(child.stdout.fileno(), 5)
            still = child.poll() is None
            rest = child.stdout.read()
            child.wait()
        tap.ok(still and first == b"first" and (first + rest).decode() == bedrock.text + "\n",
               "ask: words come while the model writes", (still, first, rest))


def case_interrupted(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.pause_s = 0.5
        bedrock.text = "x" * 400
        make("a.jpg")
        make("b.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url)
        with subprocess.Popen([PROGRAM, "ask", "?", "a.jpg", "b.jpg"], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            said = b""
            while b"xxx" not in said:  # behind the picture's name, the model's words
                said += os.read(child.stdout.fileno(), 100)
            begun = time.monotonic()
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=30)
            took_s = time.monotonic() - begun
        tap.ok(child.returncode == 130 and b"cancelled" in errors and len(bedrock.requests) == 1,
               "SIGINT ends the run with 130, the next picture is not begun",
               (child.returncode, errors, len(bedrock.requests)))
        tap.ok(took_s < 5, "SIGINT is heard while the answer comes", took_s)


def case_broken_answers(tap):
    with support.workspace() as folder:
        make("a.jpg")
        for name, change, says in (
            ("an exception in the stream", {"fail_after": 1}, b"it broke"),
            ("cut off at max-tokens", {"stop": "max_tokens"}, b"cut off"),
            ("refused", {"stop": "refusal"}, b"declined"),
            ("a model at its end", {"error": (
                404, "ResourceNotFoundException",
                "This model version has reached the end of its life.")},
             b"us.anthropic.claude-haiku-4-5"),
            ("no access", {"error": (403, "AccessDeniedException", "no")}, b"bedrock:InvokeModel"),
        ):
            bedrock = Bedrock()
            vars(bedrock).update(change)
            done = run(folder, "ask", "?", "a.jpg", "--model",
                       "anthropic.claude-3-haiku-20240307-v1:0", bedrock=bedrock)
            tap.ok(done.returncode == 1 and says in done.stderr and len(bedrock.requests) == 1,
                   f"ask: {name}: exit code 1, and one request", (done.returncode, done.stderr))


def case_caption(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.text = json.dumps(CAPTION)
        make("a.jpg")
        done = run(folder, "caption", "a.jpg", bedrock=bedrock)
        tap.equal(done.stdout.decode(),
                  "A woman in uniform smiles.\nAlt text: Smiling woman in uniform\n"
                  "Title: Portrait\nKeywords: portrait, uniform\n", "caption for people")
        done = run(folder, "caption", "a.jpg", "--json", "--language", "Korean", bedrock=bedrock)
        caption = json.loads(done.stdout)["caption"]
        tap.ok(caption["text"] == CAPTION["caption"] and caption["keywords"] == CAPTION["keywords"]
               and caption["language"] == "Korean" and "haiku" in caption["model"],
               "caption --json", caption)
        tap.ok("한국어" in bedrock.requests[-1][1]["messages"][0]["content"][1]["text"],
               "caption: asked for in Korean")
        schema = bedrock.requests[-1][1]["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
        jsonschema.Draft202012Validator.check_schema(json.loads(schema["schema"]))
        jsonschema.validate(CAPTION, json.loads(schema["schema"]))
        tap.ok(True, "caption: the schema that the model is held to is one, and fits")
        done = run(folder, "caption", "a.jpg", "--from-labels", "--json", bedrock=bedrock)
        content = bedrock.requests[-1][1]["messages"][0]["content"]
        tap.ok(len(content) == 1 and "- Person (99 %)" in content[0]["text"],
               "caption --from-labels: words only, the surest labels among them", content)
        tap.equal([x["name"] for x in json.loads(done.stdout)["labels"]], ["Person", "Portrait"],
                  "caption --from-labels: the labels are in the document")


def case_pictures(tap):
    """Every kind is shown upright, in bounds and in its colours; its own size is reported."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("plain.png")
        make("plain.tif")
        make("plain.webp")
        make("plain.gif")
        make("plain.bmp")
        make("cmyk.jpg", "-colorspace", "CMYK")
        make("clear.png", "-alpha", "set", "-channel", "A", "-evaluate", "set", "50%")
        turned = support.jpeg_with_orientation(pathlib.Path(make("t.jpg")).read_bytes(), 3)
        pathlib.Path("turned.jpg").write_bytes(turned)
        make("large.jpg", "-resize", "4000x")
        for name, wanted, size, format_ in (
            ("plain.png", (300, 200), (300, 200), "png"),
            ("clear.png", (300, 200), (300, 200), "jpeg"),
            ("plain.tif", (300, 200), (300, 200), "jpeg"),
            ("plain.webp", (300, 200), (300, 200), "jpeg"),
            ("plain.gif", (300, 200), (300, 200), "jpeg"),
            ("plain.bmp", (300, 200), (300, 200), "jpeg"),
            ("cmyk.jpg", (300, 200), (300, 200), "jpeg"),
            ("turned.jpg", (300, 200), (300, 200), "jpeg"),
            ("large.jpg", (2576, 1718), (4000, 2667), "jpeg"),
        ):
            done = run(folder, "ask", "?", name, "--json", bedrock=bedrock)
            if not tap.equal(done.returncode, 0, f"{name} can be asked about"):
                print(f"# {done.stderr}")
                continue
            image = json.loads(done.stdout)["image"]
            sent_format, (_, width, height, pixel) = picture_sent(bedrock, folder)
            tap.equal((sent_format, int(width), int(height)), (format_, *wanted), f"{name}: sent")
            tap.equal((image["width"], image["height"]), size, f"{name}: its own size")
            first = "blue" if name == "turned.jpg" else "red"
            channels = [int(float(x)) for x in pixel[pixel.index("(") + 1:-1].split(",")[:3]]
            strongest = ("red", "green", "blue")[channels.index(max(channels))]
            tap.equal(strongest, first, f"{name}: upright, in its colours")


def case_bad_files(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("good.jpg")
        pathlib.Path("text.jpg").write_text("not a picture", encoding="utf-8")
        pathlib.Path("script.mvg").write_text("push graphic-context\nimage over 0,0 0,0 'x.png'\n",
                                              encoding="utf-8")
        pathlib.Path("script.jpg").write_text("#!/bin/sh\n", encoding="utf-8")
        pathlib.Path("cut.tif").write_bytes(b"II*\0\x08\0\0\0")
        pathlib.Path("pdf.tif").write_bytes(b"II*\0%PDF-1.4\n")
        pathlib.Path("script.bmp").write_text(
            "BMpush graphic-context\nimage over 0,0 0,0 'x.png'\n", encoding="utf-8")
        pathlib.Path("huge.bmp").write_bytes(
            b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, 60000, 60000, 1, 24, 0, 0, 0, 0, 0, 0))
        pathlib.Path("empty.jpg").write_bytes(b"")
        os.mkdir("folder.jpg")
        names = ["text.jpg", "script.mvg", "script.jpg", "cut.tif", "pdf.tif", "script.bmp",
                 "huge.bmp", "empty.jpg", "folder.jpg", "missing.jpg", "good.jpg"]
        done = run(folder, "labels", "--json", *names, bedrock=bedrock)
        errors = done.stderr.decode().splitlines()
        tap.equal(done.returncode, 1, "bad files: exit code 1")
        tap.ok([line.split(":")[1].strip() for line in errors] == names[:-1],
               "bad files: one line for each, with its name", errors)
        tap.equal([json.loads(line)["image"]["source"] for line in done.stdout.splitlines()],
                  ["good.jpg"], "bad files: the good one is done all the same")
        tap.equal(len(bedrock.requests), 1, "bad files: nothing else was sent")


def case_standard_input(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        picture = pathlib.Path(make("a.jpg")).read_bytes()
        done = run(folder, "labels", "-", bedrock=bedrock, stdin=picture)
        tap.ok(done.returncode == 0 and done.stdout.startswith(b"-: 300 x 200 pixels, 2 labels"),
               "a picture on standard input", (done.stdout, done.stderr))
        with open("/dev/full", "wb") as full:
            code = subprocess.run([PROGRAM, "labels", "a.jpg"], stdout=full, check=False,
                                  stderr=subprocess.DEVNULL, timeout=60,
                                  env=support.clean_environment(
                                      folder, AWS_ENDPOINT_URL=bedrock.url)).returncode
        tap.equal(code, 1, "a full disk behind standard output is a failure")


def case_standard_streams(tap):
    """Streams that are closed, broken, silent or named twice: told, and nothing is paid in vain."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        picture = pathlib.Path(make("a.jpg")).read_bytes()
        make("b.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url)
        with open("/dev/full", "wb") as full:
            code = subprocess.run([PROGRAM, "labels", "a.jpg", "b.jpg"], stdout=full, check=False,
                                  stderr=subprocess.DEVNULL, timeout=60, env=environment).returncode
        tap.ok(code == 1 and len(bedrock.requests) == 1,
               "a full disk behind standard output: the next picture is not paid for",
               (code, len(bedrock.requests)))
        with open("/dev/full", "wb") as full:
            code = subprocess.run([PROGRAM, "help"], stdout=full, stderr=subprocess.DEVNULL,
                                  check=False, timeout=60, env=environment).returncode
        tap.equal(code, 1, "help that cannot be printed is a failure")
        done = subprocess.run(["sh", "-c", '"$0" labels a.jpg >&-', PROGRAM], env=environment,
                              capture_output=True, timeout=60, check=False)
        tap.ok(done.returncode == 1 and b"standard output" in done.stderr,
               "standard output that is closed is a failure", (done.returncode, done.stderr))
        done = subprocess.run(["sh", "-c", '"$0" labels - <&-', PROGRAM], env=environment,
                              capture_output=True, timeout=60, check=False)
        tap.ok(done.returncode == 1 and b"cannot be read" in done.stderr,
               "standard input that is closed", (done.returncode, done.stderr))
        requests = len(bedrock.requests)
        done = run(folder, "labels", "-", "a.jpg", "-", bedrock=bedrock, stdin=picture)
        tap.ok(done.returncode == 2 and b"only one" in done.stderr
               and len(bedrock.requests) == requests, "- twice is wrong use", done.stderr)
        for number in (signal.SIGINT, signal.SIGTERM):
            with subprocess.Popen([PROGRAM, "labels", "-"], env=environment, stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as child:
                child.stdin.write(b"\xff\xd8\xff" * 100_000)  # more than a pipe holds: it reads
                child.send_signal(number)
                try:
                    code = child.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    code = None
                errors = child.stderr.read()
            tap.ok(code == 130 and b"cancelled" in errors,
                   f"{number.name} is heard while standard input is silent", (code, errors))


def case_names(tap):
    """A file's name does not control the terminal."""
    with support.workspace() as folder:
        bedrock = Bedrock()
        make("a.jpg")
        name = "\x1b[31mé\x9b2J.jpg"
        os.rename("a.jpg", name)
        done = run(folder, "labels", name, "none\x07.jpg", "--", "--text", bedrock=bedrock)
        tap.ok(done.stdout.startswith("?[31mé?2J.jpg: 300 x 200 pixels".encode())
               and not set(done.stdout + done.stderr) & set(b"\x1b\x07")
               and b"none?.jpg: " in done.stderr, "names without controls",
               (done.stdout, done.stderr))
        tap.ok(b"\nimgrecog: --text: " in done.stderr, "behind -- every word is a name", done.stderr)
        done = run(folder, "labels", name, "--max-labels", "x", bedrock=bedrock)
        tap.equal(done.returncode, 2, "an option behind the name is an option")
        done = run(folder, "config", "--max-labels", "3", "--max-labels=4")
        tap.ok(b"max-labels = 4\n" in done.stdout, "of an option given twice the last one counts",
               done.stdout)


def case_refused_credentials(tap):
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.error = (403, "UnrecognizedClientException", "The security token is invalid.")
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            make(name)
        done = run(folder, "labels", "a.jpg", "b.jpg", "c.jpg", bedrock=bedrock)
        tap.ok(done.returncode == 1 and len(bedrock.requests) == 1
               and b"2 more not tried" in done.stderr,
               "refused credentials end the run", (done.stderr, len(bedrock.requests)))


def case_local(tap):
    portrait = support.portrait()
    if not LOCAL or not portrait:
        tap.ok(False, "imgrecog-local and a portrait are there")
        return
    with support.workspace() as folder:
        done = run(folder, "labels", "--endpoint", "local", "--json", portrait,
                   IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder))
        names = [x["name"] for x in json.loads(done.stdout)["labels"]]
        tap.ok("Face" in names, "labels by the recogniser on this machine", (names, done.stderr))


def case_check(tap):
    """The verdict, and the exit code that tells it."""
    portrait = support.portrait()
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.text = json.dumps({"result": "NO", "reason": "Colours only."})
        make("a.jpg")
        done = run(folder, "check", "a.jpg", bedrock=bedrock)
        tap.ok(done.returncode == 4 and b"UNKNOWN" in done.stdout and b"not checked" in done.stdout,
               "check: a look that fails gives UNKNOWN", (done.returncode, done.stdout))
        bedrock.text = "<result>YES</result><reason>A passport.</reason>"
        done = run(folder, "check", "a.jpg", "--json", "--look-for", "model,metadata",
                   bedrock=bedrock)
        check = json.loads(done.stdout)["check"]
        tap.ok(done.returncode == 3 and check["verdict"] == "YES"
               and check["reason"] == "A passport.", "check: YES, and why", check)
        tap.equal(run(folder, "check", "a.jpg", "--look-for", "everything").returncode, 2,
                  "check: no such place to look")
        if not LOCAL or not portrait:
            tap.ok(False, "imgrecog-local and a portrait are there")
            return
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-GPSLatitude=48.1",
                        "-GPSLatitudeRef=N", "-Artist=Ann Example", "a.jpg"], check=True)
        subprocess.run([MAGICK, "-size", "1100x500", "xc:white", "-pointsize", "44", "-annotate",
                        "+40+100", "Invoice 2026-117", "-annotate", "+40+200",
                        "mail jane.doe@example.com", "-annotate", "+40+300",
                        "Card 4111 1111 1111 1111", "-annotate", "+40+400",
                        "Old card 4111 1111 1111 1112", "invoice.png"], check=True)
        done = run(folder, "check", "--json", "--endpoint", "local", "--look-for",
                   "faces,text,codes,metadata", "a.jpg", "invoice.png", portrait,
                   IMGRECOG_LOCAL=LOCAL, XDG_RUNTIME_DIR=str(folder))
        found = [sorted(x["kind"] for x in json.loads(line)["check"]["findings"])
                 for line in done.stdout.splitlines()]
        tap.equal(found, [["gps", "owner"], ["email", "payment-card"], ["face"]],
                  "check: what this machine's recogniser finds")
        tap.ok(b"4111" not in done.stdout and b"jane" not in done.stdout,
               "check: the document does not spread what was found")
        boxes = [x["box"] for x in json.loads(done.stdout.splitlines()[1])["check"]["findings"]]
        tap.ok(all(0.03 < b["left"] < 0.3 and b["width"] < 0.6 and b["height"] < 0.2 for b in boxes),
               "check: boxes around the words", boxes)


sys.exit(support.run_cases([
    case_usage, case_config, case_help_of_broken_settings, case_ask, case_titles, case_streamed, case_interrupted,
    case_broken_answers,
    case_caption, case_pictures, case_bad_files, case_standard_input, case_standard_streams,
    case_names, case_refused_credentials, case_check, case_local,
]))
