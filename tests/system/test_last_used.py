# SPDX-License-Identifier: BSD-2-Clause
"""When an app password was last used is written in the background, seldom, and no login depends on it."""
import re
import socket
import time
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.load import in_turn
from lab.slapd import SOURCE

HOME, ABROAD = "192.0.2.7", "203.0.113.9"
ATTRIBUTES = ("sendpassLastUsed", "sendpassLastAddress", "sendpassLastService")
LATER = b"20991231235959Z"
CREDENTIALS, LOGINS = 20, 2000
# What sendpassd may take to end, whatever the directory does: a write under way, and two seconds
ENDS_WITHIN = 6.0


@pytest.fixture
def daemon(stack):
    """A sendpassd of its own, that knows of nothing."""
    own = stack.daemon("used")
    own.configure(argon2_memory=8, argon2_passes=1, policy_throttle_login=0)
    own.start()
    yield own
    own.stop()


def _reload(daemon, **settings):
    begin = daemon.mark()
    daemon.configure(**settings)
    daemon.reload()
    daemon.wait_for(begin, "configuration_loaded")


@contextmanager
def _rewritten(slapd, old, new):
    """Within: slapd runs with another text in its configuration."""
    usual = slapd.configuration.read_text()
    assert old in usual
    slapd.stop()
    slapd.configuration.write_text(usual.replace(old, new))
    slapd.start()
    try:
        yield
    finally:
        slapd.stop()
        slapd.configuration.write_text(usual)
        slapd.start()


def _use(daemon, credential, address=HOME):
    with AuthClient(daemon.directory / "auth") as client:
        assert client.plain(credential.login, credential.password, address=address) == "OK"


def _last_use(stack, credential):
    """Time, address and service as the entry has them, or None for each."""
    attributes = stack.slapd.root().search(credential.dn)[0].attributes
    return tuple(attributes.get(name, [None])[0] for name in ATTRIBUTES)


def _wait_for_use(stack, credential, address=HOME):
    wait.until(lambda: _last_use(stack, credential)[1] == address.encode(), "its last use to be written")
    return _last_use(stack, credential)


def _writes(stack, credential=None):
    """How often slapd was asked to change that credential, or any."""
    dn = re.escape(credential.dn) if credential else "sendpassId=[^\"]*"
    return len(re.findall(f' MOD dn="{dn}"', stack.slapd.process.text()))


def _let_it_write(stack, daemon, person):
    """Wait until all that it had to write is written: of what comes last, at least."""
    last = stack.tool.issue(person.login)
    _use(daemon, last)
    _wait_for_use(stack, last)


def _now():
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime()).encode()


def test_the_first_use_writes_time_address_and_service(stack, daemon, credential):
    assert _last_use(stack, credential) == (None, None, None)
    begin, before = daemon.mark(), _now()
    _use(daemon, credential)
    used, address, service = _wait_for_use(stack, credential)
    assert before <= used <= _now()
    assert (address, service) == (HOME.encode(), b"smtp")
    event = daemon.wait_for(begin, "first_use")
    assert event.fields["id"] == credential.id and event.fields["ip"] == HOME
    assert not daemon.events(begin, "first_use_from_network")


def test_further_uses_within_the_hour_write_nothing(stack, daemon, person, credential):
    _use(daemon, credential)
    _wait_for_use(stack, credential)
    begin = daemon.mark()
    for address in (HOME, HOME, "192.0.2.8"):
        _use(daemon, credential, address)
    _let_it_write(stack, daemon, person)
    assert _writes(stack, credential) == 1
    news = [event for event in daemon.events(begin) if event.fields["event"].startswith("first_use")]
    assert [event.fields["id"] == credential.id for event in news] == [False]


def test_a_restart_does_not_write_again(stack, daemon, person, credential):
    _use(daemon, credential)
    _wait_for_use(stack, credential)
    daemon.stop()
    daemon.start()
    _use(daemon, credential)
    _let_it_write(stack, daemon, person)
    assert _writes(stack, credential) == 1


