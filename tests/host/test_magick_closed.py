# SPDX-License-Identifier: GPL-3.0-or-later
"""`fail-closed` in real `magick`: white is what a check could not look at or not make safe, however
fail-closed is asked for and whatever else is wrong, and nothing else is. `mogrify` writes over its
own files, so each case is one. Usage: test_magick_closed.py LOCAL [CASE...]"""

import json
import os
import pathlib
import shutil
import sys

from judges import judged_by, program_version
from local_support import KEY_ID, SECRET, Server
from support import (
    Answer,
    FakeService,
    Magick,
    clean_environment,
    message_of,
    portrait,
    run_cases,
    workspace,
)

CLOSED = {"IMGRECOG_FAIL_CLOSED": "true"}
NOBODY = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
NO_BUCKET = "upload=s3://no-such-bucket-here/x"
NO_MODEL = "model=nobody.such-v1"
METADATA = "check look-for=metadata"


def mogrify(magick, words, *names, defines=(), env=None):
    """mogrify of copies of the picture that are called so; `whites` says of each if it is white."""
    names = names or ("x.jpg",)
    for name in names:
        shutil.copy("face.jpg", name)
    options = [option for define in defines for option in ("-define", define)]
    result = magick.run("mogrify", *options, "-process", f"imgrecog {words}".strip(), *names,
                        env=env)
    result.whites = [bool((magick.pixels(name, "RGB") == 65535).all()) for name in names]
    return result


def denied():
    return FakeService(lambda request: Answer(b'{"__type":"AccessDeniedException"}', 400))


def test_other_tasks(tap, magick):
    """What fails in another task, or behind a check that succeeded, was not to be checked."""
    rows = [
        ("labels", "labels", NOBODY, False),
        ("no word", "", NOBODY, False),
        ("caption", f"caption {NO_MODEL}", {}, False),
        ("ask", f"ask question=x {NO_MODEL}", {}, False),
        ("upload", f"upload {NO_BUCKET}", {}, False),
        ("generate", "generate prompt=x image-model=nobody.such-v1", {}, False),
        ("labels with a wrong value", "labels max-labels=abc", {}, False),
        ("labels with a wrong key", "labels hue=red", {}, False),
        ("labels with a key alone", "labels overlay", {}, False),
        ("labels in a wrong environment", "labels", {"IMGRECOG_MAX_LABELS": "abc"}, False),
        ("a check, then an upload", f"{METADATA} upload {NO_BUCKET}", {}, False),
        ("a check, hidden, then an upload", f"{METADATA},faces action=fill upload {NO_BUCKET}", {},
         False),
        ("a check of nobody, and an upload", f"check look-for=faces upload {NO_BUCKET}", NOBODY,
         True),
        ("a check and a caption", f"{METADATA} caption {NO_MODEL}", {}, True),
        ("a check", "check look-for=faces", NOBODY, True),
        ("a check with a wrong value", "check action=hide", {}, True),
        ("a check with a wrong key", "check hue=red", {}, True),
        ("settings of check without it", "look-for=faces action=fill", {}, True),
        ("a setting of check beside a task", "labels action=fill", {}, True),
        ("a word that may mean check", "chekc look-for=metadata", {}, True),
        ("a word that may mean check, beside a task", "labels chekc", {}, True),
        ("a word that may mean check, behind a key alone", "labels overlay chekc", {}, True),
    ]
    for name, words, env, wanted in rows:
        result = mogrify(magick, words, env={**CLOSED, **env})
        tap.equal((result.returncode, result.whites), (1, [wanted]), f"white or not: {name}")
    config = pathlib.Path(magick.environment["XDG_CONFIG_HOME"], "imgrecog/config")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[default]\nfail-closed = true\n", encoding="utf-8")
    by_file = mogrify(magick, f"caption {NO_MODEL}")
    config.unlink()
    by_define = mogrify(magick, "", defines=["imgrecog:fail-closed=true"], env=NOBODY)
    tap.equal((by_file.returncode, by_file.whites, by_define.returncode, by_define.whites),
              (1, [False], 1, [False]), "white or not: other tasks, by file and definition")


