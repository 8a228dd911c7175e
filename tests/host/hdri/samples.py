# SPDX-License-Identifier: GPL-3.0-or-later
"""The module for Q16-HDRI in real `magick`. Its samples are floats: below black, above white,
between two steps of 16 bits, and not numbers. What is done with those is judged here, all else as
for Q16. Usage: samples.py LOCAL"""

import os
import sys

import numpy

from judges import judged_by, program_version
from local_support import Server
from support import (
    Magick,
    box,
    clean_environment,
    label,
    run_cases,
    service_with,
    workspace,
)
from test_magick import MIX_ROUNDING, color_distance, over, recognise, sent_pixels
from test_magick_redact import ACTIONS, check, faces

WIDTH, HEIGHT = 400, 300
FLOATS = ["-depth", "32", "-define", "quantum:format=floating-point", "-endian", "LSB"]
TOLERANCE = 0.01  # of a step of 16 bits


def floats(magick, path, channels, *operations):
    """Rows x columns x channels, 0..1 and beyond."""
    raw = magick.make(path, *operations, *FLOATS, f"{channels}:-")
    return numpy.frombuffer(raw, "<f4").reshape(HEIGHT, WIDTH, -1)


def picture(name, channels, samples):
    """The words that have magick read these samples."""
    samples.astype("<f4").tofile(name)
    return ["-size", f"{WIDTH}x{HEIGHT}", *FLOATS, f"{channels}:{name}"]


def wild(channels, seed=1):
    """From -1 to 2, at no step of 16 bits; alpha, where there is one, stays within 0..1."""
    samples = numpy.random.default_rng(seed).uniform(-1, 2, (HEIGHT, WIDTH, len(channels)))
    if channels.endswith("A"):
        samples[..., -1] = (samples[..., -1] + 1) / 3
    return samples


def same_bits(one, other):
    """Also where a sample is not a number."""
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def test_drawn(tap, magick):
    """Pixels without ink keep every bit; under ink that is not opaque, what is beyond 0..1 shows
    through and is not cut off."""
    labels = [label("Face", 97.0, box(0.3, 0.25, 0.25, 0.3)), label("Sky", 88.0)]
    with service_with(*labels) as service:
        recognise(magick, service, "ink.mpc", before=["-size", f"{WIDTH}x{HEIGHT}", "xc:none"])
        coverage = floats(magick, "ink.mpc", "RGBA")[..., 3:].astype(float)
        mask = coverage[..., 0] > 0
        tap.ok(1000 < mask.sum() < mask.size / 3, "ink covers a part of the picture", mask.sum())
        for channels, space in (("RGB", "sRGB"), ("RGBA", "sRGB"), ("CMYK", "CMYK")):
            words = picture("wild.raw", channels, wild(channels))
            magick.make(*words, "before.mpc")
            result = recognise(magick, service, "after.mpc", before=words)
            before = floats(magick, "before.mpc", channels)
            after = floats(magick, "after.mpc", channels)
            tap.ok(before.min() < -0.9 and before.max() > 1.9, f"{channels}: the picture is as it was made")
            tap.ok(result.returncode == 0 and same_bits(before[~mask], after[~mask]),
                   f"{channels}: nothing outside the ink changes", result.errors)
            ink = floats(magick, "ink.mpc", "RGB", "-alpha", "off") * 65535.0
            on, off = after[mask] * 65535.0, before[mask] * 65535.0
            if space == "sRGB":
                difference = abs(over(ink[mask], coverage[mask], off) - on).max()
            else:
                difference = color_distance(magick, ink[mask].round(), coverage[mask], off, on,
                                            [channels, "-colorspace", space])
            tap.ok(difference < (TOLERANCE if space == "sRGB" else MIX_ROUNDING),
                   f"{channels}: the ink is blended as floats", difference)
            below, above = after[mask].min(), after[mask].max()
            tap.ok(below < -0.2 and above > 1.2, f"{channels}: nothing is cut off", (below, above))


