# SPDX-License-Identifier: GPL-3.0-or-later
"""Names who judged, in lines that the summary of packaging/test collects."""

import re
import subprocess

VERSION_WAIT_S = 60


def judged_by(name, version):
    print(f"# peer: {name} {version}", flush=True)


def program_version(*command):
    """The first number with dots, as "7.1.1-43", in what a program says of itself."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=VERSION_WAIT_S, check=False)
    found = re.search(r"\d+(\.\d+)+(-\d+)?", done.stdout.decode(errors="replace"))
    return found.group() if found else "of an unknown version"