def test_how_it_is_asked(tap, magick):
    """Beside an error everything asks that names fail-closed and is no `no`; messages name it."""
    alone = ["'fail-closed' has no value; it takes true or false", "Write fail-closed=VALUE"]
    meant = ["Is fail-closed meant?"]
    rows = [
        ("the word alone", "check action=pixelate fail-closed", [], True, alone),
        ("the word alone, spelt otherwise", "check action=fill Fail_Closed", [], True, alone),
        ("the word and a blank", "check action=pixelate fail-closed true", [], True, alone),
        ("a capital", "check action=pixelate Fail-Closed=true", [], True, meant),
        ("an underscore", "check action=pixelate fail_closed=true", [], True, meant),
        ("a slip of the pen", "check action=pixelate fail-close=true", [], True, meant),
        ("a slip of the pen, and no", "check action=pixelate fail-close=no", [], False, meant),
        ("no value", "check fail-closed=", [], True, ["fail-closed=...", "true or false"]),
        ("no", "check action=hide fail-closed=No", [], False, ["hide"]),
        ("a key that is like it", "check action=hide fail-below=no", [], False, ["hide"]),
        ("behind a text", "check ask question=Is it? fail-closed", [], True,
         ["no task 'it?'", "of question ended"]),
        ("as a part of a text", "check ask question=Open or fail-closed", [], True,
         ["no task 'or'", "-define imgrecog:question='...'"]),
        ("a key behind a text", "check ask question=Is fail-closed", [], True,
         ["'fail-closed' has no value (that of question ended", "Write fail-closed=VALUE, or",
          "-define imgrecog:question='...'"]),
        ("a key in a list with blanks", "check look-for=faces, text", [], False,
         ["'text' has no value (that of look-for ended", "-define imgrecog:look-for='...'"]),
        ("a definition alone", METADATA, ["imgrecog:fail-closed"], True, ["true or false"]),
        ("a definition's underscore", METADATA, ["imgrecog:fail_closed=true"], True, meant),
        ("a definition's no", "check action=hide", ["imgrecog:fail-closed=no"], False, ["hide"]),
        ("a definition's yes and the word's no", "check action=hide fail-closed=no",
         ["imgrecog:fail-closed=true"], False, ["hide"]),
        ("a definition's yes beside its no", "check action=hide",
         ["imgrecog:fail-closed=no", "imgrecog:fail_closed=yes"], True, meant),
        ("dry-run alone", "check fail-closed=true dry-run", [], False, ["Write dry-run=VALUE"]),
    ]
    for name, words, defines, wanted, says in rows:
        result = mogrify(magick, words, defines=defines)
        lines = message_of(result.errors)
        tap.equal((result.returncode, result.whites), (1, [wanted]), f"asked for: {name}")
        tap.ok(len(lines) == 1 and all(word in lines[0] for word in says)
               and ("action" not in lines[0] or "hide" in says), f"asked for: {name}: the message",
               lines)


def test_file(tap, magick):
    """The file's comments are comments, and what cannot be read asks."""
    config = pathlib.Path(magick.environment["XDG_CONFIG_HOME"], "imgrecog/config")
    config.parent.mkdir(parents=True, exist_ok=True)
    wrong = "min-confidence = 200\n"
    rows = [
        ("no, with a comment", f"[default]\nfail-closed = false  # not on this machine\n{wrong}",
         {}, False),
        ("no, with the other comment", f"[default]\nfail-closed = false ; why\n{wrong}", {}, False),
        ("yes, and a dry run that is none",
         f"[default]\nfail-closed = true\ndry-run = no  # never here\n{wrong}", {}, True),
        ("yes, and a dry run", f"[default]\nfail-closed = true\ndry-run = yes # x\n{wrong}", {},
         False),
        ("64 KiB and more", "[default]\n" + "# filler\n" * 9000, {}, True),
        ("64 KiB and more, and a variable's no", "[default]\n" + "# filler\n" * 9000,
         {"IMGRECOG_FAIL_CLOSED": "no"}, False),
        ("a NUL in front", "\0[default]\nfail-closed = true\n", {}, True),
        ("a byte-order mark", "\ufefffail-closed = true\n[default]\n", {}, True),
        ("an empty variable", f"[default]\n{wrong}", {"IMGRECOG_FAIL_CLOSED": ""}, False),
    ]
    for name, text, env, wanted in rows:
        config.write_text(text, encoding="utf-8")
        result = mogrify(magick, METADATA, env=env)
        tap.equal((result.returncode, result.whites), (1, [wanted]), f"the file: {name}")
        config.unlink()
    config.mkdir()
    result = mogrify(magick, METADATA)
    other = mogrify(magick, "labels")
    config.rmdir()
    tap.equal((result.returncode, result.whites, other.whites), (1, [True], [False]),
              "the file: a folder in its place")


def test_report(tap, magick):
    """A report fails for a look that was not finished where fail-closed asks for that; it hides
    nothing, so a finding without a place is no failure."""
    found = json.dumps({"ModerationLabels": [{"Name": "Violence", "Confidence": 99.0}]}).encode()
    finds = lambda: FakeService(lambda request: Answer(found))  # noqa: E731
    looks = "check look-for=moderation,metadata action="
    rows = [
        ("a report, a look fails", denied, f"{looks}report", 0, False),
        ("a report, a look fails, fail-closed", denied, f"{looks}report fail-closed=true", 1, True),
        ("an action, a look fails", denied, f"{looks}fill", 1, False),
        ("an action, a look fails, fail-closed", denied, f"{looks}fill fail-closed=true", 1, True),
        ("a report, all fails", denied, "check look-for=faces action=report", 1, False),
        ("a report, something without a place", finds, f"{looks}report", 0, False),
        ("a report, something without a place, fail-closed", finds,
         f"{looks}report fail-closed=true", 0, False),
        ("an action, something without a place", finds, f"{looks}fill", 1, False),
    ]
    for name, service_of, words, code, wanted in rows:
        with service_of() as service:
            result = mogrify(magick, words, defines=[f"imgrecog:endpoint={service.url}"])
        tap.equal((result.returncode, result.whites), (code, [wanted]), f"exit code: {name}")


