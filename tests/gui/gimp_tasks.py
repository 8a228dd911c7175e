# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialogs but "Detect Labels" in a real GIMP under Xvfb, with the recogniser of this computer and
with a server of the test's own: opened, used, cancelled in the middle of a call, failed.

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

    def fail_denied(self, start, shot):
        self.set_address(self.fake.url + "/denied")
        self.press_button(start)
        wait_for("the error", lambda: self.says("AWS account"))
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
        self.fail_denied("Write", "caption-4")
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
        self.fail_denied("Ask", "ask-2")
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
        wait_for("a verdict", lambda: self.says("should not get about"))
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
        message = "This picture holds something that should not get about."
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
        for row in rows:
            table.add_row_selection(row)
        bounds = "result = list(Gimp.Selection.bounds(image))[1:]"
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
        self.gimp.do(flip)
        self.press_button("Add Layer")  # what it covered before does not count as a change
        wait_for("a second layer", lambda: len(self.gimp.state()[0]) == count + 1)
        wait_for("the end", lambda: self.says("original is still below"))
        self.close_dialog("Close")
        for _ in range(4):
            self.undo()
        wait_for("the undo", lambda: self.gimp.state()[0] == before[0])

    def a_check_can_be_cancelled_and_fails_well(self):
        self.use("Check for Sensitive Content...", "Check")
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
        self.choose("As selected: replace, else new", "What to do:")
        set_text(self.field("Prompt:"), "a hat")
        self.fail_denied("Generate", "generate-5")
        self.set_address(self.fake.url + "/slow")
        self.cancel_mid_call("Generate", "generate-6")
        assert self.text_of(self.field("Prompt:")) == "a hat", "the prompt is gone"
        self.close_dialog("Close")
        self.gimp.do("Gimp.Selection.none(image)")

    # ---- failures, each in words of its own, with what can be done about it

    def failures_are_worded(self):
        self.use("Ask About This Image...", "Ask")
        set_text(self.field("Question:"), "What is it?")
        nobody = f"http://127.0.0.1:{gimp_gui.support.closed_port()}/"
        for address, heading, button in (
                (self.fake.url + "/expired", "Your sign-in to AWS has ended.", "Test Connection"),
                (self.fake.url + "/no-model", "This model is not enabled", "Settings…"),
                (self.fake.url + "/throttled", "The service asks to wait", "Use This Computer"),
                (self.fake.url + "/html", "The answer could not be understood", "Test Connection"),
                (nobody, "The service cannot be reached", "Use This Computer")):
            self.set_address(address)
            wait_for("the button", lambda: self.can_press("Ask"))
            self.press_button("Ask")
            wait_for(heading, lambda: self.says(heading))
            assert self.screen.button(button), f"{heading}: no {button}"
            assert self.text_of(self.field("Question:")) == "What is it?", "the question is gone"
        self.shoot("failure-1-offline")
        self.press_button("Use This Computer")
        wait_for("words for this computer", lambda: self.says("Nothing leaves this computer"))
        self.close_dialog("Close")

    def a_filtered_picture_is_told(self):
        self.use("Generate Layer...", "Generate")
        self.choose("New layer over the canvas", "What to do:")
        set_text(self.field("Prompt:"), "a hat")
        self.set_address(self.fake.url + "/filtered")
        before = self.gimp.state()
        self.press_button("Generate")
        wait_for("the filter", lambda: self.says("A content filter held the answer back"))
        assert self.says("it is charged"), self.screen.texts()
        assert self.gimp.state() == before, "the image was changed"
        self.shoot("failure-2-filtered")
        self.close_dialog("Close")

    # ---- Upload to S3

    def an_image_is_uploaded(self):
        self.use("Upload to S3...", "Upload", "This computer (offline)")
        self.can_be_used_without_a_mouse_and_unseen()
        assert not self.can_press("Upload"), "no bucket yet"
        set_text(self.field("Bucket:"), "holiday-pictures")
        wait_for("the place", lambda: self.says("s3://holiday-pictures/grace_hopper.png"))
        set_text(self.field("Key:"), "2026/")
        wait_for("the place", lambda: self.says("s3://holiday-pictures/2026/grace_hopper.png"))
        before = self.gimp.state()
        self.what_is_uploaded_is_told()
        self.shoot("upload-1-filled")
        self.press_button("Upload")
        wait_for("the end", lambda: self.says("There is no such bucket."))
        self.shoot("upload-2-answered")
        assert self.gimp.state() == before, "the image was changed"
        self.set_address(self.fake.url + "/s3")
        wait_for("links", lambda: self.screen.enabled(self.field("Visibility:")))
        assert self.says("If that charges as AWS does, it costs the requests, and storage"), \
            self.screen.texts()
        self.press_button("Upload")
        wait_for("the end", lambda: self.says("Uploaded as s3://holiday-pictures/2026/",
                                              "this cost the requests, and goes on costing storage"))
        assert len(self.fake.requests[-1][2]["bytes"]) <= 512 * 600 * 4 + 4096, "larger than was told"
        link = next(node for node in self.screen.parts("text", "entry")
                    if "X-Amz-Signature" in (self.text_of(node) or ""))
        assert "/holiday-pictures/2026/grace_hopper.png" in self.text_of(link)
        self.press_button("Copy Link")
        self.shoot("upload-3-link")
        self.close_dialog("Close")
        assert "holiday-pictures" not in self.saved_xcf(), "the bucket is in the XCF"

    def what_is_uploaded_is_told(self):
        self.choose("Amazon S3 (AWS)")
        wait_for("the cost", lambda: self.says(
            "sent to Amazon S3, as a PNG of 512 × 600 pixels and at most 1.3", "without metadata",
            "charges your account for the requests and for storage", "aws.amazon.com/s3/pricing"))
        self.check("With metadata", True)
        wait_for("metadata", lambda: self.says("and its metadata, position and names too"))
        self.check("With metadata", False)
        self.choose("XCF, with all layers", "Format:")
        wait_for("all of it", lambda: self.says("with hidden layers and metadata", "an XCF file"))
        self.choose("PNG", "Format:")
        self.choose("This computer (offline)")
        wait_for("nothing", lambda: self.says("Nothing leaves this computer"))

    def an_upload_can_be_cancelled_and_fails_well(self):
        self.use("Upload to S3...", "Upload")
        assert self.text_of(self.field("Bucket:")) == "holiday-pictures", "the bucket is forgotten"
        self.set_address(self.fake.url + "/slow")
        self.cancel_mid_call("Upload", "upload-4")
        self.close_dialog("Close")

    # ---- Settings

    def settings_are_chosen_and_tried(self):
        self.menu, self.button = "Settings...", "OK"
        self.open()
        self.can_be_used_without_a_mouse_and_unseen()
        self.choose("This computer (offline)")
        assert not self.screen.enabled(self.field("Profile:")), "profile is of use"
        self.press_button("Test Connection")
        wait_for("the recogniser", lambda: not self.screen.parts("progress bar") and
                 self.says("imgrecog-local", "answers"))
        self.shoot("settings-1-local")
        self.models_are_listed_and_chosen()
        self.turn_to("Cost and Privacy")
        wait_for("the month", lambda: self.says("So far this month: about 0.0"))
        self.can_be_used_without_a_mouse_and_unseen()
        self.choose("Yes, and tell what was found", "Check here first:")
        self.check("Ask before anything is sent", True)
        self.shoot("settings-2-privacy")
        self.a_model_goes_with_its_service()
        self.turn_to("Connection")
        set_text(self.field("Profile:"), "no-such-profile")
        wait_for("what is wrong", lambda: self.says("no-such-profile"))
        assert not self.can_press("OK"), "OK with a wrong profile"
        self.shoot("settings-4-wrong")
        set_text(self.field("Profile:"), "")
        self.turn_to("Cost and Privacy")
        set_text(self.field("Monthly limit in US dollars:"), "much")
        wait_for("what is wrong", lambda: self.says("no amount of money"))
        set_text(self.field("Monthly limit in US dollars:"), "")
        self.turn_to("Connection")
        set_text(self.field("Profile:"), "holiday")
        set_text(self.field("Region:"), "ap-northeast-2")
        wait_for("OK", lambda: self.can_press("OK"))
        self.press_button("OK")
        self.wait_closed()
        self.is_looked_at_here_first()
        self.use("Ask About This Image...", "Ask")
        self.is_asked_before_anything_is_sent()
        self.press_button("Settings")
        wait_for("the settings", lambda: self.screen.labelled("Profile:"))
        assert self.text_of(self.field("Profile:")) == "holiday", "the profile is forgotten"
        self.shoot("settings-5-from-a-dialog")
        set_text(self.field("Profile:"), "")
        set_text(self.field("Region:"), "")
        self.turn_to("Models")
        assert self.text_of(self.field("For words:")) == "", "a model that AWS does not have"
        self.turn_to("Connection")
        self.choose("This computer (offline)")
        self.turn_to("Models")
        assert self.text_of(self.field("For words:")) == self.model, "the model is forgotten"
        set_text(self.field("For words:"), "")
        self.turn_to("Connection")
        self.choose("Amazon Web Services")
        self.turn_to("Cost and Privacy")
        self.choose("No", "Check here first:")
        self.check("Ask before anything is sent", False)
        self.press_button("OK")
        wait_for("the dialog below", lambda: self.screen.button("Ask"))
        self.close_dialog("Close")

    def a_model_goes_with_its_service(self):
        """What this computer has is not kept for AWS; with this computer it comes back."""
        for service, model in (("Amazon Web Services", ""), ("This computer (offline)", self.model),
                               ("Amazon Web Services", "")):
            self.turn_to("Connection")
            self.choose(service)
            self.turn_to("Models")
            wait_for(service, lambda: self.text_of(self.field("For words:")) == model)
        set_text(self.field("For words:"), self.model)
        wait_for("what is wrong", lambda: self.says(self.model + " is this computer's"))
        assert not self.can_press("OK"), "OK with a model that AWS does not have"
        self.shoot("settings-8-wrong-model")
        set_text(self.field("For words:"), "")

    def models_are_listed_and_chosen(self):
        self.turn_to("Models")
        self.can_be_used_without_a_mouse_and_unseen()
        entry = self.field("For words:")
        press(next(node for node in self.screen.parts("button", "push button")
                   if node.get_name() == "List the account's models"))
        combo = entry.get_parent()
        wait_for("models", lambda: [node for node in walk(combo)
                                    if node.get_role_name() == "menu item"])
        self.shoot("settings-3-models")
        press(next(node for node in walk(combo) if node.get_role_name() == "menu item"))
        self.model = wait_for("its id", lambda: self.text_of(entry))
        wait_for("its words", lambda: self.says("$0.00 in"))

    def is_looked_at_here_first(self):
        self.use("Detect Labels...", "Detect")
        self.set_address(self.fake.url + "/good")
        self.press_button("Detect")
        wait_for("a question", lambda: self.says("Send this now?"))
        self.press_button("Send")
        wait_for("what came of it", lambda: self.says("7 labels", "this computer found: 1 face"))
        self.shoot("settings-7-looked-at-here")
        self.choose("Amazon Rekognition (AWS)")
        self.close_dialog("Close")
        self.undo()

    def is_asked_before_anything_is_sent(self):
        """With the address of the test's own server, which answers at once."""
        self.set_address(self.fake.url + "/good")
        set_text(self.field("Question:"), "What is it?")
        count = len(self.fake.requests)
        self.press_button("Ask")
        wait_for("a question", lambda: self.says("Send this now?"))
        assert self.says("visible picture is sent to " + self.fake.url), self.screen.texts()
        self.shoot("settings-6-asked-first")
        self.press_button("Cancel")
        wait_for("the dialog below", lambda: self.says("Nothing was sent."))
        assert len(self.fake.requests) == count, "something was sent"
        self.choose("This computer (offline)")
        wait_for("words", lambda: self.says("Nothing leaves this computer"))
        self.choose("Amazon Bedrock (AWS)")
        wait_for("AWS's own", lambda: self.says("The model is", "anthropic.claude", "at most 0.0"))
        assert not self.says("local-describer") and not self.says(" 0.0000 "), self.screen.texts()

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
        cases = [self.caption_is_written_changed_and_applied,
                self.caption_can_be_cancelled_and_fails_well,
                self.questions_are_answered_and_kept_while_the_image_is_open,
                self.findings_are_shown_selected_and_redacted,
                self.a_check_is_repeated_as_it_was_left,
                self.several_findings_are_chosen_and_a_second_check_leaves_them,
                self.what_is_not_ticked_is_told_and_a_changed_image_is_not_covered,
                self.a_check_can_be_cancelled_and_fails_well,
                self.a_layer_is_generated_into_the_selection,
                self.generating_can_be_cancelled_and_fails_well,
                self.failures_are_worded, self.a_filtered_picture_is_told,
                self.an_image_is_uploaded, self.an_upload_can_be_cancelled_and_fails_well,
                self.settings_are_chosen_and_tried,
                self.no_complaint_on_stderr]
        only = os.environ.get("TEST_ONLY", "")
        return [function for function in cases if only in function.__name__]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="imgrecog-gui-local-") as local:
        with open(os.path.join(local, "config"), "w", encoding="utf-8") as f:
            f.write("[default]\nregion = us-east-1\n[profile holiday]\nregion = eu-west-1\n"
                    "aws_access_key_id = AKIDGIMPTESTS\n"
                    f"aws_secret_access_key = {gimp_gui.support.SECRET}\n")
        gimp_gui.main(Tasks, extra_environment={
            "AWS_CONFIG_FILE": os.path.join(local, "config"),
            "AWS_MAX_ATTEMPTS": "1",
            "IMGRECOG_LOCAL": os.path.abspath(sys.argv[4]),
            "IMGRECOG_LOCAL_SOCKET": os.path.join(local, "local.sock")})
