# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds, runs the test suites, counts, says where the time went and who judged. Called by
packaging/test; with --core-only first, the front ends are left out of the build.

Suites of Meson run in one of two builds: those inside magick and GIMP in a plain one, because a
module with AddressSanitizer cannot be loaded by a program without it; all others with sanitizers.
The suites house, format, packaging and tidy are run from here.
"""
import concurrent.futures
import fcntl
import glob
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import house
import tap

LIB = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(LIB))
AT_ONCE = 2  # compilers and checks side by side; a bounded load on any machine
TESTS_AT_ONCE = 3  # one more: a test and the server that it asks wait for each other
TIMEOUT_FACTOR = 4  # on each test's own limit, for slow and shared machines
SELFTEST_LIMIT_S = 300
TAIL_LINES = 60  # of what a failing program said
SLOWEST = 12  # programs and files that the report names

ORDER = ["house", "format", "packaging", "unit", "torture", "sim", "fuzz", "peers", "host", "gui",
         "tidy"]
PLAIN = {"host", "gui"}
BUILDS = {
    "sanitize": ["-Db_sanitize=address,undefined", "-Db_lundef=false"],
    "plain": [],
    "core": ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dlocal=disabled",
             "-Dimagemagick=disabled", "-Dgimp=disabled"],
}


class Run:
    """What has been counted so far, and the time of each step."""

    def __init__(self):
        self.total = tap.Count()
        self.steps = []  # (name, seconds, Count or None)
        self.programs = []  # (seconds, "suite / name"), also of files that tidy looked at
        self.builds = {}  # kind -> folder, or None when it could not be built
        self.peers = {}  # name -> the versions of it that judged

    def add(self, name, started, count):
        self.steps.append((name, time.monotonic() - started, count))
        if count:
            self.total.add(count)
            for line in count.failed:
                print(f"  FAILED  {line}", flush=True)


def clean_environment(home):
    """No test may use, or log, the account and settings of whoever runs it: Meson's own log holds
    the whole environment. `home` is an empty folder for this run."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "IMGRECOG_", "GIMP", "MAGICK_")) and name != "IMGRECOG_ROOT":
            del os.environ[name]
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    os.environ["HOME"] = home
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")


def system_name():
    with open("/etc/os-release", encoding="utf-8") as stream:
        fields = dict(line.rstrip("\n").split("=", 1) for line in stream if "=" in line)
    name = fields.get("VERSION_CODENAME") or fields.get("ID", "linux") + fields.get("VERSION_ID", "")
    return name.strip('"')


def tail(text, lines=TAIL_LINES):
    return "\n".join("    " + line for line in text.rstrip().split("\n")[-lines:])


def step(command):
    """Runs a step of a build. What it said when it failed, without the noise; else None."""
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return None
    lines = (done.stdout + done.stderr).split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("FAILED:")), 0)
    lines = lines[first:]
    return "\n".join(line for line in lines if not re.match(r"^(\[\d+/\d+\] |cc -)", line))


def configure(kind):
    """(the folder of a build, what went wrong or None)"""
    folder = os.path.join(ROOT, "build", f"{system_name()}-{kind}")
    options = [f"-Dwerror={'true' if os.environ.get('CI') else 'false'}", "-Dauto_features=enabled",
               "-Dtests=enabled", "-Dbuildtype=debugoptimized", *BUILDS[kind]]
    if os.path.exists(os.path.join(folder, "build.ninja")):
        # The second makes Meson read meson.build files that have changed.
        return folder, (step(["meson", "configure", folder, *options]) or
                        step(["ninja", "-C", folder, "build.ninja"]))
    shutil.rmtree(folder, ignore_errors=True)
    return folder, step(["meson", "setup", *options, folder, ROOT])


def programs_of(folder, suites):
    """What the tests of these suites need built, as Ninja's targets."""
    def look(what):
        text = subprocess.run(["meson", "introspect", what, folder], capture_output=True, text=True,
                              check=True).stdout
        return json.loads(text)
    wanted = {target for test in look("--tests") for target in test["depends"]
              if suites & {suite.split(":", 1)[-1] for suite in test["suite"]}}
    return [os.path.relpath(name, folder) for target in look("--targets") if target["id"] in wanted
            for name in target["filename"]]


