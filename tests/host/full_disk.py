# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program for which some folders lie on a disk that is full.

usage: full_disk.py FOLDER... -- COMMAND [ARGUMENT...]

Each folder becomes a small file system of its own that only the program sees, by namespaces for users
and mounts (unshare(1), mount_namespaces(7)); it holds what lay in it, and a file that fills it. What
is made there is a folder or an empty file at most.
"""

import ctypes
import errno
import os
import shutil
import sys
import tempfile

SIZE = "64k"
MARK = "IMGRECOG_TEST_UNSHARED"


def mount(folder):
    os.makedirs(folder, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(folder, kept, symlinks=True, dirs_exist_ok=True)
        if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={SIZE}".encode()) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
    with open(os.path.join(folder, "filler"), "wb", buffering=0) as f:
        try:
            while f.write(bytes(4096)):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def main():
    words = sys.argv[1:]
    at = words.index("--")
    if MARK not in os.environ:
        os.environ[MARK] = "1"
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, __file__,
                              *words])
    for folder in words[:at]:
        mount(folder)
    os.execvp(words[at + 1], words[at + 1:])


if __name__ == "__main__":
    main()
