# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at random: what a run leaves is whole, and the next run is none the worse for it."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

import PIL.Image

import support
from command_support import DOCUMENT, MAGICK, PROGRAM, Bedrock, make, run

RUNS = 200
AT_ONCE = 2
SEED = int(os.environ.get("IMGRECOG_KILL_SEED", "20261130"))


def is_png(path):
    try:
        with PIL.Image.open(path) as image:
            image.load()
        return True
    except OSError:
        return False


def killed(arguments, environment, delay_s):
    """Runs the command and kills it after this time; whether it had ended by itself before."""
    with subprocess.Popen([PROGRAM, *arguments], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as child:
        try:
            child.wait(timeout=delay_s)
            return True
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            return False


def databases(folder):
    """What the runs keep in SQLite: the ledger of what was paid, the cache of answers."""
    return [path for path in pathlib.Path(folder).rglob("*")
            if path.is_file() and path.read_bytes()[:16] == b"SQLite format 3\0"]


def case_killed(tap):
    chance = random.Random(SEED)
    with support.workspace() as folder:
        bedrock = Bedrock()
        bedrock.text = json.dumps({"caption": "A woman smiles.", "alt_text": "Woman",
                                   "title": "Portrait", "keywords": []})
        bedrock.picture = subprocess.run([MAGICK, "-size", "700x700", "xc:gray", "+noise", "Random",
                                          "png:-"], check=True, capture_output=True).stdout
        make("a.jpg")
        environment = support.clean_environment(folder, AWS_ENDPOINT_URL=bedrock.url,
                                                IMGRECOG_CACHE="true")
        caption = ("caption", "a.jpg", "--upload", "s3://photos/in/", "--document", "--capture",
                   "kept", "--refresh", "--json")
        begun = time.monotonic()
        run(folder, *caption, bedrock=bedrock, IMGRECOG_CACHE="true")
        whole_s = time.monotonic() - begun

        delays_s = [chance.uniform(0, 2 * whole_s) for _ in range(RUNS)]

        def one(number):
            if number % 4 == 3:
                words = ("generate", "a cat", "-o", f"out-{number % 8}.png", "--upload",
                         "s3://photos/made/")
            else:
                words = caption
            return killed(words, environment, delays_s[number])

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            ended = sum(pool.map(one, range(RUNS)))
        print(f"# seed {SEED}: {RUNS - ended} of {RUNS} runs were killed, a whole one takes "
              f"{whole_s:.2f} s")
        tap.ok(0 < ended < RUNS, "some were killed, some came to their end", ended)
        made = [path for path in os.listdir(".") if path.endswith(".png")]
        tap.ok(made and all(is_png(path) for path in made), "every picture is whole", made)
        events = [path for path in pathlib.Path("kept").rglob("*") if path.is_file()
                  and ".imgrecog-" not in path.name]
        tap.ok(events and all(json.loads(path.read_text(encoding="utf-8"))["eventVersion"] == "0"
                              for path in events), f"each of {len(events)} recorded answers is whole")
        documents = [body for path, body in bedrock.objects.items() if path.endswith(".json")]
        for body in documents:
            DOCUMENT.validate(json.loads(body))
        tap.ok(documents and bedrock.objects["/photos/in/a.jpg"] == pathlib.Path(
            "a.jpg").read_bytes() and all(body[-8:-4] == b"IEND" for path, body in
                                          bedrock.objects.items() if "/made/" in path),
               f"each of {len(bedrock.objects)} objects is whole")
        left = [path for path in pathlib.Path(".").rglob("*.imgrecog-*")]
        tap.ok(len(left) <= RUNS // 20 and all(is_png(path) or path.parent.parts[0] == "kept"
                                               for path in left),
               f"temporary files that were left: {len(left)}, named so", left)
        files = databases(folder)
        tap.ok(len(files) >= 2, "ledger and cache are there", files)
        for path in files:
            with contextlib.closing(sqlite3.connect(path)) as base:
                tap.equal(base.execute("PRAGMA integrity_check").fetchall(), [("ok",)],
                          f"{path.name}: whole")
        done = run(folder, *caption, bedrock=bedrock, IMGRECOG_CACHE="true")  # it has a time limit
        tap.ok(done.returncode == 0 and not done.stderr, "the next run is none the worse for it",
               done.stderr)
        done = run(folder, "cost", "--json")
        tap.ok(done.returncode == 0 and json.loads(done.stdout), "the ledger can be read", done.stderr)


sys.exit(support.run_cases([case_killed]))
