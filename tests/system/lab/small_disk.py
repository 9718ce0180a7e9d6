# SPDX-License-Identifier: BSD-2-Clause
"""A disk that a test may fill."""
import subprocess

SIZE = 1 << 20
NOBODY = 65534


class SmallDisk:
    """A file system of 1 MiB, which belongs to the user nobody."""

    def __init__(self, path):
        self.path = path
        self.ballast = path / "ballast"

    def mount(self):
        """False if there can be none here."""
        self.path.mkdir()
        options = f"size={SIZE},mode=700,uid={NOBODY}"
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.path], check=False).returncode == 0

    def fill(self):
        """No file can grow by a page any more."""
        with open(self.ballast, "wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                return

    def make_room(self):
        """As before fill()."""
        self.ballast.unlink()

    def unmount(self):
        """Nobody may have a file open there any more."""
        subprocess.run(["umount", self.path], check=True)
        self.path.rmdir()