def test_a_new_network_is_written_and_told_of_once(stack, daemon, person, credential):
    _use(daemon, credential)
    _wait_for_use(stack, credential)
    begin = daemon.mark()
    _use(daemon, credential, ABROAD)
    _wait_for_use(stack, credential, ABROAD)
    event = daemon.wait_for(begin, "first_use_from_network", id=credential.id)
    assert event.fields["ip"] == ABROAD and event.fields["last_ip"] == HOME
    for address in (HOME, ABROAD):
        _use(daemon, credential, address)
    _let_it_write(stack, daemon, person)
    assert _writes(stack, credential) == 2
    assert len(daemon.events(begin, "first_use_from_network")) == 1


def test_verify_is_a_use_like_any_other(stack, credential):
    result = stack.tool.run("verify", credential.login, stdin=credential.password + "\n")
    assert result.returncode == 0, result.stderr
    wait.until(lambda: _last_use(stack, credential)[0], "its last use to be written")


def test_a_refused_attempt_is_no_use(stack, daemon, person, credential):
    stack.tool.revoke(credential)
    with AuthClient(daemon.directory / "auth") as client:
        assert client.plain(credential.login, credential.password) == "FAIL"
    _let_it_write(stack, daemon, person)
    assert _last_use(stack, credential) == (None, None, None)


def test_a_later_time_in_the_directory_stays(stack, daemon, person, credential):
    stack.slapd.root().replace(credential.dn, "sendpassLastUsed", LATER)
    for address in (HOME, ABROAD):
        _use(daemon, credential, address)
    _let_it_write(stack, daemon, person)
    assert _last_use(stack, credential)[0] == LATER


def test_two_hosts_leave_the_later_use(stack, daemon, person, credential):
    """Each writes for a network of its own; the second does not know of it that the first has."""
    other = stack.daemon("used-too")
    other.configure(argon2_memory=8, argon2_passes=1)
    other.start()
    try:
        for _ in range(5):
            _use(daemon, credential, HOME)
            _use(other, credential, ABROAD)
    finally:
        other.stop()
    _let_it_write(stack, daemon, person)
    for host in (daemon, other):
        assert not host.events(0, "usage_not_written")
    assert _last_use(stack, credential)[0] <= _now()


def _without_rights(stack):
    """The rules, and what they are without the right to write."""
    rules = (SOURCE / "examples/openldap/acl.conf").read_text()
    verifier = "\tby dn.exact=\"cn=verifier,ou=services,dc=example,dc=org\" "
    assert verifier + "write" in rules
    less = stack.slapd.directory / "acl-without-rights.conf"
    less.write_text(rules.replace(verifier + "write", verifier + "read"))
    return f"include {SOURCE}/examples/openldap/acl.conf", f"include {less}"


