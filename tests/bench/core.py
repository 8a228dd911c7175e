# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the core beside boto3, the aws command and the machine's floor; see packaging/bench.

Every figure is of a process of its own. Rate and processor time are taken inside the process, over
the calls alone, unless a block says "from process start"; processor time is getrusage's, user and
system; memory is ru_maxrss of a process that a small one started. The stand-in for AWS is a process
apart and its time is not counted. Rounds are interleaved, each begins with another client; figures
are medians with the least and the most, ratios are medians of the ratios within a round.
"""
import collections
import glob
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import urllib.request

PICTURE_COUNT = 200
PICTURE_MOTIFS = 8  # different ones, under 200 names
PICTURE_SIZE = (1920, 1280)  # of noise: 1.5 MB as JPEG of quality 87
SMALL_SIZE = (160, 120)
MAX_LEFT_OUT_BYTES = 200  # the EXIF segment that make_pictures puts in
WAITING_MS = 200
WAITING_COUNT = 320  # ten times 32
UPLOAD_BYTES = 200_000_000
UPLOAD_RSS_LIMIT_MB = 32
MANY_COUNT = 10000
MANY_THREADS = 4
MANY_CLOSE_EVERY = 100  # answers after which the server ends the connection
MANY_RSS_LIMIT_KB = 256  # of growth in 9,000 calls: less than 30 bytes each
RUN_LIMIT_S = 300
BUSY_LOAD = 0.5  # of each core, before anything is measured
HERE = os.path.dirname(os.path.abspath(__file__))

Client = collections.namedtuple("Client", "name at_once command")


def say(text):
    print(f"imgrecog: {text}", file=sys.stderr, flush=True)


class Failed(Exception):
    """A program that is measured, or is to measure, did not do its work."""


# ---- programs ------------------------------------------------------------------------------------

class Bench:
    """Where programs and pictures lie, how often to measure, and which aims were missed."""

    def __init__(self, programs, scratch, rounds):
        self.programs = programs
        self.scratch = scratch
        self.rounds = rounds
        self.missed = 0
        self.busy = os.getloadavg()[0] > BUSY_LOAD * os.cpu_count()
        self.pictures = os.path.join(scratch, "pictures")
        self.small = os.path.join(scratch, "small")

    def program(self, name):
        return os.path.join(self.programs, name)

    def python(self, name, *words):
        return [sys.executable, os.path.join(HERE, name), *map(str, words)]

    def least_bytes(self):
        """The base64 of the smallest picture, without what a client may leave out of its head."""
        smallest = min(os.path.getsize(path) for path in glob.glob(self.pictures + "/*.jpg"))
        return (smallest - MAX_LEFT_OUT_BYTES) * 4 // 3

    def run(self, command):
        """What the command's lines of JSON say, together."""
        try:
            done = subprocess.run([self.program("bench-measure"), *map(str, command)],
                                  capture_output=True, text=True, check=False,
                                  timeout=RUN_LIMIT_S, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise Failed(f"{command[0]} did not end within {RUN_LIMIT_S} s") from None
        if done.returncode:
            raise Failed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
        said = {}
        for line in done.stdout.split("\n"):
            if line.startswith('{"'):
                said.update(json.loads(line))
        return said


class Server:
    """bench-server, for the length of a `with` block."""

    def __init__(self, bench, service_ms=0, close_every=0):
        self.command = [bench.program("bench-server"), str(service_ms), str(close_every)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]
        self.url = "http://127.0.0.1:" + self.port
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def usage(self):
        with urllib.request.urlopen(self.url + "/bench/usage", timeout=10) as answer:
            return json.load(answer)


def make_pictures(bench):
    """Pictures like a camera's: noise, with an EXIF segment that must not be sent."""
    from PIL import Image
    exif = Image.Exif()
    exif[0x010F] = "imgrecog bench"
    for folder, size, count, quality in ((bench.pictures, PICTURE_SIZE, PICTURE_COUNT, 87),
                                         (bench.small, SMALL_SIZE, 1, 75)):
        os.mkdir(folder)
        motifs = []
        for _ in range(min(count, PICTURE_MOTIFS)):
            out = io.BytesIO()
            Image.effect_noise(size, 48).convert("RGB").save(out, "JPEG", quality=quality,
                                                             exif=exif)
            motifs.append(out.getvalue())
        for number in range(count):
            with open(os.path.join(folder, f"{number:04}.jpg"), "wb") as stream:
                stream.write(motifs[number % len(motifs)])


# ---- measuring -----------------------------------------------------------------------------------

def measure(bench, server, clients, least_bytes):
    """name -> one dict for each round. The server must have got `least_bytes` for each thing that
    was counted: nobody wins by sending less."""
    results = {client.name: [] for client in clients}
    for number in range(bench.rounds):
        start = number % len(clients)
        for client in clients[start:] + clients[:start]:
            say(f"round {number + 1} of {bench.rounds}: {client.name}")
            before = server.usage()
            said = {"count": 1} | bench.run(client.command)
            after = server.usage()
            said["server_cpu_ms"] = after["cpu_ms"] - before["cpu_ms"]
            said["requests"] = after["requests"] - before["requests"]
            if after["body_bytes"] - before["body_bytes"] < said["count"] * least_bytes:
                raise Failed(f"{client.name} sent less than what was to be measured")
            said["rss_mb"] = said["rss_kb"] * 1024 / 1e6
            if "wall_ms" in said:
                said["rate"] = said["count"] / said["wall_ms"] * 1e3
                said["cpu_each_ms"] = said["cpu_ms"] / said["count"]
            results[client.name].append(said)
    return results


def middle(results, name, key):
    return statistics.median(run[key] for run in results[name])


def spread(results, name, key, digits):
    values = [run[key] for run in results[name]]
    text = f"{statistics.median(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({min(values):.{digits}f}-{max(values):.{digits}f})"
    return text


def ratio(results, name, other, key):
    return statistics.median(mine[key] / its[key]
                             for mine, its in zip(results[name], results[other]))


# ---- printing ------------------------------------------------------------------------------------

def print_table(title, heads, rows):
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"\n{title} (load {load})")
    for row in [heads, *rows]:
        print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def print_aim(bench, words, value, sense, wanted):
    """One aim: met, or counted as missed. `value` and `wanted` in the unit that `words` name."""
    met = value >= wanted if sense == ">=" else value <= wanted
    bench.missed += not met
    print(f"  {'met   ' if met else 'MISSED'}  {words}: {value:.4g}, wanted {sense} {wanted:g}",
          flush=True)


