# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancelled at random moments: in the dialog, by the button of GIMP's progress bar (which kills the
plug-in on the spot), and dead in the middle of making layers. GIMP lives, the image is as it was, no
process and no file is left, and one Undo takes back what there is.

usage: gimp_cancel.py PLUGIN_DIR SYSTEM_PLUGIN_DIR SCREENSHOT_DIR
"""

import os
import random
import signal
import time

import gimp_gui
from gimp_gui import plug_in_processes, press, wait_for, walk

IN_DIALOG = 28
IN_STATUS_BAR = 16  # with the kills of tests/host a hundred
SEED = int(os.environ.get("TEST_SEED", "20261130"))
LONGEST_S = 0.5
MANY_S = (0.3, 1.5)  # in which a hundred and forty labels are being made into layers


class Cancel(gimp_gui.Scenario):
    menu = "Detect Labels..."
    button = "Detect"

    def expect_well(self, before, what):
        wait_for(f"{what}: no process left", lambda: not plug_in_processes())
        assert self.gimp.state() == before, f"{what}: the image was changed"
        assert self.gimp.do("result = len(Gimp.get_images())") == 1, f"{what}: images left in GIMP"
        left = [name for _, _, names in os.walk(self.gimp.profile.temporary) for name in names]
        assert not left, f"{what}: files left: {left}"

    def dismiss_messages(self):
        """That a plug-in crashed, and what GIMP has closed after it; at most a few."""
        wait_for("GIMP's message", self.screen.message)
        for _ in range(5):
            window = self.screen.message()
            if window is not None:
                press(next(node for node in walk(window) if node.get_name() == "OK"))
            time.sleep(0.3)

    def cancel_in_the_dialog(self):
        chance = random.Random(SEED)
        before = self.gimp.state()
        self.open()
        self.set_address(self.fake.url + "/slow")
        for number in range(IN_DIALOG):
            delay_s = chance.uniform(0, LONGEST_S)
            count = len(self.fake.requests)
            self.press_button("Detect")
            wait_for("progress", lambda: self.screen.parts("progress bar"))
            time.sleep(delay_s)
            self.press_button("Cancel")
            wait_for("words", lambda: self.says("Cancelled") and self.can_press("Detect"))
            was_sent = len(self.fake.requests) > count
            assert self.says("Cancelled", "may be charged" if was_sent else "Nothing is charged"), \
                f"seed {SEED}, cancel {number} after {delay_s:.3f} s: {self.screen.texts()}"
        self.press_button("Cancel")
        self.wait_closed()
        self.expect_well(before, "after the last")

    def a_first_run_that_can_be_repeated(self):
        self.fake.stop_waiting.set()
        self.open()
        self.set_address(self.fake.url + "/slow")
        self.press_button("Detect")
        wait_for("the labels", lambda: self.says("in the layer group"))
        self.press_button("Close")
        self.wait_closed()
        self.fake.stop_waiting.clear()
        wait_for("its end", lambda: not plug_in_processes())

    def cancel_while_the_picture_is_read(self):
        """Without our own hundred and forty layers, which takes a moment; nothing waits yet."""
        before = self.gimp.state()
        self.open()
        self.set_address(self.fake.url + "/many")
        self.press_button("Detect")
        wait_for("the labels", lambda: self.says("in the layer group") and self.can_press("Detect"))
        self.set_address(self.fake.url + "/slow")
        with_labels = self.gimp.state()
        count = len(self.fake.requests)
        self.press_button("Detect")
        self.press_button("Cancel")
        wait_for("words", lambda: self.says("Cancelled") and self.can_press("Detect"))
        was_sent = len(self.fake.requests) > count # the press can come when all is read
        assert self.says("may be charged" if was_sent else "Nothing is charged"), \
            f"sent {was_sent}: {self.screen.texts()}"
        assert self.gimp.state() == with_labels, "the image was changed"
        self.press_button("Close")
        self.wait_closed()
        self.press_menu("Undo")
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])

    def cancel_in_the_status_bar(self):
        chance = random.Random(SEED)
        before = self.gimp.state()
        for number in range(IN_STATUS_BAR):
            count = len(self.fake.requests)
            self.press_menu("Repeat", "Detect Labels")
            cancel = wait_for("GIMP's Cancel", lambda: self.screen.part_of_gimp(
                "Cancel", lambda node: node.get_name() == "Cancel" and
                node.get_role_name() in ("button", "push button") and self.screen.shown(node)))
            time.sleep(chance.uniform(0, LONGEST_S))
            press(cancel)
            self.expect_well(before, f"seed {SEED}, cancel {number}")
            assert len(self.fake.requests) <= count + 1, "asked again"

    def dead_while_layers_are_made(self):
        chance = random.Random(SEED)
        before = self.gimp.state()
        for number in range(20):
            count = len(self.fake.requests)
            self.open()
            self.set_address(self.fake.url + "/many")
            self.press_button("Detect")
            wait_for("the request", lambda: len(self.fake.requests) > count)
            time.sleep(chance.uniform(*MANY_S))
            for pid in plug_in_processes():
                os.kill(pid, signal.SIGKILL)
            wait_for("no process left", lambda: not plug_in_processes())
            self.dismiss_messages()
            if self.gimp.state()[0] == before[0]:
                continue # too early
            self.press_menu("Undo")
            wait_for("the undo", lambda: self.gimp.state()[0] == before[0])
            return
        raise AssertionError("no kill came while layers were made")

    def cases(self):
        return [self.cancel_in_the_dialog, self.cancel_while_the_picture_is_read,
                self.a_first_run_that_can_be_repeated, self.cancel_in_the_status_bar, self.dead_while_layers_are_made]


if __name__ == "__main__":
    gimp_gui.main(Cancel)
