# SPDX-License-Identifier: BSD-2-Clause
"""sendpassd in the foreground, with a configuration and a log of its own."""
import platform
import re
import shlex
import shutil
import signal
from pathlib import Path
from typing import NamedTuple

from . import wait
from .process import Process


FUTEX = {"x86_64": "202", "aarch64": "98"}[platform.machine()]
FUTEX_WAIT_BITSET = 9  # futex(2): what pthread_cond_wait(3) does, and no lock


class Event(NamedTuple):
    """One log line: its level, its fields, and the line itself."""

    level: str
    fields: dict
    line: str


class Sendpassd:
    """Settings are {(section, key): value, or a list of values}."""

    def __init__(self, program, directory, settings, environment):
        self.directory = directory
        self.configuration = directory / "sendpass.conf"
        self.log = directory / "sendpassd.log"
        self.settings = settings
        self.process = Process([str(program), "-f", str(self.configuration)], self.log, directory / "pid",
                               environment)
        self.followed = None

    def follow(self, server):
        """Answer from a replica of that slapd, from the next configure() on."""
        self.followed = server
        state = self.directory / "state"
        state.mkdir(parents=True, mode=0o700)
        shutil.chown(state, self.settings["daemon", "user"])
        self.settings["daemon", "state_directory"] = str(state)
        self.settings["directory", "mode"] = "replica"

    @property
    def replica(self):
        """The file of its replica."""
        return Path(self.settings["daemon", "state_directory"]) / "replica.lmdb"

    def configure(self, **changes):
        """Write sendpass.conf; changes are section_key=value, for this writing only."""
        settings = dict(self.settings)
        settings.update({tuple(name.split("_", 1)): value for name, value in changes.items()})
        lines, sections = [], {}
        for (section, key), value in settings.items():
            sections.setdefault(section, []).append((key, value if isinstance(value, list) else [value]))
        for section, rows in sections.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {value}" for key, values in rows for value in values]
        self.directory.mkdir(parents=True, exist_ok=True)
        self.configuration.write_text("\n".join(lines) + "\n")

    def start(self):
        """Start, and wait until it says that it is ready, and has what it follows."""
        begin = self.mark()
        self.process.start(lambda: self.events(begin, "ready"))
        if self.followed is not None:
            self.followed.followers.settle()

    def stop(self):
        """SIGTERM; the exit status."""
        return self.process.stop()

    def reload(self):
        """SIGHUP."""
        self.process.signal(signal.SIGHUP)

    def settle(self):
        """Wait until what was logged is written: a line is queued before the answer that a client sees, and the
        thread that writes them sleeps without end only when none is left. For a moment it may sleep with some,
        so that others go with them; or wait for its lock."""
        wait.until(self._log_thread_rests, "the log to be written")

    def _log_thread_rests(self):
        for task in self.process.pid_directory().glob("task/*"):
            try:
                name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
                call = (task / "syscall").read_text().split()
            except OSError:  # it has ended
                continue
            if name == "log":
                return rest.split()[0] not in "RD" and call[0] != "running" and (call[0] != FUTEX or _is_endless(call))
        return True

    def mark(self):
        """A place in the log, for events()."""
        self.settle()
        return self.log.stat().st_size if self.log.exists() else 0

    def events(self, since=0, name=None):
        """The log's events after a mark, all or those of one name."""
        self.settle()
        if not self.log.exists():
            return []
        found = [parse(line) for line in self.log.read_bytes()[since:].decode(errors="replace").splitlines()]
        return [event for event in found
                if event is not None and (name is None or event.fields["event"] == name)]

    def wait_for(self, since, name, **fields):
        """Wait for an event of that name with those fields; it."""
        def there():
            return [event for event in self.events(since, name)
                    if all(event.fields.get(key) == value for key, value in fields.items())]
        return wait.until(there, f"event={name} {fields} in the log of sendpassd")[0]

    def peak_memory(self):
        """The most memory it ever had resident, in KiB."""
        status = (self.process.pid_directory() / "status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1])

    def processor_time(self):
        """Clock ticks it has computed so far."""
        fields = (self.process.pid_directory() / "stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])


def _is_endless(futex):
    """Of a line of /proc/PID/task/TID/syscall: the number, then the arguments, of which the fourth is the timeout."""
    return int(futex[2], 16) & 0x7f == FUTEX_WAIT_BITSET and int(futex[4], 16) == 0


def parse(line):
    """One log line, or None for what is no event."""
    level, _, rest = line.partition(": ")
    if not rest.startswith("event="):
        return None
    return Event(level, dict(word.partition("=")[::2] for word in shlex.split(rest)), line)
