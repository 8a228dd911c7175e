# SPDX-License-Identifier: GPL-3.0-or-later
"""The plug-in as it is installed, for the system (into a folder of this test's) and for a user, in a
real gimp-console: found, and working.

usage: gimp_installed.py MESON SOURCE_ROOT BUILD SYSTEM_PLUGIN_DIR
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import gimp_support as support
from judges import judged_by

HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEM_PLUGINS = ["python-eval", "file-jpeg"]
TIMEOUT_S = 120
SETUP_LIMIT_S = 200
INSIDE = '''
import json, os, sys
sys.path.insert(0, os.environ["TEST_HERE"])
from gimp_inside import FAKE, case, photo, run_cases, succeed

@case
def it_works():
    succeed("imgrecog-labels", photo(), endpoint=FAKE + "/one")

run_cases()
'''


def installed_files(plugins):
    return sorted(str(path.relative_to(plugins)) for path in plugins.rglob("*") if path.is_file())


def run_in_gimp(tap, profile, fake, libraries, name):
    """Runs INSIDE, with what is installed and nothing of the build."""
    script = os.path.join(profile.folder, "inside.py")
    with open(script, "w", encoding="utf-8") as f:
        f.write(INSIDE)
    results = os.path.join(profile.folder, "results")
    code, said = support.run_console(profile, script, {
        "TEST_HERE": HERE, "TEST_FAKE_URL": fake.url, "TEST_FOLDER": profile.folder,
        "TEST_RESULTS": results, "TEST_PHOTO": support.PHOTO, "LD_LIBRARY_PATH": str(libraries)}, TIMEOUT_S)
    lines = []
    if os.path.exists(results):
        with open(results, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
    failures = [line["failure"] for line in lines if line["failure"]]
    tap.result(f"{name}: found and working", code == 0 and lines and not failures,
               "\n".join(failures) + said)


def for_the_system(tap, folder, fake, meson, build, system_plugins):
    done = subprocess.run([*meson.split(), "install", "-C", build, "--no-rebuild", "--quiet", "--tags",
                           "runtime,i18n", "--destdir", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    plugins = pathlib.Path(folder + system_plugins)
    files = installed_files(plugins) if plugins.exists() else []
    tap.result("system: in the folder that GIMP names, with its catalogue",
               files == ["imgrecog/imgrecog", "imgrecog/po/ko/LC_MESSAGES/imgrecog.mo"],
               f"{files}\n{done.stdout.decode()}")
    libraries = next(pathlib.Path(folder).rglob("libimgrecog.so.0")).parent
    profile = support.Profile(os.path.join(folder, "profile"), str(plugins), system_plugins,
                              SYSTEM_PLUGINS)
    run_in_gimp(tap, profile, fake, libraries, "system")
    return plugins / "imgrecog", libraries


def for_a_user(tap, folder, fake, meson, root, system_plugins, installed, libraries):
    """Where Meson would put it, GIMP looks for it, with no setting at all. The files are those of the
    other way: only the place differs."""
    profile = support.Profile(os.path.join(folder, "user"), str(installed.parent), system_plugins,
                              SYSTEM_PLUGINS)
    config = os.path.join(profile.folder, "config")
    build = os.path.join(folder, "build")
    done = subprocess.run([*meson.split(), "setup", build, root, "-Dgimp_user_install=true",
                           "-Dimagemagick=disabled", "-Dlocal=disabled", "-Dtests=disabled"],
                          env=dict(os.environ, XDG_CONFIG_HOME=config), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SETUP_LIMIT_S, check=False)
    told = subprocess.run([*meson.split(), "introspect", "--installed", build],
                          stdout=subprocess.PIPE, check=False).stdout
    places = [pathlib.Path(path) for path in json.loads(told or "{}").values()
              if path.endswith("/imgrecog/imgrecog")]
    release = ".".join(support.gimp_version().split(".")[:2])
    wanted = pathlib.Path(config, "GIMP", release, "plug-ins", "imgrecog", "imgrecog")
    tap.result("user: in the folder of this GIMP's release", places == [wanted],
               f"{places}\n{done.stdout.decode()[-2000:]}")
    shutil.copytree(installed, wanted.parent)
    others = os.path.join(profile.folder, "plug-ins")
    os.unlink(os.path.join(others, "imgrecog"))
    gimp_directory = wanted.parents[2]
    with open(gimp_directory / "gimprc", "w", encoding="utf-8") as f:
        f.write(f'(plug-in-path "${{gimp_dir}}/plug-ins:{others}")\n')
    for name in ("GIMP3_DIRECTORY", "GIMP_TESTING_PLUGINDIRS"):
        del profile.environment[name]
    run_in_gimp(tap, profile, fake, libraries, "user")


def main():
    support.need("gimp-console")
    tap = support.Tap()
    judged_by("GIMP", support.gimp_version())
    meson, root, build, system_plugins = sys.argv[1:]
    fake = support.FakeRekognition()
    with tempfile.TemporaryDirectory(prefix="imgrecog-gimp-") as folder:
        installed, libraries = for_the_system(tap, folder, fake, meson, build, system_plugins)
        for_a_user(tap, folder, fake, meson, root, system_plugins, installed, libraries)
    fake.close()
    tap.end()


if __name__ == "__main__":
    main()
