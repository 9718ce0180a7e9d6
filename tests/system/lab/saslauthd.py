# SPDX-License-Identifier: BSD-2-Clause
"""Cyrus SASL's own saslauthd in front of PAM."""
from .process import Process


class Saslauthd:
    """Its socket is directory/mux. -r: PAM is told the domain of a login too."""

    def __init__(self, directory, files, pam, environment):
        self.directory = directory
        self.files = files
        self.socket = directory / "mux"
        self.process = Process(
            [*pam.prefix, "saslauthd", "-a", "pam", "-r", "-d", "-n", "2", "-m", str(directory)],
            files / "saslauthd.log", files / "pid", environment)

    def prepare(self):
        """Make the directories."""
        self.files.mkdir(parents=True)
        self.directory.mkdir(parents=True)

    def start(self):
        """Start, and wait until it listens."""
        self.process.start(self.socket.exists)

    def stop(self):
        """Stop it."""
        self.process.stop()
