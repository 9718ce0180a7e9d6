# SPDX-License-Identifier: BSD-2-Clause
"""Driving one server with bench/load."""
import json
import os
import subprocess
from contextlib import contextmanager
from typing import NamedTuple

WRONG_ANSWERS = 3


class Programs:
    """bench/load, bench/null and bench/people of a build directory, built when asked for."""

    def __init__(self, build):
        names = ("load", "null", "people")
        subprocess.run(["make", "--silent", "-C", build, *(f"bench/{name}" for name in names)], check=True)
        self.load, self.null, self.people = (build / "bench" / name for name in names)


class Door(NamedTuple):
    """Where a server listens, and what it speaks: auth or saslauthd at a socket, smtp at a port."""

    protocol: str
    at: str


class Result(NamedTuple):
    """What one load told, or several together."""

    seconds: float
    ok: int
    fail: int
    temporary: int
    lost: int
    wrong: int
    latency: dict  # how many took so many nanoseconds

    @property
    def answers(self):
        """How many came."""
        return self.ok + self.fail + self.temporary

    @property
    def rate(self):
        """Answers in a second."""
        return self.answers / self.seconds if self.seconds else 0.0

    def quantile_us(self, share):
        """The time, in microseconds, that this share of all answers did not exceed."""
        total, seen = sum(self.latency.values()), 0
        for nanoseconds, count in sorted(self.latency.items()):
            seen += count
            if seen >= share * total:
                return nanoseconds / 1000
        return 0.0


def _result(line):
    told = json.loads(line)
    return Result(*(told[name] for name in ("seconds", "ok", "fail", "temporary", "lost", "wrong")),
                  {nanoseconds: count for nanoseconds, count in told["latency_ns"]})


def together(results):
    """Several results as one."""
    latency = {}
    for result in results:
        for nanoseconds, count in result.latency.items():
            latency[nanoseconds] = latency.get(nanoseconds, 0) + count
    return Result(*(sum(column) for column in list(zip(*results))[:-1]), latency)


class Loader:
    """Runs bench/load, and remembers how many answers were wrong. A wrong answer is told, and the bench goes on."""

    def __init__(self, programs, environment):
        self.program = programs.load
        self.environment = dict(os.environ, **environment)
        self.wrong = 0

    def _command(self, door, logins, expect, connections, outstanding, length):
        return [self.program, "--protocol", door.protocol, "--at", str(door.at), "--logins", logins,
                "--expect", expect, "--connections", str(connections), "--outstanding", str(outstanding), *length]

    def _take(self, status, output, told):
        if status not in (0, WRONG_ANSWERS):
            raise RuntimeError(f"bench/load failed: {told.strip()}")
        result = _result(output)
        self.wrong += result.wrong
        return result

    def run(self, door, logins, expect, connections=1, outstanding=1, seconds=1.0):
        """As many attempts as there is time for."""
        return self._finish(door, logins, expect, connections, outstanding,
                            ["--milliseconds", str(round(seconds * 1000))])

    def once(self, door, logins, expect, connections=1):
        """Each login once; expect may be "any", too."""
        return self._finish(door, logins, expect, connections, 1, ["--once"])

    def _finish(self, *arguments):
        done = subprocess.run(self._command(*arguments), capture_output=True, text=True, check=False,
                              env=self.environment)
        return self._take(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def meanwhile(self, door, logins, expect, connections):
        """Within: this load goes on. A list that holds its result afterwards."""
        command = self._command(door, logins, expect, connections, 1, ["--milliseconds", "3600000"])
        results = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment) as process:
            try:
                yield results
            finally:
                process.terminate()
                output, told = process.communicate()
        results.append(self._take(process.returncode, output, told))