def test_sent(tap, magick):
    """A service gets 8 bits: the nearest that there is."""
    samples = numpy.full((HEIGHT, WIDTH, 3), 0.5)
    samples[:, :100], samples[:, 100:200], samples[:, 200:300] = -3.0, 3.0, numpy.inf
    got = sent_pixels(magick, picture("bands.raw", "RGB", samples))
    bands = [got[150, x].tolist() for x in (50, 150, 250)]
    tap.equal(bands, [[0] * 3, [255] * 3, [255] * 3], "below black is black, above white is white")
    tap.ok(abs(got[150, 350] - 128).max() <= 2, "and what is between stays", got[150, 350])
    samples[:, 200:300] = numpy.nan
    got = sent_pixels(magick, picture("nan.raw", "RGB", samples))
    tap.ok(got is not None and abs(got[150, 350] - 128).max() <= 2,
           "what is not a number harms nothing else", got)


def test_hidden(tap, magick):
    """Two pictures that differ in the place alone, by the wildest that there is, end as the same.
    What lies around it, from which the hiding samples are made, is above white or no number."""
    one = wild("RGB") + 2
    one[60:75, 150] = numpy.nan
    two = one.copy()
    two[75:180, 120:220] = 1e6
    two[75:100, 120:220], two[100:110, 120:220], two[110:120, 120:220] = -1e6, numpy.nan, numpy.inf
    reach = numpy.zeros((HEIGHT, WIDTH), bool)
    reach[75 - 20:180 + 20, 120 - 20:220 + 20] = True
    magick.make(*picture("place.raw", "RGB", one), "before.mpc")
    before = floats(magick, "before.mpc", "RGB")
    for action in ACTIONS[:3]:
        outputs = []
        for samples in (one, two):
            with faces(box(0.3, 0.25, 0.25, 0.35)) as service:
                result = check(magick, service, f"look-for=faces action={action}", "out.mpc",
                               before=picture("place.raw", "RGB", samples))
            tap.equal((result.returncode, result.errors), (0, ""), f"{action}: exit code, stderr")
            outputs.append(floats(magick, "out.mpc", "RGB"))
        tap.ok(same_bits(*outputs), f"{action}: nothing of the place comes through")
        tap.ok(same_bits(outputs[0][~reach], before[~reach]),
               f"{action}: what is not hidden keeps every bit")
        inside = outputs[0][75:180, 120:220]
        tap.ok(inside.min() >= 0 and inside.max() <= 1, f"{action}: what hides it is within black and white",
               (inside.min(), inside.max()))


def test_painted(tap, magick):
    samples = wild("RGBA")
    samples[..., 3] = 1.0
    samples[100:200, 100:200, 3] = 0.0
    words = picture("hole.raw", "RGBA", samples)
    magick.make(*words, "hole.mpc")
    sock = os.path.abspath("own.sock")
    with Server(magick.local, socket=sock):
        result = magick.run(
            *words, "-define", "imgrecog:prompt=a red fox", "-process",
            "imgrecog generate endpoint=local", "painted.mpc",
            env={"IMGRECOG_LOCAL_SOCKET": sock},
        )
    hole, got = floats(magick, "hole.mpc", "RGBA"), floats(magick, "painted.mpc", "RGBA")
    opaque = samples[..., 3] == 1.0
    tap.ok(result.errors == "" and same_bits(hole[opaque], got[opaque]),
           "a hole is painted, and opaque pixels keep every bit", result.errors)
    inside = got[~opaque]
    tap.ok(inside[:, 3].min() == 1 and inside[:, :3].min() >= 0 and inside[:, :3].max() <= 1
           and inside[:, :3].std() > 0.01, "what is painted is an opaque picture", inside.std())


def main():
    local = os.path.abspath(sys.argv[1])
    with workspace() as folder:
        magick = Magick(clean_environment(folder))
        magick.local = local
        judged_by("ImageMagick", program_version(magick.program, "--version"))
        return run_cases([test_drawn, test_sent, test_hidden, test_painted], magick)


if __name__ == "__main__":
    sys.exit(main())
