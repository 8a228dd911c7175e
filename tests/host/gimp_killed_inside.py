# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of gimp_tasks.py for a plug-in that dies, run inside of gimp-console: SIGKILL, as the Cancel
button of GIMP's progress bar does it, at random moments of every procedure.

What a dead plug-in held open GIMP closes, and says so: undo groups and frozen layers.
"""

import contextlib
import os
import random
import signal
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import (FAKE, Gegl, Gimp, call, case, expect, photo, request_count, run_cases, same,
                         state, succeed)  # noqa: E402

KILLS = 56
COPY_KILLS = 12
DUPLICATE_KILLS = 16
MARKLESS_MOST = 2
SEED = int(os.environ.get("TEST_SEED", "20261130"))
START_S = 20
PROGRAM = "/imgrecog/imgrecog"
GIMP_PID = os.getppid()

# How long a run takes at most; a kill comes at any time of it. "slow" answers after 25 seconds.
LONGEST_S = 0.6
RUNS = [("imgrecog-labels", {"endpoint": FAKE + "/good", "put_keywords": True}),
        ("imgrecog-labels", {"endpoint": FAKE + "/slow"}),
        ("imgrecog-caption", {"endpoint": FAKE + "/slow", "put_text_layer": True}),
        ("imgrecog-caption", {"endpoint": "local", "put_text_layer": True}),
        ("imgrecog-check", {"endpoint": "local", "look_for": "faces", "redact": "pixelate"}),
        ("imgrecog-ask", {"endpoint": FAKE + "/slow", "question": "?"}),
        ("imgrecog-generate", {"endpoint": FAKE + "/paint", "action": "replace", "prompt": "a door"}),
        ("imgrecog-upload", {"endpoint": FAKE + "/slow", "bucket": "holiday-pictures"})]


def children():
    """[(pid, state)] of the plug-in's processes that GIMP has started, dead ones too."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                program, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        except (OSError, ValueError):
            continue
        fields = rest.split()
        if program == "imgrecog" and int(fields[1]) == GIMP_PID:
            found.append((int(name), fields[0]))
    return found


def kill_after(delay_s):
    """In a thread of its own, while the procedure runs."""
    end = time.monotonic() + START_S
    while not children() and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(delay_s)
    for pid, _ in children():
        os.kill(pid, signal.SIGKILL)


def children_left():
    """Those that GIMP does not reap in its next moments, in which it may be at something else."""
    end = time.monotonic() + START_S
    while children() and time.monotonic() < end:
        time.sleep(0.02)
    return children()


def killed(name, image, delay_s, arguments):
    thread = threading.Thread(target=kill_after, args=(delay_s,))
    thread.start()
    status, _ = call(name, image, **arguments)
    thread.join()
    return status != "success"


def own_groups(image):
    return [layer for layer in image.get_layers() if layer.get_name().startswith("Labels (")]


def remove_new(image, kept):
    """What was made in the image before the kill."""
    for layer in image.get_layers():
        if layer.get_id() not in kept:
            image.remove_layer(layer)
    for channel in image.get_channels():
        image.remove_channel(channel)


def expect_untouched(image, before, what):
    """The user's own layers; where nothing was added yet, what is selected, too."""
    after = state(image)
    ids = [entry[0] for entry in before[0]]
    same([entry for entry in after[0] if entry[0] in ids], before[0], f"{what}: layers")
    if len(after[0]) == len(before[0]) and not image.get_channels():
        same(after, before, what)


@case
def whatever_the_moment_gimp_and_the_image_are_well():
    chance = random.Random(SEED)
    image = photo()
    image.scale(256, 300)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 100, 100, 90, 80)
    before = state(image)
    kept = [entry[0] for entry in before[0]]
    dead = most = 0
    for number in range(KILLS):
        name, arguments = RUNS[number % len(RUNS)]
        delay_s = chance.uniform(0, LONGEST_S)
        what = f"seed {SEED}, kill {number}, {name} after {delay_s:.3f} s"
        dead += killed(name, image, delay_s, arguments)
        same(children_left(), [], f"{what}: processes that are left")
        expect_untouched(image, before, what)
        most = max(most, len(Gimp.get_images()))
        remove_new(image, kept)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 100, 100, 90, 80)
        image.set_selected_layers(image.get_layers())
        same(state(image), before, f"{what}: all of it but for what was added")
    print(f"{dead} of {KILLS} runs were killed", flush=True)
    expect(KILLS // 2 < dead, f"only {dead} of {KILLS} were killed")
    succeed("imgrecog-labels", image, endpoint=FAKE + "/good")
    # A run deletes the hidden images of those before it; what GIMP was just making when its
    # plug-in died has no mark yet.
    print(f"{most} images at most after a kill", flush=True)
    expect(len(Gimp.get_images()) <= 1 + MARKLESS_MOST,
           f"{len(Gimp.get_images())} images after the last run")
    for other in Gimp.get_images():
        other.delete()


def kill_when(is_time, delay_s):
    end = time.monotonic() + START_S
    while not is_time() and time.monotonic() < end:
        time.sleep(0.01)
    kill_after(delay_s)


@case
def a_group_that_was_half_made_is_replaced_by_the_next_run():
    image = photo()
    before = state(image)[0]
    for number in range(20):
        asked = request_count()
        thread = threading.Thread(target=kill_when, args=(lambda: request_count() > asked,
                                                          0.2 + 0.1 * number))
        thread.start()
        status, _ = call("imgrecog-labels", image, endpoint=FAKE + "/many")
        thread.join()
        if status != "success" and own_groups(image):
            break
    expect(own_groups(image) and status != "success", "no kill left a group half made")
    succeed("imgrecog-labels", image, endpoint=FAKE + "/one")
    same((len(own_groups(image)), state(image)[0][1:]), (1, before), "groups, and the picture")
    image.delete()


def items():
    """The ids of all that GIMP holds, also of what is in no image."""
    probe = Gimp.Layer.new(Gimp.get_images()[0], "probe", 1, 1, Gimp.ImageType.RGB_IMAGE, 100,
                           Gimp.LayerMode.NORMAL)
    last = probe.get_id()
    probe.delete()
    return {number for number in range(1, last) if Gimp.Item.id_is_valid(number)}


@case
def what_was_selected_is_not_kept_while_the_answer_is_waited_for():
    image = photo()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 100, 100, 90, 80)
    before, asked = items(), request_count()
    thread = threading.Thread(target=kill_when, args=(lambda: request_count() > asked, 0.0))
    thread.start()
    status, _ = call("imgrecog-generate", image, endpoint=FAKE + "/paint-late", action="replace",
                     prompt="a door")
    thread.join()
    same((status != "success", children_left()), (True, []), "killed, processes that are left")
    same((items() - before, Gimp.get_images()), (set(), [image]), "new items, and all images")
    image.delete()


