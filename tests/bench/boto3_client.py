# SPDX-License-Identifier: GPL-3.0-or-later
"""boto3 as its users call it, doing what bench-client does:

    boto3_client.py labels URL FOLDER COUNT THREADS [cold]
    boto3_client.py upload URL FILE TIMES

`labels` shares one client among the threads and makes one call before the clock runs, unless it is
to be cold. `upload` measures the last of TIMES calls of upload_file. Prints one line of JSON like
bench-client's. Credentials and region come from the environment.
"""
import concurrent.futures
import glob
import json
import resource
import sys
import time

import boto3
import botocore.config


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e3


def measure(count, work):
    started, cpu_started = time.monotonic(), cpu_ms()
    work()
    print(json.dumps({"count": count, "wall_ms": (time.monotonic() - started) * 1e3,
                      "cpu_ms": cpu_ms() - cpu_started}))


def labels(url, folder, count, threads, *words):
    threads = int(threads)
    paths = sorted(glob.glob(folder + "/*.jpg"))
    config = botocore.config.Config(max_pool_connections=max(10, threads))
    client = boto3.client("rekognition", endpoint_url=url, config=config)

    def ask(number):
        with open(paths[number % len(paths)], "rb") as stream:
            data = stream.read()
        answer = client.detect_labels(Image={"Bytes": data}, MaxLabels=100, MinConfidence=55)
        if answer["Labels"][0]["Name"] != "Dog":
            raise ValueError("not the stand-in's answer")

    def all_of_them():
        if threads == 1:
            for number in range(int(count)):
                ask(number)
            return
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(ask, number) for number in range(int(count))]:
                done.result()

    if not words:
        ask(0)
    measure(int(count), all_of_them)


def upload(url, file, times):
    client = boto3.client("s3", endpoint_url=url)
    for _ in range(int(times) - 1):
        client.upload_file(file, "bench", "bench")
    measure(1, lambda: client.upload_file(file, "bench", "bench"))


if __name__ == "__main__":
    {"labels": labels, "upload": upload}[sys.argv[1]](*sys.argv[2:])
