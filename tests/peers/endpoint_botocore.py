#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where we send requests against botocore's rule sets: services, regions, FIPS, dual-stack, buckets.

usage: endpoint_botocore.py FIND_ENDPOINT
"""
import itertools
import subprocess
import sys

import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError

import peer

SERVICES = ["rekognition", "bedrock", "bedrock-runtime", "logs", "lambda", "sagemaker-runtime",
            "stepfunctions", "sts"]
REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ca-central-1", "ap-northeast-2",
           "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1"]
# Newer than some botocores' tables: only asked where it has their partition.
NEW_REGIONS = {"eusc-de-east-1": "aws-eusc"}
ISOLATED_REGIONS = ["us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"]
BUCKETS = ["photos", "my-photos-2026", "my.photos", "Photos", "my_photos", "x-abc-s3alias",
           "x--ol-s3", "192.168.1.1", "a" * 63, "a" * 64, "photos-"]
REFUSED = ["photos--use1-az4--x-s3", "p--use1-az4--xa-s3", "abc.mrap", "a/b", "a b"]
ENDPOINTS = ["https://s3.example", "https://s3.example:8443/pre", "http://127.0.0.1:9000"]


def rules(loader, partitions, service):
    return EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)


def resolve(provider, region, **parameters):
    """"URL REGION", or None where the rules know of no host."""
    try:
        found = provider.resolve_endpoint(Region=region, **parameters)
    except BotoCoreError:
        return None
    schemes = found.properties.get("authSchemes", [])
    signing = next((s["signingRegion"] for s in schemes if "signingRegion" in s), region)
    return f"{found.url} {signing}"


def service_questions(loader, partitions):
    known = {p["id"] for p in partitions["partitions"]}
    regions = REGIONS + [r for r, partition in NEW_REGIONS.items() if partition in known]
    for service in SERVICES:
        provider = rules(loader, partitions, service)
        for region, fips, dual in itertools.product(regions, (False, True), (False, True)):
            # Of 2026 (botocore 1.43); older rules know no dual-stack host of its own there.
            only_fips = service == "stepfunctions" and region.startswith("us-gov-") and dual
            expected = resolve(provider, region, UseFIPS=fips or only_fips, UseDualStack=dual)
            yield (service, region, fips, dual, "auto", "-", "-"), expected
        for region in ISOLATED_REGIONS:
            expected = resolve(provider, region, UseFIPS=False, UseDualStack=False)
            yield (service, region, False, False, "auto", "-", "-"), expected


def global_questions(loader, partitions):
    """IAM's host is one for all regions of a partition, and one region signs for it."""
    provider = rules(loader, partitions, "iam")
    for region, fips in (("us-east-1", False), ("eu-west-1", False), ("ap-northeast-2", False),
                         ("eu-west-1", True), ("us-gov-west-1", False), ("us-gov-east-1", True),
                         ("cn-north-1", False), ("cn-northwest-1", False)):
        expected = resolve(provider, region, UseFIPS=fips, UseDualStack=False)
        yield ("iam", region, fips, False, "auto", "-", "-"), expected


def bucket_questions(loader, partitions):
    provider = rules(loader, partitions, "s3")
    for region, fips, dual, style, bucket in itertools.product(
            ["us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1"],
            (False, True), (False, True), ("auto", "path"), BUCKETS):
        expected = resolve(provider, region, UseFIPS=fips, UseDualStack=dual, Bucket=bucket,
                           ForcePathStyle=style == "path", UseGlobalEndpoint=False)
        yield ("s3", region, fips, dual, style, bucket, "-"), expected
    for style, bucket, endpoint in itertools.product(("auto", "path", "virtual"), BUCKETS,
                                                     ENDPOINTS):
        # botocore turns a custom endpoint to the path style itself, before it asks the rules.
        expected = resolve(provider, "eu-west-1", UseFIPS=False, UseDualStack=False, Bucket=bucket,
                           Endpoint=endpoint, ForcePathStyle=style != "virtual",
                           UseGlobalEndpoint=False)
        # A name with dots before an address: we do not.
        if style == "virtual" and endpoint.startswith("http:"):
            expected = f"{endpoint}/{bucket} eu-west-1"
        yield ("s3", "eu-west-1", False, False, style, bucket, endpoint), expected
    for bucket in REFUSED:
        yield ("s3", "eu-west-1", False, False, "auto", bucket.replace(" ", "%20"), "-"), "refused"


def main():
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    asked = [(question, expected)
             for questions in (service_questions, global_questions, bucket_questions)
             for question, expected in questions(loader, partitions) if expected is not None]
    lines = [" ".join(str(int(part)) if isinstance(part, bool) else part for part in question)
             for question, _ in asked]
    out = subprocess.run([sys.argv[1]], input="\n".join(lines) + "\n", capture_output=True,
                         text=True, check=True)
    ours = out.stdout.splitlines()
    tap = peer.Tap()
    tap.check(len(ours) == len(asked), f"an answer to each of {len(asked)} questions", len(ours))
    for line, our, (_, expected) in zip(lines, ours, asked):
        tap.check(our == expected, line, f"ours: {our}\ntheirs: {expected}")
    tap.leave()


main()
