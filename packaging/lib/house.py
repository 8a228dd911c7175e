# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house: what the layout of the code promises, checked.

Each rule is a function over the tree that yields one line for every breach. The rules are those of
core/README.md: includes point downwards, one file for each foreign library, nothing else at the top.
"""
import os
import re
import subprocess
import tempfile

FOLDERS = ("core", "include", "plugins", "tests")
TOP_LEVEL = {"meson.build", "meson_options.txt", "README.md", "LICENSE", "core", "include",
             "plugins", "tests", "packaging"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# A part may include itself and these. A part that is not named may include any.
MAY_INCLUDE = {
    "core/base": set(),
    "core/aws": {"core/base"},
    "core/result": {"core/base"},
    "core/service": {"core/base", "core/aws", "core/result"},
    "core/task": {"core/base", "core/aws", "core/result", "core/service"},
    "include/imgrecog": set(),
    "plugins/common": set(),
    "plugins/imagemagick": {"plugins/common"},
    "plugins/gimp": {"plugins/common"},
    "plugins/batch": {"plugins/common"},
    "plugins/lambda": {"plugins/common"},
    "plugins/local": {"plugins/common", "core/base", "core/aws", "core/result", "core/service"},
}
PARTS = sorted(set(MAY_INCLUDE) - {"include/imgrecog"})

# Foreign headers and the number of files outside tests/ that include them.
FOREIGN = {
    "curl/curl.h": {1},
    "json.h": {1},
    "expat.h": {1},
    "sqlite3.h": {1},
    "gexiv2/gexiv2.h": {0, 1},
}
FOREIGN_NAMES = {"json-c/json.h": "json.h"}
HOST_HEADERS = re.compile(r"^(curl/|json|expat|sqlite3|libgimp|gtk/|glib|Magick|ImageMagick)")


def sources(root, folders=FOLDERS):
    for folder in folders:
        for where, names, files in os.walk(os.path.join(root, folder)):
            names.sort()
            for file in sorted(files):
                if file.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(where, file), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as stream:
        return stream.read()


def part_of(path):
    """The architecture's part that a path of the tree belongs to, such as core/base."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def target_part(path, quoted, root):
    """The part that an include points to, None for a system header."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), quoted))
    for candidate in (quoted, beside):
        if os.path.exists(os.path.join(root, candidate)) and part_of(candidate) in PARTS:
            return part_of(candidate)
    return None


def licences(root):
    for path in sources(root):
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in read(root, path).split("\n", 1)[0]:
            yield f"{path}: the first line is not the SPDX line of GPL-3.0-or-later"


def openings(root):
    for path in sources(root):
        lines = read(root, path).split("\n")
        if len(lines) < 2 or not lines[1].startswith("/*"):
            yield f"{path}: does not open with a comment that says what it owns"


def downwards(root):
    for path in sources(root, ("core", "include", "plugins")):
        part = part_of(path)
        if part not in MAY_INCLUDE:
            continue
        for _, name in INCLUDE.findall(read(root, path)):
            target = target_part(path, name, root)
            if target and target != part and target not in MAY_INCLUDE[part]:
                yield f"{path}: {part} must not include {name} of {target}"


def one_owner(root):
    owners = {name: [] for name in FOREIGN}
    for path in sources(root, ("core", "include", "plugins")):
        for bracket, name in INCLUDE.findall(read(root, path)):
            name = FOREIGN_NAMES.get(name, name)
            if bracket == "<" and name in owners:
                owners[name].append(path)
    for name, paths in owners.items():
        if len(paths) not in FOREIGN[name]:
            wanted = " or ".join(str(n) for n in sorted(FOREIGN[name]))
            yield f"{name} is included by {len(paths)} files, not {wanted}: {', '.join(paths)}"


def public_headers(root):
    """Name no foreign library, and compile alone, included twice, as C and pedantic."""
    with tempfile.TemporaryDirectory() as folder:
        for path in sources(root, ("include",)):
            for _, name in INCLUDE.findall(read(root, path)):
                if HOST_HEADERS.match(name):
                    yield f"{path}: a public header must not include {name}"
            name = path.removeprefix("include/")
            file = os.path.join(folder, "alone.c")
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(f"#include <{name}>\n#include <{name}>\nint alone_is_here;\n")
            run = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror",
                                  "-fsyntax-only", f"-I{root}/include", file],
                                 capture_output=True, text=True, check=False)
            if run.returncode:
                yield f"{path}: does not compile alone:\n{run.stderr.strip()}"


def top_level(root):
    for name in sorted(os.listdir(root)):
        if name not in TOP_LEVEL and not name.startswith((".", "build", "imgrecog-demo")):
            yield f"{name} does not belong at the top of the tree"


# What AWS charges for by the request is built by these.
PAID = re.compile(r"core/service/(rekognition\w*|bedrock_(runtime|image|claude)|lambda|"
                  r"sagemaker_runtime)\.h")
# Nothing else in tasks reaches a service.
SENDS = re.compile(r"\b(ir_aws_call|ir_client_send)\(")


def paid_way(root):
    """A task that can build a paid request hands it to core/task/paid.c, which alone sends it."""
    for path in sources(root, ("core/task",)):
        text = read(root, path)
        if path != "core/task/paid.c" and SENDS.search(text) and PAID.search(text):
            yield f"{path}: sends paid requests itself instead of by ir_paid_run"


def unfinished(root):
    for path in sources(root):
        for number, line in enumerate(read(root, path).split("\n"), 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                yield f"{path}:{number}: unfinished: {line.strip()}"


def package_list(root):
    section = None
    seen = {}
    for number, line in enumerate(read(root, "packaging/packages").split("\n"), 1):
        line = line.split("#", 1)[0].strip()
        if re.fullmatch(r"\[[a-z]+\]", line):
            section = line
        elif line:
            if section is None or not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+( \| [a-z0-9+.-]+)*", line):
                yield f"packaging/packages:{number}: not understood: {line}"
            if line in seen:
                yield f"packaging/packages:{number}: {line} stands in line {seen[line]} already"
            seen[line] = number


RULES = {
    "every source file names its licence": licences,
    "every source file says what it owns": openings,
    "includes point downwards": downwards,
    "one file for each foreign library": one_owner,
    "public headers stand alone": public_headers,
    "nothing else at the top": top_level,
    "paid requests go one way": paid_way,
    "nothing unfinished": unfinished,
    "the package list is in order": package_list,
}


def check(root):
    """Yields (rule, its breaches)."""
    for name, rule in RULES.items():
        yield name, list(rule(root))
