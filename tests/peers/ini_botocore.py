#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The INI reader against botocore's, over files by hand and by a generator with a fixed seed.

Where the two differ on purpose stands in DIFFERENCES, with what each makes of it; botocore there is
Python's configparser, AWS's other SDKs do as we do or have no common rule.
"""
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile

from peer import Tap

try:
    import botocore.configloader
    import botocore.exceptions
except ImportError:
    print("Bail out! botocore is missing: install the packages of the test list")
    sys.exit(1)

SEED = 20261120
GENERATED = 300
ERROR = "error"

SAME = {
    "nothing": "",
    "keys": "[default]\nregion = eu-west-1\noutput=json\nkey\t=  a  b \n",
    "comments on their own lines": "# a\n; b\n[a]\n  # c\nk = v\n\t; d\nl = w\n",
    "capital keys": "[a]\nAWS_Access_Key_Id = Ab\n",
    "equals signs": "[a]\nsecret = a=b==\n",
    "colons behind the equals sign": "[a]\nrole_arn = arn:aws:iam::123456789012:role/r\n",
    "marks without white space": "[a]\nk = v#w;x\n",
    "empty value": "[a]\nk =\nl = v\n",
    "profiles": "[default]\nk=1\n[profile x]\nk=2\n[profile \"a b\"]\nk=3\n[profile 'c  d']\nk=4\n",
    "other sections": "[sso-session s]\nk=1\n[services t]\ns3 =\n  endpoint_url = http://h\n[plugins]\nk=2\n",
    "nested": "[a]\ns3 =\n  addressing_style = path\n  max = 5\nk = v\n",
    "nested with tabs": "[a]\ns3=\n\tp=1\n\tq = a=b\n",
    "nested with blank lines and comments": "[a]\ns3 =\n\n  p = 1\n  # x\n\n  q = 2\n\nk = v\n",
    "nested without an equals sign": "[a]\ns3 =\n  p\n",
    "continued": "[a]\nk = v\n  w\n  x = y\nl = z\n",
    "continued by a section": "[a]\nk = v\n  [b]\n",
    "indented keys": "[a]\n  k = v\n  l = w\n",
    "indented keys, nested": "[a]\n  s3 =\n    p = 1\n  k = v\n",
    "indented section": "  [a]\n  k = v\n",
    "less and less indented": "[a]\n    k = v\n  l = w\nm = x\n",
    "CR LF": "[a]\r\nk = v\r\n\r\ns3 =\r\n  p = 1\r\n",
    "no line feed at the end": "[a]\nk = v",
    "a key before a section": "k = v\n",
    "neither": "[a]\nk\n",
    "no end of a section": "[a\nk = v\n",
    "no name of a section": "[]\nk = v\n",
    "UTF-8": "[profile 한국]\nk = é\n",
}

# name: (text, what we make of it, what botocore makes of it)
DIFFERENCES = {
    "comment behind a value": ("[a]\nk = v # w\n", {"a": {"k": "v"}}, {"a": {"k": "v # w"}}),
    "comment behind an empty value": ("[a]\nk = # w\n", {"a": {"k": ""}}, {"a": {"k": "# w"}}),
    "a section twice": ("[a]\nk = 1\n[a]\nl = 2\n", {"a": {"k": "1", "l": "2"}}, ERROR),
    "a key twice": ("[a]\nk = 1\nk = 2\n", {"a": {"k": "2"}}, ERROR),
    "a colon for an equals sign": ("[a]\nk: v\n", ERROR, {"a": {"k": "v"}}),
    "byte-order mark": ("\ufeff[a]\nk = v\n", {"a": {"k": "v"}}, ERROR),
    "blank line in a continued value": ("[a]\nk = v\n\n  w\n", {"a": {"k": "v\nw"}},
                                        {"a": {"k": "v\n\nw"}}),
    "text behind a section": ("[a] b\nk = v\n", ERROR, {"a": {"k": "v"}}),
    "[DEFAULT]": ("[DEFAULT]\nk = v\n[a]\n", {"DEFAULT": {"k": "v"}, "a": {}}, {"a": {"k": "v"}}),
}


def ours(program, path):
    run = subprocess.run([program, path], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        return f"exit code {run.returncode}: {run.stderr}"
    return ERROR if run.returncode else json.loads(run.stdout)


def theirs(path):
    """botocore's reading in our form: sections by their words, nested keys behind a point."""
    try:
        parsed = botocore.configloader.raw_config_parse(path)
    except botocore.exceptions.ConfigParseError:
        return ERROR
    result = {}
    for section, values in parsed.items():
        name = " ".join(shlex.split(section))
        flat = result.setdefault(name, {})
        for key, value in values.items():
            if isinstance(value, dict):
                flat[key] = ""
                flat.update({f"{key}.{inner.lower()}": text for inner, text in value.items()})
            else:
                flat[key] = value
    return result


