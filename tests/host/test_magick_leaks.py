# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter module over lists of pictures under a memory checker: nothing of ours is lost, read or
written where it must not be. valgrind, or LeakSanitizer where the build has AddressSanitizer, which
valgrind cannot run.

Ours is what our code allocated itself. What Pango and fontconfig allocated on our behalf and lose
at the end (some kB a process, their own tables) does not count by itself, but must not grow with
the number of runs, as it would if we kept an object of theirs."""

import glob
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

from judges import judged_by, program_version
from support import (
    Answer,
    FakeService,
    Magick,
    aws_error,
    box,
    clean_environment,
    label,
    labels_answer,
    program,
    run_cases,
    service_with,
    workspace,
)

FACE = label("Face", 97.0, box(0.3, 0.25, 0.25, 0.3))
OUR_FILE = re.compile(r"/(imgrecog\.so|libimgrecog\.so[.0-9]*)$")
# In a sanitizer's line: a function with its source file, or a place in our files without symbols.
OUR_LINE = re.compile(r"/(plugins|core)/\S+\.c:|/(imgrecog|libimgrecog)\.so")
# What stands between an allocation and the code that asked for it.
ALLOCATOR_LINE = re.compile(r"(lib[a-z]san\.so|libsanitizer|vgpreload|libc\.so)")
LOST = {"Leak_DefinitelyLost", "Leak_IndirectlyLost"}
HARMLESS = {"Leak_StillReachable", "Leak_PossiblyLost"}


class Finding:
    """A report that has a frame of ours."""

    def __init__(self, kind, byte_count, is_ours, text):
        self.kind = kind
        self.byte_count = byte_count
        self.is_ours = is_ours
        self.text = text


def valgrind_findings(path):
    found = []
    for error in ElementTree.parse(path).getroot().findall("error"):
        kind = error.findtext("kind")
        frames = [(f.findtext("obj") or "", f.findtext("fn") or "") for f in error.iter("frame")]
        if kind in HARMLESS or not any(OUR_FILE.search(obj) for obj, _ in frames):
            continue
        callers = [obj for obj, _ in frames if not ALLOCATOR_LINE.search(obj)]
        is_ours = kind not in LOST or any(OUR_FILE.search(obj) for obj in callers[:1])
        byte_count = int(error.findtext("xwhat/leakedbytes") or 0)
        text = f"{kind}: {' < '.join(function for _, function in frames[:12])}"
        found.append(Finding(kind, byte_count, is_ours, text))
    return found


def sanitizer_findings(paths):
    found = []
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as report:
            blocks = report.read().split("\n\n")
        for block in blocks:
            leak = re.search(r"leak of (\d+) byte", block)
            is_error = "ERROR: AddressSanitizer" in block
            frames = re.findall(r"^ +#\d+ .*$", block, re.MULTILINE)
            if not (leak or is_error) or not any(OUR_LINE.search(frame) for frame in frames):
                continue
            callers = [frame for frame in frames if not ALLOCATOR_LINE.search(frame)]
            is_ours = is_error or any(OUR_LINE.search(frame) for frame in callers[:1])
            found.append(Finding("leak", int(leak.group(1)) if leak else 0, is_ours, block[:600]))
    return found


class Checker:
    """Runs `magick` under whichever checker fits the build."""

    def __init__(self, magick):
        self.magick = magick
        self.is_sanitized = os.environ.get("IMGRECOG_SANITIZED") == "1"
        self.valgrind = program("VALGRIND", "valgrind")

    def run(self, *arguments):
        """The result and what was found."""
        if self.is_sanitized:
            options = "detect_leaks=1:log_path=asan-report:exitcode=0"
            result = self.magick.run(*arguments, env={"ASAN_OPTIONS": options})
            reports = glob.glob("asan-report*")
            found = sanitizer_findings(reports)
            for report in reports:
                os.remove(report)
            return result, found
        prefix = [
            self.valgrind, "--quiet", "--leak-check=full", "--num-callers=40", "--xml=yes",
            "--xml-file=valgrind.xml",
        ]
        result = self.magick.run(*arguments, prefix=prefix)
        return result, valgrind_findings("valgrind.xml")


def check_run(tap, name, checker, *arguments):
    result, found = checker.run(*arguments)
    ours = [finding.text for finding in found if finding.is_ours]
    tap.ok(not ours, f"{name}: nothing of ours is lost or misused", "\n".join(ours))
    tap.ok(result.returncode in (0, 1), f"{name}: ran to its end", result.errors)
    return result, sum(finding.byte_count for finding in found)


def test_lists(tap, checker):
    def answer(request):
        if len(request.image) % 5 == 1:  # some of every list
            return aws_error("InvalidImageFormatException", "Request has invalid image format")
        return Answer(labels_answer(FACE, label("한국어", 80.0), label("Sky", 70.0)))

    turned = ["-orient", "right-top"]
    cmyk = ["-colorspace", "CMYK"]
    pictures = ["a.jpg", "b.png", "(", "a.jpg", *cmyk, ")", "(", "a.jpg", *turned, ")"]
    gray = ["b.png", "-colorspace", "Gray", "-alpha", "on"]
    with FakeService(answer) as service:
        words = f"imgrecog endpoint={service.url}"
        rows = [
            ("a list, twice", [*pictures, "-process", words, "-process", words, "null:"]),
            ("gray and alpha", [*gray, "-process", words, "null:"]),
            ("an unknown key", [*pictures, "-process", f"{words} hue=red", "null:"]),
            ("help", [*pictures, "-process", "imgrecog help", "null:"]),
        ]
        for name, arguments in rows:
            check_run(tap, name, checker, *arguments)
        tap.ok(service.requests, "requests were made")


def test_does_not_grow(tap, checker):
    """One picture is done by the caller's thread, so runs differ in their number only."""
    with service_with(FACE, label("하늘")) as service:
        once = ["-process", f"imgrecog endpoint={service.url}"]
        _, lost_once = check_run(tap, "one run", checker, "a.jpg", *once, "null:")
        _, lost_often = check_run(tap, "four runs", checker, "a.jpg", *once * 4, "null:")
    print(f"# lost by libraries: {lost_once} bytes after one run, {lost_often} after four")
    tap.ok(lost_often <= lost_once + 512, "what libraries lose does not grow with the runs",
           f"{lost_once} {lost_often}")


def test_nobody_listens(tap, checker):
    words = "imgrecog endpoint=http://127.0.0.1:9 timeout=2"
    result, _ = check_run(
        tap, "endpoint down", checker, "a.jpg", "b.png", "-process", words, "null:"
    )
    tap.equal(result.returncode, 1, "endpoint down: exit code")


def main():
    with workspace() as folder:
        magick = Magick(clean_environment(folder))
        checker = Checker(magick)
        if not checker.is_sanitized and checker.valgrind is None:
            print("Bail out! valgrind is not installed")
            return 1
        if not checker.is_sanitized:
            judged_by("valgrind", program_version(checker.valgrind, "--version"))
        magick.make("-size", "200x150", "plasma:", "-strip", "a.jpg")
        magick.make("-size", "120x100", "gradient:red-blue", "-strip", "b.png")
        return run_cases([test_lists, test_does_not_grow, test_nobody_listens], checker)


if __name__ == "__main__":
    sys.exit(main())
