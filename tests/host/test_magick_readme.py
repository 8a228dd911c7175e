# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command line of the ImageMagick chapters, as printed, with the recogniser on this machine.
Usage: test_magick_readme.py LOCAL"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from judges import judged_by, program_version
from readme import MAX_COMMANDS, chapter
from support import (
    Magick,
    clean_environment,
    listens_on_socket,
    portrait,
    process,
    run_cases,
    workspace,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def commands(text):
    """The indented lines that call magick, those that go on joined."""
    lines = re.sub(r" \\\n\s+", " ", text).splitlines()
    return [line.strip() for line in lines
            if re.match(r"    (mkdir .*)?magick ", line)][:MAX_COMMANDS]


def make_inputs(magick, folder):
    folder.mkdir()
    for name in ("photo.jpg", "a.jpg", "b.jpg"):
        shutil.copy(portrait(), folder / name)
    magick.make(portrait(), "-resize", "60%", folder / "c.png")
    magick.make("-size", "600x200", "xc:white", "-pointsize", "40", "-annotate", "+30+110",
                "jane@example.com", folder / "card.png")


def run_chapter(tap, magick, name, lines):
    tap.ok(len(lines) >= 4, f"{name}: has commands", lines)
    for number, line in enumerate(lines):
        folder = pathlib.Path(f"{name}-{number}")
        make_inputs(magick, folder)
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=magick.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              check=False)
        said = done.stderr.decode()
        tap.ok(done.returncode == 0 and "imgrecog:" not in said.replace("-define imgrecog:", "")
               .replace("%[imgrecog:", ""), f"{name}: {line}", said)


def test_readme(tap, magick):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    run_chapter(tap, magick, "README", commands(chapter(text, "In ImageMagick")))


def test_module_readme(tap, magick):
    text = (ROOT / "plugins/imagemagick/README.md").read_text(encoding="utf-8")
    lines = commands(text)
    # The recogniser on this machine cannot judge moderation, as the text says.
    lines = [line.replace("action=pixelate", "action=pixelate look-for=faces,text,codes,metadata")
             for line in lines]
    run_chapter(tap, magick, "module", lines)


def main():
    local = os.path.abspath(sys.argv[1])
    with workspace() as folder:
        sock = folder / "s"
        (folder / "data/imgrecog/s3/my-bucket").mkdir(parents=True)
        environment = clean_environment(
            folder, IMGRECOG_LOCAL_SOCKET=str(sock), IMGRECOG_ENDPOINT="local",
            XDG_DATA_HOME=str(folder / "data"))
        # The lines say "magick": that is the program under test.
        programs = folder / "bin"
        programs.mkdir()
        magick = Magick(environment)
        (programs / "magick").symlink_to(shutil.which(magick.program))
        environment["PATH"] = f"{programs}:{environment['PATH']}"
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        with process([local, "--socket", str(sock)], lambda: listens_on_socket(sock),
                     env={**environment, "LD_PRELOAD": ""}):
            return run_cases([test_readme, test_module_readme], magick)


if __name__ == "__main__":
    sys.exit(main())