def rows_of(results, clients, boto3, floor):
    """Lines for `clients`, with ratios to the client `boto3` and, by name, to their `floor`."""
    rows = []
    for client in clients:
        name = client.name
        base = floor.get(name)
        rows.append([name, str(client.at_once), spread(results, name, "rate", 1),
                     spread(results, name, "cpu_each_ms", 2), spread(results, name, "rss_mb", 0),
                     f"{ratio(results, name, boto3, 'rate'):.2f}",
                     f"{ratio(results, name, boto3, 'cpu_each_ms'):.2f}",
                     f"{100 * ratio(results, name, base, 'rate'):.0f} %" if base else ""])
    return rows


def print_server(results):
    runs = [run for runs in results.values() for run in runs if run["requests"]]
    each = statistics.median(run["server_cpu_ms"] / run["requests"] for run in runs)
    print(f"  the server's own processor time, not counted above: {each:.2f} ms a request")


# ---- blocks --------------------------------------------------------------------------------------

LABELS_HEADS = ["", "at once", "images/s", "CPU ms/image", "MB", "rate x boto3", "CPU x boto3",
                "of the floor"]
OURS = "imgrecog"
FROM_START = ", from process start"
OURS_NO_HASH = "imgrecog, sha256 = false"
FLOOR = "floor"
FLOOR_HASH = "floor and the picture's SHA-256"
FLOOR_OPENSSL = "floor by OpenSSL alone"


def labels(bench):
    """One thread, a server that answers at once: what the client itself costs."""
    with Server(bench) as server:
        common = (bench.pictures, PICTURE_COUNT)
        ours = [bench.program("bench-client"), "labels", server.url, *common, 1]
        floor = [bench.program("bench-floor"), server.port, *common, 1]
        clients = [
            Client(OURS, 1, ours),
            Client(OURS_NO_HASH, 1, [*ours, "no-source-hash"]),
            Client("boto3, 1 thread", 1,
                   bench.python("boto3_client.py", "labels", server.url, *common, 1)),
            Client("boto3, 8 threads", 8,
                   bench.python("boto3_client.py", "labels", server.url, *common, 8)),
            Client(FLOOR, 1, floor),
            Client(FLOOR_HASH, 1, [*floor, "source-hash"]),
            Client(FLOOR_OPENSSL, 1, [*floor, "openssl-base64"]),
        ]
        results = measure(bench, server, clients, bench.least_bytes())
    boto3 = max(("boto3, 1 thread", "boto3, 8 threads"),
                key=lambda name: middle(results, name, "rate"))
    print_table(f"DetectLabels, {PICTURE_COUNT} JPEGs of 1.5 MB, answered at once; ratios to "
                f"\"{boto3}\"", LABELS_HEADS,
                rows_of(results, clients, boto3, {OURS: FLOOR_HASH, OURS_NO_HASH: FLOOR}))
    print_server(results)
    print_aim(bench, "images/s against boto3's best", ratio(results, OURS, boto3, "rate"), ">=", 4)
    print_aim(bench, "its processor time against that", ratio(results, OURS, boto3, "cpu_each_ms"),
              "<=", 0.25)
    for name, floor in ((OURS, FLOOR_HASH), (OURS_NO_HASH, FLOOR), (OURS, FLOOR_OPENSSL)):
        print_aim(bench, f"\"{name}\", % of \"{floor}\"",
                  100 * ratio(results, name, floor, "rate"), ">=", 85)


