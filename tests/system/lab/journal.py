# SPDX-License-Identifier: BSD-2-Clause
"""A journal of systemd in a directory, written by systemd-journal-remote."""
import subprocess
import time
from pathlib import Path

PROGRAM = Path("/lib/systemd/systemd-journal-remote")
FACILITIES = {"mail": 2, "auth": 4}


class Journal:
    """directory is what --journal-directory takes."""

    def __init__(self, directory):
        self.directory = directory
        self.written = 0
        directory.mkdir()

    def add(self, *lines):
        """Add lines (facility, identifier, message)."""
        entries = []
        for facility, identifier, message in lines:
            self.written += 1
            fields = {"__REALTIME_TIMESTAMP": time.time_ns() // 1000, "__MONOTONIC_TIMESTAMP": self.written,
                      "_BOOT_ID": "1".zfill(32), "SYSLOG_FACILITY": FACILITIES[facility],
                      "SYSLOG_IDENTIFIER": identifier, "MESSAGE": message}
            entries.append("".join(f"{name}={value}\n" for name, value in fields.items()) + "\n")
        subprocess.run([PROGRAM, "-o", self.directory / "copied.journal", "-"], input="".join(entries), text=True,
                       check=True, capture_output=True, timeout=20)
