# SPDX-License-Identifier: GPL-3.0-or-later
"""imgrecog-local as boto3 sees it: signatures, refusals, faces, text, codes, properties, deadlines.

    local_server.py IMGRECOG_LOCAL
"""

import base64
import concurrent.futures
import datetime
import http.client
import io
import json
import random
import socket
import struct
import subprocess
import sys
import zlib

import local_support as support
from judges import judged_by, program_version

PIL = support.need("PIL.Image", "python3-pil")
ImageDraw = support.need("PIL.ImageDraw", "python3-pil")
ImageFont = support.need("PIL.ImageFont", "python3-pil")
botocore_auth = support.need("botocore.auth", "python3-botocore")
botocore_request = support.need("botocore.awsrequest", "python3-botocore")
botocore_exceptions = support.need("botocore.exceptions", "python3-botocore")
botocore_credentials = support.need("botocore.credentials", "python3-botocore")

LATIN_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
KOREAN_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
# How to make the stored picture from the upright one, for each EXIF orientation.
STORED = {2: PIL.Transpose.FLIP_LEFT_RIGHT, 3: PIL.Transpose.ROTATE_180, 4: PIL.Transpose.FLIP_TOP_BOTTOM,
          5: PIL.Transpose.TRANSPOSE, 6: PIL.Transpose.ROTATE_90, 7: PIL.Transpose.TRANSVERSE,
          8: PIL.Transpose.ROTATE_270}


# ---- pictures ------------------------------------------------------------------------------------


