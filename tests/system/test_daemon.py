# SPDX-License-Identifier: BSD-2-Clause
"""sendpassd's life: start, signals, and one log line for each attempt."""
import subprocess
import threading

import pytest

from lab import load, wait
from lab.auth_client import AuthClient
from lab.doors import GRANTED

# Half a second or so of one core, within the default caps.
HEAVY = ("argon2_memory", 65536), ("argon2_passes", 10)


@pytest.fixture
def daemon(stack):
    """A sendpassd of its own, to be stopped and misled."""
    own = stack.daemon("other")
    own.configure()
    own.start()
    yield own
    own.stop()


@pytest.fixture
def slow_credential(stack, person):
    """An app password whose hash takes its time."""
    usual = stack.tool.configuration
    expensive = stack.daemon("expensive")
    expensive.configure(**dict(HEAVY))
    stack.tool.configuration = expensive.configuration
    yield stack.tool.issue(person.login)
    stack.tool.configuration = usual


def _wait_until_computing(daemon):
    """A running Argon2 is the one thing that makes sendpassd use its processor for long."""
    before = daemon.processor_time()
    wait.until(lambda: daemon.processor_time() > before + 2, "an attempt to be computed")


def test_sigterm_ends_it_after_the_running_attempts(daemon, slow_credential):
    with AuthClient(daemon.directory / "auth") as client:
        client.begin_plain(1, slow_credential.login, slow_credential.password)
        _wait_until_computing(daemon)
        assert daemon.stop() == 0
        assert client.line().startswith("OK\t1\t")
        assert client.line() == ""


def test_sigterm_ends_it_with_idle_connections_open(daemon):
    with AuthClient(daemon.directory / "auth") as client:
        assert daemon.stop() == 0
        assert client.line() == ""


def test_sighup_takes_up_a_good_configuration(daemon, credential):
    begin = daemon.mark()
    daemon.configure(directory_owner_active_filter="(uid=nobody-at-all)")
    daemon.reload()
    path = daemon.directory / "auth"

    def refused():
        with AuthClient(path) as client:
            return client.plain(credential.login, credential.password) == "FAIL"
    wait.until(refused, "the new filter to hold")
    assert daemon.events(begin, "auth")[-1].fields["reason"] == "owner_inactive"


@pytest.mark.parametrize("mistake", ["unknown key", "bad value", "no file", "missing secret"])
def test_sighup_refuses_a_bad_configuration_and_keeps_the_old(daemon, credential, mistake):
    begin = daemon.mark()
    if mistake == "unknown key":
        daemon.configure(ldap_colour="blue")
    elif mistake == "bad value":
        daemon.configure(ldap_timeout="soon")
    elif mistake == "missing secret":
        daemon.configure(ldap_bind_secret_file="/nonexistent/secret")
    else:
        daemon.configuration.unlink()
    daemon.reload()
    refused = wait.until(
        lambda: [event for event in daemon.events(begin) if event.level == "error"], "the refusal in the log")
    assert "sendpass.conf" in refused[0].line or "secret" in refused[0].line
    with AuthClient(daemon.directory / "auth") as client:
        assert client.plain(credential.login, credential.password) == "OK"


@pytest.mark.parametrize("mistake", [
    {"ldap_colour": "blue"},
    {"ldap_timeout": "soon"},
    {"ldap_uri": "ldap://192.0.2.1", "ldap_starttls": "no"},
    {"argon2_memory": "1"},
    {"directory_owner_filter": "(uid=nobody)"},
])
def test_check_config_finds_the_mistake(stack, mistake):
    checked = stack.daemon("checked")
    checked.configure()
    command = [*checked.process.command, "--check-config"]
    assert subprocess.run(command, check=False).returncode == 0
    checked.configure(**mistake)
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode != 0
    assert next(iter(mistake)).split("_", 1)[1] in result.stderr


