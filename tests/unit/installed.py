#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A C and a C++ program outside the tree are built with what pkg-config says of an installation in
a folder of its own, and run. The static library is not installed and not promised.

installed.py MESON SOURCE-ROOT BUILD CONSUMER.C SANITIZE C-COMPILER [C++-COMPILER]
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror"]


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def check(self, name, passed, detail=""):
        self.number += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.number} - {name}", flush=True)
        for line in [] if passed else str(detail).splitlines():
            print(f"# {line}")
        return passed


def run(command, environment, folder):
    return subprocess.run(command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def clean_environment(folder, library_dir):
    """Nobody's AWS settings; a key that no server knows."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "IMGRECOG_", "PKG_CONFIG", "LD_"))
            and "proxy" not in name.lower()}
    return {**kept, "HOME": folder, "XDG_CONFIG_HOME": folder, "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "AKIDCONSUMER", "AWS_SECRET_ACCESS_KEY": "nobody/knows/it",
            "AWS_MAX_ATTEMPTS": "1", "LD_LIBRARY_PATH": str(library_dir)}


def try_consumer(tap, source, compiler, language, place):
    """`place` is (folder, environment, flags of the build, flags of pkg-config)."""
    folder, environment, extra, flags = place
    program = os.path.join(folder, "consumer-" + language)
    command = [*compiler.split(), "-x", language, *STRICT, *extra, str(source), "-x", "none", "-o",
               program, *flags]
    built = run(command, environment, folder)
    if not tap.check(f"{language}: builds", built.returncode == 0, built.stdout):
        return
    done = run([program], environment, folder)
    tap.check(f"{language}: runs, and an address where nobody listens is told",
              done.returncode == 0 and done.stdout.startswith("http://127.0.0.1:1, 100 labels\n-6 ")
              and "Rekognition" in done.stdout, f"{done.returncode}\n{done.stdout}")


def look_at(tap, root, build, consumer, sanitize, compilers, folder):
    """What `meson install` put into `folder`."""
    found = list(pathlib.Path(folder).rglob("imgrecog.pc"))
    if not tap.check("imgrecog.pc is installed", len(found) == 1, found):
        return
    library_dir = found[0].parent.parent
    environment = clean_environment(folder, library_dir)
    environment.update(PKG_CONFIG_LIBDIR=str(found[0].parent), PKG_CONFIG_SYSROOT_DIR=folder)
    wanted = sorted(path.name for path in (root / "include/imgrecog").glob("*.h"))
    headers = sorted(path.name for path in pathlib.Path(folder).rglob("include/imgrecog/*.h"))
    tap.check("every public header is installed, and no other", headers == wanted,
              f"{headers}\n{wanted}")
    names = sorted(path.name for path in library_dir.glob("libimgrecog*"))
    tap.check("the library is installed with its links, and no static one",
              len(names) == 3 and names[0] == "libimgrecog.so" and names[1] == "libimgrecog.so.0",
              names)
    flags = run(["pkg-config", "--cflags", "--libs", "imgrecog"], environment, folder)
    tap.check("pkg-config needs no other library's file", flags.returncode == 0, flags.stdout)
    words = shlex.split(flags.stdout)
    tap.check("pkg-config names one folder of headers and one library",
              [word[:2] for word in words if word[:2] not in ("-I", "-L")] == ["-l"]
              and "-limgrecog" in words and not any(str(root) in word or str(build) in word
                                                    for word in words), words)
    version = run(["pkg-config", "--modversion", "imgrecog"], environment, folder).stdout.strip()
    tap.check("pkg-config's version is that of the library", names[-1].endswith(f".so.{version}"),
              version)
    extra = [] if sanitize == "none" else [f"-fsanitize={sanitize}"]
    place = (folder, environment, extra, words)
    for compiler, language in zip(compilers, ("c", "c++")):
        try_consumer(tap, consumer, compiler, language, place)


def main():
    meson, root, build, consumer, sanitize, *compilers = sys.argv[1:]
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="imgrecog-installed-") as folder:
        done = run([*meson.split(), "install", "-C", build, "--no-rebuild", "--quiet", "--tags",
                    "runtime,devel", "--destdir", folder], dict(os.environ), "/")
        if tap.check("meson install works", done.returncode == 0, done.stdout):
            look_at(tap, pathlib.Path(root), pathlib.Path(build), consumer, sanitize, compilers,
                    folder)
    print(f"1..{tap.number}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