def generate(random_source):
    """A file of the dialect that both share: no key or section twice, no comment behind a value."""
    words = ["region", "AWS_Key", "s3", "role_arn", "x-y", "a.b", "output", "credential_process"]
    values = ["eu-west-1", "arn:aws:iam::1:role/r", "a=b", "a b  c", "/bin/x --y=\"z\"", "#", ";x",
              "é한", "%(x)s", "${HOME}", "[y]", "\"q\"", "a#b"]
    ends = random_source.choice(["\n", "\n", "\r\n"])
    lines = []

    def noise():
        if random_source.random() < 0.2:
            lines.append(random_source.choice(["", "  ", "# comment", "   ; k = v", "\t# [x]"]))

    def space():
        return random_source.choice(["", " ", "  ", "\t"])

    for number in range(random_source.randrange(4)):
        noise()
        lines.append(random_source.choice([f"[profile p{number}]", f"[s{number}]",
                                           f"[profile \"q {number}\"]", f"[services t{number}]"]))
        base = random_source.choice(["", "", "  "])
        for word in random_source.sample(words, random_source.randrange(len(words))):
            noise()
            kind = random_source.randrange(4)
            # A value that begins with a mark would be a comment after white space.
            value = random_source.choice(values)
            if kind == 0:
                lines.append(f"{base}{word}{space()}={space()}")
                inner = base + random_source.choice([" ", "    ", "\t"])
                for nested in random_source.sample(words, random_source.randrange(1, 4)):
                    noise()
                    value = random_source.choice([v for v in values if v[0] not in "#;"])
                    lines.append(f"{inner}{nested}{space()}={space()}{value}{space()}")
            else:
                glue = "" if value[0] in "#;" else space()
                lines.append(f"{base}{word}{space()}={glue}{value}{space()}")
                if kind == 1 and lines[-1].strip() and not lines[-1].strip().endswith("="):
                    lines.append(f"{base}   {random_source.choice(['more', 'm = n', '[z]'])}")
    return ends.join(lines) + random_source.choice(["", ends])


def main():
    tap = Tap()
    program = sys.argv[1]
    random_source = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config")

        def both(text):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            return ours(program, path), theirs(path)

        for name, text in SAME.items():
            got, wanted = both(text)
            tap.check(got == wanted, name, f"ours   {got}\ntheirs {wanted}")
        for name, (text, our_reading, their_reading) in DIFFERENCES.items():
            got, peer = both(text)
            tap.check((got, peer) == (our_reading, their_reading), f"different: {name}",
                      f"ours   {got}\ntheirs {peer}")
        bad = []
        taken = 0
        for number in range(GENERATED):
            text = generate(random_source)
            got, wanted = both(text)
            taken += wanted != ERROR and bool(wanted)
            if got != wanted:
                bad.append(f"file {number}: {text!r}\nours   {got}\ntheirs {wanted}")
        tap.check(not bad, f"{GENERATED} generated files", f"{len(bad)} differ\n" + "\n".join(bad))
        tap.check(taken > GENERATED // 2, "most of the generated files hold something",
                  f"only {taken}")
    tap.leave()


if __name__ == "__main__":
    main()
