#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shared library shows is what the public headers declare, all of it explained there.

symbols.py ROOT LIBRARY VERSION. TAP on standard output. The headers are the list of symbols: nothing
else keeps one. A declaration is explained when a comment stands right above it, or above the
declarations that it follows without an empty line.
"""
import pathlib
import re
import subprocess
import sys

NAME = re.compile(r"\b(ir_\w+)\s*\(")


def declarations(text):
    """(name, whether it is explained) of every IR_PUBLIC declaration."""
    explained = False
    statement = ""
    for line in map(str.strip, text.split("\n")):
        if statement or line.startswith("IR_PUBLIC"):
            statement += " " + line
            if ";" in line:
                yield NAME.search(statement)[1], explained
                statement = ""
        else:
            explained = line.endswith("*/")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_self(check):
    """The reader of headers itself: a declaration without a comment must be seen."""
    text = ("/* One. */\nIR_PUBLIC void ir_a(\n    int a);\nIR_PUBLIC void ir_b(void);\n\n"
            "IR_PUBLIC int ir_c(void);\n/* Old. */\n\nIR_PUBLIC int ir_d(void);\n")
    wanted = [("ir_a", True), ("ir_b", True), ("ir_c", False), ("ir_d", False)]
    check("a declaration without a comment would be seen", list(declarations(text)) == wanted)


def main():
    root, library, version = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    failures = []
    number = 0

    def check(name, passed, detail=()):
        nonlocal number
        number += 1
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
        for line in [] if passed else detail:
            print(f"# {line}")
        failures.extend([] if passed else [name])

    declared = {}
    for path in sorted((root / "include/imgrecog").glob("*.h")):
        for name, explained in declarations(path.read_text(encoding="utf-8")):
            check(f"{name} has a comment in {path.name} and is declared once",
                  explained and name not in declared)
            declared[name] = path.name
    lines = output_of("nm", "-D", "--defined-only", library).split("\n")
    exported = {line.split()[-1] for line in lines if line}
    foreign = sorted(name for name in exported if not name.startswith("ir_"))
    check("only names that begin with ir_ are exported", not foreign, foreign)
    hidden = sorted(exported - set(declared) - set(foreign))
    check("what is exported is declared in a public header", not hidden, hidden)
    missing = sorted(set(declared) - exported)
    check("what is declared is exported", not missing, missing)
    check("there are declarations", len(declared) > 30)
    soname = re.search(r"soname: \[(\S+)\]", output_of("readelf", "-d", library))
    wanted = f"libimgrecog.so.{version.split('.')[0]}"
    check(f"the soname is {wanted}, after the version", soname and soname[1] == wanted)
    check_self(check)
    print(f"1..{number}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
