# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing costs: 200 boxes on a JPEG of 24 megapixels, beside what magick needs to read and
write it; a list of 32 pictures at an endpoint that takes 300 ms, all at once and one after another,
and beside a script of boto3 and Pillow that does the same. Runs where the optimised module is found:
packaging/bench overlay [--rounds N]."""

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
DRAWING_ROUNDS = 5
MIN_TIMES_FASTER = 20
MIN_TIMES_LESS = 5  # processor time than boto3 and Pillow
PICTURES = 32
NAMES = ["Person", "Car", "Wheel", "Tree", "Dog", "Traffic Light", "Building", "Window"]


class Server:
    """tests/bench/server.c, which costs next to nothing; each answer takes so long."""

    def __init__(self, program, service_ms):
        self.command = [program, str(service_ms)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().split()[1]}"
        return self

    def __exit__(self, *problem):
        self.process.stdin.close()
        self.process.wait(10)


def build_server():
    """The module's own build has it."""
    folder = pathlib.Path(os.environ["MAGICK_CODER_FILTER_PATH"].split(":")[0]).parents[1]
    subprocess.run(["ninja", "-C", str(folder), "bench"], check=True, stdout=subprocess.DEVNULL)
    return str(folder / "tests/bench/bench-server")


def run(environment, *words):
    """(processor seconds, seconds)"""
    return run_program(environment, os.environ.get("MAGICK", "magick"), *words)


def run_program(environment, *command):
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, env=environment)
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
    """Drawing alone: what was drawn on is not written, since more detail makes a larger JPEG, which
    takes longer of its own. That is told beside it. The aim is one of time; what two threads draw at
    once takes more of the processors than of that."""
    run(environment, "-size", "6000x4000", "plasma:fractal", "-blur", "0x2", "-quality", "85",
        "big.jpg")
    with FakeService(lambda request: Answer(ANSWER)) as service:
        process = ["big.jpg", "-define", f"imgrecog:endpoint={service.url}", "-process"]
        ways = {"plain": ["big.jpg", "out.jpg"],
                "none": [*process, "imgrecog overlay=none", "null:"],
                "drawn": [*process, "imgrecog", "null:"],
                "none, written": [*process, "imgrecog overlay=none", "out.jpg"],
                "drawn, written": [*process, "imgrecog", "out.jpg"]}
        taken = {way: [] for way in ways}
        # Drawing is a tenth of what is measured: many rounds, in turn, or noise is all there is.
        for _ in range(DRAWING_ROUNDS * rounds):
            for way, words in ways.items():
                taken[way].append(run(environment, *words))
    shares = []
    for i, name in enumerate(("processor time", "time")):
        typical = {way: statistics.median(one[i] for one in runs) for way, runs in taken.items()}
        drawing = typical["drawn"] - typical["none"]
        written = typical["drawn, written"] - typical["none, written"]
        shares.append(drawing / typical["plain"])
        print(f"{name}: 24 megapixels read and written in {typical['plain']:.2f} s, 200 boxes drawn "
              f"on them in {drawing:.3f} s, {shares[-1]:.1%}; with the larger JPEG {written:.3f} s")
    print(f"drawing takes {shares[1]:.1%} of the time (aim: under {MAX_SHARE:.0%})")
    return shares[1] < MAX_SHARE


def make_list(environment, size):
    """The names of 32 pictures."""
    run(environment, "-size", size, "plasma:", "-blur", "0x1", "-strip", "-quality", "85",
        *["-duplicate", "31"], "p-%02d.jpg")
    return [f"p-{i:02}.jpg" for i in range(PICTURES)]


def measure_list(environment, server, rounds):
    files = make_list(environment, "640x480")
    ratios, own_ratios, typical = [], [], []
    for _ in range(rounds):
        reading = run(environment, *files, "null:")[1]
        seconds = [
            run(environment, *files, "-define", f"imgrecog:endpoint={server.url}", "-process",
                f"imgrecog jobs={jobs}", "null:")[1] for jobs in (PICTURES, 1)]
        ratios.append(seconds[1] / seconds[0])
        own_ratios.append((seconds[1] - reading) / (seconds[0] - reading))
        typical.append(seconds[0])
        print(f"32 pictures at 300 ms: {seconds[0]:.2f} s at once, {seconds[1]:.2f} s one after "
              f"another; magick alone starts and reads them in {reading:.2f} s", flush=True)
    ratio = statistics.median(ratios)
    print(f"{ratio:.1f} times faster (aim: {MIN_TIMES_FASTER}), without magick's own start and "
          f"reading {statistics.median(own_ratios):.1f} times")
    each = sum(run(environment, file, "-define", f"imgrecog:endpoint={server.url}", "-process",
                   "imgrecog", "null:")[1] for file in files)
    print(f"as 32 commands, one after another: {each:.2f} s, the list is "
          f"{each / statistics.median(typical):.1f} times faster")
    return ratio >= MIN_TIMES_FASTER


def measure_script(environment, server, rounds):
    """Beside a script of boto3 and Pillow that does the same job: processor time in all, and what
    each adds to reading and writing alone, its host's start included."""
    least = []
    for size in ("640x480", "1600x1200"):
        files = make_list(environment, size)
        os.makedirs("out", exist_ok=True)
        script = [sys.executable, str(HERE / "boto3_pillow.py")]
        seconds = []
        for _ in range(rounds):
            seconds.append([
                run(environment, *files, "-define", f"imgrecog:endpoint={server.url}", "-process",
                    f"imgrecog jobs={PICTURES}", "out/%02d.jpg")[0],
                run(environment, *files, "out/%02d.jpg")[0],
                run_program(environment, *script, server.url, "out", str(PICTURES), *files)[0],
                run_program(environment, *script, "none", "out", str(PICTURES), *files)[0],
            ])
        ours, ours_alone, theirs, theirs_alone = map(statistics.median, zip(*seconds))
        least.append(theirs / ours)
        added = (theirs - theirs_alone) / max(ours - ours_alone, 0.001)
        print(f"32 pictures of {size}: {ours:.2f} s of processor time, {ours_alone:.2f} s of them for "
              f"magick to read and write; boto3 and Pillow {theirs:.2f} s, {theirs_alone:.2f} s of "
              f"them to read and write: {least[-1]:.1f} times in all (aim: {MIN_TIMES_LESS}), "
              f"{added:.1f} times of what is added", flush=True)
    return min(least) >= MIN_TIMES_LESS


ANSWER = boxes()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--report-only", action="store_true")
    arguments = parser.parse_args()
    filters = {key: os.environ[key] for key in
               ("MAGICK_CODER_FILTER_PATH", "MAGICK_FILTER_MODULE_PATH") if key in os.environ}
    program = build_server()
    with tempfile.TemporaryDirectory(prefix="imgrecog-bench-") as folder:
        os.chdir(folder)
        environment = clean_environment(folder, AWS_DEFAULT_REGION="us-east-1", **filters)
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors", flush=True)
        reached = [measure_drawing(environment, arguments.rounds)]
        with Server(program, 300) as server:
            reached += [measure_list(environment, server, arguments.rounds),
                        measure_script(environment, server, arguments.rounds)]
    return 0 if all(reached) or arguments.report_only else 1


if __name__ == "__main__":
    sys.exit(main())
