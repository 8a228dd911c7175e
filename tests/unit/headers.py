#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each header compiles alone and included twice: the public ones as strict C11 and as C++.

headers.py ROOT C-COMPILER [C++-COMPILER], each compiler as one argument with its words separated
by spaces. TAP on standard output. The public headers must not draw in what the library is made of.
"""
import pathlib
import subprocess
import sys

STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
FOREIGN = ("curl/", "json-c/", "expat", "openssl/", "gimp", "magick", "gtk", "glib")


def compile_twice(compiler, language, standard, root, header):
    """The compiler's complaints about a file that includes the header twice; "" when none."""
    source = f"#include <{header}>\n#include <{header}>\nextern int not_empty;\n"
    command = compiler + ["-x", language, f"-std={standard}", f"-I{root}", f"-I{root}/include"]
    if not header.startswith("imgrecog/"):
        command.append("-D_GNU_SOURCE")
    run = subprocess.run(command + STRICT + ["-"], input=source, capture_output=True, text=True,
                         check=False)
    if run.returncode or run.stderr:
        return run.stderr or f"exit code {run.returncode}"
    if header.startswith("imgrecog/"):
        run = subprocess.run(command + ["-M", "-"], input=source, capture_output=True, text=True,
                             check=False)
        for path in run.stdout.replace("\\\n", " ").split():
            if any(name in path.removeprefix(str(root)).lower() for name in FOREIGN):
                return f"draws in {path}"
    return ""


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    compilers = [compiler.split() for compiler in sys.argv[2:]]
    public = sorted(f"imgrecog/{path.name}" for path in (root / "include/imgrecog").glob("*.h"))
    inner = sorted(str(path.relative_to(root)) for path in (root / "core").rglob("*.h"))
    checks = [(compilers[0], "c", "c11", header) for header in public]
    checks += [(compilers[0], "c", "gnu11", header) for header in inner]
    if len(compilers) > 1:
        checks += [(compilers[1], "c++", "c++11", header) for header in public]
    else:
        print("# no C++ compiler: the public headers were only tried as C")
    print(f"1..{len(checks)}")
    failures = 0
    for number, (compiler, language, standard, header) in enumerate(checks, 1):
        complaint = compile_twice(compiler, language, standard, root, header)
        failures += bool(complaint)
        print(f"{'not ok' if complaint else 'ok'} {number} - {header} as {standard}")
        for line in complaint.splitlines():
            print(f"# {line}")
    sys.exit(1 if failures or not public else 0)


if __name__ == "__main__":
    main()