def test_others_may_not_read_the_bind_secret(stack):
    checked = stack.daemon("checked")
    readable = stack.directory / "readable-secret"
    readable.write_text("secret\n")
    readable.chmod(0o644)
    checked.configure(ldap_bind_secret_file=readable)
    command = [*checked.process.command, "--check-config"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode != 0
    assert str(readable) in result.stderr


def test_it_runs_as_nobody(stack):
    status = (stack.sendpassd.process.pid_directory() / "status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    capabilities = next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1]
    assert "0" not in uids
    assert int(capabilities, 16) == 0


def test_it_loads_no_plugin_of_cyrus_sasl(stack):
    maps = (stack.sendpassd.process.pid_directory() / "maps").read_text()
    assert "/libldap" in maps
    assert "/sasl2/" not in maps


def test_idle_it_takes_less_than_ten_mebibytes(daemon, stack):
    if stack.sanitizer.active:
        pytest.skip("AddressSanitizer's own memory is counted with it")
    status = (daemon.process.pid_directory() / "status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]
    assert int(resident) < 10 * 1024


def _filters(daemon):
    """How many filters of system calls each of its threads has."""
    tasks = (daemon.process.pid_directory() / "task").iterdir()
    lines = [line for task in tasks for line in (task / "status").read_text().splitlines()]
    return [int(line.split()[1]) for line in lines if line.startswith("Seccomp_filters:")]


def test_every_thread_makes_only_system_calls_of_the_list(stack):
    if stack.sanitizer.active:
        pytest.skip("a build with sanitizers has no filter of system calls")
    filters = _filters(stack.sendpassd)
    assert len(filters) > 4
    assert set(filters) == {1}


def test_the_filter_of_system_calls_can_be_left_out(daemon, credential):
    daemon.stop()
    begin = daemon.mark()
    daemon.configure(daemon_seccomp="no")
    daemon.start()
    assert set(_filters(daemon)) == {0}
    assert daemon.events(begin, "unfiltered")
    with AuthClient(daemon.directory / "auth") as client:
        assert client.plain(credential.login, credential.password) == "OK"


@pytest.mark.parametrize("offer", ["right", "wrong"])
def test_each_attempt_leaves_exactly_one_line(door, mechanism, offer, stack, credential):
    begin = stack.sendpassd.mark()
    password = credential.password if offer == "right" else "no app password"
    for _ in range(3):
        door.attempt(mechanism, credential.login, password)
    stack.sendpassd.wait_for(begin, "auth")
    events = stack.sendpassd.events(begin, "auth")
    assert len(events) == 3
    for event in events:
        fields = event.fields
        assert fields["result"] == ("granted" if offer == "right" else "denied")
        assert fields["login"] == credential.login
        assert fields["ip"] == "127.0.0.1"
        assert fields["mech"] == mechanism
        assert fields["service"] == "smtp"
        if offer == "right":
            assert fields["id"] == credential.id


def test_a_burst_of_sessions_is_served(door, mechanism, credential):
    for _ in range(20):
        assert door.attempt(mechanism, credential.login, credential.password).code == GRANTED


def test_a_storm_of_signals_changes_no_answer(daemon, stack, person):
    attempts = []
    for _ in range(5):
        credential = stack.tool.issue(person.login)
        attempts += 20 * [(person.login, credential.password), ("alice", credential.password)]
    begin = daemon.mark()
    over = threading.Event()

    def storm():
        while not over.wait(0.002):
            daemon.reload()
    thread = threading.Thread(target=storm)
    thread.start()
    try:
        granted = load.in_turn(daemon.directory / "auth", attempts)
    finally:
        over.set()
        thread.join()
    assert granted == len(attempts) / 2
    assert len(daemon.events(begin, "configuration_loaded")) > 1
    reasons = [event.fields["reason"] for event in daemon.events(begin, "auth")]
    assert sorted(set(reasons)) == ["ok", "wrong_owner"] and len(reasons) == len(attempts)