def test_frames(tap, magick):
    """Frames that nobody looked at may not pass; without fail-closed they may."""
    magick.make("face.jpg", "-resize", "200x", "(", "+clone", "-negate", ")", "-set", "delay", "9",
                "a.gif")
    define = ["-define", "imgrecog:frames=first", "-process"]
    result = magick.run("convert", "a.gif", *define, "imgrecog check look-for=faces "
                        "fail-closed=true", "-format", "%[imgrecog:error]\n", "-write", "info:",
                        "out.miff")
    colours = magick.run("out.miff", "-format", "%k ", "info:").stdout.decode()
    said = "With fail-closed, check has to see every frame. Leave frames=first out."
    tap.equal((result.returncode, colours.split(), result.stdout.decode()),
              (1, ["1", "1"], f"{said}\n" * 2), "fail-closed: not with the first frame alone")
    result = magick.run("a.gif", *define, "imgrecog check look-for=faces", "null:")
    tap.equal((result.returncode, result.errors), (0, ""), "a report of the first frame alone")
    result = magick.run("a.gif", *define, "imgrecog labels overlay=none", "null:", env=CLOSED)
    tap.equal((result.returncode, result.errors), (0, ""), "labels of the first frame alone")


def test_stop(tap, magick):
    """mogrify has one picture a call; after the first failure the next are not asked about."""
    names = ["1.jpg", "2.jpg", "3.jpg"]
    stopped = "Not tried, since an earlier picture failed and on-error is stop."
    rows = [
        ("stop", "labels on-error=stop", 1, False),
        ("continue", "labels on-error=continue", 3, False),
        ("stop of a check", "check look-for=faces on-error=stop fail-closed=true", 1, True),
    ]
    for name, words, requests, is_white in rows:
        with denied() as service:
            result = mogrify(magick, words, *names, defines=[f"imgrecog:endpoint={service.url}"])
        lines = message_of(result.errors)
        tap.equal((result.returncode, len(service.requests), result.whites),
                  (1, requests, [is_white] * 3), f"mogrify on-error: {name}")
        wanted = 0 if requests == 3 else 2
        tap.equal([line for line in lines if stopped.rstrip(".") in line],
                  [line for line in lines[1:] if wanted], f"mogrify on-error: {name}: a line each")
    answers = iter([Answer(b'{"Labels":[]}'), Answer(b'{"__type":"X"}', 400)])
    with FakeService(lambda request: next(answers)) as service:
        result = mogrify(magick, "labels on-error=stop", *names,
                         defines=[f"imgrecog:endpoint={service.url}"])
    tap.equal((result.returncode, len(service.requests), result.errors.count("2.jpg: Not tried"),
               result.errors.count("3.jpg: Not tried")), (1, 2, 0, 1),
              "mogrify on-error: what came before the failure is done")
    with denied() as service:
        result = magick.run(
            "mogrify", "-define", f"imgrecog:endpoint={service.url}", "-process",
            "imgrecog labels on-error=stop", "-process", "imgrecog caption on-error=stop", *names)
    tap.ok(len(service.requests) == 2 and result.errors.count("1.jpg: Not tried") == 0
           and result.errors.count("2.jpg: Not tried") == 2,
           "mogrify on-error: the picture that failed may be asked another thing",
           (len(service.requests), result.errors))


CASES = [
    test_other_tasks,
    test_how_it_is_asked,
    test_file,
    test_report,
    test_frames,
    test_stop,
]


def main():
    local, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    assert set(wanted) <= {case.__name__ for case in CASES}, "there is no such case"
    with workspace() as folder:
        environment = clean_environment(folder, XDG_DATA_HOME=str(folder))
        environment.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET)
        with Server(local, environment={"XDG_DATA_HOME": str(folder), "LD_PRELOAD": ""}) as server:
            environment["AWS_ENDPOINT_URL"] = server.url
            magick = Magick(environment)
            magick.make(portrait(), "-strip", "-resize", "256x", "-quality", "92", "face.jpg")
            judged_by("ImageMagick", program_version(magick.program, "--version"))
            cases = [case for case in CASES if not wanted or case.__name__ in wanted]
            return run_cases(cases, magick)


if __name__ == "__main__":
    sys.exit(main())