def build(run, kind, suites):
    """The folder of a build, made and brought up to date once a run for these suites, all when
    there are none; None when that fails."""
    if kind in run.builds:
        return run.builds[kind]
    started = time.monotonic()
    print(f"building ({kind})", flush=True)
    folder, wrong = configure(kind)
    # Without suites all of it, with what tests alone depend on.
    programs = ["all", "meson-test-prereq"]
    if suites and not wrong:
        programs = programs_of(folder, suites)
    wrong = wrong or step(["ninja", "-C", folder, "-k", "0", "-j", str(AT_ONCE), *programs])
    run.builds[kind] = None if wrong else folder
    if wrong:
        print(tail(wrong, 5 * TAIL_LINES), flush=True)
    run.add(f"build ({kind})", started, tap.Count(failed=[f"the build ({kind})"]) if wrong else None)
    return run.builds[kind]


def suites_of(folder):
    """Suite -> True, and test name -> protocol, as Meson knows them."""
    text = subprocess.run(["meson", "introspect", "--tests", folder], capture_output=True,
                          text=True, check=True).stdout
    suites, protocols = set(), {}
    for test in json.loads(text):
        names = [suite.split(":", 1)[-1] for suite in test["suite"]]
        suites.update(names)
        protocols[test["name"]] = test["protocol"]
    return suites, protocols


def show_failure(entry):
    print(f"--- {entry['name']}: {entry['result']}, exit status {entry['returncode']}")
    if entry.get("stdout"):
        print(tail(entry["stdout"]))
    if entry.get("stderr"):
        print(tail(entry["stderr"]))
    print("---", flush=True)


def run_meson_suite(run, suite, folder, protocols):
    """Runs one suite of one build; its programs' own lines are counted from Meson's log."""
    started = time.monotonic()
    base = f"suite-{suite}"
    log = os.path.join(folder, "meson-logs", base + ".json")
    for old in glob.glob(os.path.join(folder, "meson-logs", base + ".*")):
        os.remove(old)
    command = ["meson", "test", "-C", folder, "--no-rebuild", "--suite", suite, "--logbase", base,
               "--num-processes", str(TESTS_AT_ONCE), "--timeout-multiplier", str(TIMEOUT_FACTOR)]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, errors="replace") as process:
        for line in process.stdout:
            said.append(line)
            if re.match(r"^ *\d+/\d+ ", line):
                print("  " + line.rstrip(), flush=True)
    count = tap.Count()
    entries = []
    if os.path.exists(log):
        with open(log, encoding="utf-8") as stream:
            entries = [json.loads(line) for line in stream if line.strip()]
    for entry in entries:
        name = entry["name"].split(" / ")[-1].split(":")[-1]
        program = tap.count_program(entry, protocols.get(name, "exitcode"))
        if program.failed:
            show_failure(entry)
        count.add(program)
        for peer, version in tap.peers_in(entry.get("stdout", "")):
            run.peers.setdefault(peer, set()).add(version)
        run.programs.append((entry["duration"], f"{suite} / {name}"))
    if not entries:
        print(tail("".join(said)))
        count.failed.append(f"{suite}: no test was run")
    run.add(suite, started, count)


def run_house(run):
    started = time.monotonic()
    count = tap.Count()
    for rule, breaches in house.check(ROOT):
        if breaches:
            print("\n".join("    " + breach for breach in breaches))
            count.failed.append(f"house: {rule}")
        else:
            count.passed += 1
    run.add("house", started, count)


def run_format(run):
    started = time.monotonic()
    files = [os.path.join(ROOT, path) for path in house.sources(ROOT)]
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], capture_output=True,
                          text=True, check=False)
    wrong = sorted(set(re.findall(r"^(?:\S*/)?((?:core|include|plugins|tests)/\S+?):\d+:\d+: error",
                                  done.stderr.replace(ROOT + "/", ""), re.M)))
    if done.returncode == 0:
        count = tap.Count(passed=1)
    else:
        print("    clang-format -i " + " ".join(wrong) if wrong else tail(done.stderr))
        count = tap.Count(failed=[f"format: {len(wrong)} files would be changed"])
    run.add("format", started, count)


