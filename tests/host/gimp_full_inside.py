# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for a disk that is full where the ledger, the cache, the local bucket and
GIMP's own settings lie (full_disk.py), run inside of gimp-console."""

import json
import os
import sys
import time

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, Gimp, call, case, expect, photo, refused, request_count, run_cases,
                         same, succeed)  # noqa: E402

WRITTEN_S = 1.0  # GIMP tries at once when it has nothing else to do
BUCKETS = os.path.join(os.environ["XDG_DATA_HOME"], "imgrecog", "s3")


def expect_full(name):
    """The file system is full, so the cases mean what they say."""
    try:
        with open(os.path.join(os.environ[name], "probe"), "wb") as f:
            f.write(b"x")
    except OSError:
        return
    raise AssertionError(f"{name} is not full")


@case
def without_a_limit_a_full_disk_hinders_nothing():
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        expect_full(name)
    image = photo()
    asked = request_count()
    for _ in range(2):
        document, _ = succeed("imgrecog-labels", image, endpoint=FAKE + "/one")
        same((len(document["labels"]), document["usage"]["cached"]), (1, 0), "labels, cached")
    same(request_count(), asked + 2, "requests")
    image.delete()


@case
def a_limit_that_cannot_be_kept_stops_before_anything_is_sent():
    image = photo()
    asked = request_count()
    refused("imgrecog-labels", image, "the limit of the month cannot be kept", "full",
            endpoint=FAKE + "/one", monthly_limit="5")
    same(request_count(), asked, "requests")
    image.delete()


@case
def an_upload_to_a_full_disk_says_so_and_leaves_nothing():
    bucket = os.path.join(BUCKETS, "holiday-pictures")
    os.makedirs(bucket)
    image = photo()
    for _ in range(2):
        refused("imgrecog-upload", image, "no space left", endpoint="local",
                bucket="holiday-pictures")
    left = [name for _, _, names in os.walk(BUCKETS) for name in names]
    expect(not left, f"left in the bucket: {left}")
    image.delete()


@case
def settings_that_cannot_be_written_hold_until_gimp_ends():
    """GIMP writes gimprc for us, a moment later, and says that it could not (gimp_tasks.py)."""
    folder = os.environ["GIMP3_DIRECTORY"]
    expect_full("GIMP3_DIRECTORY")
    with open(os.path.join(folder, "gimprc"), "rb") as f:
        before = f.read()
    image = photo()
    for behaviour, count in (("/one", 1), ("/two", 2)):
        Gimp.gimprc_set("imgrecog-endpoint", FAKE + behaviour)
        time.sleep(WRITTEN_S)
        status, values = call("imgrecog-labels", image, Gimp.RunMode.WITH_LAST_VALS)
        same(status, "success", values)
        same(len(json.loads(values.index(1))["labels"]), count, f"labels of {behaviour}")
    with open(os.path.join(folder, "gimprc"), "rb") as f:
        same(f.read(), before, "gimprc")
    left = [name for name in os.listdir(folder) if name.startswith("gimprc")]
    same(left, ["gimprc"], "files of that name")
    image.delete()


run_cases()
