# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog of "Detect Labels" in a real GIMP under Xvfb: opened from the menu, run, undone,
cancelled in the middle of a call, failed and corrected.

usage: gimp_dialog.py PLUGIN_DIR SYSTEM_PLUGIN_DIR SCREENSHOT_DIR
"""

import os
import subprocess
import time

import gimp_gui
from gimp_gui import CANCEL_S, plug_in_processes, set_text, support, wait_for


class Labels(gimp_gui.Scenario):
    menu = "Detect Labels..."
    button = "Detect"
    display = 1

    # In this order; each opens the dialog that it needs and leaves none behind.

    def says_what_is_sent_where_and_cancel_sends_nothing(self):
        self.open()
        assert self.says("Amazon Rekognition in us-east-1", "512 × 600 pixels", "5.2",
                         "at most 0.0010 US dollars", "1 request"), self.screen.texts()
        self.field("Service:")
        self.can_be_used_without_a_mouse_and_unseen()
        self.shoot("1-dialog-aws")
        self.choose("This computer (offline)")
        wait_for("words for this computer", lambda: self.says("Nothing leaves this computer"))
        self.shoot("2-dialog-local")
        before = self.gimp.state()
        count = len(self.fake.requests)
        self.press_button("Cancel")
        self.wait_closed()
        assert self.gimp.state() == before and len(self.fake.requests) == count

    def an_address_must_be_one(self):
        self.open()
        self.choose("Another address")
        wait_for("a request for the address", lambda: self.says("Enter the address"))
        assert not self.can_press("Detect"), "Detect without an address"
        set_text(self.field("Address:"), "ftp://nowhere")
        wait_for("what is wrong with it", lambda: self.says("https://", "“ftp://nowhere”"))
        assert not self.can_press("Detect"), "Detect with ftp"
        self.shoot("3-dialog-wrong-address")
        self.press_button("Cancel")
        self.wait_closed()

    def a_wrong_region_is_told_in_words_for_gimp(self):
        self.gimp.do('Gimp.gimprc_set("imgrecog-region", "on mars")')
        self.open()
        wait_for("what is wrong with it", lambda: self.says("There is no such AWS region",
                                                            "Choose one in the settings"))
        assert not self.says("AWS_REGION"), self.screen.texts()
        assert not self.can_press("Detect"), "Detect without a region"
        self.shoot("3-dialog-wrong-region")
        self.gimp.do('Gimp.gimprc_set("imgrecog-region", "")')
        self.press_button("Cancel")
        self.wait_closed()

    def an_error_is_shown_and_can_be_corrected(self):
        self.open()
        self.set_address(self.fake.url + "/denied")
        before = self.gimp.state()
        self.press_button("Detect")
        wait_for("the error",
                 lambda: self.says("lacks the permission rekognition:DetectLabels"))
        assert self.says("allow it in IAM"), self.screen.texts()
        assert all(self.screen.button(name) for name in ("Use This Computer", "Test Connection",
                                                         "Settings…")), "no way out"
        assert self.gimp.state() == before, "the image was changed"
        assert not any(support.SECRET in text for text in self.screen.texts())
        self.shoot("4-dialog-error")
        self.open_details()
        wait_for("details", lambda: self.says("AccessDeniedException", "not authorized",
                                              "11111111-2222"))
        assert not any(support.SECRET in text for text in self.screen.texts())
        address = self.field("Address:")
        assert self.screen.atspi.Text.get_text(address, 0, -1).endswith("/denied"), "the entry is gone"
        set_text(address, self.fake.url + "/good")
        self.press_button("Detect")
        wait_for("what came of it", lambda: self.says("7 labels", "Labels (other endpoint)",
                                                      "If that charges as AWS does, this cost about "
                                                      "0.0010 US dollars."))
        self.shoot("5-dialog-done")
        self.press_button("Close")
        self.wait_closed()
        names = [entry[1] for entry in self.gimp.state()[0]]
        assert names[0] == "Labels (other endpoint)", names
        self.shoot("5-result")

    def one_undo_takes_all_back_and_redo_brings_it(self):
        annotated = self.gimp.state()
        self.press_menu("Undo")
        wait_for("the undo", lambda: len(self.gimp.state()[0]) == 1)
        assert self.gimp.state()[:3] == self.untouched[:3], "not as it was"
        self.press_menu("Redo")
        wait_for("the redo", lambda: len(self.gimp.state()[0]) == 2)
        assert self.gimp.state()[0] == annotated[0], "redo differs"

    def repeat_uses_the_last_values_and_replaces(self):
        count = len(self.fake.requests)
        before = self.gimp.state()
        self.press_menu("Repeat", "Detect Labels")
        wait_for("a request", lambda: len(self.fake.requests) == count + 1)
        assert self.fake.requests[-1][0] == "good", self.fake.requests[-1][0]
        wait_for("its end", lambda: not plug_in_processes())
        after = self.gimp.state()
        assert after[0][0][0] != before[0][0][0], "the group is the old one"
        assert len(after[0]) == 2, "a second group"

    def cancel_in_the_middle_of_a_call(self):
        before = self.gimp.state()
        self.open()
        self.set_address(self.fake.url + "/slow")
        count = len(self.fake.requests)
        self.press_button("Detect")
        wait_for("the request", lambda: len(self.fake.requests) == count + 1)
        wait_for("progress", lambda: self.screen.parts("progress bar"))
        assert not self.can_press("Detect"), "Detect again"
        assert not self.screen.enabled(self.field("Address:")), "the address is open"
        self.shoot("6-dialog-busy")
        self.press_button("Cancel")
        started = time.monotonic()
        wait_for("what it cost", lambda: self.says("Cancelled", "may be charged"))
        seconds = time.monotonic() - started
        assert seconds < CANCEL_S, f"Cancel took {seconds:.2f} s"
        self.shoot("6-dialog-cancelled")
        self.press_button("Cancel")
        self.wait_closed()
        assert self.gimp.state() == before, "the image was changed"
        wait_for("no process left", lambda: not plug_in_processes())

    def nothing_found_is_said(self):
        self.open()
        self.set_address(self.fake.url + "/none")
        self.press_button("Detect")
        wait_for("words", lambda: self.says("Nothing was recognised", "55"))
        self.shoot("7-dialog-nothing")
        self.press_button("Cancel")
        self.wait_closed()

    def private_values_are_not_in_the_image(self):
        path = os.path.join(self.gimp.folder, "saved.xcf")
        self.gimp.do("result = Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, "
                     f"Gio.File.new_for_path({path!r}), None)")
        places = [path]
        for folder, _, names in os.walk(os.path.join(self.gimp.profile.folder, "gimp",
                                                     "plug-in-settings")):
            places += [os.path.join(folder, name) for name in names]
        assert any("imgrecog-labels" in place for place in places), "no saved values at all"
        for place in places:
            with open(place, "rb") as f:
                data = f.read()
            assert self.fake.url.encode() not in data, f"the address is in {place}"
            assert support.SECRET.encode() not in data, f"the secret is in {place}"

    def layer_count(self):
        return self.gimp.do("result = len(image.get_layers())")

    def begin_many_labels(self):
        """Until the first of a hundred and forty is in the image."""
        self.open()
        self.set_address(self.fake.url + "/many")
        count = self.layer_count()
        self.press_button("Detect")
        wait_for("layers on their way", lambda: self.layer_count() > count)

    def focus(self, window):
        subprocess.run(["xdotool", "search", "--onlyvisible", "--name", window, "windowactivate"],
                       check=True, stdout=subprocess.DEVNULL)
        wait_for(f"{window} in front", lambda: subprocess.run(
            ["xdotool", "getactivewindow", "getwindowname"], check=False, text=True,
            stdout=subprocess.PIPE).stdout.strip().endswith(window.rstrip("$")))

    def the_dialog_may_get_the_focus_while_layers_are_made(self):
        self.begin_many_labels()
        self.focus("GIMP$")
        self.focus("Detect Labels$")
        assert not self.can_press("Detect"), "Detect again, or it was all too fast"
        wait_for("the labels", lambda: self.says("140 labels", "in the layer group"))
        assert self.can_press("Detect"), "never again"
        self.press_button("Close")
        self.wait_closed()
        assert self.layer_count() == 2, "the group of the run before"

    def the_image_may_be_closed_while_layers_are_made(self):
        """Another one is shown then, for the case that follows."""
        self.gimp.do("image.duplicate()")
        self.begin_many_labels()
        self.close_the_image()
        wait_for("words", lambda: self.says("image was closed"))
        self.press_button("Cancel")
        self.wait_closed()
        self.show_another_one()

    def close_the_image(self):
        self.gimp.do(f"result = Gimp.Display.get_by_id({self.display}).delete()")

    def show_another_one(self):
        """For the case that follows: made before, and shown in place of the one that was closed."""
        wait_for("no process left", lambda: not plug_in_processes())
        assert self.gimp.do("result = len(Gimp.get_images())") == 1, "images left in GIMP"
        self.display = self.gimp.do("result = Gimp.Display.new(image).get_id()")

    def the_image_may_be_closed_while_it_is_read(self):
        """Without a hundred and forty labels of ours, which takes a moment."""
        self.gimp.do("image.duplicate()")
        self.begin_many_labels()
        wait_for("the labels", lambda: self.says("in the layer group") and self.can_press("Detect"))
        self.set_address(self.fake.url + "/good")
        self.press_button("Detect")
        wait_for("progress", lambda: self.screen.parts("progress bar"))
        self.close_the_image()
        wait_for("words", lambda: self.says("image was closed"))
        self.press_button("Close")
        self.wait_closed()
        self.show_another_one()

    def the_image_may_be_closed_after_a_success(self):
        self.gimp.do("image.duplicate()")
        self.open()
        self.set_address(self.fake.url + "/good")
        self.press_button("Detect")
        wait_for("the labels", lambda: self.says("in the layer group"))
        self.close_the_image()
        self.press_button("Close")
        self.wait_closed()
        self.show_another_one()

    def the_image_may_be_closed_meanwhile(self):
        self.open()
        self.set_address(self.fake.url + "/slow")
        count = len(self.fake.requests)
        self.press_button("Detect")
        wait_for("the request", lambda: len(self.fake.requests) == count + 1)
        self.close_the_image()
        self.fake.stop_waiting.set()
        wait_for("words", lambda: self.says("image was closed", "this cost about 0.0010 US dollars"))
        assert sum("closed" in text for text in self.screen.texts()) == 1, self.screen.texts()
        self.shoot("8-dialog-closed-image")
        self.press_button("Cancel")
        self.wait_closed()

    def cases(self):
        return self.chosen([
            self.says_what_is_sent_where_and_cancel_sends_nothing,
            self.an_address_must_be_one, self.a_wrong_region_is_told_in_words_for_gimp,
            self.an_error_is_shown_and_can_be_corrected,
            self.one_undo_takes_all_back_and_redo_brings_it,
            self.repeat_uses_the_last_values_and_replaces,
            self.cancel_in_the_middle_of_a_call, self.nothing_found_is_said,
            self.private_values_are_not_in_the_image,
            self.the_dialog_may_get_the_focus_while_layers_are_made,
            self.the_image_may_be_closed_while_layers_are_made,
            self.the_image_may_be_closed_while_it_is_read,
            self.the_image_may_be_closed_after_a_success,
            self.the_image_may_be_closed_meanwhile,
            self.no_complaint_on_stderr])


if __name__ == "__main__":
    gimp_gui.main(Labels)
