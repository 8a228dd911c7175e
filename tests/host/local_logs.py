# SPDX-License-Identifier: GPL-3.0-or-later
"""STS and CloudWatch Logs of imgrecog-local as boto3 sees them, and which service a request is for.

    local_logs.py IMGRECOG_LOCAL
"""

import concurrent.futures
import fcntl
import http.client
import os
import signal
import sys
import tempfile
import time

import local_support as support

boto3 = support.need("boto3", "python3-boto3")
botocore_auth = support.need("botocore.auth", "python3-botocore")
botocore_config = support.need("botocore.config", "python3-botocore")
botocore_credentials = support.need("botocore.credentials", "python3-botocore")
botocore_request = support.need("botocore.awsrequest", "python3-botocore")

DAY_MS = 24 * 3600 * 1000


def service(name, url, key_id=support.KEY_ID, secret=support.SECRET):
    return boto3.client(
        name, endpoint_url=url, region_name="eu-central-1", aws_access_key_id=key_id, aws_secret_access_key=secret,
        config=botocore_config.Config(retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=60))


def code(call, **arguments):
    return support.error_code(call, **arguments)[0]


def post(url, name, headers, body=b"{}", path="/", method="POST"):
    request = botocore_request.AWSRequest(method, url + path, data=body, headers=headers)
    credentials = botocore_credentials.Credentials(support.KEY_ID, support.SECRET)
    botocore_auth.SigV4Auth(credentials, name, "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(url[7:], timeout=60)
    connection.request(method, path, body, dict(request.headers.items()))
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def test_sts(tap, url):
    identity = service("sts", url).get_caller_identity()
    tap.equal((identity["Account"], identity["Arn"]),
              ("000000000000", "arn:aws:iam::000000000000:user/imgrecog-local"), "who one is: local, in words")
    tap.equal(code(service("sts", url).assume_role, RoleArn="arn:aws:iam::000000000000:role/x", RoleSessionName="xx"),
              "InvalidAction", "no roles here")
    tap.equal(code(service("sts", url, secret="wrong").get_caller_identity), "SignatureDoesNotMatch", "a wrong secret")
    tap.equal(code(service("sts", url, key_id="AKIAIOSFODNN7EXAMPLE").get_caller_identity), "InvalidClientTokenId",
              "an unknown key")


def test_router(tap, url):
    json_type = {"Content-Type": "application/x-amz-json-1.1"}
    rows = [
        ("Rekognition's key, the logs' target", "rekognition", {**json_type, "X-Amz-Target": "Logs_20140328.PutLogEvents"},
         400, b"UnknownOperationException"),
        ("no such operation of the logs", "logs", {**json_type, "X-Amz-Target": "Logs_20140328.DeleteDestination"}, 400,
         b"UnknownOperationException"),
        ("a service that is not here", "dynamodb", {**json_type, "X-Amz-Target": "DynamoDB_20120810.ListTables"}, 400,
         b"InvalidSignatureException"),
        ("no Action", "sts", {"Content-Type": "application/x-www-form-urlencoded"}, 400, b"<Code>InvalidAction</Code>"),
    ]
    for name, scope, headers, status, wanted in rows:
        answer, data = post(url, scope, headers)
        tap.check(answer.status == status and wanted in data, f"router: {name}", (answer.status, data))


def events(*pairs):
    return [{"timestamp": ms, "message": text} for ms, text in pairs]


def test_put(tap, logs):
    now = int(time.time() * 1000)
    logs.create_log_group(logGroupName="/imgrecog/labels")
    logs.create_log_stream(logGroupName="/imgrecog/labels", logStreamName="2026/11/21/ü")
    place = {"logGroupName": "/imgrecog/labels", "logStreamName": "2026/11/21/ü"}
    tap.equal(code(logs.create_log_group, logGroupName="/imgrecog/labels"), "ResourceAlreadyExistsException",
              "a group that is there")
    tap.equal(code(logs.create_log_stream, **place), "ResourceAlreadyExistsException", "a stream that is there")
    one = events((now, "x"))
    rows = [("a group that is not there", {"logGroupName": "none"}, one, "ResourceNotFoundException"),
            ("a stream that is not there", {"logStreamName": "none"}, one, "ResourceNotFoundException"),
            ("a group's name with a blank", {"logGroupName": "a b"}, one, "InvalidParameterException"),
            ("a stream's name with a colon", {"logStreamName": "a:b"}, one, "InvalidParameterException"),
            ("no events", {}, [], "InvalidParameterException"),
            ("10,001 events", {}, events(*[(now, "x")] * 10001), "InvalidParameterException"),
            ("1,048,577 bytes", {}, events((now, "x" * (1048577 - 26))), "InvalidParameterException"),
            ("out of order", {}, events((now, "b"), (now - 1, "a")), "InvalidParameterException"),
            ("25 hours", {}, events((now - 25 * DAY_MS // 24, "a"), (now, "b")), "InvalidParameterException"),
            ("an empty message", {}, events((now, "")), "InvalidParameterException"),
            ("a time before 1970", {}, events((-1, "x")), "InvalidParameterException")]
    for name, arguments, batch, wanted in rows:
        tap.equal(code(logs.put_log_events, **{**place, **arguments}, logEvents=batch), wanted, f"refused: {name}")
    tap.equal(logs.filter_log_events(logGroupName="/imgrecog/labels")["events"], [], "nothing was kept of these")
    answer = logs.put_log_events(**place, logEvents=events((now - 15 * DAY_MS, "old"), (now - 15 * DAY_MS + 1, "old")))
    tap.equal(answer["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 2}, "events of 15 days ago are rejected")
    answer = logs.put_log_events(**place, logEvents=events((now, "kept"), (now + 3 * 3600 * 1000, "new")))
    tap.equal(answer["rejectedLogEventsInfo"], {"tooNewLogEventStartIndex": 1}, "events of tomorrow are rejected")
    logs.put_log_events(**place, logEvents=events((now, "x" * (1048576 - 26))))
    logs.put_log_events(**place, logEvents=events(*[(now + 1, "m")] * 10000))
    found = logs.filter_log_events(logGroupName="/imgrecog/labels", filterPattern="kept")["events"]
    tap.equal([(event["message"], event["timestamp"]) for event in found], [("kept", now)], "the limits themselves fit")


def test_filter(tap, logs):
    now = int(time.time() * 1000) - 60000
    logs.create_log_group(logGroupName="f")
    for name in ("a", "b", "ab"):
        logs.create_log_stream(logGroupName="f", logStreamName=name)
    logs.put_log_events(logGroupName="f", logStreamName="a", logEvents=events(
        (now, 'Label: Cat, "Confidence": 97'), (now + 20, "two\nlines"), (now + 40, "사진 레이블")))
    logs.put_log_events(logGroupName="f", logStreamName="b", logEvents=events((now + 10, "Label: Dog"), (now + 30, "x")))
    texts = ['Label: Cat, "Confidence": 97', "Label: Dog", "two\nlines", "x", "사진 레이블"]

    def filtered(**arguments):
        out = []
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName="f", **arguments):
            out += [event["message"] for event in page["events"]]
        return out

    rows = [("all, in order of time", {}, texts), ("one a page", {"PaginationConfig": {"PageSize": 1}}, texts),
            ("one stream", {"logStreamNames": ["b"]}, ["Label: Dog", "x"]),
            ("prefix", {"logStreamNamePrefix": "a"}, [texts[0], texts[2], texts[4]]),
            ("from", {"startTime": now + 30}, texts[3:]), ("until", {"endTime": now + 30}, texts[:3]),
            ("two words", {"filterPattern": "Label Cat"}, texts[:1]),
            ("words in quotes", {"filterPattern": '"Label: Dog"'}, texts[1:2]),
            ("not a word", {"filterPattern": "Label -Cat"}, texts[1:2]),
            ("one of two words", {"filterPattern": "?Cat ?Dog"}, texts[:2]),
            ("letters count", {"filterPattern": "label"}, []), ("Korean", {"filterPattern": "레이블"}, texts[4:])]
    for name, arguments, wanted in rows:
        tap.equal(filtered(**arguments), wanted, f"filter: {name}")
    for pattern in ("{ $.x = 1 }", "[a, b]", "%x%", '"open'):
        tap.equal(code(logs.filter_log_events, logGroupName="f", filterPattern=pattern), "InvalidParameterException",
                  f"refused: pattern {pattern}")
    tap.equal(code(logs.filter_log_events, logGroupName="none"), "ResourceNotFoundException", "a group not there")
    groups = logs.describe_log_groups(logGroupNamePrefix="/imgrecog")["logGroups"]
    tap.equal([(group["logGroupName"], group["creationTime"] > now) for group in groups],
              [("/imgrecog/labels", True)], "DescribeLogGroups")
    streams = logs.describe_log_streams(logGroupName="f", limit=2)
    tap.equal([stream["logStreamName"] for stream in streams["logStreams"]], ["a", "ab"], "DescribeLogStreams, a page")
    tap.equal((streams["logStreams"][0]["firstEventTimestamp"], streams["logStreams"][0]["lastEventTimestamp"]),
              (now, now + 40), "with the first and last event")
    streams = logs.describe_log_streams(logGroupName="f", limit=2, nextToken=streams["nextToken"])
    tap.equal([stream["logStreamName"] for stream in streams["logStreams"]], ["b"], "and the next page")


def test_bounds(tap, logs, folder):
    """A stream does not grow for ever, and what is newest stays."""
    now = int(time.time() * 1000)
    logs.create_log_group(logGroupName="long")
    logs.create_log_stream(logGroupName="long", logStreamName="s")
    for number in range(80):
        logs.put_log_events(logGroupName="long", logStreamName="s",
                            logEvents=events((now, f"n{number:03}"), (now, "x" * 1000000)))
    place = os.path.join(folder, "imgrecog/logs", "long+")
    total = sum(os.path.getsize(os.path.join(place, name)) for name in os.listdir(place))
    tap.check(total < 68 << 20, "80 MB of events do not take 80 MB", total)
    found = [event["message"] for page in
             logs.get_paginator("filter_log_events").paginate(logGroupName="long", filterPattern="n0")
             for event in page["events"]]
    tap.equal((found[-1], found == sorted(found), len(found) >= 32), ("n079", True, True), "the newest are there")
    names = [os.path.join(parent, name) for parent, folders, files in os.walk(folder) for name in folders + files]
    modes = {os.stat(name).st_mode & 0o077 for name in names}
    tap.equal(modes, {0}, "nobody else can read any of it")


def test_at_once(tap, program, folder):
    now = int(time.time() * 1000)
    environment = {"XDG_STATE_HOME": folder}
    with support.Server(program, environment=environment) as one, \
            support.Server(program, environment=environment) as two:
        clients = [service("logs", one.url), service("logs", two.url)]
        clients[0].create_log_group(logGroupName="once")
        clients[0].create_log_stream(logGroupName="once", logStreamName="s")

        def work(number):
            batch = events(*[(now, f"{number}-{index}-" + "y" * 500) for index in range(50)])
            clients[number % 2].put_log_events(logGroupName="once", logStreamName="s", logEvents=batch)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(40)))
        found = [event["message"] for page in
                 clients[1].get_paginator("filter_log_events").paginate(logGroupName="once")
                 for event in page["events"]]
        wanted = {f"{number}-{index}-" + "y" * 500 for number in range(40) for index in range(50)}
        tap.check(len(found) == 2000 and set(found) == wanted, "two servers: 2,000 events, each once", len(found))
        with open(os.path.join(folder, "imgrecog/logs/once+/s="), "r+") as lock, \
                concurrent.futures.ThreadPoolExecutor(1) as pool:
            fcntl.flock(lock, fcntl.LOCK_EX)
            work = pool.submit(clients[0].put_log_events, logGroupName="once", logStreamName="s",
                               logEvents=events((now, "waited")))
            time.sleep(0.5)
            waiting = work.done()
            fcntl.flock(lock, fcntl.LOCK_UN)
        found = clients[1].filter_log_events(logGroupName="once", filterPattern="waited")["events"]
        tap.equal((waiting, len(found)), (False, 1), "a writer waits for the stream's lock")
        one.process.send_signal(signal.SIGKILL)
    # A line that a crash cut off neither breaks reading nor swallows the next event.
    with open(os.path.join(folder, "imgrecog/logs/once+/s="), "a") as file:
        file.write('{"timestamp":1,"mess')
    with support.Server(program, environment=environment) as server:
        logs = service("logs", server.url)
        logs.put_log_events(logGroupName="once", logStreamName="s", logEvents=events((now + 1, "after")))
        found = logs.filter_log_events(logGroupName="once", startTime=now + 1)["events"]
        tap.equal([event["message"] for event in found], ["after"], "a cut-off line is passed over")


def main():
    program = sys.argv[1]
    tap = support.Tap()
    with tempfile.TemporaryDirectory() as folder:
        with support.Server(program, environment={"XDG_STATE_HOME": folder}) as server:
            logs = service("logs", server.url)
            test_sts(tap, server.url)
            test_router(tap, server.url)
            test_put(tap, logs)
            test_filter(tap, logs)
            test_bounds(tap, logs, folder)
            tap.equal(server.stop(), 0, "the server ends cleanly")
            tap.equal(server.errors, "", "the server had nothing to complain about")
        test_at_once(tap, program, folder)
    tap.end()


if __name__ == "__main__":
    main()
