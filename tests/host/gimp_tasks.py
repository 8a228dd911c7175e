# SPDX-License-Identifier: GPL-3.0-or-later
"""The plug-in's procedures but imgrecog-labels in a real gimp-console, against imgrecog-local and,
for errors, a server of the test's own.

usage: gimp_tasks.py INSIDE_SCRIPT PLUGIN_DIR SYSTEM_PLUGIN_DIR IMGRECOG_LOCAL
"""

import os
import re
import shutil
import sys
import tempfile

import gimp_support as support
from judges import judged_by

SYSTEM_PLUGINS = ["python-eval", "file-jpeg", "file-png", "file-tiff", "file-webp"]
TIMEOUT_S = 580
# Of scripts that want a neighbour (gimp_neighbour.py), what GIMP says to the user. The cache is on.
SAID = {"gimp_changed_inside.py": "What came is in a new image."}
# What GIMP says to a user who repeats a command.
REPEATED = {"gimp_check_inside.py": [
    "Warning: This picture shows something that you may not want to share.\nFound: 1 face.\n",
    "\nIf that charges as AWS does, this cost about 0.0010 US dollars.\n",
    "Warning: Not everything could be looked at.\nNothing was found where it could be looked.\n",
    "\nWhat this cost is not known here.\n"]}


# Scripts for which the disk is full where we write, and GIMP for us. The cache is on.
ON_A_FULL_DISK = {"gimp_full_inside.py"}
SETTINGS_WRITTEN = 3  # by GIMP as it starts, and after two changes


def fill_disk(profile):
    folders = [os.path.join(profile.folder, name) for name in ("state", "cache", "data", "gimp")]
    last_values = os.path.join(folders[3], "plug-in-settings")
    os.makedirs(last_values)
    with open(os.path.join(last_values, "GimpProcedureConfigRun-imgrecog-labels.last"), "w",
              encoding="utf-8") as f:
        f.write("(max-labels 7)\n")
    profile.environment["XDG_DATA_HOME"] = folders[2]
    profile.launcher = [sys.executable,
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "full_disk.py"),
                        *folders, "--"]


def add_neighbour(profile):
    """As a plug-in must be: a program in a folder of its name."""
    folder = os.path.join(profile.folder, "plug-ins", "gimp_neighbour")
    os.makedirs(folder)
    path = shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                    "gimp_neighbour.py"), folder)
    os.chmod(path, 0o755)


def main():
    support.need("gimp-console")
    support.need("exiftool")
    tap = support.Tap()
    judged_by("GIMP", support.gimp_version())
    script, plugin_dir, system_plugin_dir, local = sys.argv[1:]
    fake = support.FakeRekognition()
    with tempfile.TemporaryDirectory(prefix="imgrecog-gimp-") as folder:
        profile = support.Profile(os.path.join(folder, "profile"), plugin_dir, system_plugin_dir,
                                  SYSTEM_PLUGINS)
        name = os.path.basename(script)
        said = SAID.get(name)
        if said:
            add_neighbour(profile)
        if name in ON_A_FULL_DISK:
            support.need("unshare")
            fill_disk(profile)
        socket_path = os.path.join(folder, "local.sock")
        output = support.run_inside(tap, profile, script, {
            "IMGRECOG_CACHE": "true" if said or name in ON_A_FULL_DISK else "false",
            "TEST_FAKE_URL": fake.url, "TEST_FOLDER": folder,
            "TEST_HERE": os.path.dirname(os.path.abspath(__file__)),
            "IMGRECOG_LOCAL": os.path.abspath(local), "IMGRECOG_LOCAL_SOCKET": socket_path,
        }, TIMEOUT_S)
        if said:
            tap.result("the user is told", said in output, output)
        for words in REPEATED.get(name, []):
            tap.result("who repeats is told: " + " ".join(words.split()), words in output, output)
        if name in ON_A_FULL_DISK:
            told = re.findall(r"GIMP-(?:Warning|Message): Error writing to '[^']*/gimprc': "
                              ".*No space left",
                              output)
            tap.result("the user is told each time that settings are not written",
                       len(told) >= SETTINGS_WRITTEN, output)
        left = [name for _, _, names in os.walk(profile.temporary) for name in names]
        tap.result("no temporary file left", not left, " ".join(left))
        support.end_local(socket_path)
    fake.close()
    tap.end()


if __name__ == "__main__":
    main()
