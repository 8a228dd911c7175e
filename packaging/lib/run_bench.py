# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds what packaging/bench measures, optimised and without sanitizers, and measures it."""
import argparse
import os
import sys
import tempfile

import run_tests

sys.path.insert(0, os.path.join(run_tests.ROOT, "tests", "bench"))
import core  # noqa: E402  (tests/bench/core.py)

MAX_ROUNDS = 50


def arguments(words):
    parser = argparse.ArgumentParser(prog="packaging/bench", add_help=False)
    parser.add_argument("what", choices=["core"])
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, MAX_ROUNDS + 1),
                        metavar="N")
    parser.add_argument("--only", action="append", choices=list(core.BLOCKS))
    parser.add_argument("--report-only", action="store_true")
    parser.add_argument("--build", help="a build folder that is configured already")
    return parser.parse_args(words)


def build(folder):
    """The folder with the programs; the run ends when they cannot be built."""
    wrong = None
    if folder is None:
        folder = os.path.join(run_tests.ROOT, "build", run_tests.system_name() + "-bench")
        options = ["--buildtype=release", "-Dtests=disabled", "-Dlocal=disabled",
                   "-Dimagemagick=disabled", "-Dgimp=disabled"]
        if not os.path.exists(os.path.join(folder, "build.ninja")):
            core.say("configuring the build")
            wrong = run_tests.step(["meson", "setup", *options, folder, run_tests.ROOT])
    core.say("building")
    wrong = wrong or run_tests.step(["ninja", "-C", folder, "-j", str(run_tests.AT_ONCE), "bench"])
    if wrong:
        print(run_tests.tail(wrong))
        sys.exit("imgrecog: the build failed")
    return os.path.join(folder, "tests", "bench")


def main(words):
    wanted = arguments(words)
    programs = build(wanted.build)
    with tempfile.TemporaryDirectory(prefix="imgrecog-bench-") as scratch:
        home = os.path.join(scratch, "home")
        os.mkdir(home)
        run_tests.clean_environment(home)
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[name]
        os.environ.update({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                           "AWS_SECRET_ACCESS_KEY": "bench-only-no-secret",
                           "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"})
        try:
            missed = core.measure_all(programs, scratch, wanted.rounds,
                                      wanted.only or list(core.BLOCKS))
        except core.Failed as failure:
            sys.exit(f"imgrecog: {failure}")
    return 1 if missed and not wanted.report_only else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
