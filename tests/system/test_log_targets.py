# SPDX-License-Identifier: BSD-2-Clause
"""Where sendpassd's log goes, and that no login waits for it."""
import fcntl
import os
import re
import shutil
import stat
import subprocess
import time

import pytest

from lab import journald, private_view, wait
from lab.auth_client import AuthClient
from lab.fail2ban import Fail2ban
from lab.sendpassd import parse
from lab.syslog import Syslog
from lab.target import Target

STRANGER = "192.0.2.71"
FLOOD = 4000  # lines of 700 bytes: more than 1 MiB, and what a socket or a pipe takes before that
LONG_LOGIN = "x" * 250
AT_ONCE = 2.0  # seconds
EQUAL = 5000

needs_namespaces = pytest.mark.skipif(not private_view.is_possible(), reason="no mount namespaces")
needs_journald = pytest.mark.skipif(not journald.PROGRAM.exists(), reason="no systemd-journald")


def _flood(client, login, count):
    """That many refusals, sent and answered on one connection."""
    for begin in range(0, count, 100):
        for number in range(begin + 1, begin + 101):
            client.begin_plain(number, login, "no app password")
        for _ in range(100):
            assert client.line().startswith("FAIL\t")


# ---- systemd's journal ----

@pytest.fixture(scope="module", name="journal")
def _journal(stack):
    """A journal."""
    directory = stack.directory / "journal"
    directory.mkdir()
    server = journald.Journald(directory)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", name="journaled")
def _journaled(stack, journal):
    """A sendpassd that logs to it."""
    place = Target(stack, "journaled", log_target="journal", log_facility="authpriv")
    place.daemon.process.command[:0] = journal.command_prefix()
    place.daemon.process.start(lambda: journal.entries("SENDPASS_EVENT=ready"))
    yield place
    assert place.daemon.stop() == 0
    assert journal.entries("SENDPASS_EVENT=stopped")


@needs_namespaces
@needs_journald
def test_the_journal_has_each_pair_as_a_field(journal, journaled, tmp_path):
    hostile = 'x\ny" ip=192.0.2.99 event=auth'
    with AuthClient(journaled.auth) as client:
        assert client.plain(journaled.login, journaled.password, 1) == "OK"
        assert client.plain("bob", "no app password", 2, address=STRANGER) == "FAIL"
        assert client.plain(hostile, "no app password", 3) == "FAIL"
    wait.until(lambda: len(journal.entries("SENDPASS_EVENT=auth")) >= 3, "three attempts in the journal")
    granted, = journal.entries("SENDPASS_RESULT=granted")
    denied, = journal.entries("SENDPASS_IP=" + STRANGER)
    odd, = journal.entries(f"SENDPASS_LOGIN={hostile}")
    assert granted["SENDPASS_LOGIN"] == journaled.login
    assert (granted["PRIORITY"], denied["PRIORITY"]) == ("6", "5")
    assert denied["SENDPASS_REASON"] == "malformed"
    assert denied["SYSLOG_IDENTIFIER"] == "sendpassd" and denied["SYSLOG_FACILITY"] == "10"
    assert odd["SENDPASS_IP"] == "127.0.0.1" and "\n" not in odd["MESSAGE"]
    for entry in (granted, denied):
        fields = parse("info: " + entry["MESSAGE"]).fields
        assert fields == {name[9:].lower(): value for name, value in entry.items() if name.startswith("SENDPASS_")}
    assert {"ok", "malformed"} <= journal.values("SENDPASS_REASON")
    if shutil.which("fail2ban-regex"):
        assert Fail2ban(tmp_path / "fail2ban").counted("sendpass", journal.lines("-t", "sendpassd")) == [STRANGER]


# ---- a log that takes nothing ----

