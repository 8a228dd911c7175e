# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of GIMP's dialogs share: a real GIMP under Xvfb, driven by AT-SPI as a screen reader
would, and what a dialog of this plug-in shows and takes. Screenshots are written to a folder, to be
looked at.
"""

import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "host"))
import gimp_support as support  # noqa: E402

PHOTO = support.PHOTO
HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEM_PLUGINS = ["python-eval", "file-jpeg", "file-png"]
START_S = 90
WAIT_S = 30
CANCEL_S = 5.0  # a second is promised; AT-SPI on a busy machine takes its own; the server waits 25
POLL_S = 0.05
DRAW_S = 0.1  # what has changed is on the screen then
MESSAGE_S = 0.5  # GIMP has said by then what it has to say
FOCUS_S = 0.5  # on its way the focus is nowhere
MOST_STOPS = 60  # of Tab in one dialog
MESSAGES = ("GIMP Message", "김프 메시지")  # titles
FIRST_DISPLAY = 100  # of those that are tried
DISPLAYS = 20000
REGISTER_S = 10
OPEN_ATTEMPTS = 3


def enter_session(arguments):
    """Runs this script again in a D-Bus session and an X server of its own."""
    for program in ("dbus-run-session", "xvfb-run", "openbox", "xdotool", "gimp"):
        support.need(program)
    environment = dict(os.environ, NO_AT_BRIDGE="0")
    environment.pop("WAYLAND_DISPLAY", None)
    # Several of these tests run side by side: each looks for a free display at a place of its own.
    display = str(FIRST_DISPLAY + os.getpid() % DISPLAYS)
    # Services of the session chatter on standard output: TAP takes a way of its own past them.
    # The run-time folder is this session's alone: two accessibility buses in one are none.
    with tempfile.NamedTemporaryFile("r", prefix="imgrecog-tap-", encoding="utf-8") as tap, \
            tempfile.TemporaryDirectory(prefix="imgrecog-run-") as runtime:
        environment.update(TEST_TAP=tap.name, XDG_RUNTIME_DIR=runtime)
        done = subprocess.run(["dbus-run-session", "--", "xvfb-run", "-a", "-n", display,
                               "-s", "-screen 0 1400x900x24", sys.executable, os.path.abspath(sys.argv[0])]
                              + arguments, env=environment, stdout=sys.stderr, check=False)
        sys.stdout.write(tap.read())
    sys.exit(done.returncode)


def wait_for(what, look, seconds=WAIT_S):
    """The first true value of look(), which may fail while things come and go."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = look()
        except Exception:  # AT-SPI objects vanish under one's hands
            value = None
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not there after {seconds} s")
        time.sleep(POLL_S)


# ---- what is on the screen -----------------------------------------------------------------------


def walk(node, depth=0):
    yield node
    if depth < 40:
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            if child is not None:
                yield from walk(child, depth + 1)


class Screen:
    def __init__(self, atspi):
        self.atspi = atspi
        self.of_gimp = {}  # parts of GIMP that were looked for: there are thousands, and they stay

    def application(self, prefix):
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            node = desktop.get_child_at_index(i)
            if node is not None and (node.get_name() or "").startswith(prefix):
                return node
        return None

    def shown(self, node):
        return node.get_state_set().contains(self.atspi.StateType.SHOWING)

    def enabled(self, node):
        return node.get_state_set().contains(self.atspi.StateType.SENSITIVE)

    def part_of_gimp(self, key, fits):
        """The first that fits, kept as long as it does; None when there is none."""
        node = self.of_gimp.pop(key, None)
        try:
            if node is None or not fits(node):
                node = next((node for node in walk(self.application("gimp")) if fits(node)), None)
        except Exception:  # it has gone: the next look is a new one
            return None
        if node is not None:
            self.of_gimp[key] = node
        return node

    def menu_item(self, name):
        return self.part_of_gimp(name, lambda node: node.get_name() == name and
                                 node.get_role_name() == "menu item")

    def menu_entry(self, *words):
        """One whose name begins with the first and has the others, as those of Undo and Repeat."""
        def fits(node):
            name = node.get_name() or ""
            return name.startswith(words[0]) and all(word in name for word in words) and \
                node.get_role_name() == "menu item"
        return self.part_of_gimp(words, fits)

    def message(self):
        """The window in which GIMP says what it cannot do, while it is on the screen."""
        gimp = self.application("gimp")
        windows = [gimp.get_child_at_index(i) for i in range(gimp.get_child_count())]
        return next((window for window in windows if window is not None and
                     window.get_name() in MESSAGES and self.shown(window)), None)

    def windows(self):
        """Windows of ours that are on the screen."""
        application = self.application("imgrecog")
        if application is None:
            return []
        windows = [application.get_child_at_index(i)
                   for i in range(application.get_child_count())]
        return [window for window in windows
                if window is not None and window.get_name() and self.shown(window)]

    def dialog(self):
        """Our dialog, while it is on the screen; the topmost of two."""
        windows = self.windows()
        return windows[-1] if windows else None

    def parts(self, *roles):
        return [node for node in walk(self.dialog())
                if node.get_role_name() in roles and self.shown(node)]

    def button(self, name):
        return next((node for node in self.parts("button", "push button")
                     if node.get_name() == name), None)

    def tab(self, name):
        return next((node for node in self.parts("page tab") if node.get_name() == name), None)

    def texts(self):
        """Of all labels, with plain spaces."""
        return [node.get_name().replace("\u00a0", " ") for node in self.parts("label")
                if node.get_name()]

    def labelled(self, label):
        """The widget that a label with this text belongs to, as a screen reader finds it."""
        for node in self.parts("text", "combo box", "spin button", "entry"):
            for relation in node.get_relation_set():
                if relation.get_relation_type() == self.atspi.RelationType.LABELLED_BY and \
                        relation.get_target(0).get_name() == label:
                    return node
            if node.get_name() == label:
                return node
        return None


