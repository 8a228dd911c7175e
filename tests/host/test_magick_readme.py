# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command line of the ImageMagick chapters, as printed, with the recogniser on this machine,
before which a stand-in judges moderation where AWS is asked for; and what they say of policies.
Usage: test_magick_readme.py LOCAL"""

import contextlib
import http.server
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from judges import judged_by, program_version
from local_support import KEY_ID, SECRET, Server
from readme import MAX_COMMANDS, chapter
from support import (
    Magick,
    clean_environment,
    listens_on_socket,
    portrait,
    process,
    run_cases,
    workspace,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def commands(text):
    """The indented lines that call magick, those that go on joined."""
    lines = re.sub(r" \\\n\s+", " ", text).splitlines()
    return [line.strip() for line in lines
            if re.match(r"    (mkdir .*)?magick ", line)][:MAX_COMMANDS]


def make_inputs(magick, folder):
    folder.mkdir()
    for name in ("photo.jpg", "a.jpg", "b.jpg"):
        shutil.copy(portrait(), folder / name)
    magick.make(portrait(), "-resize", "60%", folder / "c.png")
    magick.make("-size", "600x200", "xc:white", "-pointsize", "40", "-annotate", "+30+110",
                "jane@example.com", "-set", "Author", "Jane Example", folder / "card.png")


def made_by(line, folder):
    """The files that a line should have written."""
    words = shlex.split(line)
    if "mogrify" in words:
        into = folder / (words[words.index("-path") + 1] if "-path" in words else ".")
        return [into / name for name in ("a.jpg", "b.jpg", "photo.jpg")]
    if "%d" in words[-1]:
        return list(folder.glob(words[-1].replace("%d", "*"))) or [folder / words[-1]]
    return [folder / words[-1]] if re.search(r"\.[a-z]+$", words[-1]) else []


def run_chapter(tap, magick, name, lines, least=4):
    tap.ok(len(lines) >= least, f"{name}: has commands", lines)
    for number, line in enumerate(lines):
        folder = pathlib.Path(f"{name}-{number}")
        make_inputs(magick, folder)
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=magick.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              check=False)
        said = done.stderr.decode()
        tap.ok(done.returncode == 0 and "imgrecog:" not in said.replace("-define imgrecog:", "")
               .replace("%[imgrecog:", ""), f"{name}: {line}", said)
        made = made_by(line, folder)
        missing = [str(path) for path in made
                   if not path.exists() or path.read_bytes() == pathlib.Path(portrait()).read_bytes()]
        tap.ok(not missing, f"{name}: what it writes", missing)
        tap.ok(made or done.stdout or "null:" in line, f"{name}: what it says", line)


def test_readme(tap, magick):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    run_chapter(tap, magick, "README", commands(chapter(text, "In ImageMagick")))


@contextlib.contextmanager
def moderated(url):
    """The address of a service that finds nothing to moderate and leaves all else to `url`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802, the name is http.server's
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("X-Amz-Target", "").endswith("DetectModerationLabels"):
                self.send(200, b'{"ModerationLabels":[],"ModerationModelVersion":"7.0"}', {})
                return
            request = urllib.request.Request(url + self.path, body, dict(self.headers.items()))
            try:
                with urllib.request.urlopen(request) as answer:
                    self.send(answer.status, answer.read(), answer.headers)
            except urllib.error.HTTPError as problem:
                self.send(problem.code, problem.read(), problem.headers)

        def send(self, status, body, headers):
            self.send_response(status)
            for name in ("Content-Type", "x-amzn-ErrorType"):
                if headers.get(name):
                    self.send_header(name, headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_module_readme(tap, magick):
    lines = commands((ROOT / "plugins/imagemagick/README.md").read_text(encoding="utf-8"))
    run_chapter(tap, magick, "module", [line for line in lines if " check action" not in line])


def test_hidden(tap, magick):
    """The one line that wants all of check's looks; afterwards nobody finds what was hidden."""
    text = (ROOT / "plugins/imagemagick/README.md").read_text(encoding="utf-8")
    lines = [line for line in commands(text) if " check action" in line]
    before = dict(magick.environment)
    with Server(magick.local, environment={"LD_PRELOAD": ""}) as server, \
            moderated(server.url) as url:
        magick.environment.update(IMGRECOG_ENDPOINT=url, IMGRECOG_MODEL="imgrecog.local-describer-v1",
                                  AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET)
        tap.equal(len(lines), 1, "hidden: one line hides")
        run_chapter(tap, magick, "hidden", lines, least=1)
    magick.environment.clear()
    magick.environment.update(before)
    for name, is_found in (("card.png", True), ("safe.jpg", False)):
        read = subprocess.run(["tesseract", f"hidden-0/{name}", "-", "--psm", "11"], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
        tap.equal("jane@example.com" in read, is_found, f"hidden: tesseract reads {name}")
        tags = subprocess.run(["exiftool", "-a", f"hidden-0/{name}"], check=True,
                              stdout=subprocess.PIPE).stdout.decode()
        tap.equal("Jane Example" in tags, is_found, f"hidden: exiftool -a reads {name}")


def test_policy(tap, magick):
    """What the chapter says of policies, word for word."""
    text = (ROOT / "plugins/imagemagick/README.md").read_text(encoding="utf-8")
    forbids, allows = re.findall(r"^    (<policy .*/>)$", text, re.M)
    said = re.search(r"^    (magick: attempt .*)$", text, re.M).group(1)
    for number, lines in enumerate(([forbids], [forbids, allows])):
        folder = pathlib.Path(f"policy-{number}")
        make_inputs(magick, folder)
        (folder / "policy.xml").write_text(f"<policymap>{''.join(lines)}</policymap>")
        done = magick.run(folder / "photo.jpg", "-process", "imgrecog", folder / "out.png",
                          env={"MAGICK_CONFIGURE_PATH": str(folder.resolve())})
        if number == 0:
            errors = done.errors.replace("not authorized", "not allowed")  # 7.1.2
            tap.ok(done.returncode == 1 and errors.startswith(said), "policy: forbidden",
                   done.errors)
        else:
            tap.equal((done.returncode, done.errors), (0, ""), "policy: allowed again")


def main():
    local = os.path.abspath(sys.argv[1])
    with workspace() as folder:
        sock = folder / "s"
        (folder / "data/imgrecog/s3/my-bucket").mkdir(parents=True)
        environment = clean_environment(
            folder, IMGRECOG_LOCAL_SOCKET=str(sock), IMGRECOG_ENDPOINT="local",
            XDG_DATA_HOME=str(folder / "data"))
        # The lines say "magick": that is the program under test.
        programs = folder / "bin"
        programs.mkdir()
        magick = Magick(environment)
        magick.local = local
        (programs / "magick").symlink_to(shutil.which(magick.program))
        environment["PATH"] = f"{programs}:{environment['PATH']}"
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        with process([local, "--socket", str(sock)], lambda: listens_on_socket(sock),
                     env={**environment, "LD_PRELOAD": ""}):
            return run_cases([test_readme, test_module_readme, test_hidden, test_policy],
                             magick)


if __name__ == "__main__":
    sys.exit(main())
