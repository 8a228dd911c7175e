# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter module in real `magick` against moto with its signature check on: moto computes the
signature anew with botocore, so a right secret draws and a wrong one is refused."""

import json
import pathlib
import sys

import moto_judge
from judges import judged_by, program_version
from support import (
    Magick,
    Tap,
    clean_environment,
    message_of,
    portrait,
    run_cases,
    workspace,
)

WRONG_SECRET = "wrongwrongwrongwrongwrongwrongwrongwrong"


def test_right_secret(tap, magick):
    result = magick.run(
        "face.jpg", "-process", "imgrecog", "-format", "%[imgrecog:json]", "-write", "info:-",
        "right.png",
    )
    outcome = (result.returncode, result.errors)
    if not tap.equal(outcome, (0, ""), "right secret: exit code, stderr"):
        return
    document = json.loads(result.stdout)
    boxes = [entry for entry in document["labels"] if "box" in entry]
    tap.ok(boxes, "right secret: boxes come back", document)
    changed = magick.pixels("right.png") != magick.pixels("face.jpg")
    tap.ok(changed.any(), "right secret: they are drawn")


def test_encoded(tap, magick):
    result = magick.run("face.jpg", "-negate", "-process", "imgrecog", "encoded.png")
    tap.equal((result.returncode, result.errors), (0, ""), "an encoded picture is taken as well")


def check_refused(tap, magick, name, environment):
    result = magick.run("face.jpg", "-process", "imgrecog", "refused.png", env=environment)
    lines = message_of(result.errors)
    tap.ok(
        result.returncode == 1 and len(lines) == 1 and "Rekognition" in lines[0]
        and "HTTP 403" in lines[0],
        f"{name} is refused, in one line",
        result.errors,
    )
    tap.ok(not pathlib.Path("refused.png").exists(), f"{name}: nothing is written")
    tap.ok(WRONG_SECRET not in result.errors, f"{name}: no secret in the message")


def test_wrong_secret(tap, magick):
    check_refused(tap, magick, "a wrong secret", {"AWS_SECRET_ACCESS_KEY": WRONG_SECRET})


def test_unknown_key(tap, magick):
    check_refused(tap, magick, "an unknown key", {"AWS_ACCESS_KEY_ID": "AKIANOBODYKNOWSTHIS0"})


def main():
    photo = portrait()
    if photo is None:
        tap = Tap()
        tap.skip("moto", "no portrait: install python-matplotlib-data")
        return tap.finish()
    with workspace() as folder, moto_judge.server() as (url, key):
        pathlib.Path("face.jpg").write_bytes(pathlib.Path(photo).read_bytes())
        magick = Magick(
            clean_environment(
                folder,
                AWS_ENDPOINT_URL=url,
                AWS_ACCESS_KEY_ID=key["AccessKeyId"],
                AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
            )
        )
        judged_by("moto", program_version(sys.executable, "-c", "import moto; print(moto.__version__)"))
        cases = [test_right_secret, test_encoded, test_wrong_secret, test_unknown_key]
        return run_cases(cases, magick)


if __name__ == "__main__":
    sys.exit(main())
