# SPDX-License-Identifier: BSD-2-Clause
"""One directory, one Postfix, and all contestants beside each other."""
import os
from contextlib import contextmanager

from lab.stack import Stack

from . import contestants, meter
from .directory import Directory
from .load import Door, Loader, Programs
from .rounds import Way


class Field:
    """directory must be reachable for every user. Names: which contestants beside ours; all for none."""

    def __init__(self, directory, build, shape, store, names=()):
        self.directory = directory
        self.programs = Programs(build)
        self.stack = Stack(directory, build)
        self.loader = Loader(self.programs, self.stack.sanitizer.program_environment())
        self.slapd = Directory(directory / "directory", self.stack.certificate, shape, self.programs, store)
        everybody = contestants.everybody(self)
        unknown = set(names) - set(everybody)
        if unknown:
            raise SystemExit(f"bench: no such contestant: {', '.join(sorted(unknown))}; "
                             f"there are {', '.join(everybody)}")
        self.contestants = [contestant for name, contestant in everybody.items()
                            if not names or name in names or isinstance(contestant, contestants.Ours)]

    @property
    def ours(self):
        """Our own contestants that take part."""
        return [contestant.name for contestant in self.contestants if isinstance(contestant, contestants.Ours)]

    def ours_alone(self):
        """Those, and nobody else."""
        return [contestant for contestant in self.contestants if contestant.name in self.ours]

    def prepare(self):
        """Write what can be written before anything runs, and load the directory."""
        self.slapd.prepare()
        self.stack.postfix.prepare()
        for contestant in self.contestants:
            for protocol, options in contestant.postfix_services().items():
                self.stack.postfix.add_service(f"{contestant.name}-{protocol}", *options)

    @contextmanager
    def running(self, some=None, postfix=False):
        """Within: slapd and the contestants run, all or some, and Postfix if so wanted."""
        servers = [self.slapd, *(self.contestants if some is None else some)]
        if postfix:
            servers.append(self.stack.postfix)
        started = []
        try:
            for server in servers:
                started.append(server)
                server.start()
            yield
        finally:
            for server in reversed(started):
                server.stop()

    def warm(self, some=None):
        """Let those that remember verified passwords see each right one once."""
        for contestant in self.contestants if some is None else some:
            if contestant.caches:
                way = contestant.ways()[0]
                self.loader.once(way.door, contestant.logins("right"), "ok", connections=4)

    def ways(self):
        """All contestants, in all ways that a load can ask them."""
        return [way for contestant in self.contestants for way in contestant.ways()]

    def postfix_ways(self):
        """All contestants, in all ways that Postfix can ask them."""
        return [Way(contestant, protocol,
                    Door("smtp", str(self.stack.postfix.services[f"{contestant.name}-{protocol}"])))
                for contestant in self.contestants for protocol in contestant.postfix_services()]

    def pids(self, contestant):
        """The processes that compute for it: its own, and slapd."""
        return contestant.process().pid, self.slapd.process.pid

    def processor_seconds(self, contestant):
        """What it has computed so far, and what slapd has."""
        return tuple(map(meter.processor_seconds, self.pids(contestant)))

    def empty_logs(self):
        """So that a long run does not fill the disk."""
        for contestant in self.contestants:
            for file in contestant.log_files():
                if file.exists():
                    os.truncate(file, 0)