def waiting(bench):
    """Many calls in flight to a service that takes its time."""
    with Server(bench, WAITING_MS) as server:
        common = (bench.pictures, WAITING_COUNT)
        clients = [
            Client(OURS, 32, [bench.program("bench-client"), "labels", server.url, *common, 32]),
            Client("boto3, 8 threads", 8,
                   bench.python("boto3_client.py", "labels", server.url, *common, 8)),
            Client("boto3, 32 threads", 32,
                   bench.python("boto3_client.py", "labels", server.url, *common, 32)),
            Client(FLOOR_HASH, 32,
                   [bench.program("bench-floor"), server.port, *common, 32, "source-hash"]),
        ]
        results = measure(bench, server, clients, bench.least_bytes())
    print_table(f"DetectLabels, {WAITING_COUNT} JPEGs of 1.5 MB, answered after {WAITING_MS} ms; "
                "ratios to \"boto3, 8 threads\"", LABELS_HEADS,
                rows_of(results, clients, "boto3, 8 threads", {OURS: FLOOR_HASH}))
    print(f"  nobody passes {32e3 / WAITING_MS:.0f} images/s with 32 in flight, nor "
          f"{8e3 / WAITING_MS:.0f} with 8")
    print_server(results)
    print_aim(bench, "images/s against boto3 with 8 threads",
              ratio(results, OURS, "boto3, 8 threads", "rate"), ">=", 3.5)
    print_aim(bench, "memory against boto3 with 32 threads",
              ratio(results, OURS, "boto3, 32 threads", "rss_mb"), "<=", 0.25)


def note_uploads(clients, results):
    """What an upload took, in the process or, where a client's name says so, with its start."""
    for client in clients:
        kind = "process_" if client.name.endswith(FROM_START) else ""
        for run in results[client.name]:
            run["mb_s"] = UPLOAD_BYTES / 1e3 / run[kind + "wall_ms"]
            run["took_cpu_ms"] = run[kind + "cpu_ms"]


