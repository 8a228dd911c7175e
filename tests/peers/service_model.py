#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All operations of our services, judged by botocore's models.

usage: service_model.py SERVICE_CALL

A server on 127.0.0.1 (service_judge.py) takes each request apart as AWS would. The signature is
recomputed with botocore's signer; the operation's parameters, as botocore's own validator takes
them, are serialised by botocore, and method, path, query, headers and body must be the same. The
answer has a value for every member of the model's output shape, event streams included; what our
reader prints must be what botocore's parser reads.
"""
import json
import sys
import urllib.parse

import botocore
from botocore.eventstream import EventStreamBuffer

from peer import need
from service_judge import (SESSION, Judge, as_params, b64, check_request, check_signature, event,
                           exception)

PICTURE = bytes(range(256)) * 3 + b"\x00\xff"
MASK = b"mask" * 50
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.made-up.model-v1:0"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:photos"

# ---- streams ------------------------------------------------------------------------------------

CONVERSE_EVENTS = [
    event("messageStart", {"role": "assistant"}),
    event("contentBlockDelta", {"delta": {"text": "A cat, 고양이 "}, "contentBlockIndex": 0}),
    event("contentBlockDelta", {"delta": {"text": "on a mat."}, "contentBlockIndex": 0, "p": "ab"}),
    event("contentBlockStop", {"contentBlockIndex": 0}),
    event("contentBlockStart", {"start": {"toolUse": {"toolUseId": "t1", "name": "tag"}},
                                "contentBlockIndex": 1}),
    event("contentBlockDelta", {"delta": {"toolUse": {"input": "{\"tags\":"}},
                                "contentBlockIndex": 1}),
    event("contentBlockDelta", {"delta": {"toolUse": {"input": "[\"cat\"]}"}},
                                "contentBlockIndex": 1}),
    event("messageStop", {"stopReason": "tool_use"}),
    event("metadata", {"usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18},
                       "metrics": {"latencyMs": 5}}),
]


def chunk(value):
    return event("chunk", {"bytes": b64(json.dumps(value).encode()), "p": "abcdefg"})


CLAUDE_EVENTS = [
    chunk({"type": "message_start",
           "message": {"usage": {"input_tokens": 11, "output_tokens": 1}}}),
    chunk({"type": "content_block_start", "index": 0,
           "content_block": {"type": "text", "text": ""}}),
    chunk({"type": "ping"}),
    chunk({"type": "content_block_delta", "index": 0,
           "delta": {"type": "text_delta", "text": "A cat, 고양이 "}}),
    chunk({"type": "content_block_delta", "index": 0,
           "delta": {"type": "text_delta", "text": "on a mat."}}),
    chunk({"type": "content_block_stop", "index": 0}),
    chunk({"type": "content_block_start", "index": 1,
           "content_block": {"type": "tool_use", "id": "t1", "name": "tag", "input": {}}}),
    chunk({"type": "content_block_delta", "index": 1,
           "delta": {"type": "input_json_delta", "partial_json": "{\"tags\":[\"cat\"]}"}}),
    chunk({"type": "message_delta", "delta": {"stop_reason": "tool_use"},
           "usage": {"output_tokens": 7}}),
    chunk({"type": "message_stop"}),
]
STREAM_ANSWER = {"text": "A cat, 고양이 on a mat.", "stopReason": "tool_use", "inputTokens": 11,
                 "outputTokens": 7, "toolName": "tag"}


# ---- rows ----------------------------------------------------------------------------------------

INLINE = {"Bytes": b64(PICTURE)}
IN_S3 = {"S3Object": {"Bucket": "photos-1", "Name": "a b/é.jpg", "Version": "v1"}}


def judge_rekognition(judge):
    rows = [
        ("DetectLabels", " inline", {"Image": INLINE, "MaxLabels": 7, "MinConfidence": 33.5}),
        ("DetectLabels", " of S3 with all settings", {
            "Image": IN_S3, "MaxLabels": 1000, "MinConfidence": 0,
            "Features": ["GENERAL_LABELS", "IMAGE_PROPERTIES"],
            "Settings": {"GeneralLabels": {
                "LabelInclusionFilters": ["Cat", "Dog"], "LabelExclusionFilters": ["Car"],
                "LabelCategoryInclusionFilters": ["Animals and Pets"],
                "LabelCategoryExclusionFilters": ["Vehicles and Automotive"]},
                "ImageProperties": {"MaxDominantColors": 0}}}),
        ("DetectLabels", " of colours only", {"Image": INLINE, "Features": ["IMAGE_PROPERTIES"],
                                              "Settings": {"ImageProperties":
                                                           {"MaxDominantColors": 20}}}),
        ("DetectText", "", {"Image": IN_S3, "Filters": {"WordFilter": {
            "MinConfidence": 50, "MinBoundingBoxHeight": 0.05, "MinBoundingBoxWidth": 0.02}}}),
        ("DetectText", " without filters", {"Image": INLINE}),
        ("DetectModerationLabels", "", {"Image": INLINE, "MinConfidence": 60,
                                        "ProjectVersion": "arn:aws:rekognition:eu-west-1:"
                                        "123456789012:project/p/version/v/1"}),
        ("DetectModerationLabels", " of S3", {"Image": IN_S3}),
        ("DetectFaces", "", {"Image": INLINE, "Attributes": ["DEFAULT", "FACE_OCCLUDED"]}),
        ("DetectFaces", " of S3, all attributes", {"Image": IN_S3, "Attributes": ["ALL"]}),
        ("DetectProtectiveEquipment", "", {"Image": INLINE, "SummarizationAttributes": {
            "MinConfidence": 80, "RequiredEquipmentTypes": ["FACE_COVER", "HEAD_COVER"]}}),
        ("DetectProtectiveEquipment", " without a summary", {"Image": IN_S3}),
        ("RecognizeCelebrities", "", {"Image": INLINE}),
        ("RecognizeCelebrities", " of S3", {"Image": IN_S3}),
    ]
    for name, what, params in rows:
        judge.operation("rekognition", name, params, what=what)


CHAT = {"modelId": ARN, "maxTokens": 300, "temperature": 0.5, "topP": 0.9,
        "stopSequences": ["###", "끝"], "system": "Be brief.", "guardrail": "gr12345678",
        "guardrailVersion": "1", "trace": True, "extra": "{\"top_k\": 5}",
        "schema": "{\"type\":\"object\"}", "schemaName": "tags", "toolChoice": "tag",
        "tools": [{"name": "tag", "description": "Tags.", "strict": True,
                   "schema": "{\"type\":\"object\",\"properties\":{\"tags\":"
                             "{\"type\":\"array\"}}}"}],
        "messages": [
            {"role": "user", "content": [
                {"image": {"format": "jpeg", "source": {"bytes": b64(PICTURE)}}},
                {"image": {"format": "png", "source": {"bytes": b64(MASK)}}},
                {"text": "What \"is\" this?\n뭐?"}]},
            {"role": "assistant", "content": [{"text": "A"}]},
            {"role": "user", "content": [{"text": "More."}]}]}
SCHEMA = json.loads(CHAT["tools"][0]["schema"])


def converse_params():
    return {"modelId": ARN, "messages": CHAT["messages"], "system": [{"text": CHAT["system"]}],
            "inferenceConfig": {"maxTokens": 300, "temperature": 0.5, "topP": 0.9,
                                "stopSequences": CHAT["stopSequences"]},
            "toolConfig": {"tools": [{"toolSpec": {"name": "tag", "description": "Tags.",
                                                   "inputSchema": {"json": SCHEMA}}}],
                           "toolChoice": {"tool": {"name": "tag"}}},
            "guardrailConfig": {"guardrailIdentifier": "gr12345678", "guardrailVersion": "1",
                                "trace": "enabled"},
            "additionalModelRequestFields": {"top_k": 5}}


def claude_body():
    content = [{"type": "image", "source": {"type": "base64", "media_type": "image/jpeg",
                                            "data": b64(PICTURE)}},
               {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                            "data": b64(MASK)}},
               {"type": "text", "text": CHAT["messages"][0]["content"][2]["text"]}]
    return {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 300, "temperature": 0.5,
            "top_p": 0.9, "stop_sequences": CHAT["stopSequences"], "system": CHAT["system"],
            "messages": [{"role": "user", "content": content},
                         {"role": "assistant", "content": [{"type": "text", "text": "A"}]},
                         {"role": "user", "content": [{"type": "text", "text": "More."}]}],
            "tools": [{"name": "tag", "description": "Tags.", "input_schema": SCHEMA,
                       "strict": True}],
            "tool_choice": {"type": "tool", "name": "tag"},
            "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
            "top_k": 5}


CONVERSE_ANSWER = {
    "output": {"message": {"role": "assistant", "content": [
        {"text": "A cat, 고양이 "}, {"text": "on a mat."},
        {"toolUse": {"toolUseId": "t1", "name": "tag", "input": {"tags": ["cat"]}}}]}},
    "stopReason": "tool_use", "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18},
    "metrics": {"latencyMs": 5}}
CLAUDE_ANSWER = {"type": "message", "role": "assistant", "content": [
    {"type": "text", "text": "A cat, 고양이 "}, {"type": "text", "text": "on a mat."},
    {"type": "tool_use", "id": "t1", "name": "tag", "input": {"tags": ["cat"]}}],
    "stop_reason": "tool_use", "usage": {"input_tokens": 11, "output_tokens": 7}}


def is_stream_answer(document):
    return document is not None and json.loads(document["toolInput"]) == {"tags": ["cat"]} and \
        all(document[k] == v for k, v in STREAM_ANSWER.items())


def stream_reply(events, kind="application/vnd.amazon.eventstream"):
    return 200, {"Content-Type": kind}, b"".join(events)


def judge_converse(judge):
    document = judge.operation("bedrock-runtime", "Converse", converse_params(), CHAT, reads=False,
                               value=CONVERSE_ANSWER)
    judge.tap.check(is_stream_answer(document), "Converse: text, tool, reason and tokens", document)
    body = json.loads(judge.server.seen[0][3])
    judge.tap.check(body["outputConfig"] == {"textFormat": {"type": "json_schema", "structure": {
        "jsonSchema": {"schema": CHAT["schema"], "name": "tags"}}}} and
        body["toolConfig"]["tools"][0]["toolSpec"]["strict"] is True,
        "Converse: structured output", body.get("outputConfig"))
    plain = {"modelId": "made-up.model-v1:0",
             "messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    judge.operation("bedrock-runtime", "Converse", plain, reads=False, what=" with nothing else",
                    value=CONVERSE_ANSWER)
    model = SESSION.get_service_model("bedrock-runtime")
    for piece in (1 << 20, 1, 7):
        done, document = judge.call("ConverseStream", CHAT, stream_reply(CONVERSE_EVENTS), piece)
        judge.tap.check(is_stream_answer(document), f"ConverseStream in pieces of {piece}",
                        done.stderr or document)
    problems = check_request(model, model.operation_model("ConverseStream"),
                             as_params(model.operation_model("ConverseStream").input_shape,
                                       converse_params()), judge.server.seen[0])
    judge.tap.check(problems == [], "ConverseStream: signature, shape and botocore's own request",
                    "\n".join(problems))
    theirs = EventStreamBuffer()
    theirs.add_data(b"".join(CONVERSE_EVENTS + CLAUDE_EVENTS))
    judge.tap.check(len(list(theirs)) == len(CONVERSE_EVENTS + CLAUDE_EVENTS),
                    "botocore reads the same event streams")


def judge_invoke(judge):
    headers = {"contentType": "application/json", "accept": "application/json",
               "guardrailIdentifier": "gr12345678", "guardrailVersion": "1", "trace": "ENABLED",
               "performanceConfigLatency": "optimized"}
    ours = {**CHAT, "latency": "optimized", "serviceTier": "flex"}
    model = SESSION.get_service_model("bedrock-runtime")
    reply = (200, {"Content-Type": "application/json"}, json.dumps(CLAUDE_ANSWER).encode())
    for name, answer in (("InvokeModel", reply),
                         ("InvokeModelWithResponseStream", stream_reply(CLAUDE_EVENTS))):
        done, document = judge.call(name + ":claude", ours, answer, 11)
        judge.tap.check(is_stream_answer(document), f"{name} of Claude: text, tool, reason, tokens",
                        done.stderr or document)
        request = judge.server.seen[0]
        params = {"modelId": ARN, "body": request[3], **headers}
        problems = check_request(model, model.operation_model(name), params, request)
        judge.tap.check(problems == [], f"{name}: signature, shape and botocore's own request",
                        "\n".join(problems))
        judge.tap.check(request[2].get("X-Amzn-Bedrock-Service-Tier") == "flex", f"{name}: tier")
        judge.tap.check(json.loads(request[3]) == claude_body(), f"{name}: Claude's body",
                        request[3])


TASKS = ["generate", "inpaint", "outpaint", "erase", "remove-background", "search-replace",
         "search-recolor", "sketch", "structure", "style-guide", "style-transfer", "creative",
         "conservative", "fast"]


def judge_pictures(judge):
    image = {"image": b64(PICTURE)}
    common = {"prompt": "a cat, 고양이", "negative_prompt": "dogs", "seed": 4294967294,
              "output_format": "png"}
    edit = {**common, **image, "style_preset": "anime"}
    upscale = {"prompt": "p", **image, "negative_prompt": "n", "seed": 1, "creativity": 0.3}
    rows = {
        "generate": {**common, "aspect_ratio": "16:9"},
        "inpaint": {**edit, "mask": b64(MASK), "grow_mask": 0},
        "outpaint": {**image, "left": 0, "down": 2000, "creativity": 0.5, "prompt": "sea"},
        "erase": {**image, "mask": b64(MASK), "grow_mask": 5, "seed": 0},
        "remove-background": {**image, "output_format": "webp"},
        "search-replace": {**edit, "search_prompt": "dog"},
        "search-recolor": {**edit, "select_prompt": "car"},
        "sketch": {**edit, "control_strength": 0.7},
        "structure": {**edit, "control_strength": 1},
        "style-guide": {**edit, "fidelity": 0.5, "aspect_ratio": "1:1"},
        "style-transfer": {"image": b64(PICTURE), "style_image": b64(MASK), "style_strength": 1,
                           "composition_fidelity": 0.9, "change_strength": 0.1, "prompt": "p"},
        "creative": upscale,
        "conservative": upscale,
        "fast": {**image, "output_format": "png"},
    }
    answer = {"seeds": [4294967294], "finish_reasons": [None], "images": [b64(PICTURE)]}
    reply = (200, {"Content-Type": "application/json"}, json.dumps(answer).encode())
    for number, task in enumerate(TASKS):
        done, document = judge.call("InvokeModel:stability",
                                    {"modelId": ARN, "task": number, **rows[task]}, reply)
        sent = json.loads(judge.server.seen[0][3]) if judge.server.seen else None
        wanted = dict(rows[task])
        if task == "style-transfer":
            wanted["init_image"] = wanted.pop("image")
        judge.tap.check(sent == wanted, f"Stability {task}: the body", done.stderr or sent)
        judge.tap.check(document == {"images": [b64(PICTURE)], "seeds": [4294967294],
                                     "withheld": 0}, f"Stability {task}: the picture", done.stderr)
    judge_filters(judge)
    judge_sdxl(judge)


def judge_filters(judge):
    for reason, words in (("Filter reason: prompt", "retryable=0"),
                          ("Filter reason: output image", "retryable=0"),
                          ("Inference error", "retryable=1")):
        answer = {"seeds": [], "finish_reasons": [reason], "images": []}
        judge.refusal("InvokeModel:stability", {"modelId": ARN, "task": 0, "prompt": "x"},
                      (200, {}, json.dumps(answer).encode()), [reason, words],
                      f"a picture withheld with HTTP 200 is no success: {reason}")


def judge_sdxl(judge):
    ours = {"modelId": ARN, "prompt": "a cat", "negative_prompt": "dogs", "width": 1344,
            "height": 768, "cfg_scale": 7.5, "clip_guidance_preset": "FAST_BLUE",
            "sampler": "K_EULER", "style_preset": "anime", "seed": 42, "steps": 30, "samples": 1,
            "init_image": b64(PICTURE), "image_strength": 0.35,
            "mask_source": "MASK_IMAGE_WHITE", "mask_image": b64(MASK)}
    wanted = {k: v for k, v in ours.items() if k not in ("modelId", "prompt", "negative_prompt")}
    wanted["text_prompts"] = [{"text": "a cat", "weight": 1}, {"text": "dogs", "weight": -1}]
    wanted["init_image_mode"] = "IMAGE_STRENGTH"
    artifact = {"seed": 42, "base64": b64(PICTURE), "finishReason": "SUCCESS"}
    reply = (200, {}, json.dumps({"result": "success", "artifacts": [artifact]}).encode())
    done, document = judge.call("InvokeModel:sdxl", ours, reply)
    judge.tap.check(json.loads(judge.server.seen[0][3]) == wanted, "SDXL: the body",
                    judge.server.seen[0][3])
    judge.tap.check(document == {"images": [b64(PICTURE)], "seeds": [42], "withheld": 0},
                    "SDXL: the picture", done.stderr)
    artifact["finishReason"] = "CONTENT_FILTERED"
    judge.refusal("InvokeModel:sdxl", {"modelId": ARN, "prompt": "x"},
                  (200, {}, json.dumps({"result": "success", "artifacts": [artifact]}).encode()),
                  ["CONTENT_FILTERED", "retryable=0"], "SDXL: a filtered picture is no success")


def judge_control(judge):
    judge.operation("bedrock", "ListFoundationModels",
                    {"byProvider": "Made Up", "byOutputModality": "IMAGE",
                     "byInferenceType": "ON_DEMAND"})
    judge.operation("bedrock", "ListFoundationModels", {}, what=" of all")
    judge.operation("bedrock", "GetFoundationModel", {"modelIdentifier": "made-up.model-v1:0"})
    judge.operation("bedrock", "ListInferenceProfiles",
                    {"typeEquals": "SYSTEM_DEFINED", "maxResults": 1000, "nextToken": "a+b/c=="})


def judge_others(judge):
    body = b64(PICTURE)
    judge.operation("sagemaker-runtime", "InvokeEndpoint", {
        "EndpointName": "photo-endpoint", "Body": body, "ContentType": "application/x-image",
        "Accept": "application/json", "CustomAttributes": "trace=1", "TargetModel": "m.tar.gz",
        "TargetVariant": "v1", "TargetContainerHostname": "host", "InferenceId": "id-1",
        "EnableExplanations": "`true`", "InferenceComponentName": "part", "SessionId": "s1"})
    judge.operation("sagemaker-runtime", "InvokeEndpoint", {
        "EndpointName": "e", "Body": "", "ContentType": "image/jpeg"}, what=" with an empty body")
    log = "START\n한\nEND"
    value = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": b"{\"ok\":true}",
             "LogResult": b64(log.encode())}
    for what, more in ((" and wait", {"InvocationType": "RequestResponse", "LogType": "Tail"}),
                       (" of an ARN", {"InvocationType": "Event", "Qualifier": "$LATEST",
                                       "ClientContext": "e30="})):
        name = "photos" if "Qualifier" not in more else \
            "arn:aws:lambda:eu-west-1:123456789012:function:photos"
        params = {"FunctionName": name, "Payload": b64(b"{\"key\":1}"), **more}
        document = judge.operation("lambda", "Invoke", params, reads=False, what=what, value=value)
        judge.tap.check(document is not None and document["LogText"] == log and
                        document["Payload"] == "{\"ok\":true}" and
                        document["ExecutedVersion"] == "$LATEST", f"Invoke{what}: the answer",
                        document)
    judge.operation("logs", "CreateLogGroup", {"logGroupName": "/img/recog_1"}, reads=False)
    judge.operation("logs", "CreateLogStream", {"logGroupName": "/img/recog_1",
                                                "logStreamName": "2026/11/20 [x]"}, reads=False)
    judge.operation("logs", "FilterLogEvents", {
        "logGroupName": "g", "logStreamNamePrefix": "2026", "filterPattern": "{ $.x = \"1\" }",
        "startTime": 0, "endTime": 1795210500000, "limit": 10000, "nextToken": "t"})
    judge.operation("logs", "PutLogEvents", {
        "logGroupName": "g", "logStreamName": "s",
        "logEvents": [{"timestamp": 1795210500000, "message": "한 \"x\"\t"},
                      {"timestamp": 1795210500001, "message": "y"}]}, reads=False, value={})
    judge_states(judge)
    judge_iam(judge)


def judge_states(judge):
    arn = "arn:aws:states:eu-west-1:123456789012:execution:photos:run-1"
    judge.operation("stepfunctions", "StartExecution", {
        "stateMachineArn": MACHINE, "name": "run-1", "input": "{\"key\":\"한\"}"})
    done = {"executionArn": arn, "status": "SUCCEEDED", "name": "run-1", "output": "{\"x\":1}",
            "startDate": 1795210500.5, "stopDate": 1795210501.5, "stateMachineArn": MACHINE}
    judge.operation("stepfunctions", "StartSyncExecution",
                    {"stateMachineArn": MACHINE, "input": "{}"}, value=done)
    judge.operation("stepfunctions", "DescribeExecution", {"executionArn": arn}, value=done)
    failed = {**done, "status": "FAILED", "error": "Photo.Bad", "cause": "no face in it"}
    judge.refusal("StartSyncExecution", {"stateMachineArn": MACHINE},
                  (200, {}, json.dumps(failed).encode()),
                  ["FAILED", "no face in it", "aws_code=Photo.Bad"],
                  "an execution that failed with HTTP 200 is no success")


def ask_iam(judge, name, params, answer):
    """(what we read, what botocore reads) of an answer of IAM's; the query is botocore's body."""
    model = SESSION.get_service_model("iam")
    operation = model.operation_model(name)
    xml = (f'<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{name}Result>'
           f"{answer}</{name}Result></{name}Response>").encode()
    done, document = judge.call(name, params, (200, {"Content-Type": "text/xml"}, xml))
    method, path, _, body = judge.server.seen[0]
    theirs = botocore.serialize.create_serializer("query").serialize_to_request(params, operation)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
    judge.tap.check((method, path[:2], query, body) == ("GET", "/?", theirs["body"], b""),
                    f"{name}: botocore's own request, as a query", (path, theirs["body"]))
    problems = check_signature(judge.server.seen[0], "iam")
    judge.tap.check(problems == [], f"{name}: the signature", "\n".join(problems))
    parsed = botocore.parsers.create_parser("query").parse(
        {"status_code": 200, "headers": {}, "body": xml}, operation.output_shape)
    return document if done.returncode == 0 else done.stderr, parsed


def judge_iam(judge):
    role = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_한_1"
    ours, theirs = ask_iam(judge, "GetRole", {"RoleName": "AWSReservedSSO_1"},
                           f"<Role><Path>/aws-reserved/</Path><Arn>{role}</Arn></Role>")
    judge.tap.check(ours == {"Arn": theirs["Role"]["Arn"]} == {"Arn": role},
                    "GetRole: the ARN as botocore reads it", (ours, theirs))
    decisions = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>{word}</EvalDecision>"
        "</member>" for action, word in (("bedrock:InvokeModel", "allowed"),
                                         ("s3:PutObject", "explicitDeny")))
    ours, theirs = ask_iam(
        judge, "SimulatePrincipalPolicy",
        {"PolicySourceArn": role, "ActionNames": ["bedrock:InvokeModel", "s3:PutObject"],
         "ResourceArns": [ARN, "arn:aws:s3:::photos/*"]},
        f"<EvaluationResults>{decisions}</EvaluationResults>")
    judge.tap.check(ours == {one["EvalActionName"]: one["EvalDecision"]
                             for one in theirs["EvaluationResults"]},
                    "SimulatePrincipalPolicy: the decisions as botocore reads them", (ours, theirs))


def judge_execute_api(judge):
    ours = {"ApiId": "a1b2c3", "Method": "POST", "Stage": "prod", "Path": "/image generation/é",
            "ContentType": "application/json", "ApiKey": "key", "Body": b64(b"{\"a\":1}"),
            "Query": "x y+z&"}
    done, document = judge.call("ExecuteApi", ours, (200, {}, b"pong"))
    method, path, headers, body = judge.server.seen[0]
    judge.tap.check(document == {"Body": "pong"}, "execute-api: the answer", done.stderr)
    judge.tap.check((method, path, body) == (
        "POST", "/prod/image%20generation/%C3%A9?q=x%20y%2Bz%26", b"{\"a\":1}") and
        headers["x-api-key"] == "key", "execute-api: the request", path)
    problems = check_signature(judge.server.seen[0], "execute-api")
    judge.tap.check(problems == [], "execute-api: the signature", "\n".join(problems))


def judge_errors(judge):
    """Errors before and after HTTP 200, each with AWS's code."""
    stream = "application/vnd.amazon.eventstream"
    names = {"throttlingException": 1, "internalServerException": 1,
             "serviceUnavailableException": 1, "modelStreamErrorException": 0,
             "validationException": 0, "modelTimeoutException": 0}
    for name, retryable in names.items():
        code = name[0].upper() + name[1:]
        for operation, events in (("ConverseStream", CONVERSE_EVENTS),
                                  ("InvokeModelWithResponseStream:claude", CLAUDE_EVENTS)):
            judge.refusal(operation, CHAT,
                          stream_reply([*events[:3], exception(name, "because 한")], stream),
                          [f"aws_code={code} retryable={retryable}", "because 한"],
                          f"{operation}: {name} after HTTP 200")
    cut = b"".join(CONVERSE_EVENTS)
    wrong = bytearray(cut)
    wrong[-5] ^= 1
    for data, what, word in (
            (cut[:-3], "cut", "ends within a message"), (bytes(wrong), "damaged", "checksum"),
            (b"".join(CONVERSE_EVENTS[:5]), "without its end", "before its last part"),
            (b"", "empty", "before its last part")):
        judge.refusal("ConverseStream", CHAT, (200, {"Content-Type": stream}, data),
                      ["Bedrock: ", word], f"an event stream that is {what} is no success")
    rows = [
        ("Converse", 404, "ResourceNotFoundException",
         "This model version has reached the end of its life", "imgrecog models", 0),
        ("Converse", 404, "ResourceNotFoundException",
         "Access denied. This Model is marked by provider as Legacy", "imgrecog models", 0),
        ("Converse", 400, "ValidationException",
         "Invocation of model ID x with on-demand throughput isn't supported",
         "inference profile", 0),
        ("Converse", 408, "ModelTimeoutException", "slow", "too long", 0),
        ("Converse", 424, "ModelErrorException", "bad", "another model", 0),
        ("Converse", 429, "ModelNotReadyException", "not yet", "loaded", 1),
        ("Converse", 429, "ThrottlingException", "slow", "Wait", 1),
        ("InvokeEndpoint", 424, "ModelError", "Received server error (500)", "log", 0),
        ("InvokeEndpoint", 530, "InternalDependencyException", "x", "later", 0),
        ("Invoke", 429, "TooManyRequestsException", "Rate Exceeded", "Wait", 1),
        ("Invoke", 413, "RequestTooLargeException", "x", "less", 0),
        ("DescribeExecution", 400, "ExecutionDoesNotExist", "x", "ARN", 0),
        ("DetectLabels", 400, "InvalidS3ObjectException", "x", "region", 0),
    ]
    params = {"Converse": CHAT, "InvokeEndpoint": {"EndpointName": "e", "Body": ""},
              "Invoke": {"FunctionName": "f"}, "DescribeExecution": {"executionArn": "a"},
              "DetectLabels": {"Image": INLINE}}
    for name, status, code, message, hint, retryable in rows:
        body = json.dumps({"message": message}).encode()
        judge.refusal(name, params[name],
                      (status, {"x-amzn-ErrorType": code + ":http://x/", "Content-Type":
                                "application/json"}, body),
                      [f"aws_code={code} retryable={retryable}", message, hint],
                      f"{name}: {status} {code}: {message[:30]}")
    for reason, word in (("max_tokens", "cut off"), ("guardrail_intervened", "guardrail"),
                         ("content_filtered", "filter"), ("refusal", "declined"),
                         ("made_up", "made_up")):
        answer = {**CONVERSE_ANSWER, "stopReason": reason}
        judge.refusal("Converse", CHAT, (200, {}, json.dumps(answer).encode()), [word],
                      f"Converse: an answer that ended with {reason} is no success")
    judge.refusal("Invoke", {"FunctionName": "f"},
                  (200, {"X-Amz-Function-Error": "Unhandled"},
                   "{\"errorType\":\"KeyError\",\"errorMessage\":\"no such 키\"}".encode()),
                  ["the function failed: no such 키", "aws_code=KeyError"],
                  "Invoke: a function that failed with HTTP 200 is no success")
    judge.refusal("PutLogEvents", {"logGroupName": "g", "logStreamName": "s", "logEvents":
                                   [{"timestamp": 1, "message": "x"}]},
                  (200, {}, b"{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":1}}"),
                  ["1 of 1", "too old"], "PutLogEvents: rejected events are no success")


