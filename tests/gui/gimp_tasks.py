# SPDX-License-Identifier: GPL-3.0-or-later
"""Caption, question, check and generation in a real GIMP under Xvfb, with the recogniser of this
computer and with a server of the test's own: opened, used, cancelled in the middle of a call, failed.

usage: gimp_tasks.py PLUGIN_DIR SYSTEM_PLUGIN_DIR SCREENSHOT_DIR IMGRECOG_LOCAL
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import time

import gimp_gui
from gimp_gui import CANCEL_S, plug_in_processes, press, set_text, wait_for, walk

OTHER_LOOKS = ("Text", "Codes", "Nudity, violence", "A model's judgement", "Metadata") # than faces


class Tasks(gimp_gui.Scenario):
    def use(self, menu, button, service=None):
        self.menu, self.button = menu, button
        self.open()
        if service is not None:
            self.choose(service)

    def in_words(self, english):
        """Of the language in which GIMP runs."""
        return english

    def text_of(self, node):
        return self.screen.atspi.Text.get_text(node, 0, -1)

    def check(self, name, wanted):
        box = wait_for(name, lambda: next((node for node in self.screen.parts("check box")
                                           if node.get_name() == name), None))
        is_checked = box.get_state_set().contains(self.screen.atspi.StateType.CHECKED)
        if is_checked != wanted:
            press(box)

    def cancel_mid_call(self, start, shot):
        """Starts, cancels, and looks how long that took and what is said of the cost."""
        before = self.gimp.state()
        count = len(self.fake.requests)
        self.press_button(start)
        wait_for("the request", lambda: len(self.fake.requests) == count + 1)
        wait_for("progress", lambda: self.screen.parts("progress bar"))
        assert not self.can_press(start), f"{start} again"
        self.shoot(shot + "-busy")
        started = time.monotonic()
        self.press_button("Cancel")
        wait_for("what it cost", lambda: self.says("Cancelled", "may be charged"))
        seconds = time.monotonic() - started
        assert seconds < CANCEL_S, f"Cancel took {seconds:.2f} s"
        assert self.gimp.state() == before, "the image was changed"

    def fail_denied(self, start, shot, action):
        self.set_address(self.fake.url + "/denied")
        self.press_button(start)
        wait_for("the error", lambda: self.says(f"lacks the permission {action}."))
        wait_for("a way out", lambda: self.screen.button("Use This Computer"))
        self.every_control_has_a_name()
        self.shoot(shot + "-error")

    def close_dialog(self, button="Cancel"):
        self.press_button(button)
        self.wait_closed()
        wait_for("no process left", lambda: not plug_in_processes())

    # ---- Write Caption

    def caption_is_written_changed_and_applied(self):
        self.use("Write Caption...", "Apply", "Amazon Bedrock (AWS)")
        assert self.says("Amazon Bedrock", "512 × 600", "at most 0.", "The model is"), \
            self.screen.texts()
        self.can_be_used_without_a_mouse_and_unseen()
        assert not self.can_press("Apply"), "nothing to apply yet"
        self.shoot("caption-1-open")
        self.choose("This computer (offline)")
        self.press_button("Write")
        caption = self.field("Caption:")
        wait_for("words", lambda: self.text_of(caption) and self.can_press("Apply"))
        self.shoot("caption-2-written")
        set_text(caption, "A portrait of 그레이스 호퍼.")
        self.check("Text layer above the picture", True)
        before = self.gimp.state()
        self.press_button("Apply")
        self.wait_closed()
        self.shoot("caption-3-applied")
        assert len(self.gimp.state()[0]) == len(before[0]) + 1, "no text layer"
        assert self.gimp.state()[1:3] == before[1:3], "selected layers or selection"
        assert "A portrait of 그레이스 호퍼." in self.metadata("Xmp.dc.description")
        self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])
        assert self.metadata("Xmp.dc.description") is None, "metadata after undo"

    def caption_can_be_cancelled_and_fails_well(self):
        self.use("Write Caption...", "Apply")
        set_text(self.field("Caption:"), "my own words")
        self.fail_denied("Write", "caption-4", "bedrock:InvokeModel")
        assert self.text_of(self.field("Caption:")) == "my own words", "the entries are gone"
        self.set_address(self.fake.url + "/slow")
        self.cancel_mid_call("Write", "caption-5")
        self.close_dialog()

    def metadata(self, tag):
        """What GIMP holds under this tag; None when nothing."""
        text = self.gimp.do("m = image.get_metadata(); result = m.serialize() if m else ''")
        found = re.search(f'<tag name="{tag}"[^>]*>([^<]*)</tag>', text)
        return html.unescape(found.group(1)) if found else None

    # ---- Ask About This Image

    def questions_are_answered_and_kept_while_the_image_is_open(self):
        self.use("Ask About This Image...", "Ask", "This computer (offline)")
        self.can_be_used_without_a_mouse_and_unseen()
        assert not self.can_press("Ask"), "no question yet"
        assert self.says("Each question is asked by itself", "are not sent"), self.screen.texts()
        set_text(self.field("Question:"), "How many faces are there?")
        wait_for("Ask", lambda: self.can_press("Ask"))
        self.press_button("Ask")
        history = self.field("Questions and answers")
        wait_for("an answer", lambda: len(self.text_of(history)) > 40 and
                 not self.screen.parts("progress bar"))
        first = self.text_of(history)
        assert first.startswith("How many faces are there?\n"), first
        self.shoot("ask-1-answered")
        self.close_dialog("Close")
        self.use("Ask About This Image...", "Ask")
        assert self.text_of(self.field("Questions and answers")) == first, "the history is gone"
        set_text(self.field("Question:"), "What does it say?")
        self.fail_denied("Ask", "ask-2", "bedrock:InvokeModel")
        assert self.text_of(self.field("Questions and answers")) == first, "a question too many"
        assert self.text_of(self.field("Question:")) == "What does it say?", "the question is gone"
        self.set_address(self.fake.url + "/slow")
        self.cancel_mid_call("Ask", "ask-3")
        self.close_dialog("Close")
        assert "How many faces" not in self.saved_xcf(), "the question is in the XCF"

    # ---- Check for Sensitive Content

    def findings_are_shown_selected_and_redacted(self):
        self.use("Check for Sensitive Content...", "Check", "Amazon Rekognition and Bedrock (AWS)")
        assert self.says("Rekognition and Bedrock", "5 requests"), self.screen.texts()
        self.can_be_used_without_a_mouse_and_unseen()
        self.shoot("check-1-open")
        self.choose("This computer (offline)")
        before = self.gimp.state()
        self.press_button("Check")
        wait_for("a verdict", lambda: self.says("may not want to share"))
        assert self.says("not everything could be looked at"), self.screen.texts()
        assert not self.says("Found: ") and not self.says("The model says"), self.screen.texts()
        wait_for("the model's words", lambda: self.rows("What the model says: Found: one face")[1])
        self.can_be_used_without_a_mouse_and_unseen()
        face = wait_for("the face", lambda: next(
            (node for node in self.screen.parts("table cell")
             if (node.get_name() or "").startswith("Face")), None))
        assert self.gimp.state() == before, "the check changed the image"
        table = face.get_parent().get_table_iface()
        table.add_row_selection(table.get_row_at_index(face.get_index_in_parent()))
        wait_for("a selection", lambda: self.gimp.do("result = Gimp.Selection.bounds(image)[1]"))
        self.shoot("check-2-face-selected")
        self.is_beside_the_middle()
        selection = self.gimp.state()[2]
        self.press_button("Add Layer")
        wait_for("what is below", lambda: self.says("original is still below"))
        self.warns_first("Not all that was asked for could be looked for: nudity and violence")
        after = self.gimp.state()
        assert [entry[1] for entry in after[0]][0] == "Redacted (pixelated)", after[0]
        assert after[0][1] == before[0][0], "the photo was changed"
        assert after[2] == selection, "the selection was changed"
        self.shoot("check-3-redacted")
        self.choose("Plain black", "Redact by:")
        self.press_button("Copy for Sharing")
        wait_for("a second image", lambda: self.gimp.do("result = len(Gimp.get_images())") == 2)
        wait_for("words", lambda: self.says("one layer and no metadata"))
        self.warns_first("Not all that was asked for could be looked for: nudity and violence")
        self.gimp.do("[i for i in Gimp.get_images() if len(i.get_layers()) == 1][0].clean_all()")
        self.shoot("check-4-copy")
        self.close_dialog("Close")
        self.gimp.do("result = Gimp.Display.get_by_id(2).delete()")
        wait_for("one image", lambda: self.gimp.do("result = len(Gimp.get_images())") == 1)
        self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])
        self.gimp.do("Gimp.Selection.none(image)")

    def is_beside_the_middle(self):
        """Of the screen, where the picture is."""
        place = self.screen.dialog().get_component_iface().get_extents(
            self.screen.atspi.CoordType.SCREEN)
        assert place.x > 1400 / 2 and place.x + place.width <= 1400, (place.x, place.width)

    def warns_first(self, words):
        """And then nobody is told to share it."""
        text = next(text for text in self.screen.texts() if "picture yourself" in text)
        assert text.startswith(words), text
        assert "Save or export" not in text and "make a copy" not in text, text

    def a_check_is_repeated_as_it_was_left(self):
        """A check alone covers nothing and is told; then what was done is done again."""
        message = "This picture shows something that you may not want to share."
        before = self.gimp.state()
        self.use("Check for Sensitive Content...", "Check")
        self.set_address(self.fake.url + "/faces")
        for name in OTHER_LOOKS:
            self.check(name, False)
        self.press_button("Check")
        wait_for("the verdict", lambda: self.says(message))
        self.close_dialog("Close")
        self.press_menu("Repeat", "Check for Sensitive Content")
        self.is_told(message, "Found: 1 face", "If that charges as AWS does, this cost about 0.0010")
        self.shoot("check-6-repeated")
        self.dismiss_message()
        assert self.gimp.state() == before, "the image was changed"
        self.use("Check for Sensitive Content...", "Check")
        self.press_button("Check")
        wait_for("the verdict", lambda: self.says(message))
        self.choose("Plain black", "Redact by:")
        self.press_button("Add Layer")
        wait_for("the end", lambda: self.says("original is still below"))
        self.close_dialog("Close")
        self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])
        self.press_menu("Repeat", "Check for Sensitive Content")
        wait_for("a layer", lambda: len(self.gimp.state()[0]) == 2)
        assert self.gimp.state()[0][0][1] == "Redacted (filled)", self.gimp.state()[0]
        self.is_told(message)
        self.dismiss_message()
        self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])
        self.use("Check for Sensitive Content...", "Check")
        self.press_button("Check")
        wait_for("the verdict", lambda: self.says(message))
        assert self.field("Redact by:").get_name() == "Plain black", "the way is forgotten"
        self.a_copy_is_repeated(message)
        for name in OTHER_LOOKS:
            self.check(name, True)
        self.press_button("Check")
        wait_for("the verdict", lambda: self.says("not everything could be looked at"))
        self.close_dialog("Close")

    def a_copy_is_repeated(self, message):
        """Both are shown: with their windows they go."""
        self.press_button("Copy for Sharing")
        wait_for("a copy", lambda: self.says("one layer and no metadata"))
        self.close_dialog("Close")
        self.press_menu("Repeat", "Check for Sensitive Content")
        self.is_told(message)
        self.dismiss_message()
        images = "result = len(Gimp.get_images())"
        assert self.gimp.do(images) == 3, "no second copy"
        self.gimp.do("""for i in range(2, 20):
    display = Gimp.Display.get_by_id(i)
    if display is not None and display.is_valid():
        display.delete()""")
        wait_for("one image", lambda: self.gimp.do(images) == 1)
        self.use("Check for Sensitive Content...", "Check")

    def is_told(self, *words):
        """In a window of GIMP's."""
        def told():
            texts = [node.get_name() or "" for node in walk(self.screen.message())]
            return any(all(word in text for word in words) for text in texts)
        wait_for(" ".join(words), told)
        wait_for("no process left", lambda: not plug_in_processes())

    def dismiss_message(self):
        press(next(node for node in walk(self.screen.message())
                   if node.get_role_name() in ("button", "push button")))
        wait_for("no message", lambda: self.screen.message() is None)

    def rows(self, beginning):
        """(the table, the rows of its cells that begin so)"""
        cells = [node for node in self.screen.parts("table cell")
                 if (node.get_name() or "").startswith(beginning)]
        table = cells[0].get_parent().get_table_iface() if cells else None
        return table, [table.get_row_at_index(cell.get_index_in_parent()) for cell in cells]

    def several_findings_are_chosen_and_a_second_check_leaves_them(self):
        """Three are chosen; the rows of a check that found two others select nothing."""
        self.use("Check for Sensitive Content...", "Check")
        before = self.gimp.state()
        self.set_address(self.fake.url + "/three-faces")
        self.press_button("Check")
        wait_for("three faces", lambda: len(self.rows("Face")[1]) == 3)
        table, rows = self.rows("Face")
        bounds = "result = list(Gimp.Selection.bounds(image))[1:]"
        for row in rows:  # one that is chosen while the image is looked at would join the step before
            had = self.gimp.do(bounds)
            table.add_row_selection(row)
            wait_for("one more place", lambda had=had: self.gimp.do(bounds) != had)
        wait_for("three places", lambda: self.gimp.do(bounds) == [True, 51, 120, 307, 180])
        chosen = self.gimp.state()
        self.set_address(self.fake.url + "/two-faces")
        self.press_button("Check")
        wait_for("two faces", lambda: len(self.rows("Face")[1]) == 2 and self.can_press("Check"))
        assert self.gimp.state() == chosen, "the second check changed the selection"
        self.close_dialog("Close")
        for _ in rows:  # each row was chosen by itself: one step each
            self.undo()
        wait_for("the undo", lambda: self.gimp.state() == before)

    def click(self, node):
        """For what a screen reader cannot press in GTK 3: a cell that is ticked."""
        place = node.get_component_iface().get_extents(self.screen.atspi.CoordType.SCREEN)
        subprocess.run(["xdotool", "mousemove", str(place.x + place.width // 2),
                        str(place.y + place.height // 2), "click", "1"], check=True)

    def ticks(self):
        """The cells of the list that are ticked."""
        return [node for node in self.screen.parts("table cell")
                if node.get_state_set().contains(self.screen.atspi.StateType.CHECKED)]

    def what_is_not_ticked_is_told_and_a_changed_image_is_not_covered(self):
        self.use("Check for Sensitive Content...", "Check")
        before = self.gimp.state()
        self.set_address(self.fake.url + "/three-faces")
        self.press_button("Check")
        wait_for("three faces", lambda: len(self.rows("Face")[1]) == 3)
        tick = self.ticks()[0]
        self.click(tick)
        wait_for("two ticks", lambda: len(self.ticks()) == 2)
        self.press_button("Add Layer")
        wait_for("what is left", lambda: self.says("1 place that was found is not ticked"))
        flip = "image.flip(Gimp.OrientationType.HORIZONTAL)"
        self.gimp.do(flip)
        count = len(self.gimp.state()[0])
        for button in ("Add Layer", "Copy for Sharing"):
            self.press_button(button)
            wait_for("a refusal", lambda: self.says("changed since it was looked at"))
            assert len(self.gimp.state()[0]) == count, "covered in wrong places"
            assert self.gimp.do("result = len(Gimp.get_images())") == 1, "a copy was made"
        table, rows = self.rows("Face")
        bounds = "result = list(Gimp.Selection.bounds(image))[2:]"
        table.add_row_selection(rows[2])
        wait_for("a warning", lambda: self.says("was changed since it was checked"))
        wait_for("the place", lambda: self.gimp.do(bounds)[2] == 307)
        self.gimp.do(flip)
        self.press_button("Add Layer")  # what it covered before does not count as a change
        wait_for("a second layer", lambda: len(self.gimp.state()[0]) == count + 1)
        wait_for("the end", lambda: self.says("original is still below"))
        self.gimp.do("image.scale(100, 117)")
        selection = self.gimp.state()[2]
        table.add_row_selection(rows[1])
        wait_for("a reason", lambda: self.says("size was changed since it was checked"))
        assert self.gimp.state()[2] == selection, "a wrong place was selected"
        self.close_dialog("Close")
        for _ in range(6):
            self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])

    def a_check_can_be_cancelled_and_fails_well(self):
        self.use("Check for Sensitive Content...", "Check")
        before = self.gimp.state()
        self.set_address(self.fake.url + "/denied")
        self.press_button("Check")
        wait_for("what was denied", lambda: self.says(
            "Could not be looked at: text (“User is not authorized to perform: "
            "rekognition:DetectText”)"))
        self.check("Metadata", False)  # all that is looked at here
        self.fail_denied("Check", "check-6", "rekognition:DetectFaces")
        assert self.gimp.state() == before, "the image was changed"
        self.set_address(self.fake.url + "/slow")
        self.cancel_mid_call("Check", "check-5")
        self.close_dialog("Close")

    # ---- Generate Layer

    def a_layer_is_generated_into_the_selection(self):
        self.use("Generate Layer...", "Generate", "Amazon Bedrock (AWS)")
        self.can_be_used_without_a_mouse_and_unseen()
        assert not self.can_press("Generate"), "no prompt yet"
        self.shoot("generate-1-open")
        self.choose("This computer (offline)")
        self.gimp.do("image.select_ellipse(Gimp.ChannelOps.REPLACE, 180, 120, 160, 160)")
        before = self.gimp.state()
        set_text(self.field("Prompt:"), "a Zebra in a hat")
        wait_for("Generate", lambda: self.can_press("Generate"))
        self.shoot("generate-2-filled")
        self.press_button("Generate")
        wait_for("the end", lambda: self.says("Done"))
        after = self.gimp.state()
        assert len(after[0]) == 2 and after[0][1] == before[0][0], after[0]
        assert after[1:3] == before[1:3], "selected layers or selection"
        self.shoot("generate-3-done")
        self.press_button("Again With Another Seed")
        wait_for("another one", lambda: len(self.gimp.state()[0]) == 3)
        wait_for("the end of it", lambda: self.can_press("Generate"))
        self.variations_are_one_step()
        self.choose("Extend the canvas", "What to do:")
        wait_for("sides", lambda: self.says("how many pixels"))
        self.can_be_used_without_a_mouse_and_unseen()
        self.shoot("generate-4-extend")
        self.close_dialog("Close")
        assert "Zebra" not in self.saved_xcf(), "the prompt is in the XCF"
        self.undo()
        wait_for("the undo", lambda: len(self.gimp.state()[0]) == 2)
        self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])

    def variations_are_one_step(self):
        """Three pictures with one press: the first is shown above the others, one undo takes all."""
        before = self.gimp.state()
        self.field("How many:").get_value_iface().set_current_value(3)
        self.press_button("Generate")
        wait_for("three more", lambda: len(self.gimp.state()[0]) == len(before[0]) + 3)
        wait_for("the end of it", lambda: self.can_press("Generate"))
        assert [entry[3] for entry in self.gimp.state()[0][:3]] == [True, False, False], "what is shown"
        self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])
        self.field("How many:").get_value_iface().set_current_value(1)

    def generating_can_be_cancelled_and_fails_well(self):
        self.use("Generate Layer...", "Generate")
        self.choose("Replace what is selected, or add a layer", "What to do:")
        set_text(self.field("Prompt:"), "a hat")
        self.fail_denied("Generate", "generate-5", "bedrock:InvokeModel")
        self.set_address(self.fake.url + "/slow")
        self.cancel_mid_call("Generate", "generate-6")
        assert self.text_of(self.field("Prompt:")) == "a hat", "the prompt is gone"
        self.close_dialog("Close")
        self.gimp.do("Gimp.Selection.none(image)")

    def saved_xcf(self):
        """GIMP 3.2 calls the image after the file, as one that the user has saved is called."""
        path = os.path.join(self.gimp.folder, "grace_hopper.xcf")
        self.gimp.do("result = Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, "
                     f"Gio.File.new_for_path({path!r}), None)")
        with open(path, "rb") as f:
            return f.read().decode("latin-1")

    def undo(self):
        self.press_menu("Undo")

    def cases(self):
        return self.chosen([
            self.caption_is_written_changed_and_applied,
            self.caption_can_be_cancelled_and_fails_well,
            self.questions_are_answered_and_kept_while_the_image_is_open,
            self.findings_are_shown_selected_and_redacted,
            self.a_check_is_repeated_as_it_was_left,
            self.several_findings_are_chosen_and_a_second_check_leaves_them,
            self.what_is_not_ticked_is_told_and_a_changed_image_is_not_covered,
            self.a_check_can_be_cancelled_and_fails_well,
            self.a_layer_is_generated_into_the_selection,
            self.generating_can_be_cancelled_and_fails_well,
            self.no_complaint_on_stderr])


def main(scenario_class, **environment):
    """With a recogniser of this computer, and AWS files with a profile, of the test's own."""
    with tempfile.TemporaryDirectory(prefix="imgrecog-gui-local-") as local:
        with open(os.path.join(local, "config"), "w", encoding="utf-8") as f:
            f.write("[default]\nregion = us-east-1\n[profile holiday]\nregion = eu-west-1\n"
                    "aws_access_key_id = AKIDGIMPTESTS\n"
                    f"aws_secret_access_key = {gimp_gui.support.SECRET}\n")
        gimp_gui.main(scenario_class, extra_environment={
            "AWS_CONFIG_FILE": os.path.join(local, "config"),
            "AWS_MAX_ATTEMPTS": "1",
            "IMGRECOG_LOCAL": os.path.abspath(sys.argv[4]),
            "IMGRECOG_LOCAL_SOCKET": os.path.join(local, "local.sock"), **environment})


if __name__ == "__main__":
    main(Tasks)
