# SPDX-License-Identifier: GPL-3.0-or-later
"""The boxes of imgrecog-local's face evaluator against those of OpenCV's CascadeClassifier.

Real photographs that packages of this system have installed, each also enlarged, shrunk, turned
and darkened. Both programs get the same gray pixels and the same parameters, so every box must be
the same, and the margin of the last stage must agree to a thousandth.

    local_opencv.py LOCAL_FACES
"""

import glob
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import local_support as support
from judges import judged_by

cv2 = support.need("cv2", "python3-opencv")
import numpy  # noqa: E402  (comes with cv2)

CASCADES = "/usr/share/opencv4/haarcascades"
NAMES = ["haarcascade_frontalface_alt2.xml", "haarcascade_frontalface_default.xml"]
PARAMETERS = [(1.2, 3, 0.04), (1.1, 3, 0.0)]  # scale step, neighbours, smallest side (part)
MAX_SIDE = 1024
MARGIN_TOLERANCE = 1e-3


def variants(path):
    picture = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    if picture is None:
        return
    longer = max(picture.shape)
    if longer > MAX_SIDE:
        size = (round(picture.shape[1] * MAX_SIDE / longer), round(picture.shape[0] * MAX_SIDE / longer))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    yield "as it is", picture
    for scale in (0.61, 1.37):
        if scale * max(picture.shape) <= MAX_SIDE:
            yield f"scaled {scale}", cv2.resize(picture, None, fx=scale, fy=scale)
    yield "mirrored", numpy.ascontiguousarray(picture[:, ::-1])
    for angle in (-8, 12):
        height, width = picture.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
        yield f"turned {angle}", cv2.warpAffine(picture, turn, (width, height))
    yield "dark", (picture // 3).astype(numpy.uint8)


def last_threshold(path):
    stages = xml.etree.ElementTree.parse(path).getroot().find("cascade/stages")
    return float(numpy.float32(float(stages[-1].find("stageThreshold").text)) - numpy.float32(1e-5))


def opencv_boxes(classifier, threshold, picture, step, neighbors, side):
    boxes, _, weights = classifier.detectMultiScale3(
        picture, scaleFactor=step, minNeighbors=neighbors, minSize=(side, side), outputRejectLevels=True)
    weights = numpy.asarray(weights).reshape(-1)
    return sorted((*map(int, box), float(weight) - threshold) for box, weight in zip(boxes, weights))


def own_boxes(program, cascade, picture, step, neighbors, side):
    with tempfile.NamedTemporaryFile(suffix=".pgm") as file:
        file.write(b"P5 %d %d 255\n" % (picture.shape[1], picture.shape[0]) + picture.tobytes())
        file.flush()
        lines = subprocess.run([program, cascade, file.name, str(step), str(neighbors), str(side)],
                               stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    return sorted((*map(int, line.split()[:4]), float(line.split()[4])) for line in lines)


def same(own, other):
    return len(own) == len(other) and all(
        a[:4] == b[:4] and abs(a[4] - b[4]) <= MARGIN_TOLERANCE for a, b in zip(own, other))


def main():
    program = sys.argv[1]
    cv2.setNumThreads(1)
    judged_by("OpenCV", cv2.__version__)
    tap = support.Tap()
    photographs = support.photographs()
    tap.check(bool(photographs), "there is at least one photograph", "install python-matplotlib-data")
    total = 0
    for name in NAMES:
        cascade = os.path.join(CASCADES, name)
        classifier = cv2.CascadeClassifier(cascade)
        threshold = last_threshold(cascade)
        for path in photographs:
            for variant, picture in variants(path):
                for step, neighbors, part in PARAMETERS:
                    side = round(max(picture.shape) * part)
                    other = opencv_boxes(classifier, threshold, picture, step, neighbors, side)
                    own = own_boxes(program, cascade, picture, step, neighbors, side)
                    total += len(other)
                    tap.check(same(own, other),
                              f"{name} {os.path.basename(path)} {variant} step {step}: {len(other)} boxes",
                              f"OpenCV {other}\nown    {own}")
    tap.check(total > 0, f"OpenCV found {total} boxes in all")
    tap.end()


if __name__ == "__main__":
    main()
