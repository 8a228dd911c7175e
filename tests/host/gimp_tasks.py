# SPDX-License-Identifier: GPL-3.0-or-later
"""The plug-in's procedures but imgrecog-labels in a real gimp-console, against imgrecog-local and,
for errors, a server of the test's own.

usage: gimp_tasks.py INSIDE_SCRIPT PLUGIN_DIR SYSTEM_PLUGIN_DIR IMGRECOG_LOCAL
"""

import os
import sys
import tempfile

import gimp_support as support
from judges import judged_by

SYSTEM_PLUGINS = ["python-eval", "file-jpeg", "file-png", "file-tiff", "file-webp"]
TIMEOUT_S = 400


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
        socket_path = os.path.join(folder, "local.sock")
        support.run_inside(tap, profile, script, {
            "TEST_FAKE_URL": fake.url, "TEST_FOLDER": folder,
            "TEST_HERE": os.path.dirname(os.path.abspath(__file__)),
            "IMGRECOG_LOCAL": os.path.abspath(local), "IMGRECOG_LOCAL_SOCKET": socket_path,
        }, TIMEOUT_S)
        left = [name for _, _, names in os.walk(profile.temporary) for name in names]
        tap.result("no temporary file left", not left, " ".join(left))
        support.end_local(socket_path)
    fake.close()
    tap.end()


if __name__ == "__main__":
    main()
