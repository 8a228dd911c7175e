#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word that the GIMP plug-in shows is translated, in every language of its LINGUAS.

catalogues.py ROOT XGETTEXT MSGFMT. TAP on standard output. What is to be translated is read from the
sources, as the build does it, and there no error may be in bare words. A catalogue must have all of
that and nothing else, no entry fuzzy, formats that fit (msgfmt --check), the same key for Alt as the
English words (so that what does not clash there clashes nowhere), and the same ending: a colon, three
dots or neither. What the core's doctor says must have its words in doctor_what.c.
"""
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile

PO = "plugins/gimp/imgrecog/po"
DOCTOR_WHAT = "plugins/gimp/doctor_what.c"
DOCTOR_SOURCES = [f"core/task/doctor{part}.c" for part in ("", "_account", "_network", "_setup")]
DOCTOR_PARTS = {"Bedrock's key", "there is no", "from the environment: ", "none in the environment", "X, from X",
                ", but for the hosts of NO_PROXY", "no such file", "ahead of",
                "X s X the servers'; signatures are made with theirs, but other programs will be "
                "refused", "languages that it does not tell"}
KEYWORDS = ["--keyword=_", "--keyword=N_", "--keyword=P_:1,2", "--keyword=NP_:1,2"]
HEADER = ('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
          '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n')


def unquoted(text):
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def entries(text):
    """{msgid: (translations, flags)} of a catalogue; obsolete entries have a flag of that name."""
    found = {}
    for block in re.split(r"\n\s*\n", text):
        flags = {flag for line in block.split("\n") if line.startswith("#,")
                 for flag in line[2:].replace(" ", "").split(",")}
        if re.search(r"^#~", block, re.M):
            flags.add("obsolete")
            block = re.sub(r"^#~ ?", "", block, flags=re.M)
        words = {}
        for key, quoted in re.findall(r'^(msg\w+(?:\[\d+\])?)((?:\s*"(?:[^"\\]|\\.)*")+)', block,
                                      re.M):
            words[key] = unquoted("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)))
        if words.get("msgid"):
            found[words["msgid"]] = ([value for key, value in words.items()
                                      if key.startswith("msgstr")], flags)
    return found


def key_for_alt(text):
    """The letter behind a single underscore, small; None when there is none."""
    found = re.search(r"_(.)", text.replace("__", ""))
    return found[1].lower() if found else None


def ending(text):
    """How a label ends; the key for Alt may stand behind it."""
    bare = re.sub(r"\(_\w\)", "", text).replace("_", "").rstrip()
    return next((end for end in ("...", "…", ":") if bare.endswith(end)), "")


def faults(wanted, catalogue):
    """What is wrong with a catalogue, in words."""
    for msgid in wanted:
        translations, flags = catalogue.get(msgid, ([], set()))
        if not translations or not all(translations):
            yield f"not translated: {msgid}"
        elif "fuzzy" in flags:
            yield f"fuzzy: {msgid}"
        for translation in filter(None, translations):
            if key_for_alt(translation) != key_for_alt(msgid):
                yield f"another key for Alt: {msgid}"
            if ending(translation) != ending(msgid):
                yield f"another ending: {msgid}"
            if ")(_" in translation:
                yield f"brackets before the key's: {msgid}"
    for msgid, (_, flags) in catalogue.items():
        if msgid not in wanted or "obsolete" in flags:
            yield f"in no source: {msgid}"


def wanted_words(root, xgettext, files):
    done = subprocess.run([xgettext, "--from-code=UTF-8", *KEYWORDS, "--output=-", *files],
                          cwd=root, capture_output=True, text=True, check=True)
    return entries(done.stdout)


def bare_errors(text):
    """The words of errors in a C source that no translator sees."""
    strings = r'(?:"(?:[^"\\\n]|\\.)*"\s*)+'
    for call in re.findall(r"\bcommon_fail\(.*?\);", text, re.S):
        for words in re.findall(strings, re.sub(rf"\b_\(\s*{strings}\)", "", call)):
            if re.search(r"[a-z]{3}", words):
                yield " ".join(words.split())


def sayings(text):
    """What the doctor says in a source of the core, with X for what it fills in."""
    strings = r'((?:"(?:[^"\\\n]|\\.)*"\s*)+)'
    for call in re.findall(r"\bir_doctor_say\(.*?\);", text, re.S):
        for words in re.findall(strings, call):
            words = unquoted("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', words)))
            yield re.sub(r"%(\.\d+)?(ll)?[a-z]", "X", words)


def unknown_sayings(root):
    """What is said by the parts that GIMP asks and has no form in doctor_what.c. Left out: next
    steps, and what is put together from parts, whose forms a unit test proves."""
    forms = [unquoted(form).replace(", until *", "") for form in re.findall(
        r'^    {"((?:[^"\\]|\\.)*)",', (root / DOCTOR_WHAT).read_text(encoding="utf-8"), re.M)]
    for source in DOCTOR_SOURCES:
        for words in sayings((root / source).read_text(encoding="utf-8")):
            if " " in words and re.search("[a-z]{2}", words) and words not in DOCTOR_PARTS and \
                    not words.endswith(".") and not words.startswith("Set ") and \
                    not any(fnmatch.fnmatchcase(words, form) for form in forms):
                yield f"{source}: {words}"


def format_faults(msgfmt, text):
    """msgfmt's words on formats that do not fit; "" when they do."""
    with tempfile.NamedTemporaryFile("w", suffix=".po", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        done = subprocess.run([msgfmt, "--check-format", "--output-file=/dev/null", f.name],
                              capture_output=True, text=True, check=False)
    return done.stderr if done.returncode != 0 else ""


def check_self(check, msgfmt):
    """A fault of every sort must be seen."""
    wanted = {"_Close": None, "%d boxes": None, "Key:": None}
    rows = [("none", 'msgid "_Close"\nmsgstr "닫기(_C)"', set()),
            ("nothing", 'msgid "_Close"\nmsgstr ""', {"not translated: _Close"}),
            ("a fuzzy one", '#, fuzzy\nmsgid "_Close"\nmsgstr "닫기(_C)"', {"fuzzy: _Close"}),
            ("another key", 'msgid "_Close"\nmsgstr "닫기(_D)"', {"another key for Alt: _Close"}),
            ("no key", 'msgid "_Close"\nmsgstr "닫기"', {"another key for Alt: _Close"}),
            ("another ending", 'msgid "_Close"\nmsgstr "닫기(_C):"', {"another ending: _Close"}),
            ("two brackets", 'msgid "_Close"\nmsgstr "닫기 (창)(_C)"',
             {"brackets before the key's: _Close"}),
            ("an old one", 'msgid "_Close"\nmsgstr "닫기(_C)"\n\n#~ msgid "Old"\n#~ msgstr "옛"',
             {"in no source: Old"})]
    rest = '\n\nmsgid "%d boxes"\nmsgstr "상자 %d개"\n\nmsgid "Key:"\nmsgstr ""\n"키:"\n'
    for name, words, expected in rows:
        seen = set(faults(wanted, entries(HEADER + words + rest)))
        check(f"{name} would be seen", seen == expected, str(seen))
    call = 'return common_fail(err, IR_ERR_ARG, %s, "%%s", _("It "\n"failed; (why)."));'
    check("an error in bare words would be seen",
          [list(bare_errors(call % hint)) for hint in ('"Try again."', '_("Try \\"x\\"."')] ==
          [['"Try again."'], []])
    wrong = HEADER + '#, c-format\nmsgid "%d boxes"\nmsgstr "상자 %s개"\n'
    check("a format that does not fit would be seen", format_faults(msgfmt, wrong) != "")


def main(root, xgettext, msgfmt):
    count = failed = 0

    def check(name, good, detail=""):
        nonlocal count, failed
        count += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} - {name}")
        for line in detail.splitlines() if not good else []:
            print(f"# {line}")

    check_self(check, msgfmt)
    root = pathlib.Path(root)
    sources = sorted(str(path.relative_to(root)) for path in (root / "plugins/gimp").glob("*.c"))
    listed = (root / PO / "POTFILES").read_text(encoding="utf-8").split()
    check("POTFILES lists every source", listed == sources,
          "\n".join(sorted(set(listed) ^ set(sources))))
    wanted = wanted_words(root, xgettext, sources)
    check("the sources have words", len(wanted) > 100, str(len(wanted)))
    bare = [f"{name}: {words}" for name in sources
            for words in bare_errors((root / name).read_text(encoding="utf-8"))]
    check("every error is in words for translators", not bare, "\n".join(bare))
    known = list(unknown_sayings(root))
    check("every line of the doctor has words", not known, "\n".join(known))
    for language in (root / PO / "LINGUAS").read_text(encoding="utf-8").split():
        text = (root / PO / f"{language}.po").read_text(encoding="utf-8")
        found = list(faults(wanted, entries(text)))
        check(f"{language}: whole, with the same keys and endings", not found, "\n".join(found))
        wrong = format_faults(msgfmt, text)
        check(f"{language}: formats fit", not wrong, wrong)
    print(f"1..{count}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