def run_packaging(run):
    started = time.monotonic()
    done = subprocess.run(["timeout", "--kill-after=10", str(SELFTEST_LIMIT_S),
                           os.path.join(LIB, "selftest")], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    count = tap.count_tap("packaging", done.stdout, "OK" if done.returncode == 0 else "FAIL")
    if count.failed:
        print(tail(done.stdout + done.stderr, 5 * TAIL_LINES))
    run.add("packaging", started, count)


class Tidy:
    """clang-tidy over the plain build's compile commands. A clean file is remembered by the hash of
    everything that the check sees, so only what changed is looked at again."""

    # Options that name what is compiled, and into what -> how many words they are.
    NAMES = {"-c": 2, "-o": 2, "-MD": 1, "-MF": 2, "-MQ": 2, "-MT": 2}

    def __init__(self, folder):
        self.folder = folder
        self.stamps = os.path.join(folder, "tidy-clean")
        os.makedirs(self.stamps, exist_ok=True)
        version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
        with open(os.path.join(ROOT, ".clang-tidy"), "rb") as stream:
            self.salt = version + stream.read()

    def arguments(self, command):
        """What of a compiler's command tells how a file is read: no outputs, and not the folder of
        the target's objects, which Meson has it look for headers in."""
        words, kept, at = shlex.split(command)[1:], [], 0
        while at < len(words):
            if words[at] in self.NAMES:
                at += self.NAMES[words[at]]
                continue
            if not re.fullmatch(r"-I\S+\.p", words[at]):
                kept.append(words[at])
            at += 1
        return tuple(kept)

    def ways(self):
        """(file, arguments) in order, each once: many programs share a file, and compile it alike.
        Given a folder of compile commands, clang-tidy would look at the file for each of them."""
        with open(os.path.join(self.folder, "compile_commands.json"), encoding="utf-8") as stream:
            everything = json.load(stream)
        found = set()
        for entry in everything:
            file = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
            if file.startswith(ROOT + "/") and not file.startswith(ROOT + "/build"):
                found.add((file, self.arguments(entry["command"])))
        return sorted(found)

    def key(self, file, arguments):
        """None when the preprocessor fails; clang-tidy then says why."""
        done = subprocess.run(["clang", "-E", "-C", *arguments, "-Wno-everything", file],
                              cwd=self.folder, capture_output=True, check=False)
        if done.returncode:
            return None
        text = self.salt + "\0".join(arguments).encode() + done.stdout
        return hashlib.sha256(text).hexdigest()

    def look(self, way):
        """(path, what is wrong or None, key, seconds)"""
        file, arguments = way
        started = time.monotonic()
        path = os.path.relpath(file, ROOT)
        key = self.key(file, arguments)
        stamp = os.path.join(self.stamps, key) if key else None
        if stamp and os.path.exists(stamp):
            return path, None, key, 0
        done = subprocess.run(["clang-tidy", "--quiet", file, "--", *arguments,
                               "-Wno-unknown-warning-option"],
                              cwd=self.folder, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
        if done.returncode or "warning:" in done.stdout:
            return path, done.stdout or done.stderr, key, seconds
        if stamp:
            with open(stamp, "w", encoding="utf-8"):
                pass
        return path, None, key, seconds


def run_tidy(run):
    started = time.monotonic()
    folder, wrong = configure("plain")
    if wrong:
        print(tail(wrong), flush=True)
        run.add("tidy", started, tap.Count(failed=["tidy: the build cannot be configured"]))
        return
    tidy = Tidy(folder)
    count = tap.Count()
    keys = set()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for path, wrong, key, seconds in pool.map(tidy.look, tidy.ways()):
            keys.add(key)
            run.programs.append((seconds, f"tidy / {path}"))
            if wrong is None:
                count.passed += 1
            else:
                print(tail(wrong.replace(ROOT + "/", "")), flush=True)
                count.failed.append(f"tidy: {path}")
    if not keys:
        count.failed.append("tidy: the build has no compile commands")
    for old in set(os.listdir(tidy.stamps)) - keys:
        os.remove(os.path.join(tidy.stamps, old))
    run.add("tidy", started, count)


OWN = {"house": run_house, "format": run_format, "packaging": run_packaging, "tidy": run_tidy}


def wanted_suites(run, named, core_only):
    """[(suite, build kind or None)] in order. Names that no suite has end the run."""
    known = {}
    strange = [name for name in named if name not in ORDER]
    if strange: # before anything is built
        print(f"imgrecog: no such suite: {', '.join(strange)}. There are: {', '.join(ORDER)}.",
              file=sys.stderr)
        sys.exit(2)
    if not named or set(named) - set(OWN):
        usual = "core" if core_only else "sanitize"
        kinds = {"plain" if name in PLAIN else usual for name in named if name not in OWN}
        for kind in sorted(kinds or {"plain", usual}, reverse=True):
            folder = build(run, kind, set(named))
            if folder is None:
                continue
            suites, protocols = suites_of(folder)
            for suite in suites:
                if (suite in PLAIN) == (kind == "plain"):
                    known[suite] = (folder, protocols)
    if not named:
        named = sorted(set(known) | set(OWN), key=lambda name: (
            ORDER.index(name) if name in ORDER else len(ORDER), name))
    unknown = [name for name in named if name not in OWN and name not in known]
    if unknown and all(run.builds.values()):
        print(f"imgrecog: no such suite: {', '.join(unknown)}. There are: "
              f"{', '.join(sorted(set(known) | set(OWN)))}.", file=sys.stderr)
        sys.exit(2)
    return [(name, known.get(name)) for name in dict.fromkeys(named) if name not in unknown]


def report(run, started):
    if run.total.skipped:
        print("\nSkipped:")
        for line in run.total.skipped:
            print(f"  {line}")
    if run.total.failed:
        print("\nFailed:")
        for line in run.total.failed:
            print(f"  {line}")
    print("\nWhere the time went:")
    for name, seconds, count in run.steps:
        said = ""
        if count:
            said = f"{count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped"
        print(f"  {name:<18}{seconds:8.1f} s   {said}".rstrip())
    print(f"  {'in all':<18}{time.monotonic() - started:8.1f} s\n")
    slow = [program for program in sorted(run.programs, reverse=True)[:SLOWEST] if program[0] >= 1]
    if slow:
        rows = [f"  {seconds:8.1f} s   {name}" for seconds, name in slow]
        print("\n".join(["The slowest:", *rows, ""]))
    if run.peers:
        print("Peers: " + ", ".join(f"{name} {version}" for name in sorted(run.peers, key=str.lower)
                                    for version in sorted(run.peers[name])) + "\n")
    print(f"{run.total.passed} passed, {len(run.total.failed)} failed, "
          f"{len(run.total.skipped)} skipped", flush=True)


def alone():
    """The only run in this tree: two would overwrite each other's builds and logs. Give it to a
    with statement."""
    folder = os.path.join(ROOT, "build")
    os.makedirs(folder, exist_ok=True)
    lock = open(os.path.join(folder, "test.lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("imgrecog: waiting for another packaging/test in this tree", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main(words):
    core_only = words[:1] == ["--core-only"]
    named = words[1:] if core_only else words
    with tempfile.TemporaryDirectory(prefix="imgrecog-test-") as home, alone():
        started = time.monotonic()
        clean_environment(home)
        return run_suites(named, started, core_only)


def run_suites(named, started, core_only):
    run = Run()
    for suite, place in wanted_suites(run, named, core_only):
        print(f"suite {suite}", flush=True)
        if suite in OWN:
            OWN[suite](run)
        else:
            run_meson_suite(run, suite, *place)
    report(run, started)
    return 1 if run.total.failed or not run.total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
