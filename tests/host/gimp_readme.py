# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command line of the README's chapter about GIMP, as printed, with the recogniser on this
machine.

usage: gimp_readme.py PLUGIN_DIR SYSTEM_PLUGIN_DIR IMGRECOG_LOCAL
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import gimp_support as support
from PIL import Image
from judges import judged_by
from readme import chapter, paragraphs

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM_PLUGINS = ["script-fu", "file-jpeg", "file-png", "file-webp"]
PROCEDURES = ["labels", "caption", "ask", "check", "generate", "upload"]
TIMEOUT_S = 120
# What a line writes, and a tag that exiftool finds in it.
FILES = {"labels.xcf": None, "captioned.jpg": "XMP-iptcCore:AltTextAccessibility",
         "for-sharing.jpg": None, "harbour.xcf": None, "door.xcf": None}


def run(line, folder, environment):
    done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def test_lines(tap, folder, environment):
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: as a phone writes it, lying on its side
    with Image.open(support.PHOTO) as photo:
        photo.rotate(90, expand=True).save(os.path.join(folder, "photo.jpg"), exif=exif)
    lines = paragraphs(chapter((ROOT / "README.md").read_text(encoding="utf-8"), "In GIMP"),
                       "gimp-console")
    missing = [name for name in PROCEDURES
               if not any(f"(imgrecog-{name} " in line for line in lines)]
    tap.result("every procedure has a line", not missing, " ".join(missing))
    for number, line in enumerate(lines, 1):
        code, said = run(line, folder, environment)
        told = "display" not in line or '"schema":"imgrecog/1"' in said.replace('\\"', '"')
        tap.result(f"line {number}", code == 0 and told and "GIMP-Error" not in said,
                   f"{line}\nexit code {code}\n{said}")
    for name, tag in FILES.items():
        path = os.path.join(folder, name)
        there = os.path.exists(path) and os.path.getsize(path) > 0
        tap.result(f"{name} is there", there)
        if there and tag:
            found = subprocess.run(["exiftool", "-s3", f"-{tag}", path], capture_output=True,
                                   check=True).stdout
            tap.result(f"{tag} is in {name}", found.strip() != b"")
    redacts = next(line for line in lines if '#:redact "' in line)
    for name, line in (("a failure", lines[0].replace('"local"', '"nonsense"')),
                       ("a value that there is not",
                        re.sub('#:redact "[a-z]+"', '#:redact "nonsense"', redacts))):
        code, said = run(line, folder, environment)
        tap.result(f"{name} has the exit code that is promised", code == 70 and "nonsense" in said,
                   f"exit code {code}\n{said}")


def main():
    for program in ("gimp-console", "exiftool"):
        support.need(program)
    tap = support.Tap()
    judged_by("GIMP", support.gimp_version())
    plugin_dir, system_plugin_dir, local = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="imgrecog-gimp-") as folder:
        profile = support.Profile(os.path.join(folder, "profile"), plugin_dir, system_plugin_dir,
                                  SYSTEM_PLUGINS)
        socket_path = os.path.join(folder, "local.sock")
        data = os.path.join(folder, "data")
        os.makedirs(os.path.join(data, "imgrecog/s3/my-bucket"))
        test_lines(tap, folder, dict(profile.environment, XDG_DATA_HOME=data,
                                     IMGRECOG_LOCAL=os.path.abspath(local),
                                     IMGRECOG_LOCAL_SOCKET=socket_path))
        stored = sorted(name for _, _, names in os.walk(data) for name in names
                        if not name.startswith("."))
        tap.result("the object and its document are in the bucket",
                   {"photos%2Fphoto.webp=", "photos%2Fphoto.webp.json="} <= set(stored),
                   " ".join(stored))
        support.end_local(socket_path)
    tap.end()


if __name__ == "__main__":
    main()