def face(image):
    """The middle of the place that /three-faces tells, as it is seen."""
    layer = Gimp.Layer.new_from_visible(image, image, "all")
    width, height = image.get_width(), image.get_height()
    place = Gegl.Rectangle.new(width * 12 // 100, height * 22 // 100, width // 20, height // 20)
    data = bytes(layer.get_buffer().get(place, 1.0, "R'G'B' u8", Gegl.AbyssPolicy.NONE))
    layer.delete()
    return data


@case
def a_copy_for_sharing_that_was_not_finished_is_deleted_by_the_next_run():
    """Copies that are not whole bear the mark; the others hide what is to be hidden."""
    image = photo()
    image.scale(2048, 2400)
    own, seen = image.get_id(), face(image)
    marked = 0
    for number in range(COPY_KILLS):
        asked = request_count()
        thread = threading.Thread(target=kill_when, args=(lambda: request_count() > asked,
                                                          0.03 * number))
        thread.start()
        call("imgrecog-check", image, endpoint=FAKE + "/three-faces", look_for="faces",
             redact="blur", make_copy=True)
        thread.join()
        for other in Gimp.get_images():
            if other.get_parasite("imgrecog-hidden"):
                marked += 1
            elif other.get_id() != own:
                expect(not other.get_layers() or face(other) != seen,
                       f"kill {number}: an image is left that shows the face")
                other.delete()
    expect(marked, "no kill came while a copy was made")
    succeed("imgrecog-labels", image, endpoint=FAKE + "/one")
    same([other.get_id() for other in Gimp.get_images()], [own], "images after the next run")
    image.delete()


@case
def gimps_own_copy_is_deleted_by_the_next_run_too():
    """Of an image with a channel that is shown, GIMP copies all: a kill meets it at that, where the
    plug-in has not heard of the copy yet. The user's image and another copy of it stay."""
    image = photo()
    image.scale(2048, 2400)
    for _ in range(8):
        image.insert_layer(image.get_layers()[0].copy(), None, 0)
    channel = Gimp.Channel.new(image, "veil", 2048, 2400, 30.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    own = {image.get_id()}
    copies = marks = 0
    for number in range(DUPLICATE_KILLS):
        asked = request_count()
        image.clean_all()
        thread = threading.Thread(target=kill_when, args=(lambda: request_count() > asked,
                                                          0.005 * number))
        thread.start()
        call("imgrecog-check", image, endpoint=FAKE + "/three-faces", look_for="faces",
             redact="blur", make_copy=True)
        thread.join()
        same(image.is_dirty(), False, f"kill {number}: modified")
        marks += image.get_parasite("imgrecog-hidden") is not None
        for other in Gimp.get_images():
            if other.get_id() in own:
                continue
            if other.get_parasite("imgrecog-hidden"):
                copies += len(other.get_layers()) > 1
            else:
                expect(len(other.get_layers()) <= 1, f"kill {number}: a copy without a mark")
                other.delete()
        if marks and len(own) == 1:
            own.add(image.duplicate().get_id())
    print(f"{copies} copies by GIMP, {marks} marks on the image", flush=True)
    expect(copies, "no kill came while GIMP copied the image")
    succeed("imgrecog-labels", image, endpoint=FAKE + "/one")
    same({other.get_id() for other in Gimp.get_images()}, own, "images after the next run")
    for other in Gimp.get_images():
        same(other.get_parasite("imgrecog-hidden"), None, "a mark on what is the user's")
        other.delete()


def ledger():
    """How many requests stand in it, by state."""
    path = os.path.join(os.environ["XDG_STATE_HOME"], "imgrecog/ledger.sqlite")
    with contextlib.closing(sqlite3.connect(path)) as base:
        return dict(base.execute("SELECT state, count(*) FROM entries GROUP BY state").fetchall())


@case
def what_was_sent_counts_as_charged_perhaps():
    image = photo()
    succeed("imgrecog-labels", image, endpoint=FAKE + "/one")  # whoever comes next settles the dead
    before, asked = ledger(), request_count()
    thread = threading.Thread(target=kill_when, args=(lambda: request_count() > asked, 0.0))
    thread.start()
    call("imgrecog-ask", image, endpoint=FAKE + "/slow", question="?")
    thread.join()
    succeed("imgrecog-labels", image, endpoint=FAKE + "/one")
    after = ledger()
    same((after["maybe"] - before.get("maybe", 0), after["charged"] - before["charged"]), (1, 1),
         "rows for the request that was cut off, and for the next")
    same((before.get("reserved", 0), after.get("reserved", 0)), (0, 0), "rows under way")
    image.delete()


run_cases()