REFUSALS = {
    "forbidden": _without_rights,
    "read_only": lambda _: ("rootdn ", "readonly on\nrootdn "),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_where_it_may_not_write_logins_go_on_and_it_says_so_once(stack, daemon, person, reason):
    credentials = [stack.tool.issue(person.login) for _ in range(5)]
    begin = daemon.mark()
    with _rewritten(stack.slapd, *REFUSALS[reason](stack)):
        wait.until(lambda: _is_granted(daemon, credentials[0]), "slapd to be asked again")
        for credential in credentials[1:] * 2:
            _use(daemon, credential)
        wait.until(lambda: all(_writes(stack, credential) for credential in credentials), "all to be tried")
        daemon.wait_for(begin, "usage_not_written", reason=reason)
        assert daemon.stop() == 0
    assert len(daemon.events(begin, "usage_not_written")) == 1
    assert [_last_use(stack, credential)[0] for credential in credentials] == [None] * 5
    assert [_writes(stack, credential) for credential in credentials] == [1] * 5


def _is_granted(daemon, credential):
    with AuthClient(daemon.directory / "auth") as client:
        return client.plain(credential.login, credential.password, address=HOME) == "OK"


class WriteServer:
    """A URI at which nobody answers, until it is linked to slapd."""

    def __init__(self, path, slapd):
        self.path = path
        self.slapd = slapd
        self.uri = "ldapi://" + quote(str(path), safe="")

    def appear(self):
        """Now slapd answers there."""
        self.path.symlink_to(self.slapd.socket)


@pytest.fixture
def write_server(stack, daemon):
    """The daemon's write_uri."""
    server = WriteServer(daemon.directory / "write-server", stack.slapd)
    _reload(daemon, argon2_memory=8, argon2_passes=1, ldap_write_uri=server.uri)
    yield server
    server.path.unlink(missing_ok=True)


def test_while_nobody_takes_writes_they_wait_and_are_then_written(stack, daemon, person, write_server):
    credentials = [stack.tool.issue(person.login) for _ in range(3)]
    begin = daemon.mark()
    for credential in credentials * 2:
        _use(daemon, credential)
    daemon.wait_for(begin, "usage_delayed")
    _use(daemon, credentials[0], ABROAD)
    write_server.appear()
    assert _wait_for_use(stack, credentials[0], ABROAD)
    for credential in credentials[1:]:
        _wait_for_use(stack, credential)
    assert [_writes(stack, credential) for credential in credentials] == [1] * 3
    assert len(daemon.events(begin, "usage_delayed")) == 1
    assert not daemon.events(begin, "directory_down")


def test_the_end_writes_what_waits(stack, daemon, person, write_server):
    credentials = [stack.tool.issue(person.login) for _ in range(20)]
    begin = daemon.mark()
    for credential in credentials:
        _use(daemon, credential)
    daemon.wait_for(begin, "usage_delayed")
    write_server.appear()
    assert daemon.stop() == 0
    assert all(_last_use(stack, credential)[0] for credential in credentials)
    assert not daemon.events(begin, "usage_not_written")


@pytest.mark.parametrize("silent", [False, True], ids=["nobody there", "silent"])
def test_a_server_that_takes_no_writes_delays_neither_logins_nor_the_end(stack, daemon, person, write_server,
                                                                         silent):
    credentials = [stack.tool.issue(person.login) for _ in range(20)]
    begin = daemon.mark()
    with socket.socket(socket.AF_UNIX) as listener:
        if silent:
            listener.bind(str(write_server.path))
            listener.listen(16)
            write_server.path.chmod(0o666)
        for credential in credentials * 2:
            started = time.monotonic()
            _use(daemon, credential)
            assert time.monotonic() - started < 1.0
        daemon.wait_for(begin, "usage_delayed")
        started = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - started < ENDS_WITHIN
    assert len(daemon.events(begin, "usage_delayed")) == 1
    daemon.wait_for(begin, "usage_not_written", reason="shutdown")


def test_a_stopped_directory_keeps_nobody_from_ending(stack, daemon, credential):
    _use(daemon, credential)
    stack.slapd.stop()
    try:
        started = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - started < ENDS_WITHIN
    finally:
        stack.slapd.start()


def test_a_reload_switches_it_off_and_on_and_changes_the_interval(stack, daemon, person, credential):
    _reload(daemon, policy_usage_interval="0s")
    begin = daemon.mark()
    _use(daemon, credential)
    _reload(daemon)
    _let_it_write(stack, daemon, person)
    assert _last_use(stack, credential) == (None, None, None)
    assert credential.id not in [event.fields["id"] for event in daemon.events(begin, "first_use")]
    _use(daemon, credential)
    first = _wait_for_use(stack, credential)[0]
    _reload(daemon, policy_usage_interval="1s")

    def used_later():
        _use(daemon, credential)
        return _last_use(stack, credential)[0] > first
    wait.until(used_later, "a later use to be written")


def test_logins_are_as_many_writes_as_there_are_credentials(stack, daemon, person):
    usual, stack.tool.configuration = stack.tool.configuration, daemon.configuration
    try:
        credentials = [stack.tool.issue(person.login) for _ in range(CREDENTIALS)]
    finally:
        stack.tool.configuration = usual
    before = _writes(stack)
    attempts = [(credential.login, credential.password) for credential in credentials]
    assert in_turn(daemon.directory / "auth", attempts * (LOGINS // CREDENTIALS)) == LOGINS
    assert daemon.stop() == 0
    assert _writes(stack) - before == CREDENTIALS
    assert all(_last_use(stack, credential)[0] for credential in credentials)
