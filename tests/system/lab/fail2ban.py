# SPDX-License-Identifier: BSD-2-Clause
"""fail2ban as Debian has it, with our examples copied into its configuration as docs/fail2ban.md says."""
import shutil
import subprocess
from pathlib import Path

from .process import Process

STOCK = Path("/etc/fail2ban")
EXAMPLES = Path(__file__).resolve().parents[3] / "examples/fail2ban"
RECORD = """\
[Definition]
actionban = echo <ip> >> {banned}
actionunban =
"""
SERVER = """\
[Definition]
logtarget = STDOUT
dbfile = None
"""
# Loopback is all that a test has, and nothing here may touch the packet filter.
OVERRIDES = """\
[DEFAULT]
ignoreself = false
ignoreip =

[sendpass]
backend = polling
logpath = {log}
action = record
"""


class Fail2ban:
    """A configuration of its own in a directory."""

    def __init__(self, directory):
        self.directory = directory
        self.configuration = directory / "etc"
        self.banned_file = directory / "banned"
        self.process = None
        shutil.copytree(STOCK, self.configuration, ignore=shutil.ignore_patterns("*.local", "defaults-debian.conf"))
        shutil.copytree(EXAMPLES, self.configuration, dirs_exist_ok=True)

    def stock(self):
        """Take our changes of stock filters away."""
        for file in (self.configuration / "filter.d").glob("*.local"):
            file.unlink()

    def counted(self, filter_name, lines):
        """The addresses that a filter counts in these lines of a log, one for each line counted."""
        log = self.directory / "lines"
        log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        result = subprocess.run(
            ["fail2ban-regex", "-c", str(self.configuration), "--usedns=no", "--out=ip", str(log), filter_name],
            text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        assert result.returncode in (0, 255) and not result.stderr, result.stderr
        return result.stdout.split()

    def start(self, log):
        """Run the jail over that log file; a ban is a line in a file."""
        (self.configuration / "action.d/record.conf").write_text(RECORD.format(banned=self.banned_file))
        (self.configuration / "fail2ban.local").write_text(SERVER)
        (self.configuration / "jail.local").write_text(OVERRIDES.format(log=log))
        command = ["fail2ban-server", "-f", "-c", str(self.configuration), "-s", str(self.directory / "socket"),
                   "-p", str(self.directory / "own-pid"), "start"]
        self.process = Process(command, self.directory / "fail2ban.log", self.directory / "pid")
        self.process.start(lambda: "Jail 'sendpass' started" in self.process.text())

    def stop(self):
        """End it."""
        self.process.stop()

    def found(self, address):
        """How many guesses it has seen so far of that address, or of all that begin so."""
        return self.process.text().count(f"[sendpass] Found {address}")

    def banned(self):
        """Whom it has banned so far."""
        return self.banned_file.read_text(encoding="utf-8").split() if self.banned_file.exists() else []
