# SPDX-License-Identifier: BSD-2-Clause
"""One server process in the foreground, known by its pid file, so that a later program can stop it."""
import os
import signal
import subprocess
from pathlib import Path

from . import wait


class Process:
    """A command with its output in a log file. Outlives this program unless stopped."""

    def __init__(self, command, log, pid_file, environment=None):
        self.command = command
        self.log = log
        self.pid_file = pid_file
        self.environment = environment
        self.child = None
        self.pass_fds = ()

    def start(self, ready):
        """Start it, and wait until ready() is true. If that never comes, nothing is left running."""
        environment = dict(os.environ, **(self.environment or {}))
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, start_new_session=True, pass_fds=self.pass_fds)
        self.pid_file.write_text(f"{self.child.pid}\n")
        try:
            wait.until(lambda: self._ended_early() or ready(), f"{self.command[0]} to be ready")
        except AssertionError:
            self.stop()
            raise

    def _ended_early(self):
        assert self.running(), f"{self.command[0]} ended at once:\n{self.text()}"

    @property
    def pid(self):
        """The pid, or None if it was never started or has been stopped."""
        try:
            return int(self.pid_file.read_text())
        except FileNotFoundError:
            return None

    def pid_directory(self):
        """Its directory in /proc."""
        return Path("/proc") / str(self.pid)

    def running(self):
        """Whether the process exists and is no zombie."""
        if self.child is not None:
            return self.child.poll() is None
        try:
            return (self.pid_directory() / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def is_awake(self):
        """Whether it runs and is not frozen."""
        try:
            return self.pid is not None and \
                (self.pid_directory() / "stat").read_text().rpartition(")")[2].split()[0] not in "ZT"
        except FileNotFoundError:
            return False

    def signal(self, number):
        """Send a signal if the process is there."""
        if self.pid is not None and self.running():
            os.kill(self.pid, number)

    def freeze(self):
        """Keep it from doing anything, with its sockets open. Until one thread has the signal, the others go on."""
        self.signal(signal.SIGSTOP)
        wait.until(self._is_frozen, f"{self.command[0]} stopped")

    def _is_frozen(self):
        return all(stat.read_text().rpartition(")")[2].split()[0] in "Tt"
                   for stat in Path(f"/proc/{self.pid}/task").glob("*/stat"))

    def thaw(self):
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def wait(self, timeout=20.0):
        """Wait for the end. The exit status if the process is our own child, else None."""
        wait.until(lambda: not self.running(), f"the end of {self.command[0]}", timeout)
        self.pid_file.unlink(missing_ok=True)
        return None if self.child is None else self.child.returncode

    def stop(self):
        """End it, by force if it does not obey; the exit status as in wait()."""
        if self.pid is None:
            return None
        self.thaw()
        self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except wait.TimedOut:
            self.signal(signal.SIGKILL)
            self.wait()
            raise

    def text(self):
        """All of the log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""