def upload(bench):
    """A large file to S3, in parts: the second time in one process, and from process start."""
    path = os.path.join(bench.scratch, "upload")
    with open(path, "wb") as stream:
        for _ in range(UPLOAD_BYTES // 1_000_000):
            stream.write(os.urandom(1_000_000))
    with Server(bench) as server:
        ours = [bench.program("bench-client"), "upload", server.url, path]
        boto3 = bench.python("boto3_client.py", "upload", server.url, path)
        clients = [Client(OURS, 4, [*ours, 2]), Client("boto3 upload_file", 10, [*boto3, 2]),
                   Client(OURS + FROM_START, 4, [*ours, 1]),
                   Client("boto3" + FROM_START, 10, [*boto3, 1])]
        results = measure(bench, server, clients, UPLOAD_BYTES)
    os.remove(path)
    note_uploads(clients, results)
    rows = []
    for mine, its in zip(clients, (clients[1], clients[1], clients[3], clients[3])):
        rows.append([mine.name, str(mine.at_once), spread(results, mine.name, "mb_s", 0),
                     spread(results, mine.name, "took_cpu_ms", 0),
                     spread(results, mine.name, "rss_mb", 0),
                     f"{ratio(results, mine.name, its.name, 'mb_s'):.2f}",
                     f"{ratio(results, mine.name, its.name, 'took_cpu_ms'):.2f}"])
    print_table("Upload of 200 MB to S3 in parts of 8 MiB; ratios to boto3's line of the same kind",
                ["", "at once", "MB/s", "CPU ms", "MB", "MB/s x boto3", "CPU x boto3"], rows)
    for mine, its in ((clients[0], clients[1]), (clients[2], clients[3])):
        print_aim(bench, f"\"{mine.name}\", MB/s against boto3",
                  ratio(results, mine.name, its.name, "mb_s"), ">=", 2)
    print_aim(bench, "memory, MB", middle(results, OURS, "rss_mb"), "<=", UPLOAD_RSS_LIMIT_MB)


def many(bench):
    """Nothing may grow: neither memory nor descriptors, though the server hangs up now and then."""
    with Server(bench, 0, MANY_CLOSE_EVERY) as server:
        say(f"{MANY_COUNT} calls on one client")
        said = bench.run([bench.program("bench-client"), "many", server.url, bench.small,
                          MANY_COUNT, MANY_THREADS])
    early = f"after {MANY_COUNT // 10}"
    print_table(f"{MANY_COUNT} calls on one client, {MANY_THREADS} threads; the server hangs up "
                f"after every {MANY_CLOSE_EVERY}th answer",
                ["", early, f"after {MANY_COUNT}"],
                [["memory, kB", str(said["early_rss_kb"]), str(said["late_rss_kb"])],
                 ["open descriptors", str(said["early_fds"]), str(said["late_fds"])]])
    print_aim(bench, "growth of memory, kB", said["late_rss_kb"] - said["early_rss_kb"], "<=",
              MANY_RSS_LIMIT_KB)
    print_aim(bench, "growth of open descriptors", said["late_fds"] - said["early_fds"], "<=", 0)


def start(bench):
    """One call, from the start of a process to its end."""
    picture = sorted(glob.glob(bench.pictures + "/*.jpg"))[0]
    with Server(bench) as server:
        clients = [
            Client(OURS, 1, [bench.program("bench-client"), "labels", server.url, bench.pictures,
                             1, 1]),
            Client("aws rekognition detect-labels", 1,
                   ["aws", "rekognition", "detect-labels", "--endpoint-url", server.url,
                    "--image-bytes", "fileb://" + picture, "--max-labels", 100,
                    "--min-confidence", 55]),
            Client("python3 with boto3", 1,
                   bench.python("boto3_client.py", "labels", server.url, bench.pictures, 1, 1,
                                "cold")),
            Client(FLOOR_HASH, 1, [bench.program("bench-floor"), server.port, bench.pictures, 1, 1,
                                   "source-hash"]),
        ]
        results = measure(bench, server, clients, bench.least_bytes())
    rows = [[client.name, spread(results, client.name, "process_wall_ms", 1),
             spread(results, client.name, "process_cpu_ms", 1),
             spread(results, client.name, "rss_mb", 0),
             f"{ratio(results, client.name, OURS, 'process_wall_ms'):.1f}"] for client in clients]
    print_table("One DetectLabels of a JPEG of 1.5 MB, from process start to its end",
                ["", "wall ms", "CPU ms", "MB", "wall x imgrecog"], rows)


BLOCKS = {"labels": labels, "waiting": waiting, "upload": upload, "many": many, "start": start}


# ---- the machine ---------------------------------------------------------------------------------

def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip().split("\n")[0]


def print_machine(bench):
    """What measured, and what its one core does."""
    import boto3
    import botocore
    with open("/proc/cpuinfo", encoding="utf-8") as stream:
        model = next((line.split(":")[1].strip() for line in stream if "model name" in line),
                     platform.machine())
    limits = bench.run([bench.program("bench-floor"), "limits"])
    print(f"{model}, {os.cpu_count()} cores, Linux {platform.release()}")
    print(", ".join([f"boto3 {boto3.__version__}", f"botocore {botocore.__version__}",
                     f"Python {platform.python_version()}", first_line("aws", "--version").split()[0],
                     first_line("curl", "--version").split()[3], limits["openssl"],
                     first_line("cc", "--version")]))
    print(f"one core: SHA-256 {limits['sha256_gb_s']:.2f} GB/s, base64 {limits['base64_gb_s']:.1f} "
          f"GB/s (OpenSSL's {limits['openssl_base64_gb_s']:.2f}), of bytes that go in")
    print(f"rounds: {bench.rounds}; median (least-most); MB are 1,000,000 bytes", flush=True)
    if bench.busy:
        print("Others use this machine: rates come out low and ratios rough; processor times hold.",
              flush=True)


def measure_all(programs, scratch, rounds, blocks):
    """Prints the table; the number of aims that were missed."""
    bench = Bench(programs, scratch, rounds)
    say("making pictures")
    make_pictures(bench)
    print_machine(bench)
    for name in blocks:
        BLOCKS[name](bench)
    print(f"\n{'every aim was met' if not bench.missed else f'{bench.missed} aims were MISSED'}")
    return bench.missed
