# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what one test program of a Meson test log did.

Meson counts a program as one test. Here every TAP line counts, skips too, and a program that ended
before its plan was done, or ended badly with no line that says so, counts as one failure more.
"""
import re
from dataclasses import dataclass, field

LINE = re.compile(r"^(not )?ok\b\s*\d*\s*(?:-\s*)?(.*?)(?:\s*#\s*(SKIP|TODO)\b\S*\s*(.*))?$", re.I)
PLAN = re.compile(r"^1\.\.(\d+)\s*(?:#\s*SKIP\S*\s*(.*))?$", re.I)


PEER = re.compile(r"^# peer: (\S.*?) (\S+)$")  # who judged, with its version


@dataclass
class Count:
    passed: int = 0
    failed: list = field(default_factory=list)  # what failed, in words
    skipped: list = field(default_factory=list)  # what was skipped and why

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def count_tap(name, stdout, result):
    """`result` is Meson's word for the program: OK, FAIL, ERROR, TIMEOUT, SKIP, …"""
    count = Count()
    planned = None
    seen = 0
    for line in stdout.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned = int(plan[1])
            if planned == 0:
                count.skipped.append(f"{name}: {plan[2] or 'no reason given'}")
            continue
        test = LINE.match(line)
        if not test:
            continue
        seen += 1
        title = f"{name}: {test[2] or seen}"
        if test[3]:
            count.skipped.append(f"{title} ({test[4] or 'no reason given'})")
        elif test[1]:
            count.failed.append(title)
        else:
            count.passed += 1
    if planned is None:
        count.failed.append(f"{name}: no plan was printed ({result})")
    elif seen != planned:
        count.failed.append(f"{name}: {seen} of {planned} planned tests were run ({result})")
    elif result not in ("OK", "SKIP", "EXPECTEDFAIL") and not count.failed:
        count.failed.append(f"{name}: the program failed after its last test ({result})")
    return count


def peers_in(stdout):
    """[(name, version)] that a program's comments name."""
    return [(found[1], found[2]) for found in map(PEER.match, stdout.splitlines()) if found]


def count_exitcode(name, result):
    if result in ("OK", "EXPECTEDFAIL"):
        return Count(passed=1)
    if result == "SKIP":
        return Count(skipped=[f"{name}: the program says that it cannot run here"])
    return Count(failed=[f"{name} ({result})"])


def count_program(entry, protocol):
    """`entry` is one line of Meson's testlog.json, parsed."""
    name = entry["name"]
    result = entry["result"]
    if protocol == "tap":
        return count_tap(name, entry.get("stdout", ""), result)
    return count_exitcode(name, result)
