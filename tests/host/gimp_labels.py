# SPDX-License-Identifier: GPL-3.0-or-later
"""The procedure imgrecog-labels in a real gimp-console, against a Rekognition of the test's own and
against imgrecog-local.

usage: gimp_labels.py PLUGIN_DIR SYSTEM_PLUGIN_DIR [IMGRECOG_LOCAL]

With MAGICK and MAGICK_CODER_FILTER_PATH in the environment, what the ImageMagick module says of the
same picture is compared with it.
"""

import json
import os
import subprocess
import sys
import tempfile

import gimp_support as support
from judges import judged_by

# What the cases need of GIMP's own plug-ins; with these alone GIMP starts three times as fast.
SYSTEM_PLUGINS = ["python-eval", "file-jpeg", "file-png"]
TIMEOUT_S = 240


def run_inside(tap, folder, arguments, fake):
    plugin_dir, system_plugin_dir, *local = arguments
    profile = support.Profile(os.path.join(folder, "profile"), plugin_dir, system_plugin_dir,
                              SYSTEM_PLUGINS)
    environment = {
        "TEST_HERE": os.path.dirname(os.path.abspath(__file__)),
        "TEST_FAKE_URL": fake.url,
        "TEST_CLOSED_URL": f"http://127.0.0.1:{support.closed_port()}",
        "TEST_FOLDER": folder,
        "TEST_LABELS": json.dumps(support.LABELS),
        # Settings of the environment, under what the procedure is told.
        "IMGRECOG_MAX_LABELS": "33",
        "IMGRECOG_ENDPOINT": fake.url + "/good",
    }
    if local:
        environment.update({"TEST_LOCAL": "1", "IMGRECOG_LOCAL": os.path.abspath(local[0]),
                            "IMGRECOG_LOCAL_SOCKET": os.path.join(folder, "local.sock")})
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gimp_labels_inside.py")
    support.run_inside(tap, profile, script, environment, TIMEOUT_S)
    if not local:
        tap.skip("cases with imgrecog-local", "it was not built")
    compare_with_magick(tap, folder, profile, environment, local)
    if local:
        support.end_local(environment["IMGRECOG_LOCAL_SOCKET"])


def magick_document(profile, environment, endpoint):
    command = [os.environ["MAGICK"], support.PHOTO, "-define", f"imgrecog:endpoint={endpoint}",
               "-process", "imgrecog", "-format", "%[imgrecog:json]", "info:"]
    modules = {name: os.environ[name] for name in ("MAGICK_CODER_FILTER_PATH",
                                                   "MAGICK_FILTER_MODULE_PATH")
               if name in os.environ}
    done = subprocess.run(command, env=dict(profile.environment, **environment, **modules),
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode("utf-8", "replace"))
    return json.loads(done.stdout)


def overlap(a, b):
    """Intersection over union of two boxes of the document."""
    def common(start, length):
        return max(0.0, min(a[start] + a[length], b[start] + b[length]) - max(a[start], b[start]))
    both = common("left", "width") * common("top", "height")
    return both / (a["width"] * a["height"] + b["width"] * b["height"] - both)


def same_labels(ours, theirs, least_overlap):
    """Why the two lists of labels differ; None when they do not."""
    def key(label):
        return (label["name"], label.get("box", {}).get("left", -1))
    pairs = list(zip(sorted(ours, key=key), sorted(theirs, key=key)))
    if len(ours) != len(theirs):
        return f"{len(ours)} labels in GIMP, {len(theirs)} in ImageMagick"
    for a, b in pairs:
        if a["name"] != b["name"] or ("box" in a) != ("box" in b):
            return f"{a} in GIMP, {b} in ImageMagick"
        if "box" in a and overlap(a["box"], b["box"]) < least_overlap:
            return f"{a['name']} at {a['box']} in GIMP, {b['box']} in ImageMagick"
    return None


def compare_with_magick(tap, folder, profile, environment, local):
    """The same server's answer gives the same boxes. The recogniser of this computer sees the file
    itself there and GIMP's pixels here, so its boxes may differ by a little."""
    if "MAGICK" not in os.environ:
        tap.skip("as in ImageMagick", "the ImageMagick module was not built")
        return
    rows = [("fake", environment["TEST_FAKE_URL"] + "/good", 0.999)]
    if local:
        rows.append(("local", "local", 0.8))
    for name, endpoint, least_overlap in rows:
        try:
            with open(os.path.join(folder, name + ".json"), encoding="utf-8") as f:
                ours = json.load(f)
            theirs = magick_document(profile, environment, endpoint)
            difference = same_labels(ours["labels"], theirs["labels"], least_overlap)
        except (AssertionError, OSError, ValueError) as failure:
            difference = str(failure)
        tap.result(f"as in ImageMagick: {name}", difference is None, difference or "")


def main():
    support.need("gimp-console")
    tap = support.Tap()
    judged_by("GIMP", support.gimp_version())
    fake = support.FakeRekognition()
    with tempfile.TemporaryDirectory(prefix="imgrecog-gimp-") as folder:
        run_inside(tap, folder, sys.argv[1:], fake)
    fake.close()
    tap.end()


if __name__ == "__main__":
    main()
