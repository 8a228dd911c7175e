# SPDX-License-Identifier: GPL-3.0-or-later
"""Every dialog in a real GIMP that speaks Korean: opened from its Korean menu, cancelled in the middle
of a call, failed, used. What the dialogs must say is looked up in the plug-in's own catalogue, which
tests/unit/catalogues.py proves to be whole; here it is seen that it is used, that no words of ours
are left in English, that the keys for Alt do not clash, and how it looks.

usage: gimp_korean.py PLUGIN_DIR SYSTEM_PLUGIN_DIR SCREENSHOT_DIR IMGRECOG_LOCAL LOCALES
"""

import gettext
import json
import os
import re
import sys

import gimp_gui
import gimp_settings
import gimp_tasks
from gimp_gui import plug_in_processes, set_text, wait_for

# Latin words that Korean texts of ours may have: names, formats, units, what users type.
LATIN = {"AWS", "Amazon", "Web", "Services", "Rekognition", "Bedrock", "IAM", "JPEG", "PNG", "WebP",
         "XCF", "XMP", "IPTC", "Exif", "MB", "QR", "GPS", "IBAN", "SSO", "PROFILE", "default", "px",
         "SDXL", "ARN", "PEM", "TLS", "ms"}


# Addresses, paths, and what has a sign or a digit in it as no word has: regions, models, settings,
# actions, files, sizes, and the end of a key.
NAME = r"…[A-Z0-9]{4}|https?://[!-~]+|s3://[!-~]+|~?/[!-~]+|[A-Za-z]*[\d_.:-]+[\w.:-]*\w"


class Catalogue:
    """From English words as a screen reader has them (without underscores) to Korean ones."""

    def __init__(self, plugin_dir):
        path = os.path.join(plugin_dir, "imgrecog", "po", "ko", "LC_MESSAGES", "imgrecog.mo")
        with open(path, "rb") as f:
            self.messages = gettext.GNUTranslations(f)._catalog  # all of them, which has no other way
        self.words = {}
        for english, korean in self.messages.items():
            english = english[0] if isinstance(english, tuple) else english
            self.words[english.replace("_", "", 1)] = korean.replace("_", "", 1)

    def __getitem__(self, english):
        return self.words[english]


