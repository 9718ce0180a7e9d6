# SPDX-License-Identifier: BSD-2-Clause
"""Waiting for a condition, never for a fixed time."""
import time

INTERVAL = 0.02


class TimedOut(AssertionError):
    """What was waited for did not come."""


def until(condition, what, timeout=20.0):
    """Return condition()'s first true value; raise TimedOut naming `what` if none comes in time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimedOut(f"waited {timeout:g} s for {what}")
        time.sleep(INTERVAL)
