# SPDX-License-Identifier: BSD-2-Clause
"""Makes the nth library call of a sendpassd fail: tests/faults/injector.h."""
import mmap
import re
import struct
import subprocess

from .entries import SOURCE

PLAN = struct.Struct("=iIiIiiii")  # armed, nth, kind, seen, struck, clock_s, gave_up, only
ONCE = 0  # of enum fault_kind


class Faults:
    """The plan of a daemon, which must not have been started yet."""

    def __init__(self, daemon, stack):
        subprocess.run(["make", "--silent", "-C", stack.build, "tests/faults/injector.la"], check=True)
        header = (SOURCE / "tests/faults/injector.h").read_text()
        self.functions = re.findall(r"^\tX\((\w+), ", header, re.MULTILINE)
        daemon.directory.mkdir(parents=True, exist_ok=True)
        path = daemon.directory / "faults"
        path.write_bytes(bytes(PLAN.size))
        with path.open("r+b") as file:
            self.plan = mmap.mmap(file.fileno(), PLAN.size)
        daemon.process.environment = dict(daemon.process.environment, SP_FAULTS=str(path),
                                          LD_PRELOAD=str(stack.build / "tests/faults/.libs/injector.so"))

    def arm(self, nth, kind, only=None):
        """From now on calls, or those of one function only, are counted, and the nth fails."""
        counted = self.functions.index(only) + 1 if only else 0
        PLAN.pack_into(self.plan, 0, 0, nth, kind, 0, 0, self.clock(), 0, counted)
        PLAN.pack_into(self.plan, 0, 1, nth, kind, 0, 0, self.clock(), 0, counted)

    def struck(self):
        """Which function failed, or None so far."""
        struck = PLAN.unpack_from(self.plan)[4]
        return self.functions[struck - 1] if struck else None

    def disarm(self):
        """All is well again; as struck()."""
        struck = self.struck()
        PLAN.pack_into(self.plan, 0, 0, 0, 0, 0, 0, self.clock(), self.given_up(), 0)
        return struck

    def clock(self):
        """By how many seconds the daemon's wall clock is wrong."""
        return PLAN.unpack_from(self.plan)[5]

    def set_clock(self, seconds):
        """Have it wrong by that, from now on."""
        PLAN.pack_into(self.plan, 0, *PLAN.unpack_from(self.plan)[:5], seconds, self.given_up(), 0)

    def forget(self):
        """The process that gave up is not the next one."""
        self.plan[:] = bytes(PLAN.size)

    def given_up(self):
        """Whether a library has ended the process rather than let a call fail."""
        return PLAN.unpack_from(self.plan)[6] != 0