class Korean(gimp_settings.Settings):
    words = None  # a Catalogue

    def in_words(self, english):
        return self.words[english]

    def field(self, label):
        return super().field(self.words[label])

    def choose(self, name, label="Service:"):
        service = name.removesuffix(" (AWS)")
        super().choose(self.words.words.get(service, service) + name[len(service):], label)

    def press_button(self, name):
        super().press_button(self.words[name])

    def can_press(self, name):
        return super().can_press(self.words[name])

    def turn_to(self, name):
        super().turn_to(self.words[name])

    def use(self, menu, button, service=None):
        self.menu, self.button = self.words[menu], self.words[button]
        self.open()
        if service is not None:
            self.choose(service)
        self.keys_of_the_dialog_are_all_different()
        self.every_control_has_a_name()
        self.no_words_are_left_in_english()

    def no_words_are_left_in_english(self):
        """No Latin word but names, and what the test's own server says, which is a quotation."""
        names = [node.get_name() for node in self.screen.parts(
            "label", "button", "push button", "check box", "menu item", "page tab", "table cell",
            "dialog")]
        for name in filter(None, names):
            bare = re.sub(f"“{gimp_gui.support.DENIED}[^”]*”", "", name)
            bare = re.sub(NAME, "", bare)
            latin = set(re.findall(r"[A-Za-z]{2,}", bare)) - LATIN
            assert not latin, f"in English: {latin} in {name}"

    def says_korean(self, english):
        """Some words of ours that have a value in them: its parts are there."""
        parts = [part for part in re.split(r"%[^a-z]*[a-z]", self.words[english]) if part.strip()]
        return self.says(*(part.strip() for part in parts))

    def fails_and_is_cancelled(self, start, name):
        self.set_address(self.fake.url + "/denied")
        self.press_button(start)
        wait_for("the error", lambda: self.says("AWS 계정"))
        self.no_words_are_left_in_english()
        assert self.screen.button(self.words["Use This Computer"]), "no way out"
        self.no_clash_of_keys_and_names()
        self.shoot(f"ko-{name}-2-error")
        self.set_address(self.fake.url + "/slow")
        count = len(self.fake.requests)
        self.press_button(start)
        wait_for("the request", lambda: len(self.fake.requests) == count + 1)
        self.press_button("Cancel")
        wait_for("what it cost", lambda: self.says("취소했습니다", "부과될 수 있습니다"))
        wait_for("the button", lambda: self.can_press(start))

    def no_clash_of_keys_and_names(self):
        self.keys_of_the_dialog_are_all_different()
        self.every_control_has_a_name()

    def set_address(self, address):
        self.choose("Another address")
        set_text(self.field("Address:"), address)
        wait_for("an accepted address", lambda: not self.says(self.words["Enter the address."]) and
                 (self.says(address) or self.screen.tab(self.words["Connection"])))

    # ---- the dialogs

    def labels(self):
        self.use("Detect Labels...", "Detect", "Amazon Rekognition (AWS)")
        assert self.says_korean("It costs at most %s, for %d request."), self.screen.texts()
        self.shoot("ko-labels-1-open")
        self.fails_and_is_cancelled("Detect", "labels")
        self.set_address(self.fake.url + "/good")
        self.press_button("Detect")
        wait_for("what came of it", lambda: self.says("라벨 7개를 레이어 그룹 “라벨 (다른 주소)”"))
        self.no_words_are_left_in_english()
        self.layers_have_korean_names()
        self.shoot("ko-labels-3-done")
        self.close_dialog("Close")

    def layers_have_korean_names(self):
        group = self.gimp.state()[0][0]
        names = [entry[1] for entry in group[4]]
        assert group[1] == "라벨 (다른 주소)", group[1]
        assert names[0] == "범례" and group[4][0][4][-1][1] == "범례 배경", names
        assert all(name.endswith((" (상자)", " (이름)")) for name in names[1:]), names

    def over_budget(self):
        self.gimp.do('Gimp.gimprc_set("imgrecog-monthly-limit", "0.0001")')
        self.use("Detect Labels...", "Detect")
        self.set_address(self.fake.url + "/good")
        self.press_button("Detect")
        wait_for("the limit", lambda: self.says(
            self.words["This would pass your spending limit. Nothing was sent."]))
        self.no_words_are_left_in_english()
        self.shoot("ko-failure-1-over-budget")
        self.close_dialog("Cancel")
        self.gimp.do('Gimp.gimprc_set("imgrecog-monthly-limit", "")')

    def without_an_image(self):
        self.gimp.do("result = Gimp.Display.get_by_id(1).delete()")
        self.use("Generate Layer...", "Generate", "This computer (offline)")
        set_text(self.field("Prompt:"), "모자를 쓴 얼룩말")
        wait_for("the button", lambda: self.can_press("Generate"))
        self.press_button("Generate")
        wait_for("the end", lambda: self.says("완료했습니다"))
        self.no_words_are_left_in_english()
        self.shoot("ko-generate-4-without-an-image")
        self.close_dialog("Close")
        assert self.gimp.do("result = len(Gimp.get_images())") == 1, "no image was made"

    def caption(self):
        self.use("Write Caption...", "Apply", "Amazon Bedrock (AWS)")
        assert self.text_of(self.field("Language:")) == "한국어", "another language than GIMP's"
        self.shoot("ko-caption-1-open")
        self.fails_and_is_cancelled("Write", "caption")
        self.choose("This computer (offline)")
        self.press_button("Write")
        wait_for("words", lambda: self.can_press("Apply"))
        self.shoot("ko-caption-3-written")
        self.press_button("Apply")
        self.wait_closed()

    def ask(self):
        self.use("Ask About This Image...", "Ask", "Amazon Bedrock (AWS)")
        set_text(self.field("Question:"), "얼굴이 몇 개 있습니까?")
        self.shoot("ko-ask-1-open")
        self.fails_and_is_cancelled("Ask", "ask")
        self.choose("This computer (offline)")
        wait_for("the button", lambda: self.can_press("Ask"))
        self.press_button("Ask")
        history = self.field("Questions and answers")
        wait_for("an answer", lambda: len(self.text_of(history)) > 20 and
                 not self.screen.parts("progress bar"))
        self.shoot("ko-ask-3-answered")
        self.close_dialog("Close")

    def check_dialog(self):
        self.use("Check for Sensitive Content...", "Check", "Amazon Rekognition and Bedrock (AWS)")
        self.shoot("ko-check-1-open")
        self.set_address(self.fake.url + "/denied")
        self.press_button("Check")
        wait_for("what was denied", lambda: self.says("확인하지 못함: 글자 (“"))
        self.no_words_are_left_in_english()
        self.check(self.words["Metadata"], False)  # all that is looked at here
        self.fails_and_is_cancelled("Check", "check")
        self.check(self.words["Metadata"], True)
        self.choose("This computer (offline)")
        self.press_button("Check")
        wait_for("a verdict", lambda: self.says(
            self.words["This picture shows something that you may not want to share, and not "
                       "everything could be looked at."]))
        assert len(self.rows("얼굴")[1]) == 1, self.screen.texts()
        wait_for("the model's words", lambda: self.rows("모델의 판단: 찾은 것: 얼굴")[1])
        self.no_clash_of_keys_and_names()
        self.no_words_are_left_in_english()
        self.shoot("ko-check-3-findings")
        assert not any("recogniser" in text for text in self.screen.texts()), self.screen.texts()
        self.the_model_is_asked_in_korean()
        self.close_dialog("Close")

    def the_model_is_asked_in_korean(self):
        """By a server that has labels for whatever it is asked, and no verdict."""
        count = len(self.fake.requests)
        self.set_address(self.fake.url + "/good")
        self.press_button("Check")
        wait_for("what the model did not say", lambda: self.says("확인하지 못함: 모델의 판단"))
        asked = [json.dumps(body) for _, _, body in self.fake.requests[count:]]
        assert any("one sentence, in Korean" in body for body in asked), asked

    def generate(self):
        self.use("Generate Layer...", "Generate", "Amazon Bedrock (AWS)")
        set_text(self.field("Prompt:"), "모자를 쓴 얼룩말")
        wait_for("the cost", lambda: self.says_korean("It costs at most %s, for %d request."))
        self.shoot("ko-generate-1-open")
        self.fails_and_is_cancelled("Generate", "generate")
        self.choose("This computer (offline)")
        wait_for("the button", lambda: self.can_press("Generate"))
        self.press_button("Generate")
        wait_for("the end", lambda: self.says("완료했습니다"))
        self.shoot("ko-generate-3-done")
        self.close_dialog("Close")

    def upload(self):
        self.use("Upload to S3...", "Upload", "Amazon S3 (AWS)")
        set_text(self.field("Bucket:"), "holiday-pictures")
        wait_for("the cost", lambda: self.says("512 × 600 픽셀", "요청과 저장에 대해"))
        self.shoot("ko-upload-1-open")
        self.fails_and_is_cancelled("Upload", "upload")
        self.set_address(self.fake.url + "/s3")
        self.press_button("Upload")
        wait_for("the end", lambda: self.says_korean("Uploaded as %s."))
        self.shoot("ko-upload-3-done")
        self.close_dialog("Close")

    def settings(self):
        self.use("Settings...", "OK", "Amazon Web Services")
        self.shoot("ko-settings-1-connection")
        for number, page in enumerate(("Models", "Cost and Privacy"), 2):
            self.turn_to(page)
            wait_for("the page", lambda: self.screen.tab(self.words[page]))
            self.no_clash_of_keys_and_names()
            self.no_words_are_left_in_english()
            self.shoot(f"ko-settings-{number}-page")
        self.turn_to("Connection")
        set_text(self.field("Profile:"), "no-such-profile")
        wait_for("what is wrong", lambda: self.says(self.words["There is no such AWS profile."]))
        self.no_words_are_left_in_english()
        set_text(self.field("Profile:"), "")
        self.choose("This computer (offline)")
        self.press_button("Test Connection")
        wait_for("the recogniser", lambda: not self.screen.parts("progress bar") and
                 self.says("응답합니다. 얼굴과 글자"))
        assert self.says("이 컴퓨터의 인식기: 이상 없음"), self.screen.texts()
        self.no_words_are_left_in_english()
        self.shoot("ko-settings-4-tested")
        self.asks_and_is_cancelled_and_fails()
        self.close_dialog("Cancel")
        assert not plug_in_processes()

    def asks_and_is_cancelled_and_fails(self):
        self.set_address(self.fake.url + "/slow")
        self.press_button("Test Connection")
        self.cancel_asking(self.words["Cancelled. Nothing is charged for a test."])
        self.turn_to("Models")
        self.ask_for_models()
        self.cancel_asking(self.words["Cancelled. Asking for models costs nothing."])
        self.turn_to("Connection")
        self.set_address(self.fake.url + "/denied")
        self.press_button("Test Connection")
        wait_for("who is asked", lambda: self.says("신원: 문제 있음"))
        self.no_words_are_left_in_english()
        self.shoot("ko-settings-5-connection-wrong")
        self.turn_to("Models")
        self.ask_for_models()
        wait_for("a refusal", lambda: self.says("모델 목록을 볼 권한이 없습니다"))
        self.shoot("ko-settings-6-no-models")
        self.close_the_list()  # of names
        self.no_words_are_left_in_english()

    def cases(self):
        return self.chosen([
            self.labels, self.over_budget, self.caption, self.ask, self.check_dialog, self.generate,
            self.upload, self.settings, self.without_an_image, self.no_complaint_on_stderr])


if __name__ == "__main__":
    Korean.words = Catalogue(sys.argv[1])
    gimp_tasks.main(Korean, LC_ALL="ko_KR.UTF-8", LANGUAGE="ko", LOCPATH=sys.argv[5])