def press(node):
    node.get_action_iface().do_action(0)


def set_text(node, text):
    node.get_editable_text_iface().set_text_contents(text)


# ---- GIMP ----------------------------------------------------------------------------------------


class Gimp:
    process_ids = []  # of all that were started

    def __init__(self, folder, plugin_dir, system_plugin_dir, log_path, extra_environment=None,
                 pictures=(PHOTO,)):
        self.profile = support.Profile(os.path.join(folder, "profile"), plugin_dir,
                                       system_plugin_dir, SYSTEM_PLUGINS)
        self.profile.environment.update(extra_environment or {})
        self.folder = folder
        self.log_path = log_path
        socket_path = os.path.join(folder, "agent.sock")
        environment = dict(self.profile.environment, TEST_AGENT_SOCKET=socket_path)
        # The session's own run-time folder: D-Bus and AT-SPI meet there.
        environment["XDG_RUNTIME_DIR"] = os.environ.get("XDG_RUNTIME_DIR",
                                                        environment["XDG_RUNTIME_DIR"])
        agent = os.path.join(HERE, "gimp_agent.py")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["gimp", "-n", "-s", "--batch-interpreter", "python-fu-eval",
                 "-b", f"exec(compile(open({agent!r}).read(), {agent!r}, 'exec'))", *pictures],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        Gimp.process_ids.append(self.process.pid)
        wait_for("GIMP's agent", lambda: os.path.exists(socket_path), START_S)
        self.agent = socket.socket(socket.AF_UNIX)
        wait_for("a connection", lambda: self.agent.connect(socket_path) is None)
        self.lines = self.agent.makefile("rw", encoding="utf-8")

    def do(self, code):
        self.lines.write(json.dumps(code) + "\n")
        self.lines.flush()
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            raise AssertionError(f"{code}: {answer['error']}")
        return answer["result"]

    def state(self):
        return self.do("result = state(image)")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def close(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def plug_in_processes():
    """Processes of the plug-in that are alive, of this test's GIMP: others may run beside it."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as f:
                command = f.read().split(b"\0")[0].decode()
            with open(f"/proc/{name}/stat", encoding="utf-8") as f:
                parent = int(f.read().rsplit(")", 1)[1].split()[1])
        except (OSError, NotADirectoryError):
            continue
        if command.endswith("/imgrecog/imgrecog") and parent in Gimp.process_ids:
            found.append(int(name))
    return found


# ---- the scenario --------------------------------------------------------------------------------


class Shots:
    """Pictures of the screen, compressed while the test goes on."""

    def __init__(self, folder):
        import gi
        gi.require_version("Gdk", "3.0")
        from gi.repository import Gdk
        Gdk.init([])
        self.gdk = Gdk
        self.folder = folder
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.saved = []

    def take(self, name):
        root = self.gdk.get_default_root_window()
        shot = self.gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
        self.saved.append(self.pool.submit(self.save, shot, name))

    def save(self, shot, name):
        from PIL import Image
        Image.frombytes("RGB", (shot.get_width(), shot.get_height()), shot.get_pixels(), "raw",
                        "RGB", shot.get_rowstride()).save(os.path.join(self.folder, name + ".png"),
                                                          compress_level=1)

    def close(self):
        for saved in self.saved:
            saved.result()
        self.pool.shutdown()


class Scenario:
    """Cases that share a GIMP. `menu` and `button` are the names of the dialog's menu item and OK."""

    menu = button = None
    is_placed = False

    def __init__(self, screen, gimp, fake, shots):
        self.screen = screen
        self.gimp = gimp
        self.fake = fake
        self.shots = shots

    def shoot(self, name):
        """With GIMP's window as large as the screen, as a user has it."""
        if not self.is_placed:
            subprocess.run(["xdotool", "search", "--name", "GIMP$|김프$", "windowmove", "0", "0",
                            "windowsize", "1400", "880", "mousemove", "1390", "450"], check=False,
                           stdout=subprocess.DEVNULL)
            self.is_placed = True
        time.sleep(DRAW_S)
        self.shots.take(name)

    def open(self):
        item = wait_for("the menu item", lambda: self.screen.menu_item(self.menu), START_S)
        wait_for("an enabled menu item", lambda: self.screen.enabled(item))
        for attempts_left in reversed(range(OPEN_ATTEMPTS)):
            press(item)
            try:
                wait_for("the dialog", self.screen.dialog, REGISTER_S)
                break
            except AssertionError:
                # On a busy machine the accessibility bus does not answer in its second, and who
                # asked it in vain stays unseen: away with that dialog, and once more.
                if attempts_left == 0 or not plug_in_processes():
                    raise
                subprocess.run(["xdotool", "key", "Escape"], check=True)
                wait_for("no process left", lambda: not plug_in_processes())
        wait_for("its button", lambda: self.screen.button(self.button))

    def choose(self, name, label="Service:"):
        combo = self.field(label)
        press(combo)
        item = wait_for(name, lambda: next(
            (node for node in walk(combo) if node.get_name() == name and
             node.get_role_name() == "menu item"), None))
        press(item)

    def set_address(self, address):
        self.choose("Another address")
        set_text(self.field("Address:"), address)
        wait_for("an accepted address", lambda: not self.says("Enter the address"))

    def field(self, label):
        return wait_for(label, lambda: self.screen.labelled(label))

    def open_details(self):
        press(wait_for("details", lambda: next(iter(self.screen.parts("toggle button")), None)))

    def turn_to(self, name):
        """A page of the dialog's notebook."""
        tab = wait_for(name, lambda: self.screen.tab(name))
        tab.get_parent().get_selection_iface().select_child(tab.get_index_in_parent())

    def press_button(self, name):
        press(wait_for(name, lambda: self.screen.button(name)))

    def can_press(self, name):
        return self.screen.enabled(wait_for(name, lambda: self.screen.button(name)))

    def wait_closed(self, seconds=WAIT_S):
        started = time.monotonic()
        wait_for("the end of the dialog", lambda: self.screen.dialog() is None, seconds)
        return time.monotonic() - started

    def says(self, *words):
        return any(all(word in text for word in words) for text in self.screen.texts())

    def keys_of_the_dialog_are_all_different(self):
        """Alt and a letter for each control."""
        keys = {}
        for node in walk(self.screen.dialog()):
            action = node.get_action_iface()
            if action is None or not self.screen.shown(node) or action.get_n_actions() == 0:
                continue
            key = (action.get_key_binding(0) or "").split(";")[0].lower()
            if key:
                assert key not in keys, f"{node.get_name()} and {keys[key]} have {key}"
                keys[key] = node.get_name()
        return keys

    def controls(self):
        """What can have the focus. Of what scrolls its content has it; of a table's cells the
        table has it, and the names of columns tell them apart."""
        states = self.screen.atspi.StateType
        return [node for node in walk(self.screen.dialog())
                if node.get_state_set().contains(states.FOCUSABLE) and self.screen.shown(node) and
                node.get_role_name() not in ("scroll pane", "table cell")]

    def every_control_has_a_name(self):
        for node in self.controls() + self.screen.parts("combo box", "table", "tree table"):
            labels = [relation for relation in node.get_relation_set() if
                      relation.get_relation_type() == self.screen.atspi.RelationType.LABELLED_BY]
            assert node.get_name() or labels or \
                node.get_parent().get_role_name() in ("combo box", "spin button"), \
                f"a {node.get_role_name()} has no name"

    def focused(self):
        focused = self.screen.atspi.StateType.FOCUSED
        return next((node for node in walk(self.screen.dialog())
                     if node.get_state_set().contains(focused)), None)

    def tab_on(self, before):
        """Presses Tab. What has the focus then; None for a combo box, which does not tell."""
        subprocess.run(["xdotool", "key", "Tab"], check=True)
        end = time.monotonic() + FOCUS_S
        while time.monotonic() < end:
            node = self.focused()
            if node is not None and node != before:
                return node
            time.sleep(POLL_S)
        return None

    def tab_reaches_every_control(self):
        stops = [self.focused()]
        while len(stops) < MOST_STOPS and (stops[-1] is None or stops[-1] not in stops[:-1]):
            stops.append(self.tab_on(stops[-1]))
        for node in self.controls():
            assert node in stops or not self.screen.enabled(node) or \
                node.get_role_name() == "table column header", \
                f"Tab does not reach {node.get_role_name()} {node.get_name()}"
        silent = [node for node in self.screen.parts("combo box") if self.screen.enabled(node) and
                  not any(part.get_role_name() in ("text", "entry") for part in walk(node))]
        assert stops.count(None) >= len(silent), "Tab does not reach every combo box"

    def can_be_used_without_a_mouse_and_unseen(self):
        self.keys_of_the_dialog_are_all_different()
        self.every_control_has_a_name()
        self.tab_reaches_every_control()

    def chosen(self, cases):
        """Those of which TEST_ONLY is a part of the name; all of them where it is not set."""
        only = os.environ.get("TEST_ONLY", "")
        return [function for function in cases if only in function.__name__]

    def press_menu(self, *words):
        press(wait_for(" ".join(words), lambda: self.screen.menu_entry(*words)))

    def expect_no_message(self):
        window = self.screen.message()
        assert window is None, \
            f"GIMP says: {[node.get_name() for node in walk(window) if node.get_role_name() == 'label']}"

    def no_complaint_on_stderr(self):
        bad = [line for line in self.gimp.log().splitlines()
               if re.search(r"mnemonic|imgrecog.*(CRITICAL|WARNING|ERROR)|Plug-in crashed|"
                            r"GIMP-(Warning|Error)|Gimp-Core", line)
               and "Broken pipe" not in line and "파이프가 깨어짐" not in line
               # GTK, when AT-SPI presses what no pointer is over
               and "gdk_window_get_window_type" not in line
               and "no trigger event for menu popup" not in line]
        assert not bad, "\n".join(bad)


def run(tap, scenario):
    """A message of GIMP's that comes late is the next case's failure, or that of the last."""
    scenario.untouched = scenario.gimp.state()
    cases = scenario.cases()
    for function in cases:
        name = function.__name__.replace("_", " ")
        try:
            function()
            if function == cases[-1]:
                time.sleep(MESSAGE_S)
            scenario.expect_no_message()
            tap.result(name, True)
        except Exception as failure:  # told; the scenario goes on only if it can
            try:
                scenario.shoot("failed-" + function.__name__)
                words = "\n".join(scenario.screen.texts())
            except Exception:
                words = ""
            tap.result(name, False, f"{type(failure).__name__}: {failure}\non the screen: {words}\n"
                       f"{scenario.gimp.log()[-3000:]}")
            subprocess.run(["xdotool", "key", "Escape"], check=False)
            try:
                scenario.wait_closed(5)
            except AssertionError:
                pass


def empty_folder(folder, name):
    """One of this program's own in `folder`, without what an earlier run left: who looks at a picture
    sees what this run drew."""
    own = os.path.join(folder, name)
    shutil.rmtree(own, ignore_errors=True)
    os.makedirs(own)
    return own


def main(scenario_class, **of_gimp):
    """Runs the cases of scenario_class with PLUGIN_DIR SYSTEM_PLUGIN_DIR SCREENSHOT_DIR."""
    arguments = sys.argv[1:]
    if "TEST_TAP" not in os.environ:
        enter_session(arguments)
    sys.stdout = open(os.environ["TEST_TAP"], "w", encoding="utf-8")
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi
    plugin_dir, system_plugin_dir, folder_of_shots = arguments[:3]
    folder_of_shots = empty_folder(folder_of_shots, scenario_class.__name__.lower())
    log = os.path.join(folder_of_shots, "gimp.log")
    shots = Shots(folder_of_shots)
    tap = support.Tap()
    window_manager = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
    fake = support.FakeRekognition()
    with tempfile.TemporaryDirectory(prefix="imgrecog-gui-") as folder:
        gimp = Gimp(folder, plugin_dir, system_plugin_dir, log, **of_gimp)
        try:
            run(tap, scenario_class(Screen(Atspi), gimp, fake, shots))
        finally:
            gimp.close()
            shots.close()
            window_manager.kill()
            window_manager.wait()
            fake.close()
    tap.end()

