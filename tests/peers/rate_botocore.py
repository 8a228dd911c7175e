#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our adaptive rate against botocore's, event by event, for generated runs.

usage: rate_botocore.py RATE_STEPS [SEED]

A run sends requests at changing speeds, some of which are throttled. After each event both must
have the same rate, and before each request both must give or refuse it a token. The seed is
printed, so that a failure can be replayed.
"""
import random
import subprocess
import sys

from botocore.exceptions import CapacityNotAvailableError
from botocore.retries import adaptive, bucket, throttling

import peer

RUNS = 40
EVENTS = 300
START_MS = 5_000_000
NEAR = 1e-6


class Clock:
    """botocore's clock: what a run says."""

    ms = START_MS

    def current_time(self):
        return self.ms / 1000


class Theirs:
    def __init__(self):
        self.clock = Clock()
        self.bucket = bucket.TokenBucket(max_rate=1, clock=self.clock)
        self.was_throttled = False
        self.limiter = adaptive.ClientRateLimiter(
            rate_adjustor=throttling.CubicCalculator(
                starting_max_rate=0, start_time=self.clock.current_time()),
            rate_clocker=adaptive.RateClocker(self.clock), token_bucket=self.bucket,
            throttling_detector=self, clock=self.clock)

    def is_throttling_error(self, **_):
        return self.was_throttled

    def take(self):
        """Milliseconds to wait, 0 when a token was given."""
        if not self.limiter._enabled:
            return 0
        try:
            self.bucket.acquire(block=False)
            return 0
        except CapacityNotAvailableError:
            return 1000 * self.bucket._sleep_amount(1)

    def learn(self, was_throttled):
        self.was_throttled = was_throttled
        self.limiter.on_receiving_response()
        return self.bucket.max_rate if self.limiter._enabled else 0.0


def make_run(rng):
    """(ms, what) for each event; a request's answer follows it."""
    events = []
    now_ms = START_MS
    pause_ms = 50
    chance = 0.0
    for index in range(EVENTS):
        if index % 30 == 0:
            pause_ms = rng.choice([1, 10, 50, 200, 1500])
            chance = rng.choice([0.0, 0.0, 0.02, 0.3])
        if index > 0:  # both begin at the same time
            now_ms += rng.randint(0, 2 * pause_ms)
        events.append((now_ms, "take"))
        now_ms += rng.randint(0, 300)
        events.append((now_ms, "throttled" if rng.random() < chance else "served"))
    return events


def judge(tap, program, number, events):
    text = "".join(f"{ms} {what}\n" for ms, what in events)
    out = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    ours = [float(line) for line in out.stdout.split()]
    theirs = Theirs()
    wrong = "" if len(ours) == len(events) else f"{len(ours)} answers for {len(events)} events"
    for index, ((ms, what), our) in enumerate(zip(events, ours)):
        theirs.clock.ms = ms
        if what == "take":
            their = theirs.take()
            same = (our == 0) == (their == 0) and -NEAR < our - min(their, 2000) < 1 + NEAR
        else:
            their = theirs.learn(what == "throttled")
            same = abs(our - their) <= NEAR * max(1.0, abs(their))
        if not same and not wrong:
            wrong = f"event {index} at {ms} ms, {what}: ours {our}, theirs {their}"
    throttled = sum(what == "throttled" for _, what in events)
    refused = sum(what == "take" and our > 0 for (_, what), our in zip(events, ours))
    tap.check(not wrong, f"run {number}: {throttled} throttled, {refused} had to wait", wrong)


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"# seed {seed}")
    rng = random.Random(seed)
    tap = peer.Tap()
    for number in range(RUNS):
        judge(tap, sys.argv[1], number, make_run(rng))
    tap.leave()


main()
