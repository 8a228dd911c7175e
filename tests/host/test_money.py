# SPDX-License-Identifier: GPL-3.0-or-later
"""Money, through the command as people run it: the same question is paid for once, a limit refuses
before anything is sent, several processes share a month's limit, and what a killed process leaves
behind is whole. Services: a stand-in that counts what reaches it, and imgrecog-local."""

import json
import os
import pathlib
import pty
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time

import support

PROGRAM = os.path.abspath(sys.argv[1])
LOCAL = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
MAGICK = os.environ["MAGICK"]

KILLS = 30
REQUEST_USD = 0.001
WORDS = "Two people smile."


def answer(request):
    """Labels to Rekognition's question, words to a model's."""
    if request.target:
        return support.Answer(support.labels_answer(
            support.label("Person", 99.0, support.box(0.1, 0.1, 0.5, 0.5))))
    return support.Answer(json.dumps({
        "output": {"message": {"role": "assistant", "content": [{"text": WORDS}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1000, "outputTokens": 100},
    }).encode())


def environment(folder, service=None, **more):
    env = support.clean_environment(folder, **{"IMGRECOG_CACHE": "true", **more})
    if service is not None:
        env["AWS_ENDPOINT_URL"] = service.url
    return env


def run(folder, *arguments, service=None, **more):
    return subprocess.run([PROGRAM, *arguments], env=environment(folder, service, **more),
                          capture_output=True, timeout=support.COMMAND_TIMEOUT_S, check=False)


def make(*names):
    for number, name in enumerate(names):
        subprocess.run([MAGICK, "-size", f"{100 + number}x100", "gradient:red-blue", name],
                       check=True)


def usage_of(done):
    return json.loads(done.stdout)["usage"]


def ledger_path(folder):
    return folder / "home/.local/state/imgrecog/ledger.sqlite"


def cache_path(folder):
    return folder / "home/.cache/imgrecog/cache.sqlite"


def query(path, statement):
    with sqlite3.connect(path, timeout=30) as database:
        return database.execute(statement).fetchall()


# ---- cases -----------------------------------------------------------------------------------


def case_twice(tap):
    with support.workspace() as folder, support.FakeService(answer) as service:
        make("a.png")
        first = run(folder, "labels", "a.png", "--json", service=service)
        usage = usage_of(first)
        tap.ok(usage["requests"] == 1 and usage["cached"] == 0
               and abs(usage["cost_usd"] - REQUEST_USD) < 1e-9 and usage["prices_of"] >= "2026",
               "the first time is paid for", (usage, first.stderr))
        usage = usage_of(run(folder, "labels", "a.png", "--json", service=service))
        tap.equal((usage["requests"], usage["cached"], usage["cost_usd"]), (0, 1, 0),
                  "the second time says cached and costs nothing")
        tap.equal(len(service.requests), 1, "the second time sends nothing")
        for option in ("--no-cache", "--refresh", "--min-confidence=56"):
            before = len(service.requests)
            done = run(folder, "labels", "a.png", "--json", option, service=service)
            tap.ok(usage_of(done)["cached"] == 0 and len(service.requests) == before + 1,
                   f"{option} asks anew", done.stderr)
        # What stands in the file beside its samples is not sent, so it does not matter.
        subprocess.run([MAGICK, "a.png", "-set", "comment", "another caption", "b.png"], check=True)
        tap.equal(usage_of(run(folder, "labels", "b.png", "--json", service=service))["cached"], 1,
                  "the same samples with another comment are the same picture")
        tap.equal(run(folder, "labels", "a.png", "--no-max-cost", service=service).returncode, 2,
                  "--no- stands before what is true or false only")


def case_words(tap):
    with support.workspace() as folder, support.FakeService(answer) as service:
        make("a.png")
        said = []
        for _ in range(2):
            outer, inner = pty.openpty()
            done = subprocess.run(
                [PROGRAM, "labels", "a.png"], env=environment(folder, service), stderr=inner,
                stdout=subprocess.PIPE, timeout=support.COMMAND_TIMEOUT_S, check=True)
            os.close(inner)
            said.append(os.read(outer, 4096).decode().strip())
            os.close(outer)
            assert b"Person" in done.stdout
        tap.ok(said[0].startswith("cost: $0.0010 (prices of 2"), "a terminal is told the cost", said)
        tap.equal(said[1], "cost: nothing, 1 answer from the cache", "and that it was cached")
        tap.equal(run(folder, "labels", "a.png", service=service).stderr,
                  b"cost: nothing, 1 answer from the cache\n", "and so are people elsewhere")
        tap.equal(run(folder, "labels", "a.png", "--json", service=service).stderr, b"",
                  "a document is all that programs are given")


def case_model(tap):
    with support.workspace() as folder, support.FakeService(answer) as service:
        make("a.png")
        usage = usage_of(run(folder, "ask", "Who?", "a.png", "--json", service=service))
        tap.ok(abs(usage["cost_usd"] - (1000 * 1.1 + 100 * 5.5) / 1e6) < 1e-9,
               "a model's cost is measured by its tokens", usage)
        done = run(folder, "ask", "Who?", "a.png", service=service)
        tap.ok(done.stdout.decode() == WORDS + "\n" and len(service.requests) == 1,
               "an answer that came whole is told as words come", done)
        data = cache_path(folder).read_bytes() + ledger_path(folder).read_bytes()
        for path in (cache_path(folder), ledger_path(folder)):
            wal = path.with_name(path.name + "-wal")
            data += wal.read_bytes() if wal.exists() else b""
        tap.ok(not any(word in data for word in (WORDS.encode(), b"Who?", b"a.png")),
               "cache and ledger hold no prompt, no answer and no file's name")
        for path in (cache_path(folder), ledger_path(folder)):
            tap.equal((stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)),
                      (0o600, 0o700), f"{path.name} is its owner's only")


def case_limit(tap):
    with support.workspace() as folder, support.FakeService(answer) as service:
        make("a.png", "b.png", "c.png")
        done = run(folder, "labels", "a.png", "--max-cost", "0.0005", service=service)
        tap.ok(done.returncode == 1 and not service.requests
               and b"DetectLabels may cost up to $0.001; of max-cost, $0.0005" in done.stderr
               and b"Raise max-cost" in done.stderr,
               "--max-cost 0.0005 refuses before the call", done)
        done = run(folder, "caption", "a.png", "--max-cost", "0.001", service=service)
        tap.ok(done.returncode == 1 and not service.requests and b"max-tokens" in done.stderr,
               "a caption that may cost more is refused, too", done)
        done = run(folder, "labels", "a.png", "b.png", "c.png", "--json", "--max-cost", "0.002",
                   service=service)
        tap.ok(done.returncode == 1 and len(service.requests) == 2
               and len(done.stdout.splitlines()) == 2, "two of three fit", done)
        done = run(folder, "labels", "a.png", "b.png", "--json", "--max-cost", "0", service=service)
        tap.ok(done.returncode == 0 and len(service.requests) == 2,
               "what is in the cache passes every limit", done)
        done = run(folder, "ask", "Who?", "a.png", "--model", "meta.llama-9", "--max-cost", "9",
                   service=service)
        tap.ok(done.returncode == 1 and b"imgrecog/prices" in done.stderr
               and len(service.requests) == 2, "an unknown price is refused under a limit", done)


def case_dry(tap):
    with support.workspace() as folder, support.FakeService(answer) as service:
        make("a.png")
        done = run(folder, "labels", "a.png", "--dry-run", "--text", service=service)
        tap.ok(done.returncode == 0 and b"would cost at most $0.002 " in done.stdout
               and b"DetectLabels: " in done.stdout and b"bytes to 127.0.0.1:" in done.stdout,
               "a dry run tells what would be sent and where to", done)
        done = run(folder, "check", "a.png", "--dry-run", "--json", service=service)
        document = json.loads(done.stdout)
        tap.ok(done.returncode == 0 and len(document["estimate"]["requests"]) == 5
               and "check" not in document, "a dry check has no verdict", document)
        done = run(folder, "generate", "a cat", "-o", "cat.png", "--dry-run", service=service)
        tap.ok(done.returncode == 0 and not os.path.exists("cat.png")
               and b"at most $0.04" in done.stdout, "a dry generate makes no file", done)
        for task in ("caption", "ask"):
            words = ("What?",) if task == "ask" else ()
            done = run(folder, task, *words, "a.png", "--dry-run", service=service)
            tap.ok(done.returncode == 0 and b"Converse" in done.stdout, f"a dry {task}", done)
        done = run(folder, "caption", "a.png", "--dry-run", "--from-labels", service=service)
        tap.ok(done.returncode == 0 and b"DetectLabels" in done.stdout
               and b"Converse" in done.stdout, "a dry caption from labels plans both", done)
        tap.equal((len(service.requests), ledger_path(folder).exists()), (0, False),
                  "dry runs send nothing and write nothing into the ledger")


def case_small(tap):
    """What costs less than can be told costs a millionth at most, and never nothing."""
    def vanish(_):
        raise BrokenPipeError

    with support.workspace() as folder, support.FakeService(vanish) as service:
        service.server.handle_error = lambda *_: None
        make("a.png")
        prices = folder / "home/.config/imgrecog/prices"
        prices.parent.mkdir(parents=True, exist_ok=True)
        prices.write_text("[rekognition]\nrequest = 0.00000025\n", encoding="utf-8")
        done = run(folder, "labels", "a.png", "--dry-run", service=service)
        tap.ok(b"would cost at most $0.000001 " in done.stdout
               and b", at most $0.000001\n" in done.stdout, "small: a dry run", done)
        done = run(folder, "labels", "a.png", service=service, AWS_MAX_ATTEMPTS="1")
        tap.ok(done.returncode == 1 and b"It may have cost up to $0.000001." in done.stderr,
               "small: what may have been paid", done)
        prices.write_text("[rekognition]\nrequest = 0.0011004\n", encoding="utf-8")
        done = run(folder, "labels", "a.png", "--dry-run", service=service)
        tap.ok(b"would cost at most $0.001101 " in done.stdout, "at most is rounded up", done)
        prices.write_text("[rekognition]\nrequest = 0.0013\n", encoding="utf-8")
        done = run(folder, "labels", "a.png", "--dry-run", service=service)
        tap.ok(b"would cost at most $0.0013 " in done.stdout, "and what is whole is not", done)


def case_cost(tap):
    with support.workspace() as folder, support.FakeService(answer) as service:
        done = run(folder, "cost", "2026-10")
        tap.ok(done.stdout == b"2026-10: no paid request in the ledger\n" and not ledger_path(folder).exists(),
               "no ledger: no cost, and none is made", done)
        make("a.png", "b.png")
        run(folder, "labels", "a.png", "b.png", service=service)
        run(folder, "ask", "Who?", "a.png", service=service)
        report = json.loads(run(folder, "cost", "--json").stdout)
        lines = {(line["service"], line["operation"]): line for line in report["lines"]}
        tap.ok(report["schema"] == "imgrecog-cost/1"
               and lines["rekognition", "DetectLabels"]["requests"] == 2
               and lines["bedrock_runtime", "ConverseStream"]["input_tokens"] == 0,
               "cost --json lists services and operations", report)
        tap.ok(b"rekognition DetectLabels" in run(folder, "cost").stdout, "cost in words")
        done = run(folder, "cost", "2026-13")
        tap.ok(done.returncode == 2 and b"Write it as 2026-11" in done.stderr, "no month", done)
        tap.equal(run(folder, "cost", "2026-11", "2026-12").returncode, 2, "one month at a time")
        ledger_path(folder).write_bytes(b"this is no database" * 500)
        done = run(folder, "cost")
        tap.ok(done.returncode == 1 and b"Move the file away" in done.stderr,
               "a damaged ledger says what to do", done)
        done = run(folder, "labels", "a.png", "--no-cache", service=service)
        tap.ok(done.returncode == 0 and b"the ledger could not be written" in done.stderr,
               "work goes on without it, and says so", done)
        done = run(folder, "labels", "a.png", "--no-cache", "--monthly-limit", "5", service=service)
        tap.ok(done.returncode == 1 and b"limit of the month cannot be kept" in done.stderr,
               "a limit for the month does not", done)
        tap.ok(ledger_path(folder).read_bytes().startswith(b"this is no database"),
               "a damaged ledger is never thrown away")


def case_month(tap):
    """Six processes at once, each with five pictures, and money for twelve."""
    with support.workspace() as folder, support.FakeService(answer) as service:
        names = [f"{number}.png" for number in range(5)]
        make(*names)
        env = environment(folder, service, IMGRECOG_MONTHLY_LIMIT="0.0125", IMGRECOG_CACHE="false")
        children = [
            subprocess.Popen([PROGRAM, "labels", "--json", *names], env=env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(6)
        ]
        outputs = [child.communicate(timeout=support.COMMAND_TIMEOUT_S) for child in children]
        tap.ok(len(service.requests) == 12 and sum(len(out.splitlines()) for out, _ in outputs) == 12,
               "processes share a month's limit and never pass it",
               (len(service.requests), outputs))
        total = json.loads(run(folder, "cost", "--json").stdout)["total"]
        tap.ok(total["requests"] == 12 and abs(total["cost_usd"] - 0.012) < 1e-9
               and total["maybe_charged"] == 0, "the ledger has them all", total)


def case_killed(tap):
    """A signal that nothing survives, at any time: whole files, and no request without a row."""
    chance = random.Random(7)

    def slow(request):
        time.sleep(chance.random() * 0.03)
        return answer(request)

    with support.workspace() as folder, support.FakeService(slow) as service:
        service.server.handle_error = lambda *unused: None  # clients die, as they shall
        names = [f"{number}.png" for number in range(4)]
        make(*names)
        env = environment(folder, service)
        killed = 0
        for _ in range(KILLS):
            last = len(service.requests) + chance.randrange(len(names) + 1)
            child = subprocess.Popen(
                [PROGRAM, "labels", "--refresh", "--json", *names], env=env,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while len(service.requests) < last and child.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.05)  # an answer takes less
            child.send_signal(signal.SIGKILL)
            killed += child.wait() == -signal.SIGKILL
        tap.ok(killed > KILLS / 2, "most are killed before they end", killed)
        time.sleep(0.2)  # what the last one sent is read by then
        seen = len(service.requests)
        for path in (ledger_path(folder), cache_path(folder)):
            tap.equal(query(path, "PRAGMA integrity_check"), [("ok",)],
                      f"{path.name} is whole after {KILLS} kills")
        rows = query(ledger_path(folder), "SELECT count(*) FROM entries")[0][0]
        tap.ok(seen > 0 and rows >= seen, "every request has its row", (seen, rows))
        done = run(folder, "labels", "--no-cache", "--json", names[0], service=service)
        states = dict(query(ledger_path(folder),
                            "SELECT state,count(*) FROM entries GROUP BY state"))
        tap.ok(done.returncode == 0 and "reserved" not in states,
               "what was under way is maybe charged, and blocks nobody", (done.stderr, states))
        total = json.loads(run(folder, "cost", "--json").stdout)["total"]
        tap.ok(total["requests"] == rows + 1 and total["maybe_charged"] == states.get("maybe", 0),
               "none of them is lost", (total, rows, states))
        kept = query(cache_path(folder), "SELECT count(*) FROM answers")[0][0]
        done = run(folder, "labels", "--json", *names, service=service)
        cached = sum(json.loads(line)["usage"]["cached"] for line in done.stdout.splitlines())
        tap.equal(cached, kept, "what was kept is not paid for again")


def case_local(tap):
    with support.workspace() as folder:
        make("a.png")
        socket = folder / "local.sock"
        with support.process([LOCAL, "--socket", str(socket)],
                             lambda: support.listens_on_socket(str(socket))):
            more = {"IMGRECOG_LOCAL_SOCKET": str(socket), "IMGRECOG_ENDPOINT": "local"}
            usages = [usage_of(run(folder, "labels", "a.png", "--json", **more)) for _ in range(2)]
        tap.equal([(usage["requests"], usage["cached"], usage["cost_usd"]) for usage in usages],
                  [(1, 0, 0), (0, 1, 0)], "on this machine: nothing is paid, and once is enough")
        tap.ok(not ledger_path(folder).exists(), "and nothing stands in the ledger")


CASES = [case_twice, case_words, case_model, case_limit, case_dry, case_small, case_cost, case_month,
         case_killed]

if __name__ == "__main__":
    sys.exit(support.run_cases(CASES + ([case_local] if LOCAL else [])))
