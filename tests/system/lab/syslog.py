# SPDX-License-Identifier: BSD-2-Clause
"""What a program writes to syslog.

It runs in a mount namespace with a /dev of its own, whose log is a socket of ours.
"""
import socket

from .private_view import UNSHARE

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


class Syslog:
    """Collects lines while it is open."""

    def __init__(self, directory):
        self.devices = directory / "dev"
        self.devices.mkdir()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(directory / "log"))
        self.socket.setblocking(False)
        (self.devices / "log").symlink_to(directory / "log")
        for device in DEVICES:
            (self.devices / device).touch()

    def command_prefix(self):
        """What comes before a command so that it logs here."""
        script = [f"mount --bind /dev/{device} {self.devices}/{device}" for device in DEVICES]
        script += [f"mount --rbind {self.devices} /dev", 'exec "$@"']
        return [*UNSHARE, "sh", "-ec", "\n".join(script), "sh"]

    def lines(self):
        """What came since the last time, as (priority, text) without time and process."""
        found = []
        while True:
            try:
                text = self.socket.recv(8192).decode()
            except BlockingIOError:
                return found
            priority, _, rest = text.removeprefix("<").partition(">")
            found.append((int(priority), rest.partition("]: ")[2]))

    def close(self):
        """Stop collecting."""
        self.socket.close()
