# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of README files, to be run as printed."""

import re

MAX_COMMANDS = 60


def chapter(text, title):
    """The text of a chapter, up to the next of its level."""
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def paragraphs(text, program):
    """The indented paragraphs that begin with this program, as printed but for the indentation."""
    found = re.findall(rf"(?:^|\n\n)((?:    {program} .*)(?:\n    .*)*)", text)
    return ["\n".join(line[4:] for line in block.split("\n")) for block in found][:MAX_COMMANDS]