def encode(picture, kind="PNG", **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def plain(width=200, height=160, color="white", kind="PNG"):
    return encode(PIL.new("RGB", (width, height), color), kind)


def page(lines, font=LATIN_FONT, size=34):
    picture = PIL.new("RGB", (1100, 140 + 70 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((80, 70 + 70 * number), line, "black", ImageFont.truetype(font, size))
    return picture


def oriented(upright, orientation):
    stored = upright.transpose(STORED[orientation]) if orientation in STORED else upright
    exif = PIL.Exif()
    exif[0x0112] = orientation
    return encode(stored, "JPEG", quality=95, exif=exif.tobytes())


def png_header(width, height):
    """A small PNG that claims to be large."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))


def qr_code(text):
    data = subprocess.run(["qrencode", "-t", "PNG32", "-s", "6", "-m", "4", "-o", "-", text], stdout=subprocess.PIPE,
                          check=True).stdout
    return PIL.open(io.BytesIO(data)).convert("RGB")


def ean13(digits):
    """Bars of an EAN-13 code (ISO/IEC 15420), as a picture."""
    left = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011",
            "0110111", "0001011"]
    parity = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL",
              "LGGLGL"][int(digits[0])]
    turned = [code.translate(str.maketrans("01", "10")) for code in left]
    bars = "101"
    for digit, kind in zip(digits[1:7], parity):
        bars += left[int(digit)] if kind == "L" else turned[int(digit)][::-1]
    bars += "01010" + "".join(turned[int(digit)] for digit in digits[7:]) + "101"
    picture = PIL.new("RGB", (3 * (len(bars) + 24), 180), "white")
    draw = ImageDraw.Draw(picture)
    for number, bar in enumerate(bars):
        if bar == "1":
            draw.rectangle((3 * (number + 12), 20, 3 * (number + 12) + 2, 160), "black")
    return picture


# ---- helpers -------------------------------------------------------------------------------------


def label_of(answer, name):
    return next((label for label in answer["Labels"] if label["Name"] == name), None)


def overlap(a, b):
    """Intersection over union of two AWS bounding boxes."""
    width = min(a["Left"] + a["Width"], b["Left"] + b["Width"]) - max(a["Left"], b["Left"])
    height = min(a["Top"] + a["Height"], b["Top"] + b["Height"]) - max(a["Top"], b["Top"])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (a["Width"] * a["Height"] + b["Width"] * b["Height"] - both)


def signed(port, body, target="RekognitionService.DetectLabels", date=None, secret=support.SECRET):
    """Headers that botocore signs, optionally with another clock."""
    request = botocore_request.AWSRequest(
        "POST", f"http://127.0.0.1:{port}/", data=body,
        headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"})
    signer = botocore_auth.SigV4Auth(
        botocore_credentials.Credentials(support.KEY_ID, secret), "rekognition", "us-east-1")
    if date is None:
        signer.add_auth(request)
    else:
        request.context["timestamp"] = date.strftime("%Y%m%dT%H%M%SZ")
        signer._modify_request_before_signing(request)
        text = signer.string_to_sign(request, signer.canonical_request(request))
        signer._inject_signature_to_request(request, signer.signature(text, request))
    return dict(request.headers.items())


def post(port, body, headers, method="POST", path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if data.startswith(b"<?xml"):
        return answer, data.split(b"<Code>")[1].split(b"</Code>")[0].decode()
    return answer, json.loads(data or b"{}")


def request_body(picture, **members):
    return json.dumps({"Image": {"Bytes": base64.b64encode(picture).decode()}, **members}).encode()


# ---- tests ---------------------------------------------------------------------------------------


def test_signatures(tap, server):
    port = server.place
    body = request_body(plain())
    now = datetime.datetime.now(datetime.timezone.utc)
    minute = datetime.timedelta(minutes=1)
    rows = [
        ("signed by botocore", body, signed(port, body), 200, None),
        ("14 minutes old", body, signed(port, body, date=now - 14 * minute), 200, None),
        ("16 minutes old", body, signed(port, body, date=now - 16 * minute), 400, "InvalidSignatureException"),
        ("16 minutes early", body, signed(port, body, date=now + 16 * minute), 400, "InvalidSignatureException"),
        ("wrong secret", body, signed(port, body, secret="wrong"), 400, "InvalidSignatureException"),
        ("body changed", body.replace(b"Bytes", b"bytes"), signed(port, body), 400, "InvalidSignatureException"),
        ("target changed", body, {**signed(port, body), "X-Amz-Target": "RekognitionService.DetectText"}, 400,
         "InvalidSignatureException"),
        ("not signed", body, {"X-Amz-Target": "RekognitionService.DetectLabels"}, 400,
         "MissingAuthenticationTokenException"),
        ("not a signature", body, {**signed(port, body), "Authorization": "AWS4-HMAC-SHA256 x"}, 400,
         "IncompleteSignatureException"),
    ]
    for name, data, headers, status, code in rows:
        answer, document = post(port, data, headers)
        tap.equal((answer.status, document.get("__type")), (status, code), f"signature: {name}")
        tap.check(len(answer.getheader("x-amzn-RequestId") or "") == 36, f"signature: {name}: a request id")
        if code:
            tap.check(document.get("message") and support.SECRET not in document["message"],
                      f"signature: {name}: a message without the secret", document)
    code, _ = support.error_code(support.client(server.url, key_id="AKIAIOSFODNN7EXAMPLE").detect_labels,
                                 Image={"Bytes": plain()})
    tap.equal(code, "UnrecognizedClientException", "signature: unknown key")
    answer, document = post(port, None, {}, method="GET")
    tap.equal((answer.status, document), (403, "AccessDenied"), "signature: GET without one is S3's to refuse")


def test_parameters(tap, rekognition):
    good = plain()
    regions = {"RegionsOfInterest": [{}]}
    labels, text, faces = rekognition.detect_labels, rekognition.detect_text, rekognition.detect_faces
    parameter, serialization = "InvalidParameterException", "SerializationException"
    rows = [
        ("MinConfidence 101", labels, {"MinConfidence": 101}, parameter),
        ("MinConfidence -1", labels, {"MinConfidence": -1}, parameter),
        ("MaxLabels -1", labels, {"MaxLabels": -1}, parameter),
        ("unknown feature", labels, {"Features": ["LABELS"]}, parameter),
        ("three features", labels, {"Features": ["GENERAL_LABELS"] * 3}, parameter),
        ("MaxDominantColors 21", labels, {"Settings": {"ImageProperties": {"MaxDominantColors": 21}}}, parameter),
        ("101 filters", labels, {"Settings": {"GeneralLabels": {"LabelInclusionFilters": ["x"] * 101}}}, parameter),
        ("filter of 51 letters", labels, {"Settings": {"GeneralLabels": {"LabelInclusionFilters": ["x" * 51]}}},
         parameter),
        ("word filter 101", text, {"Filters": {"WordFilter": {"MinConfidence": 101}}}, parameter),
        ("empty region", text, {"Filters": regions}, parameter),
        ("11 regions", text, {"Filters": {"RegionsOfInterest": [{}] * 11}}, parameter),
        ("attributes ALL", faces, {"Attributes": ["ALL"]}, parameter),
        ("attribute EMOTIONS", faces, {"Attributes": ["DEFAULT", "EMOTIONS"]}, parameter),
        ("no picture", labels, {"Image": {}}, parameter),
        ("empty picture", labels, {"Image": {"Bytes": b""}}, parameter),
        ("S3 object", labels, {"Image": {"S3Object": {"Bucket": "b", "Name": "n"}}}, "InvalidS3ObjectException"),
        ("bytes and S3 object", labels, {"Image": {"Bytes": good, "S3Object": {"Bucket": "b", "Name": "n"}}},
         parameter),
    ]
    for name, call, arguments, code in rows:
        got, message = support.error_code(call, **{"Image": {"Bytes": good}, **arguments})
        tap.equal(got, code, f"refused: {name}")
        tap.check(message.strip(), f"refused: {name}: says why")
    raw = [
        ("not JSON", b"{", serialization),
        ("not an object", b"[]", serialization),
        ("empty", b"", serialization),
        ("MinConfidence is text", request_body(good, MinConfidence="80"), serialization),
        ("MaxLabels 1.5", request_body(good, MaxLabels=1.5), serialization),
        ("Features is text", request_body(good, Features="GENERAL_LABELS"), serialization),
        ("Settings is a list", request_body(good, Settings=[]), serialization),
        ("Image is text", b'{"Image":"x"}', serialization),
        ("Bytes is a number", b'{"Image":{"Bytes":1}}', serialization),
        ("Bytes is not base64", b'{"Image":{"Bytes":"*"}}', serialization),
        ("nested too deeply", b"[" * 5000, serialization),
    ]
    port = rekognition.meta.endpoint_url.rsplit(":", 1)[1]
    for name, body, code in raw:
        answer, document = post(port, body, signed(port, body))
        tap.equal((answer.status, document.get("__type")), (400, code), f"refused: {name}")


def test_operations(tap, rekognition):
    picture = {"Image": {"Bytes": plain()}}
    rows = [
        ("moderation", rekognition.detect_moderation_labels, picture),
        ("protective equipment", rekognition.detect_protective_equipment, picture),
        ("celebrities", rekognition.recognize_celebrities, picture),
        ("comparing faces", rekognition.compare_faces,
         {"SourceImage": picture["Image"], "TargetImage": picture["Image"]}),
        ("collections", rekognition.list_collections, {}),
    ]
    for name, call, arguments in rows:
        code, message = support.error_code(call, **arguments)
        tap.equal(code, "UnsupportedOperationException", f"refused: {name}")
        tap.check("local" in message, f"refused: {name}: says that it is the local recogniser's doing", message)
    port = rekognition.meta.endpoint_url.rsplit(":", 1)[1]
    for target in ("RekognitionService.DetectEverything", "DetectLabels", ""):
        answer, document = post(port, b"{}", signed(port, b"{}", target=target))
        tap.equal(document.get("__type"), "UnknownOperationException", f"refused: target {target!r}")


def test_pictures(tap, rekognition):
    photograph = open(support.portrait(), "rb").read()
    rng = random.Random(1)
    noise = PIL.frombytes("RGB", (1400, 1400), rng.randbytes(1400 * 1400 * 3))
    large = encode(noise, compress_level=0)
    rows = [
        ("GIF", encode(PIL.new("L", (100, 100)), "GIF"), "InvalidImageFormatException"),
        ("BMP", plain(kind="BMP"), "InvalidImageFormatException"),
        ("noise", rng.randbytes(5000), "InvalidImageFormatException"),
        ("one byte", b"\xff", "InvalidImageFormatException"),
        ("cut-off JPEG", photograph[:len(photograph) // 2], "InvalidImageFormatException"),
        ("cut-off PNG", plain()[:-40], "InvalidImageFormatException"),
        ("79 pixels wide", plain(79, 200), "InvalidParameterException"),
        ("79 pixels high", plain(200, 79), "InvalidParameterException"),
        ("10,001 pixels wide", plain(10001, 80), "ImageTooLargeException"),
        ("claims 2,000,000,000 pixels a side", png_header(2000000000, 2000000000), None),
        ("claims 10,000 x 10,000", png_header(10000, 10000), "InvalidImageFormatException"),
        ("5.9 MB", large, "ImageTooLargeException"),
    ]
    for name, data, code in rows:
        got, message = support.error_code(rekognition.detect_labels, Image={"Bytes": data})
        tap.check(got == code if code else got in ("ImageTooLargeException", "InvalidImageFormatException"),
                  f"picture refused: {name}", f"{got}: {message}")
    for name, data in [("80 x 80", plain(80, 80)), ("gray JPEG", encode(PIL.new("L", (90, 90), 9), "JPEG")),
                       ("CMYK JPEG", encode(PIL.new("CMYK", (90, 90)), "JPEG")),
                       ("16-bit PNG", encode(PIL.new("I;16", (90, 90)))),
                       ("palette PNG", encode(PIL.new("RGB", (90, 90)).quantize(2))),
                       ("PNG with alpha", encode(PIL.new("RGBA", (90, 90), (0, 0, 0, 0)))),
                       ("10,000 pixels wide", plain(10000, 80))]:
        got, message = support.error_code(rekognition.detect_labels, Image={"Bytes": data})
        tap.equal(got, "", f"picture taken: {name}")
    damaged = 0
    for _ in range(60):
        copy = bytearray(photograph)
        for _ in range(rng.randint(1, 30)):
            copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
        got, _ = support.error_code(rekognition.detect_faces, Image={"Bytes": bytes(copy)})
        damaged += got not in ("", "InvalidImageFormatException", "InvalidParameterException",
                               "ImageTooLargeException")
    tap.equal(damaged, 0, "pictures with bits turned over are answered or refused")


def test_faces(tap, rekognition):
    upright = PIL.open(support.portrait()).convert("RGB")
    first = None
    for orientation in [1, 2, 3, 4, 5, 6, 7, 8]:
        data = oriented(upright, orientation)
        faces = rekognition.detect_faces(Image={"Bytes": data})["FaceDetails"]
        if not tap.equal(len(faces), 1, f"orientation {orientation}: one face"):
            continue
        box = faces[0]["BoundingBox"]
        first = first or box
        inside = box["Left"] < 0.5 < box["Left"] + box["Width"] and box["Top"] < 0.36 < box["Top"] + box["Height"]
        tap.check(inside and overlap(first, box) > 0.9, f"orientation {orientation}: the same upright box", box)
    tap.equal(sorted(faces[0]), ["BoundingBox", "Confidence", "Quality"], "nothing is said that is not known")
    turned = upright.transpose(PIL.Transpose.ROTATE_90)
    exif = PIL.Exif()
    exif[0x0112] = 6
    faces = rekognition.detect_faces(Image={"Bytes": encode(turned, exif=exif.tobytes())})["FaceDetails"]
    tap.equal(len(faces), 0, "a PNG is looked at as stored, whatever its eXIf says")
    wide = PIL.new("RGB", (upright.width * 2, upright.height), "gray")
    wide.paste(upright, (0, 0))
    wide.paste(upright, (upright.width, 0))
    answer = rekognition.detect_labels(Image={"Bytes": encode(wide, "JPEG", quality=92)})
    face = label_of(answer, "Face")
    tap.check(face and len(face["Instances"]) == 2, "two faces, two instances", answer)
    tap.equal([parent["Name"] for parent in face["Parents"]], ["Head", "Person"], "parents of Face")
    tap.equal(label_of(answer, "Person")["Instances"], [], "Person has no box: only the face's is known")
    tap.equal(answer["LabelModelVersion"], "local-1.0", "the model's version says local")
    tap.check("x-imgrecog-not-finished" not in answer["ResponseMetadata"]["HTTPHeaders"], "everything finished")
    settings = {"LabelInclusionFilters": ["person", "Text"]}
    answer = rekognition.detect_labels(Image={"Bytes": encode(wide)}, Settings={"GeneralLabels": settings})
    tap.equal([label["Name"] for label in answer["Labels"]], ["Person"], "inclusion filter")
    settings = {"LabelCategoryExclusionFilters": ["Person Description"]}
    answer = rekognition.detect_labels(Image={"Bytes": encode(wide)}, Settings={"GeneralLabels": settings})
    tap.equal(answer["Labels"], [], "category exclusion filter")
    tap.equal(len(rekognition.detect_labels(Image={"Bytes": encode(wide)}, MaxLabels=1)["Labels"]), 1, "MaxLabels")
    tap.equal(rekognition.detect_labels(Image={"Bytes": encode(wide)}, MinConfidence=100)["Labels"], [],
              "MinConfidence 100")


def test_text(tap, rekognition):
    lines = ["Invoice 2024-117 for Jane Example", "Total amount: 1284.50 EUR", "Thank you for a good year",
             "Please pay within thirty days", "Questions? Write to us at any time"]
    picture = page(lines)
    answer = rekognition.detect_text(Image={"Bytes": encode(picture)})
    found = answer["TextDetections"]
    words = [item["DetectedText"] for item in found if item["Type"] == "WORD"]
    read = [item for item in found if item["Type"] == "LINE"]
    missing = [word for line in lines for word in line.split() if word not in words]
    tap.check(len(missing) <= 1, "the words of a rendered page are read", f"missing {missing}")
    tap.equal(len(read), len(lines), "a detection for each line")
    tap.equal([item["Id"] for item in found], list(range(len(found))), "ids count through, lines first")
    tap.check(all(read[item["ParentId"]]["Type"] == "LINE" and
                  item["DetectedText"] in read[item["ParentId"]]["DetectedText"]
                  for item in found if item["Type"] == "WORD"), "each word is in the line it names")
    box = read[0]["Geometry"]["BoundingBox"]
    tap.check(abs(box["Left"] * picture.width - 80) < 8 and abs(box["Top"] * picture.height - 78) < 12,
              "the first line is where it was drawn", box)
    polygon = read[0]["Geometry"]["Polygon"]
    tap.check(len(polygon) == 4 and abs(polygon[2]["X"] - box["Left"] - box["Width"]) < 1e-6, "polygons")
    half = {"BoundingBox": {"Left": 0, "Top": 0, "Width": 1, "Height": 120 / picture.height}}
    found = rekognition.detect_text(Image={"Bytes": encode(picture)}, Filters={"RegionsOfInterest": [half]})
    tap.check("Invoice" in str(found["TextDetections"]) and "Thank" not in str(found["TextDetections"]),
              "a region of interest", [item["DetectedText"] for item in found["TextDetections"]])
    tall = {"MinBoundingBoxHeight": 0.9}
    found = rekognition.detect_text(Image={"Bytes": encode(picture)}, Filters={"WordFilter": tall})
    tap.equal(found["TextDetections"], [], "words lower than the filter are left out")
    labels = rekognition.detect_labels(Image={"Bytes": encode(picture)})
    names = [label["Name"] for label in labels["Labels"]]
    tap.check("Text" in names and "Document" in names, "a page is Text and Document", names)
    empty = rekognition.detect_text(Image={"Bytes": plain(600, 400)})
    tap.equal(empty["TextDetections"], [], "no words in an empty picture")
    languages = subprocess.run("ls /usr/share/tesseract-ocr/*/tessdata", shell=True, stdout=subprocess.PIPE,
                               text=True).stdout
    if "kor.traineddata" not in languages:
        tap.skip("Korean words are read", "tesseract-ocr-kor is not installed")
        return
    korean = page(["이미지 인식 결과 보고서", "서울특별시 중구 세종대로", "사진에서 얼굴과 글자를 찾습니다"], KOREAN_FONT, 40)
    found = rekognition.detect_text(Image={"Bytes": encode(korean)})["TextDetections"]
    # Tesseract sets Korean syllables apart at times; which they are is right.
    text = "".join(item["DetectedText"] for item in found if item["Type"] == "LINE").replace(" ", "")
    tap.check(all(words in text for words in ("이미지인식결과보고서", "서울특별시중구", "찾습니다")),
              "Korean words are read", text)


def test_codes(tap, rekognition):
    picture = PIL.new("RGB", (900, 500), "white")
    code = qr_code("https://example.org/imgrecog")
    picture.paste(code, (40, 60))
    picture.paste(ean13("4006381333931"), (450, 200))
    answer = rekognition.detect_labels(Image={"Bytes": encode(picture)})
    label = label_of(answer, "QR Code")
    tap.check(label and len(label["Instances"]) == 1, "a QR code", answer)
    box = label["Instances"][0]["BoundingBox"]
    margin = 24  # qrencode's quiet zone: 4 modules of 6 pixels
    wanted = {"Left": (40 + margin) / 900, "Top": (60 + margin) / 500, "Width": (code.width - 2 * margin) / 900,
              "Height": (code.height - 2 * margin) / 500}
    tap.check(overlap(box, wanted) > 0.8, "the QR code's box", f"{box}\n{wanted}")
    label = label_of(answer, "Barcode")
    tap.check(label and len(label["Instances"]) == 1, "a bar code", answer)
    box = label["Instances"][0]["BoundingBox"]
    tap.check(box["Left"] > 0.5 and box["Width"] > 0.2, "the bar code's box", box)


def test_properties(tap, rekognition):
    picture = PIL.new("RGB", (300, 200), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 75, 200))
    answer = rekognition.detect_labels(Image={"Bytes": encode(picture)}, Features=["IMAGE_PROPERTIES"])
    tap.check("Labels" not in answer or answer["Labels"], "labels that were not asked for are not said to be none")
    colors = answer["ImageProperties"]["DominantColors"]
    tap.equal([(color["HexCode"], color["CSSColor"], color["SimplifiedColor"], round(color["PixelPercent"]))
               for color in colors], [("#ff0000", "red", "red", 75), ("#0000ff", "blue", "blue", 25)],
              "dominant colours")
    quality = answer["ImageProperties"]["Quality"]
    tap.check(sorted(quality) == ["Brightness", "Contrast", "Sharpness"] and
              all(0 <= value <= 100 for value in quality.values()), "quality", quality)
    tap.check("Foreground" not in answer["ImageProperties"], "nothing is said of the foreground")
    few = rekognition.detect_labels(Image={"Bytes": encode(picture)}, Features=["IMAGE_PROPERTIES"],
                                    Settings={"ImageProperties": {"MaxDominantColors": 1}})
    tap.equal(len(few["ImageProperties"]["DominantColors"]), 1, "MaxDominantColors")


def test_limits(tap, server, rekognition):
    port = server.place
    body = b"x" * (11 << 20)
    answer, document = post(port, body, signed(port, b"{}"))
    tap.equal((answer.status, document.get("__type")), (413, "RequestEntityTooLargeException"),
              "11 MiB of request")
    with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11534336\r\n"
                           b"Expect: 100-continue\r\n\r\n")
        start = connection.recv(64)
    tap.check(start.startswith(b"HTTP/1.1 413 "), "11 MiB of request, refused before it is sent", start)
    photograph = open(support.portrait(), "rb").read()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        faces = list(pool.map(lambda _: len(rekognition.detect_faces(Image={"Bytes": photograph})["FaceDetails"]),
                              range(24)))
    tap.equal(faces, [1] * 24, "24 requests, 12 at a time")


def test_deadlines(tap, program):
    rng = random.Random(2)
    texture = PIL.new("L", (1500, 1500), 255)
    draw = ImageDraw.Draw(texture)
    font = ImageFont.truetype(LATIN_FONT, 13)
    for number in range(100):
        draw.text((0, 15 * number), "".join(rng.choice("0123456789abcdef") for _ in range(180)), 0, font)
    texture = encode(texture)
    with support.Server(program, "--deadline-ms", "1") as server:
        rekognition = support.client(server.url)
        for name, call in [("DetectText", rekognition.detect_text), ("DetectFaces", rekognition.detect_faces),
                           ("DetectLabels", rekognition.detect_labels)]:
            code, message = support.error_code(call, Image={"Bytes": texture})
            tap.check(code == "InternalServerError" and "not known" in message,
                      f"{name} that did not finish is an error, not an empty list", f"{code}: {message}")
    # Long enough for faces and codes, far too short for 18,000 digits: how long depends on the machine.
    for deadline_ms in (700, 1400, 2800, 5600):
        with support.Server(program, "--deadline-ms", str(deadline_ms)) as server:
            rekognition = support.client(server.url)
            try:
                answer = rekognition.detect_labels(Image={"Bytes": texture})
            except botocore_exceptions.ClientError:
                continue
            header = answer["ResponseMetadata"]["HTTPHeaders"].get("x-imgrecog-not-finished", "")
            code, _ = support.error_code(rekognition.detect_text, Image={"Bytes": texture})
            break
    else:
        answer, header = None, ""
    tap.check(answer and "text" in header.split(", "), "DetectLabels says that text was not finished", header)
    tap.equal(code, "InternalServerError", "DetectText of the same picture is an error")


def main():
    program = sys.argv[1]
    tap = support.Tap()
    judged_by("qrencode", program_version("qrencode", "--version"))
    judged_by("boto3", support.need("boto3", "python3-boto3").__version__)
    with support.Server(program) as server:
        if not tap.check(server.place, "the server is ready"):
            server.stop()
            print("#", server.errors)
            tap.end()
        rekognition = support.client(server.url)
        test_signatures(tap, server)
        test_parameters(tap, rekognition)
        test_operations(tap, rekognition)
        test_pictures(tap, rekognition)
        test_faces(tap, rekognition)
        test_text(tap, rekognition)
        test_codes(tap, rekognition)
        test_properties(tap, rekognition)
        test_limits(tap, server, rekognition)
        tap.equal(server.stop(), 0, "the server ends cleanly")
        tap.equal(server.errors, "", "the server had nothing to complain about")
    test_deadlines(tap, program)
    tap.end()


if __name__ == "__main__":
    main()
