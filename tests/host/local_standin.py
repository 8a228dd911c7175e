# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-ins for image models and the classifier of imgrecog-local as boto3 sees them.

    local_standin.py IMGRECOG_LOCAL
"""

import base64
import io
import json
import subprocess
import sys

import local_support as support

PIL = support.need("PIL.Image", "python3-pil")
ImageChops = support.need("PIL.ImageChops", "python3-pil")
ImageDraw = support.need("PIL.ImageDraw", "python3-pil")
ImageFont = support.need("PIL.ImageFont", "python3-pil")
boto3 = support.need("boto3", "python3-boto3")
botocore_config = support.need("botocore.config", "python3-botocore")

LATIN_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
SDXL = "imgrecog.local-standin-sdxl-v1"
IMAGE = "imgrecog.local-standin-image-v1"
CLASSES = ["portrait", "document", "code", "other"]


def service(name, url):
    return boto3.client(
        name, endpoint_url=url, region_name="us-east-1", aws_access_key_id=support.KEY_ID,
        aws_secret_access_key=support.SECRET,
        config=botocore_config.Config(retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=200))


def encode(picture, kind="PNG", **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def text64(picture, kind="PNG", **options):
    return base64.b64encode(encode(picture, kind, **options)).decode()


def invoke(runtime, model, **body):
    return json.loads(runtime.invoke_model(modelId=model, body=json.dumps(body))["body"].read())


def sdxl(runtime, prompt="a cat running a marathon", **members):
    answer = invoke(runtime, SDXL, text_prompts=[{"text": prompt}], **members)
    artifact = answer["artifacts"][0]
    return PIL.open(io.BytesIO(base64.b64decode(artifact["base64"]))).convert("RGB"), answer


def image(runtime, prompt="a cat running a marathon", **members):
    answer = invoke(runtime, IMAGE, prompt=prompt, **members)
    return PIL.open(io.BytesIO(base64.b64decode(answer["images"][0]))).convert("RGB"), answer


def same(one, other):
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def textured(size):
    """A picture no two parts of which are alike."""
    picture = PIL.new("RGB", size)
    picture.putdata([((x * 7) % 256, (y * 5) % 256, (x * y) % 256) for y in range(size[1]) for x in range(size[0])])
    return picture


# ---- tests ---------------------------------------------------------------------------------------


def test_sdxl(tap, runtime, rekognition):
    picture, answer = sdxl(runtime, seed=7)
    tap.equal((picture.size, answer["result"], answer["artifacts"][0]["seed"], answer["artifacts"][0]["finishReason"]),
              ((1024, 1024), "success", 7, "SUCCESS"), "SDXL's shape")
    tap.check(same(picture, sdxl(runtime, seed=7)[0]), "the same seed, the same picture")
    tap.check(not same(picture, sdxl(runtime, seed=8)[0]), "another seed, another picture")
    tap.check(not same(picture, sdxl(runtime, "a dog", seed=7)[0]), "another prompt, another picture")
    chance = [sdxl(runtime, seed=0)[1]["artifacts"][0]["seed"] for _ in range(2)]
    tap.check(0 not in chance and chance[0] != chance[1], "seed 0 takes one by chance and says which", chance)
    for size in ((1152, 896), (896, 1152), (1536, 640), (768, 1344)):
        tap.equal(sdxl(runtime, width=size[0], height=size[1], seed=1)[0].size, size, f"size {size}")
    words = [item["DetectedText"] for item in
             rekognition.detect_text(Image={"Bytes": encode(picture)})["TextDetections"]]
    tap.check("STAND-IN" in " ".join(words) and "GENERATED" in words, "it can be read that it is a stand-in", words)
    tap.check("marathon" in words, "and what was asked for", words)
    markup = sdxl(runtime, "<span size='1'>x</span> %s & @file", seed=7)[0]
    tap.check(not same(markup, sdxl(runtime, "x %s & @file", seed=7)[0]), "markup in a prompt is drawn, not obeyed")


def test_sdxl_base(tap, runtime):
    base = textured((1024, 1024))
    mask = PIL.new("L", base.size, 0)
    ImageDraw.Draw(mask).rectangle((300, 400, 699, 799), 255)
    for name, source, given in [("white", "MASK_IMAGE_WHITE", mask),
                                ("black", "MASK_IMAGE_BLACK", ImageChops.invert(mask))]:
        picture, _ = sdxl(runtime, seed=3, init_image=text64(base), mask_source=source, mask_image=text64(given))
        changed = ImageChops.difference(picture, base)
        outside = PIL.composite(PIL.new("RGB", base.size), changed, mask)
        tap.check(outside.getbbox() is None, f"mask {name}: what is not masked is as it was", outside.getbbox())
        tap.check(changed.getbbox() is not None, f"mask {name}: what is masked is not")
    clear = base.convert("RGBA")
    clear.putalpha(ImageChops.invert(mask))
    picture, _ = sdxl(runtime, seed=3, init_image=text64(clear), mask_source="INIT_IMAGE_ALPHA")
    outside = PIL.composite(PIL.new("RGB", base.size), ImageChops.difference(picture, base), mask)
    tap.check(outside.getbbox() is None and not same(picture, base), "mask by alpha")
    strong = sdxl(runtime, seed=3, init_image=text64(base), image_strength=0.9)[0]
    weak = sdxl(runtime, seed=3, init_image=text64(base), image_strength=0.1)[0]

    def distance(picture):
        histogram = ImageChops.difference(picture, base).convert("L").histogram()
        return sum(value * count for value, count in enumerate(histogram))

    tap.check(distance(strong) < 0.7 * distance(weak), "image_strength: the more, the more of the picture is seen",
              (distance(strong), distance(weak)))
    small = textured((512, 640))
    tap.equal(sdxl(runtime, init_image=text64(small, "JPEG"))[0].size, (512, 640), "a JPEG, at its own size")
    large = textured((2000, 640))
    picture = sdxl(runtime, seed=3, init_image=text64(large, "JPEG", quality=95), image_strength=0.99)[0]
    tap.equal(picture.size, (2000, 640), "a large JPEG, at its own size, too")


def test_holes(tap, runtime, rekognition):
    """The words lie within what is painted, whole: a hole may be small, or no rectangle."""
    base = PIL.new("RGB", (1024, 1024), "white")
    rows = [("a small hole", (700, 120, 899, 219), "rectangle", ["STAND-IN", "GENERATED"]),
            ("a round hole", (100, 500, 459, 859), "ellipse", ["STAND-IN", "GENERATED", "cat"]),
            ("a hole for a word", (40, 40, 139, 75), "rectangle", ["STAND-IN"]),
            ("a hole for none", (500, 500, 539, 519), "rectangle", [])]
    for name, where, shape, wanted in rows:
        mask = PIL.new("L", base.size, 0)
        getattr(ImageDraw.Draw(mask), shape)(where, 255)
        picture, _ = sdxl(runtime, seed=11, prompt="a cat", init_image=text64(base),
                          mask_source="MASK_IMAGE_WHITE", mask_image=text64(mask))
        cut = picture.crop((where[0], where[1], where[2] + 1, where[3] + 1))
        cut = cut.resize((cut.width * 4, cut.height * 4), PIL.LANCZOS)
        words = [item["DetectedText"].strip(",.") for item in
                 rekognition.detect_text(Image={"Bytes": encode(cut)})["TextDetections"]
                 if item["Type"] == "WORD"]
        joined = " ".join(words)
        tap.check(all(word in joined for word in wanted) and (wanted or not words),
                  f"words in {name}: whole", words)


def test_image(tap, runtime):
    picture, answer = image(runtime, seed=5)
    tap.equal((answer["seeds"], answer["finish_reasons"], picture.size), ([5], [None], (1024, 1024)),
              "Stability's shape")
    for aspect, size in (("16:9", (1344, 768)), ("9:21", (640, 1536)), ("4:5", (896, 1088))):
        tap.equal(image(runtime, aspect_ratio=aspect, seed=1)[0].size, size, f"aspect {aspect}")
    base = textured((640, 400))
    mask = PIL.new("L", base.size, 0)
    ImageDraw.Draw(mask).rectangle((0, 0, 319, 399), 255)
    painted, _ = image(runtime, seed=2, image=text64(base), mask=text64(mask))
    tap.check(same(painted.crop((320, 0, 640, 400)), base.crop((320, 0, 640, 400))) and not same(painted, base),
              "mask: what is black stays")
    tap.equal(image(runtime, mode="image-to-image", image=text64(base), strength=0.4)[0].size, base.size,
              "image-to-image keeps the size")


def test_refused(tap, runtime):
    base, other = text64(textured((640, 400))), text64(textured((320, 400)))
    prompts = [{"text": "x"}]
    rows = [
        ("SDXL without a prompt", SDXL, {"text_prompts": []}),
        ("a prompt of 2,001 characters", SDXL, {"text_prompts": [{"text": "é" * 2001}]}),
        ("512 x 512", SDXL, {"text_prompts": prompts, "width": 512, "height": 512}),
        ("seed -1", SDXL, {"text_prompts": prompts, "seed": -1}),
        ("cfg_scale 36", SDXL, {"text_prompts": prompts, "cfg_scale": 36}),
        ("two samples", SDXL, {"text_prompts": prompts, "samples": 2}),
        ("a mask without a source", SDXL, {"text_prompts": prompts, "init_image": base, "mask_image": base}),
        ("a mask of another size", SDXL, {"text_prompts": prompts, "init_image": base, "mask_image": other,
                                          "mask_source": "MASK_IMAGE_WHITE"}),
        ("a mask without a picture", SDXL, {"text_prompts": prompts, "mask_image": base,
                                            "mask_source": "MASK_IMAGE_WHITE"}),
        ("a picture that is none", SDXL, {"text_prompts": prompts, "init_image": "AAAA"}),
        ("a picture that is not base64", SDXL, {"text_prompts": prompts, "init_image": "*"}),
        ("a picture of 63 pixels", SDXL, {"text_prompts": prompts, "init_image": text64(textured((63, 80)))}),
        ("Stability without a prompt", IMAGE, {"prompt": ""}),
        ("an unknown aspect", IMAGE, {"prompt": "x", "aspect_ratio": "3:1"}),
        ("webp", IMAGE, {"prompt": "x", "output_format": "webp"}),
        ("another edit", IMAGE, {"prompt": "x", "image": base, "search_prompt": "y"}),
        ("mode without a picture", IMAGE, {"prompt": "x", "mode": "image-to-image"}),
        ("SDXL's body for the other", IMAGE, {"text_prompts": prompts}),
    ]
    for name, model, body in rows:
        got, message = support.error_code(runtime.invoke_model, modelId=model, body=json.dumps(body))
        tap.equal(got, "ValidationException", f"refused: {name}")
        tap.check(message.strip(), f"refused: {name}: says why")
    got, _ = support.error_code(runtime.converse, modelId=SDXL, messages=[{"role": "user", "content": [{"text": "x"}]}])
    tap.equal(got, "ValidationException", "refused: Converse with a stand-in")


def page(lines):
    picture = PIL.new("RGB", (1100, 140 + 70 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((80, 70 + 70 * number), line, "black", ImageFont.truetype(LATIN_FONT, 34))
    return picture


def test_classifier(tap, sagemaker):
    code = subprocess.run(["qrencode", "-t", "PNG32", "-s", "10", "-m", "4", "-o", "-", "https://example.org"],
                          stdout=subprocess.PIPE, check=True).stdout
    lines = ["The local classifier takes a picture and says", "how probable each of its four classes is, which",
             "are portrait, document, code and other, always", "in this order, as numbers that sum up to one",
             "and this page is long enough to be a document", "because it has many words on several lines"]
    rows = [("portrait", open(support.portrait(), "rb").read()), ("document", encode(page(lines))),
            ("code", encode(PIL.open(io.BytesIO(code)).convert("RGB"))),
            ("other", encode(PIL.new("RGB", (300, 300), "green")))]
    for wanted, data in rows:
        answer = sagemaker.invoke_endpoint(EndpointName="imgrecog-local-classifier", Body=data,
                                           ContentType="application/x-image")
        numbers = json.loads(answer["Body"].read())
        tap.check(len(numbers) == 4 and abs(sum(numbers) - 1) < 1e-4 and
                  CLASSES[numbers.index(max(numbers))] == wanted and max(numbers) > 0.6, f"class: {wanted}", numbers)
    answer = sagemaker.invoke_endpoint(EndpointName="imgrecog-local-classifier", Body=rows[0][1],
                                       ContentType="image/jpeg", Accept="application/jsonlines")
    line = answer["Body"].read().decode()
    tap.check(line.endswith("\n") and len(json.loads(line)["prediction"]) == 4, "as a line of JSON", line)
    rows = [("no such endpoint", {"EndpointName": "mine"}, "ValidationError"),
            ("CSV", {"ContentType": "text/csv"}, "ModelError"), ("no picture", {"Body": b"x"}, "ModelError")]
    for name, arguments, wanted in rows:
        good = {"EndpointName": "imgrecog-local-classifier", "Body": encode(PIL.new("L", (90, 90))),
                "ContentType": "image/png"}
        tap.equal(support.error_code(sagemaker.invoke_endpoint, **{**good, **arguments})[0], wanted, f"refused: {name}")


def main():
    program = sys.argv[1]
    tap = support.Tap()
    # Sanitizers on a busy machine take their time.
    with support.Server(program, "--deadline-ms", "60000") as server:
        runtime = service("bedrock-runtime", server.url)
        test_sdxl(tap, runtime, service("rekognition", server.url))
        test_sdxl_base(tap, runtime)
        test_holes(tap, runtime, service("rekognition", server.url))
        test_image(tap, runtime)
        test_refused(tap, runtime)
        test_classifier(tap, service("sagemaker-runtime", server.url))
        tap.equal(server.stop(), 0, "the server ends cleanly")
        tap.equal(server.errors, "", "the server had nothing to complain about")
    tap.end()


if __name__ == "__main__":
    main()
