# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload, settings, every sort of failure, and generation without an image, in a real GIMP under Xvfb,
with the recogniser of this computer and with a server of the test's own.

usage: gimp_settings.py PLUGIN_DIR SYSTEM_PLUGIN_DIR SCREENSHOT_DIR IMGRECOG_LOCAL
"""

import subprocess
import time

import gimp_gui
import gimp_tasks
from gimp_gui import CANCEL_S, DRAW_S, press, set_text, wait_for, walk


class Settings(gimp_tasks.Tasks):
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

    def a_limit_that_would_be_passed_is_told(self):
        self.gimp.do('Gimp.gimprc_set("imgrecog-monthly-limit", "0.0001")')
        self.use("Detect Labels...", "Detect")
        self.set_address(self.fake.url + "/good")
        count = len(self.fake.requests)
        before = self.gimp.state()
        self.press_button("Detect")
        wait_for("the limit", lambda: self.says("This would pass your spending limit."))
        assert self.says("Raise the monthly limit"), self.screen.texts()
        assert all(self.screen.button(name) for name in ("Use This Computer", "Settings…")), \
            "no way out"
        assert len(self.fake.requests) == count, "something was sent"
        assert self.gimp.state() == before, "the image was changed"
        self.shoot("failure-3-over-budget")
        self.close_dialog()
        self.gimp.do('Gimp.gimprc_set("imgrecog-monthly-limit", "")')

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
        self.fail_denied("Upload", "upload-5", "s3:PutObject")
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
                 self.says("It answers, and finds faces and text"))
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
        wait_for("what is wrong", lambda: self.says("There is no such AWS profile. Choose another,"))
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

    def cancel_asking(self, words):
        """While the service that was asked says nothing."""
        wait_for("the request", lambda: self.fake.requests[-1][0] == "slow")
        wait_for("progress", lambda: self.screen.parts("progress bar"))
        started = time.monotonic()
        self.press_button("Cancel")
        wait_for("that it was cancelled", lambda: self.says(words))
        seconds = time.monotonic() - started
        assert seconds < CANCEL_S, f"Cancel took {seconds:.2f} s"
        self.fake.requests.clear()

    def close_the_list(self):
        """Of models, which opens when they have come."""
        time.sleep(DRAW_S)
        subprocess.run(["xdotool", "key", "Escape"], check=True)
        time.sleep(DRAW_S)

    def ask_for_models(self):
        press(next(node for node in self.screen.parts("button", "push button")
                   if node.get_name() == self.in_words("List the account's models")))

    def the_settings_ask_and_can_be_cancelled_and_fail_well(self):
        self.fake.requests.clear()
        self.menu, self.button = "Settings...", "OK"
        self.open()
        self.set_address(self.fake.url + "/slow")
        self.press_button("Test Connection")
        self.cancel_asking("Nothing is charged for a test")
        self.turn_to("Models")
        self.ask_for_models()
        self.cancel_asking("Asking for models costs nothing")
        self.turn_to("Connection")
        self.set_address(self.fake.url + "/denied")
        self.press_button("Test Connection")
        wait_for("who is asked", lambda: self.says("Identity: wrong"))
        assert self.says("“User is not authorized to perform: sts:GetCallerIdentity"), \
            self.screen.texts()
        self.shoot("settings-9-connection-wrong")
        self.turn_to("Models")
        self.ask_for_models()
        wait_for("a refusal", lambda: self.says("may not list its models"))
        self.shoot("settings-10-no-models")
        self.close_the_list()
        self.close_dialog()

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
        self.ask_for_models()
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

    def without_an_image_one_is_generated(self):
        """From the menu of the empty window."""
        self.gimp.do("result = Gimp.Display.get_by_id(1).delete()")
        wait_for("no image", lambda: self.gimp.do("result = len(Gimp.get_images())") == 0)
        item = wait_for("the menu item", lambda: self.screen.menu_item("Detect Labels..."))
        wait_for("no image to look at", lambda: not self.screen.enabled(item))
        self.use("Generate Layer...", "Generate", "This computer (offline)")
        assert not self.can_press("Generate"), "no prompt yet"
        self.choose("New layer over the canvas", "What to do:")
        set_text(self.field("Prompt:"), "a hat")
        wait_for("Generate", lambda: self.can_press("Generate"))
        self.press_button("Generate")
        wait_for("the end", lambda: self.says("Done"))
        self.shoot("generate-7-without-an-image")
        self.close_dialog("Close")
        assert self.gimp.do("result = len(Gimp.get_images())") == 1, "no image was made"
        assert [entry[1] for entry in self.gimp.state()[0]][0].startswith("Generated"), \
            self.gimp.state()[0]

    def cases(self):
        return self.chosen([
            self.failures_are_worded, self.a_filtered_picture_is_told,
            self.a_limit_that_would_be_passed_is_told, self.an_image_is_uploaded,
            self.an_upload_can_be_cancelled_and_fails_well,
            self.settings_are_chosen_and_tried,
            self.the_settings_ask_and_can_be_cancelled_and_fail_well,
            self.without_an_image_one_is_generated, self.no_complaint_on_stderr])


if __name__ == "__main__":
    gimp_tasks.main(Settings)
