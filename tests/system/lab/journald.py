# SPDX-License-Identifier: BSD-2-Clause
"""A journal of its own: systemd-journald without systemd, and programs that log there.

Each runs in a mount namespace whose /run is a directory of ours.
"""
import json
import subprocess
from pathlib import Path

from .private_view import UNSHARE
from .process import Process

PROGRAM = Path("/lib/systemd/systemd-journald")
CONFIGURATION = """\
[Journal]
Storage=volatile
RateLimitIntervalSec=0
ReadKMsg=no
Audit=no
ForwardToSyslog=no
"""


class Journald:
    """Keeps what it gets until its directory goes."""

    def __init__(self, directory):
        self.directory = directory
        self.run = directory / "run"
        self.process = Process(
            [*self._view(f"mount --bind {directory}/journald.conf /etc/systemd/journald.conf"), str(PROGRAM)],
            directory / "journald.log", directory / "pid")

    def _view(self, *more):
        script = [f"mount --bind {self.run} /run", *more, 'exec "$@"']
        return [*UNSHARE, "sh", "-ec", "\n".join(script), "sh"]

    def command_prefix(self):
        """What comes before a command so that it logs here."""
        return self._view()

    def start(self):
        """Start it, and wait for its socket."""
        (self.run / "systemd").mkdir(parents=True)
        (self.directory / "journald.conf").write_text(CONFIGURATION)
        self.process.start((self.run / "systemd/journal/socket").exists)

    def stop(self):
        """End it, with its entries in journal.out for whoever searches all logs."""
        self.process.stop()
        (self.directory / "journal.out").write_bytes(self._journalctl("-o", "export"))

    def _journalctl(self, *arguments):
        return subprocess.run(["journalctl", "-q", "-D", str(self.run / "log/journal"), "--no-pager", *arguments],
                              check=True, stdout=subprocess.PIPE).stdout

    def entries(self, *matches):
        """The entries that match, as fields; bytes where a value is not printable."""
        entries = [json.loads(line) for line in self._journalctl("-o", "json", "--all", *matches).splitlines()]
        return [{name: bytes(value) if isinstance(value, list) else value for name, value in entry.items()}
                for entry in entries]

    def values(self, field):
        """All values that a field has."""
        return set(self._journalctl("-F", field).decode().splitlines())

    def lines(self, *matches):
        """What journalctl shows by default."""
        return self._journalctl("-o", "short-iso", *matches).decode().splitlines()
