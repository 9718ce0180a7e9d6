# SPDX-License-Identifier: BSD-2-Clause
"""What our processes may do, and who may look into them."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import wait
from lab.auth_client import AuthClient

STANDARD_FDS = (0, 1, 2)
CLOSE_ON_EXEC = 0o2000000


def _status(process, name):
    text = (process.pid_directory() / "status").read_text()
    return re.search(rf"^{name}:[ \t]*(.*)$", text, re.MULTILINE)[1].split()


def _is_closed_to_its_own_user(directory):
    """Neither a core nor a debugger of its user shows its memory: what is not dumpable is root's in /proc (proc(5))."""
    limits = (directory / "limits").read_text()
    return re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE) is not None and \
        (directory / "mem").stat().st_uid == 0


def _has_no_privileges(process):
    assert "0" not in _status(process, "Uid") + _status(process, "Gid")
    assert not _status(process, "Groups")
    assert all(int(_status(process, f"Cap{kind}")[0], 16) == 0 for kind in ("Inh", "Prm", "Eff", "Amb"))
    assert _status(process, "NoNewPrivs") == ["1"]
    assert _is_closed_to_its_own_user(process.pid_directory())


def test_sendpassd_has_no_privileges_and_shows_nobody_its_memory(stack):
    _has_no_privileges(stack.sendpassd.process)


def test_the_milter_has_no_privileges_and_shows_nobody_its_memory(milters):
    _has_no_privileges(milters.milter.process)


def test_the_tool_shows_nobody_its_memory(stack):
    program = [stack.tool.program, "-f", stack.tool.configuration, "verify", "alice", "--socket", "/nonexistent"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, user="nobody", group="nogroup",
                          env=dict(os.environ, **stack.tool.environment)) as tool:
        try:
            # it is waiting for a password
            directory = Path(f"/proc/{tool.pid}")
            wait.until(lambda: _is_closed_to_its_own_user(directory), "the tool to close itself")
        finally:
            tool.stdin.close()


def _flags(directory, fd):
    return int(re.search(r"^flags:\s+(\d+)$", (directory / "fdinfo" / fd).read_text(), re.MULTILINE)[1], 8)


def test_no_program_would_inherit_a_descriptor(stack, credential):
    with AuthClient(stack.sendpassd.directory / "auth") as client:
        assert client.plain(credential.login, credential.password) == "OK"
        directory = stack.sendpassd.process.pid_directory()
        inherited = [os.readlink(directory / "fd" / fd) for fd in os.listdir(directory / "fd")
                     if int(fd) not in STANDARD_FDS and not _flags(directory, fd) & CLOSE_ON_EXEC]
    assert not inherited


@pytest.fixture
def closed(stack, lab_directory):
    """A sendpassd that was started without standard input, output and error, and logs to a file."""
    directory = lab_directory / "closed-log"
    directory.mkdir()
    shutil.chown(directory, "nobody")
    log = directory / "events.log"
    daemon = stack.daemon("closed")
    daemon.configure(log_target="file", log_file=log)
    daemon.process.command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *daemon.process.command]
    daemon.process.start(lambda: log.exists() and "event=ready" in log.read_text())
    yield daemon
    assert daemon.stop() == 0


def test_closed_standard_descriptors_are_nobodys_connection(closed, credential):
    with AuthClient(closed.directory / "auth") as client:
        assert client.plain(credential.login, credential.password) == "OK"
        directory = closed.process.pid_directory()
        opened = [os.readlink(directory / "fd" / str(fd)) for fd in STANDARD_FDS]
    assert opened == ["/dev/null"] * len(STANDARD_FDS)