class _Journal:
    """A journald that is stopped."""

    target = "journal"

    def __init__(self, directory):
        directory.mkdir()
        self.journald = journald.Journald(directory)
        self.journald.start()

    def command_prefix(self):
        return self.journald.command_prefix()

    def ready(self):
        return self.journald.entries("SENDPASS_EVENT=ready")

    def block(self):
        self.journald.process.freeze()

    def release(self):
        self.journald.process.thaw()

    def lines(self):
        return [entry["MESSAGE"] for entry in self.journald.entries("-t", "sendpassd")]

    def close(self):
        self.journald.stop()


class _Collected:
    """Lines that are read only when somebody asks for them."""

    def __init__(self, directory):
        directory.mkdir()
        self.directory = directory
        self.collected = []

    def ready(self):
        return any("event=ready" in line for line in self.lines())

    def block(self):
        """Nobody reads from here on."""

    def release(self):
        """lines() reads."""

    def lines(self):
        self.collected += self.read()
        return self.collected

    def read(self):
        raise NotImplementedError

    def close(self):
        (self.directory / "lines.out").write_text("\n".join(self.lines()))


class _Syslog(_Collected):
    """A syslogd that does not read its socket."""

    target = "syslog"

    def __init__(self, directory):
        super().__init__(directory)
        self.syslog = Syslog(directory)

    def command_prefix(self):
        return self.syslog.command_prefix()

    def read(self):
        return [line for _, line in self.syslog.lines()]

    def close(self):
        super().close()
        self.syslog.close()


class _Pipe(_Collected):
    """A pipe for standard error that nobody reads."""

    target = "stderr"

    def __init__(self, directory):
        super().__init__(directory)
        self.path = directory / "pipe"
        os.mkfifo(self.path)
        self.end = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self.end, fcntl.F_SETPIPE_SZ, 65536)
        self.rest = b""

    def command_prefix(self):
        return ["sh", "-c", f'exec "$@" 2>{self.path}', "sh"]

    def read(self):
        try:
            self.rest += os.read(self.end, 1 << 20)
        except BlockingIOError:
            return []
        *lines, self.rest = self.rest.split(b"\n")
        return [line.decode().partition(": ")[2] for line in lines]

    def close(self):
        super().close()
        os.close(self.end)
        self.path.unlink()


def _accounted_for(lines):
    """Attempts that have a line, and lines that are said to be dropped."""
    dropped = [re.search(r"count=(\d+)", line) for line in lines if line.startswith("event=log_dropped ")]
    return sum(line.startswith("event=auth ") for line in lines), sum(int(count[1]) for count in dropped)


@needs_namespaces
@pytest.mark.parametrize("kind", [_Pipe, _Syslog, pytest.param(_Journal, marks=needs_journald)])
def test_a_log_that_takes_nothing_delays_no_login(kind, stack):
    reader = kind(stack.directory / f"blocked-{kind.target}")
    place = Target(stack, f"blocked-{kind.target}-sendpassd", log_target=kind.target)
    place.daemon.process.command[:0] = reader.command_prefix()
    place.daemon.process.start(reader.ready)
    reader.block()
    with AuthClient(place.auth) as client:
        _flood(client, LONG_LOGIN, FLOOD)
        started = time.monotonic()
        assert client.plain(place.login, place.password) == "OK"
        assert time.monotonic() - started < AT_ONCE
    reader.release()
    wait.until(lambda: sum(_accounted_for(reader.lines())) >= FLOOD, "all lines to be written or counted")
    with AuthClient(place.auth) as client:
        assert client.plain("again", "no app password") == "FAIL"
    wait.until(lambda: any("login=again" in line for line in reader.lines()), "lines to flow again")
    lines, dropped = _accounted_for(reader.lines())
    assert dropped > 0 and lines > 1000
    # the login that was let in meanwhile has a line, or two with its first use, or is among the dropped
    assert FLOOD + 2 <= lines + dropped <= FLOOD + 3
    assert place.daemon.stop() == 0
    reader.close()


# ---- a file ----

