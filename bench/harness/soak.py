# SPDX-License-Identifier: BSD-2-Clause
"""What memory sendpassd takes: at rest, in a crowd, and after a long time."""
import resource
import socket
import statistics
import time
from contextlib import ExitStack

from . import meter
from .facts import fact
from .parts import CLASSES

IDLE_MIB = 10
CONNECTIONS, ATTEMPTS = 1000, 200
ARGON2_MIB = 19
# What connections, requests and searches may take beside Argon2: a megabyte for each 64 of them
CROWD_MIB = 16
SETTLING = 0.25  # of the time, at the start, in which memory may grow to what it is used for
GROWTH_KIB_PER_MINUTE = 64
TURN = 3.0


def _mib(kibibytes):
    return kibibytes / 1024


def at_rest(contestant):
    """Just started, with nobody there."""
    resident = meter.resident_kib(contestant.process().pid)
    return fact(f"{contestant.name}: resident at rest", _mib(resident), "MiB",
                most=None if contestant.holds_directory else IDLE_MIB)


def crowd(field, contestant):
    """Many connections that do nothing, and guesses from as many others as there are attempts at once."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    daemon = contestant.site.daemon
    before = meter.resident_kib(daemon.process.pid)
    door = contestant.ways()[0].door
    with ExitStack() as idle:
        for _ in range(CONNECTIONS):
            connection = idle.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(door.at)
        result = field.loader.run(door, contestant.logins("wrong"), "fail", ATTEMPTS, seconds=TURN)
    slots = max(1, meter.cores() - 1)
    return fact(f"{contestant.name}: growth with {CONNECTIONS:,} idle connections and {ATTEMPTS} guesses at once, "
                f"of which {result.fail:,} were answered", _mib(daemon.peak_memory() - before), "MiB",
                most=slots * ARGON2_MIB + CROWD_MIB)


def long_time(field, contestant, minutes):
    """All kinds of attempts in turn at all doors, and what the resident memory does meanwhile."""
    pid = contestant.process().pid
    begin, samples = time.monotonic(), []
    turns = [(way, name) for name in CLASSES for way in contestant.ways()]
    while time.monotonic() < begin + 60 * minutes:
        for way, name in turns:
            field.loader.run(way.door, contestant.logins(name), CLASSES[name], 8, seconds=TURN)
            samples.append(((time.monotonic() - begin) / 60, meter.resident_kib(pid)))
            field.empty_logs()
    settled = [sample for sample in samples if sample[0] > minutes * SETTLING] or samples
    if len(settled) > 1:
        slope = statistics.linear_regression(*zip(*settled)).slope
        yield fact(f"{contestant.name}: growth over {minutes:g} minutes, the first quarter apart", slope,
                   "KiB a minute", most=GROWTH_KIB_PER_MINUTE)
    yield fact(f"{contestant.name}: resident at its end", _mib(samples[-1][1]), "MiB")


def soak(field, minutes):
    """All three for each of ours, one after the other."""
    for contestant in field.ours_alone():
        with field.running([contestant]):
            yield at_rest(contestant)
            yield crowd(field, contestant)
            yield from long_time(field, contestant, minutes)
