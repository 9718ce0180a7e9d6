# SPDX-License-Identifier: BSD-2-Clause
"""A program on a terminal of its own, as a person sees and types it."""
import os
import pty
import select
import signal
import termios

TIMEOUT = 20.0


class Terminal:
    """Runs the command. What it showed is in `shown`."""

    def __init__(self, command, environment):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            # a test run in the background of a shell has it ignored, which a program keeps
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvpe(command[0], command, dict(os.environ, **environment))
        self.shown = b""

    def _read(self):
        """Take in what is shown next. False at the end."""
        assert select.select([self.master], [], [], TIMEOUT)[0], f"nothing more came behind {self.shown}"
        try:
            more = os.read(self.master, 4096)
        except OSError:  # Linux says so when the program's side is closed
            return False
        self.shown += more
        return bool(more)

    def wait_for(self, text):
        """Wait until the text is shown."""
        while text not in self.shown:
            assert self._read(), f"ended without {text}: {self.shown}"

    def type(self, text):
        """Type it."""
        os.write(self.master, text)

    def echoes(self):
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def end(self):
        """Wait for the program's end: its exit status, or minus the signal that ended it."""
        while self._read():
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.master)
        return status