@pytest.fixture(scope="module", name="filed")
def _filed(stack):
    """A sendpassd that logs to a file, with folding as it is by default."""
    directory = stack.directory / "filed-log"
    directory.mkdir()
    shutil.chown(directory, "nobody")
    log = directory / "events.log"
    place = Target(stack, "filed", log_target="file", log_file=log, log_fold_repeats="yes", log_refused_per_second=200)
    place.daemon.process.start(lambda: log.exists() and "event=ready" in log.read_text())
    yield place, log
    assert place.daemon.stop() == 0
    assert "event=stopped" in log.read_text()


FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d \S+ sendpassd\[\d+\]: ([a-z]+: event=.*)")


def test_a_full_disk_costs_lines_and_no_login(stack, small_disk):
    log = small_disk.path / "events.log"
    place = Target(stack, "full-log", log_target="file", log_file=log)
    place.daemon.process.start(lambda: log.exists() and "event=ready" in log.read_text())

    def attempts(count):
        with AuthClient(place.auth) as client:
            _flood(client, LONG_LOGIN, count)
            assert client.plain(place.login, place.password) == "OK"

    def accounted_for():
        lines = log.read_text().splitlines()
        return _accounted_for([line.partition("sendpassd[")[2].split(": ", 2)[-1] for line in lines])

    small_disk.fill()
    attempts(100)  # more than the log's last page takes
    place.daemon.settle()
    small_disk.make_room()
    attempts(100)
    wait.until(lambda: sum(accounted_for()) >= 202, "all lines to be written or counted")
    lines, dropped = accounted_for()
    assert dropped > 0 and lines > 100
    # the one line that was cut is both, and the first use has a line of its own
    assert lines + dropped <= 204
    assert place.daemon.stop() == 0


def _events(log):
    return [parse(FORM.fullmatch(line)[1]).fields for line in log.read_text().splitlines()]


def test_equal_refusals_fill_few_lines_that_count_them_all(filed):
    place, log = filed
    started = time.monotonic()
    with AuthClient(place.auth) as client:
        _flood(client, "guessed", EQUAL)

    def refused():
        events = [event for event in _events(log) if event.get("login") == "guessed"]
        return events, sum(int(event.get("repeats", 1)) for event in events)
    wait.until(lambda: refused()[1] == EQUAL, "all refusals to be counted")
    seconds = time.monotonic() - started
    assert len(refused()[0]) <= 2 * (seconds + 1)


def test_a_log_file_that_is_moved_away_is_made_anew(filed):
    place, log = filed
    status = log.stat()
    assert stat.S_IMODE(status.st_mode) == 0o640 and log.owner() == "nobody"
    begin = log.stat().st_size
    log.rename(log.with_name("rotated.log"))
    place.daemon.reload()
    wait.until(lambda: log.exists() and "event=configuration_loaded" in log.read_text(), "the new file")
    assert stat.S_IMODE(log.stat().st_mode) == 0o640
    with AuthClient(place.auth) as client:
        assert client.plain("later", "no app password") == "FAIL"
    wait.until(lambda: any(event.get("login") == "later" for event in _events(log)), "the line")
    assert log.with_name("rotated.log").stat().st_size == begin


@pytest.mark.parametrize("settings, why", [
    ({"log_target": "file"}, "[log] target = file needs [log] file"),
    ({"log_file": "/tmp/x"}, "[log] file needs [log] target = file"),
    ({"log_target": "file", "log_file": "/tmp/no/such/directory/log"}, "No such file or directory"),
    ({"log_target": "syslog", "daemon_auth": "/tmp/no/such/directory/auth 0600 root root"},
     "its directory does not exist"),
])
def test_why_it_does_not_start_is_told_on_standard_error_wherever_the_log_goes(settings, why, stack):
    daemon = stack.daemon("unlogged")
    daemon.configure(**settings)
    result = subprocess.run(daemon.process.command, capture_output=True, text=True, timeout=20, check=False,
                            env={**os.environ, **daemon.process.environment})
    assert result.returncode == 1
    assert "event=start_failed" in result.stderr and why in result.stderr