def judge_bearer(judge):
    """A Bedrock API key goes before keys, and only to Bedrock."""
    token = {"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-made-up"}
    reply = (200, {}, json.dumps(CONVERSE_ANSWER).encode())
    judge.call("Converse", CHAT, reply, env=token)
    headers = judge.server.seen[0][2]
    judge.tap.check(headers["Authorization"] == "Bearer bedrock-api-key-made-up" and
                    "X-Amz-Date" not in headers, "a Bedrock API key is used where it is set")
    judge.call("Converse", CHAT, reply, env={**token, "AWS_AUTH_SCHEME_PREFERENCE": "sigv4"})
    judge.tap.check(judge.server.seen[0][2]["Authorization"].startswith("AWS4-HMAC-SHA256"),
                    "but not where signatures are preferred")
    judge.call("InvokeEndpoint", {"EndpointName": "e", "Body": ""}, reply, env=token)
    judge.tap.check(judge.server.seen[0][2]["Authorization"].startswith("AWS4-HMAC-SHA256"),
                    "and for nothing else")


def main():
    judge = Judge(need(sys.argv[1]))
    print(f"# botocore {botocore.__version__}")
    for part in (judge_rekognition, judge_converse, judge_invoke, judge_pictures, judge_control,
                 judge_others, judge_execute_api, judge_errors, judge_bearer):
        part(judge)
    judge.server.shutdown()
    judge.tap.leave()


main()
