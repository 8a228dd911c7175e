# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing costs: 200 boxes on a JPEG of 24 megapixels, beside what magick needs to read and
write it, and a list of 32 pictures at an endpoint that takes 300 ms, all at once and one after
another. Runs where the optimised module is found: packaging/bench overlay [--rounds N]."""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "host"))
from support import (  # noqa: E402, pylint: disable=wrong-import-position
    Answer, FakeService, box, clean_environment, label, labels_answer)

MAX_SHARE = 0.10  # of reading and writing
MIN_TIMES_FASTER = 20
NAMES = ["Person", "Car", "Wheel", "Tree", "Dog", "Traffic Light", "Building", "Window"]


def run(environment, *words):
    """(processor seconds, seconds)"""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([os.environ.get("MAGICK", "magick"), *words], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            time.monotonic() - started)


def boxes():
    """200 boxes of many sizes, the same in every run."""
    state = 4711
    labels = []
    for i in range(200):
        values = []
        for _ in range(4):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            values.append((state >> 33) / 2**31)
        width, height = 0.01 + 0.15 * values[2] ** 2, 0.01 + 0.15 * values[3] ** 2
        labels.append(label(NAMES[i % len(NAMES)], 99 - i / 5,
                            box(values[0] * (1 - width), values[1] * (1 - height), width, height)))
    return labels_answer(*labels)


def measure_drawing(environment, rounds):
    run(environment, "-size", "6000x4000", "plasma:fractal", "-blur", "0x2", "-quality", "85",
        "big.jpg")
    plain, drawn = [], []
    with FakeService(lambda request: Answer(ANSWER)) as service:
        process = ["-define", f"imgrecog:endpoint={service.url}", "-process"]
        for _ in range(rounds):
            plain.append(run(environment, "big.jpg", "out.jpg")[0])
            none = run(environment, "big.jpg", *process, "imgrecog overlay=none", "out.jpg")[0]
            full = run(environment, "big.jpg", *process, "imgrecog", "out.jpg")[0]
            drawn.append(full - none)
    share = statistics.median(drawn) / statistics.median(plain)
    print(f"24 megapixels, read and written: {statistics.median(plain):.2f} s of processor time")
    print(f"200 boxes drawn on it: {statistics.median(drawn):.3f} s, {share:.1%} "
          f"(aim: under {MAX_SHARE:.0%})")
    return share < MAX_SHARE


def measure_list(environment, rounds):
    run(environment, "-size", "640x480", "plasma:", "-strip", *["-duplicate", "31"], "p-%02d.jpg")
    files = [f"p-{i:02}.jpg" for i in range(32)]
    ratios = []

    def slow(request):
        time.sleep(0.3)
        return Answer(ANSWER)

    with FakeService(slow) as service:
        for _ in range(rounds):
            seconds = [
                run(environment, *files, "-define", f"imgrecog:endpoint={service.url}", "-process",
                    f"imgrecog jobs={jobs}", "null:")[1] for jobs in (32, 1)]
            ratios.append(seconds[1] / seconds[0])
            print(f"32 pictures at 300 ms: {seconds[0]:.2f} s at once, {seconds[1]:.2f} s one after "
                  "another", flush=True)
    ratio = statistics.median(ratios)
    print(f"{ratio:.1f} times faster (aim: {MIN_TIMES_FASTER})")
    return ratio >= MIN_TIMES_FASTER


ANSWER = boxes()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--report-only", action="store_true")
    arguments = parser.parse_args()
    filters = {key: os.environ[key] for key in
               ("MAGICK_CODER_FILTER_PATH", "MAGICK_FILTER_MODULE_PATH") if key in os.environ}
    with tempfile.TemporaryDirectory(prefix="imgrecog-bench-") as folder:
        os.chdir(folder)
        environment = clean_environment(folder, **filters)
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors", flush=True)
        reached = [measure_drawing(environment, arguments.rounds),
                   measure_list(environment, arguments.rounds)]
    return 0 if all(reached) or arguments.report_only else 1


if __name__ == "__main__":
    sys.exit(main())
