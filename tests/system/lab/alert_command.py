# SPDX-License-Identifier: BSD-2-Clause
"""A command for sendpassd's alerts that writes down what it was given."""
import os

from . import wait

# What it has open is its standard streams and, as it is a script, itself.
RECORDER = """\
#!/bin/sh
cat /proc/$$/environ >"{told}/$$.new"
{{ id -u; grep NoNewPrivs /proc/$$/status; readlink /proc/$$/fd/*; }} >"{told}/$$.state"
{more}
mv "{told}/$$.new" "{told}/$$.$(date +%s%N)"
"""


class AlertCommand:
    """directory is made, and the command in it: root's, while what it writes belongs to the user."""

    def __init__(self, directory, uid):
        directory.mkdir()
        self.path = directory / "command"
        self._told = directory / "told"
        self._told.mkdir()
        os.chown(self._told, uid, uid)
        self.replace()

    def replace(self, more="", text=None):
        """Have it do more than to write down, or something else."""
        new = self.path.with_suffix(".new")
        new.write_text(RECORDER.format(told=self._told, more=more) if text is None else text)
        new.chmod(0o755)
        new.rename(self.path)

    def forget(self):
        """Forget all that was told so far."""
        for file in self._told.iterdir():
            file.unlink(missing_ok=True)

    def told(self):
        """The environment of each run that has ended, in order."""
        files = [file for file in self._told.iterdir() if file.suffix not in (".new", ".state")]
        return [dict(text.split("=", 1) for text in file.read_bytes().decode().rstrip("\0").split("\0"))
                for file in sorted(files, key=lambda file: int(file.suffix[1:]))]

    def wait(self, count=1):
        """Wait for so many runs; all there are then."""
        return wait.until(lambda: len(self.told()) >= count and self.told(), f"{count} runs of the alert command")

    def state(self):
        """What the last run said of itself, as lines."""
        return max(self._told.glob("*.state"), key=lambda file: file.stat().st_mtime_ns).read_text().splitlines()
