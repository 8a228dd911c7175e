# SPDX-License-Identifier: GPL-3.0-or-later
"""The man pages: mandoc finds nothing to complain about, and every option that the programs' help and
every setting that `imgrecog config` tells stands in them, with its summary.

test_command_man.py IMGRECOG IMGRECOG.1 [IMGRECOG-LOCAL IMGRECOG-LOCAL.1]
"""

import os
import re
import subprocess
import sys

import support

PROGRAM, PAGE = map(os.path.abspath, sys.argv[1:3])
LOCAL = [os.path.abspath(word) for word in sys.argv[3:5]]


def words_of(*command):
    with support.workspace() as folder:
        return subprocess.run(command, env=support.clean_environment(folder), check=True, text=True,
                              capture_output=True, timeout=support.COMMAND_TIMEOUT_S).stdout


def read(page):
    """The page as people read it, on one line."""
    text = subprocess.run(["mandoc", "-T", "utf8", page], check=True, capture_output=True,
                          text=True).stdout
    return re.sub(r"\s+", " ", re.sub(".\b", "", text))


def options_of(text):
    """At the beginning of a line: --word, also behind a comma."""
    return [option for line in re.findall(r"^ +(-.*)$", text, re.M)
            for option in re.findall(r"(?:^|, )(--(?:\[no-\])?[a-z0-9-]+)", line)]


def case_lint(tap):
    for page in [PAGE] + LOCAL[1:]:
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], check=False,
                              capture_output=True, text=True)
        tap.ok(done.returncode == 0 and not done.stdout, f"mandoc: {page.rsplit('/', 1)[1]}",
               done.stdout)


def case_options(tap):
    page = read(PAGE)
    usage = words_of(PROGRAM, "help")
    commands = re.findall(r"^  ([a-z]+) ", usage, re.M) + ["config"]
    tap.ok(len(commands) > 6, "the commands are listed", usage)
    for command in commands:
        text = words_of(PROGRAM, command, "--help")
        options = options_of(text)
        tap.equal([option for option in options if not re.search(re.escape(option) + "[ ,]", page)], [],
                  f"{command}: {len(options)} options are in the man page")
        tap.ok(len(options) > 4 and command in page, f"{command}: it has options, and a place there")
    settings = re.findall(r"^(?:# )?([a-z0-9-]+) (?:=|is not set)", words_of(PROGRAM, "config"), re.M)
    tap.ok(len(settings) > 40 and all(f"--{name} " in page or f"--[no-]{name} " in page for name in settings),
           "every setting is in the man page", settings)
    summary = "Also stores"
    tap.ok(summary in page and "Where requests go; local is the recogniser" in page
           and "VALUE: 0 to" not in page and "a number from 0 to 100; not set: 55" in page,
           "with what it does, takes, and is when it is not set", page[:300])


def case_local(tap):
    page = read(LOCAL[1])
    options = options_of(words_of(LOCAL[0], "--help"))
    tap.equal([option for option in options if option not in page], [],
              f"imgrecog-local: {len(options)} options are in the man page")
    tap.ok(len(options) >= 8, "imgrecog-local: it has options", options)


sys.exit(support.run_cases([case_lint, case_options, *([case_local] if LOCAL else [])]))
