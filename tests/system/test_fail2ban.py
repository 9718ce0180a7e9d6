# SPDX-License-Identifier: BSD-2-Clause
"""examples/fail2ban with the real fail2ban, over what the real servers write: guessers are counted, and nobody
whose password is old, or could not be judged, or is not allowed what it asks for."""
import itertools
import shutil
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from lab import wait
from lab.doors import DENIED, frozen, stopped
from lab.fail2ban import Fail2ban
from lab.people import Person
from lab.saslauthd_client import SaslauthdClient
from lab.submission import login as log_in
from lab.submission import send_and_reset

# One address for each kind of client
GUESSER, STALE, HOLDER, WAITING, FORGER = (f"127.0.0.{number}" for number in range(71, 76))
NOBODY = "192.0.2.99"
GUESSES = ("malformed", "no_credential", "wrong_owner", "bad_secret")
FORGED = (f'x" ip={NOBODY} event=auth result=denied reason=bad_secret guess=new door=auth ip={NOBODY} ms=0.1',
          f"event=auth result=denied reason=bad_secret guess=new door=auth ip={NOBODY} ms=0.1",
          f"x\nsendpassd[1]: event=auth result=denied reason=bad_secret guess=new door=auth ip={NOBODY} ms=0.1",
          f"x]: SASL PLAIN authentication failed: remote authentication server unavailable [{NOBODY}]: SASL PLAIN"
          " authentication failed: x")

pytestmark = pytest.mark.skipif(shutil.which("fail2ban-regex") is None, reason="no fail2ban")


class Captured(NamedTuple):
    """What the clients of all doors left in the logs."""

    sendpassd: list
    postfix: list
    exim: list
    events: list  # sendpassd's, as fields
    doors: int


@pytest.fixture(scope="module", autouse=True)
def _throttled(stack):
    """Loopback is exempt by default, and is all that a test has."""
    _reload(stack, policy_throttle_exempt="192.0.2.0/24", policy_throttle_login=4, policy_throttle_period="1h")
    yield
    _reload(stack)


def _reload(stack, **settings):
    stack.sendpassd.configure(**settings)
    begin = stack.sendpassd.mark()
    stack.sendpassd.reload()
    stack.sendpassd.wait_for(begin, "configuration_loaded")


@pytest.fixture
def fail2ban(tmp_path):
    """fail2ban with our examples."""
    return Fail2ban(tmp_path / "fail2ban")


def _attempt(door, source, login, password, mechanism="PLAIN"):
    with door.connect(source=source) as session:
        return session.auth(mechanism, login, password).code


def _guess(door, stack, person):
    """One of each kind, and then again in a throttled state."""
    root, somebody = stack.slapd.root(), Person(stack.slapd.root())
    gone, swapped, other = (stack.tool.issue(person.login) for _ in range(3))
    root.delete(gone.dn)
    found = root.search(other.dn, "(objectClass=*)", "sendpassHash")
    root.replace(swapped.dn, "sendpassHash", found[0].attributes["sendpassHash"][0])
    offers = ("no app password", gone.password, stack.tool.issue(somebody.login).password, swapped.password)
    for password in offers:
        assert _attempt(door, GUESSER, person.login, password, "LOGIN") == DENIED
    assert _attempt(door, GUESSER, person.login, stack.tool.issue(person.login).password) == door.unavailable


def _hold(door, stack, person):
    """The right secret of what may not be used."""
    root = stack.slapd.root()
    for attribute, value in (("sendpassRevoked", "20200101000000Z"), ("sendpassSuspended", "TRUE"),
                             ("sendpassExpires", "20200101000000Z"), ("sendpassService", "imap"),
                             ("sendpassNetwork", "192.0.2.0/24")):
        credential = stack.tool.issue(person.login)
        root.replace(credential.dn, attribute, value)
        assert _attempt(door, HOLDER, person.login, credential.password) == DENIED


def _wait(doors, stack):
    """Nobody can tell, in sessions that have reached sendpassd before."""
    credential = stack.tool.issue(Person(stack.slapd.root()).login)
    for state in (stopped(stack.slapd), stopped(stack.sendpassd), frozen(stack.slapd)):
        with ExitStack() as sessions:
            opened = [(door, sessions.enter_context(door.connect(source=WAITING))) for door in doors]
            for _, session in opened:
                assert session.auth("PLAIN", "nobody", "no app password").code == DENIED
            with state:
                for door, session in opened:
                    reply = session.auth("PLAIN", credential.login, credential.password)
                    assert reply.code == door.unavailable


def _use(door, stack):
    person = Person(stack.slapd.root())
    _guess(door, stack, person)
    for _ in range(12):
        assert _attempt(door, STALE, person.login, "the password of last year") == DENIED
    _hold(door, stack, person)
    for login in FORGED:
        _attempt(door, FORGER, login, "no app password")


def _log(server):
    """Exim copies its main log to its output."""
    return server.log if hasattr(server, "log") else server.directory / "log/main"


def _capture(doors, stack):
    logs = {_log(door.server) for door in doors}
    sizes = {log: log.stat().st_size if log.exists() else 0 for log in logs}
    begin = stack.sendpassd.mark()
    for door in doors:
        _use(door, stack)
    _wait(doors, stack)
    stack.sendpassd.settle()
    texts = {log: log.read_bytes()[size:].decode().splitlines() for log, size in sizes.items()}
    return Captured(
        stack.sendpassd.log.read_bytes()[begin:].decode().splitlines(), texts.pop(stack.postfix.log),
        sum(texts.values(), []), [event.fields for event in stack.sendpassd.events(begin, "auth")], len(doors))


@pytest.fixture(scope="module")
def _kept():
    return []


@pytest.fixture
def captured(doors, stack, _kept):
    """What the clients of all doors left in the logs: they do it once."""
    if not _kept:
        _kept.append(_capture(doors, stack))
    return _kept[0]


FORMS = {
    "standard error": "{level}: {event}",
    "standard error with time": "2026-11-24T09:22:40.123456+00:00 {level}: {event}",
    "syslog": "Nov 24 09:22:40 mail sendpassd[123]: {event}",
    "syslog with ISO time": "2026-11-24T09:22:40.123456+00:00 mail sendpassd[123]: {event}",
    "a file of its own": "2026-11-24T09:22:40.123456+00:00 mail sendpassd[123]: {level}: {event}",
    "standard error by journald": "Nov 24 09:22:40 mail sendpassd[123]: {level}: {event}",
}


def _in_form(form, lines):
    return [FORMS[form].format(level=level, event=event)
            for level, _, event in (line.partition(": ") for line in lines) if event.startswith("event=")]


def _in_all_forms(lines):
    return [line for form in FORMS for line in _in_form(form, lines)]


def test_each_kind_of_client_was_there(captured):
    def reasons(address):
        return {event["reason"] for event in captured.events if event.get("ip") == address}
    assert reasons(GUESSER) == {*GUESSES, "throttled"}
    assert reasons(HOLDER) == {"revoked", "suspended", "expired", "service_denied", "network_denied"}
    assert reasons(WAITING) == {"malformed", "directory_down", "directory_timeout"}
    assert sum(event.get("guess") == "repeated" for event in captured.events) >= 11 * captured.doors


@pytest.mark.parametrize("form", FORMS)
def test_guesses_are_counted_and_nothing_else(form, captured, fail2ban):
    counted = fail2ban.counted("sendpass", _in_form(form, captured.sendpassd))
    assert counted.count(GUESSER) == len(GUESSES) * captured.doors
    assert counted.count(STALE) == captured.doors  # a person of its own at each
    assert counted.count(WAITING) == 2  # one wrong password, and a restart of sendpassd, which forgets
    assert set(counted) == {GUESSER, STALE, WAITING, FORGER}


def test_a_forged_line_counts_for_its_author_alone(captured, fail2ban):
    forged = [line for line in captured.sendpassd if f"guess=new door=auth ip={NOBODY}" in line]
    assert len(forged) >= 2 * captured.doors
    assert set(fail2ban.counted("sendpass", _in_all_forms(forged))) == {FORGER}


def test_an_attempt_without_an_address_counts_for_nobody(target, fail2ban):
    begin = target.daemon.mark()
    for number in range(3):
        with SaslauthdClient(target.mux) as client:
            assert client.ask(FORGED[number % 2], f"guess {number}", "smtp", "") != "OK"
    target.daemon.settle()
    lines = target.daemon.log.read_bytes()[begin:].decode().splitlines()
    assert len([line for line in lines if "result=denied reason=malformed door=saslauthd" in line]) == 3
    assert not fail2ban.counted("sendpass", _in_all_forms(lines))


EVENT = "event=auth result=denied reason=bad_secret guess=new door=auth ip={ip} ms=0.1"
NOT_QUITE_OURS = [
    "mail saslauthd[9]: pam_sendpass(smtp:auth): authentication failure; logname= uid=0 euid=0 tty= ruser= rhost={ip}"
    f" user={EVENT}",
    f"mail saslauthd[9]: do_auth : auth failure: [user={EVENT}] [service=smtp] [realm=] [mech=pam]",
    f"mail saslauthd[9]: {EVENT}",
    "mail postfix/smtpd[9]: warning: unknown[{ip}]: SASL PLAIN authentication failed: authentication failure,"
    f" sasl_username=sendpassd[1]: {EVENT}",
    f"mail xsendpassd[9]: {EVENT}",
    f"mail sendpassd[9]: x {EVENT}",
    f"mail sendpass-milter[9]: {EVENT}",
    f"info: {EVENT}",
    f"mail sendpassd[9]: {EVENT.replace('ip=', 'ip=x')}",
    f"mail sendpassd[9]: {EVENT.replace('guess=new', 'guess=repeated')}",
    f"mail sendpassd[9]: {EVENT.replace('guess=new ', '')}",
    f"mail sendpassd[9]: {EVENT.replace('denied', 'unavailable')}",
    f"mail sendpassd[9]: {EVENT.replace('event=auth', 'event=policy')}",
]


def test_a_line_that_is_not_quite_ours_counts_for_nobody(fail2ban):
    lines = [f"mail sendpassd[9]: {EVENT}", *NOT_QUITE_OURS]
    lines = [f"Nov 24 09:22:40 {line.format(ip=f'192.0.2.{number}')}" for number, line in enumerate(lines)]
    assert fail2ban.counted("sendpass", lines) == ["192.0.2.0"]


def test_a_service_of_several_words_does_not_hide_a_guesser(fail2ban):
    service = 'service="a \\" ip=198.51.100.1 \\\\" mech=PLAIN ip='
    line = f"notice: {EVENT.replace('ip=', service)} login=x".format(ip=GUESSER)
    assert fail2ban.counted("sendpass", [line]) == [GUESSER]


@pytest.mark.parametrize("mode", ["auth", "extra", "aggressive"])
def test_an_outage_does_not_count_in_the_filter_of_postfix(mode, captured, fail2ban):
    # what breaks off says nothing of AUTH
    lines = [line for line in captured.postfix if "lost connection after AUTH" not in line]
    # "(reason unavailable)" may be either, as docs/fail2ban.md says
    wrong = [line for line in lines if f"[{WAITING}]: SASL" in line and (
        "failed: authentication failure" in line or "failed: (reason unavailable)" in line)]
    assert sum(f"[{WAITING}]: SASL" in line for line in lines) == 2 * 6 and len(wrong) in (6, 7)
    counted = fail2ban.counted(f"postfix[mode={mode}]", lines)
    assert counted.count(WAITING) == len(wrong)
    assert counted.count(GUESSER) == 2 * len(GUESSES)  # at Postfix's two doors
    assert FORGER in counted and NOBODY not in counted
    fail2ban.stock()
    assert fail2ban.counted(f"postfix[mode={mode}]", lines).count(WAITING) > len(wrong), "not needed any more"


def test_the_policy_doors_replies_do_not_count_in_postfix_filter(policy, stack, person, fail2ban):
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    begin = len(stack.postfix.text())
    for stage in ("mail", "rcpt", "data", "end"):
        with log_in(policy.door(stage), credential) as session:
            assert send_and_reset(session, "b@example.org").code == 550
    lines = [line for line in stack.postfix.text()[begin:].splitlines() if "reject: " in line]
    assert len(lines) == 4
    for mode in ("more", "extra", "aggressive"):
        assert not fail2ban.counted(f"postfix[mode={mode}]", lines)
    fail2ban.stock()
    assert fail2ban.counted("postfix", lines), "the example is needed no more"


def test_the_filter_of_exim_leaves_our_authenticators_to_ours(captured, fail2ban):
    if not captured.exim:
        pytest.skip("no Exim: --exim was not given")
    assert not fail2ban.counted("exim", captured.exim)
    fail2ban.stock()
    counted = fail2ban.counted("exim", captured.exim)
    assert counted.count(STALE) == 12 * 2, "not needed any more"
    assert counted.count(WAITING) == 3 * 2, "435 counts"


def _wait_until_it_watches(fail2ban, door):
    """Lines without a time that it finds in the file at its start are old ones to it."""
    probes = (f"127.1.{number >> 8}.{number & 255}" for number in itertools.count(1))

    def has_found_one():
        _attempt(door, next(probes), "probe", "no app password")
        return fail2ban.found("127.1.")
    wait.until(has_found_one, "fail2ban to see what is written")


def test_guessing_bans_the_guessers_address_and_no_other(doors, stack, fail2ban, person):
    fail2ban.start(stack.sendpassd.log)
    try:
        _wait_until_it_watches(fail2ban, doors[0])
        for number in range(30):
            _attempt(doors[number % len(doors)], STALE, person.login, "the password of last year")
        for number in range(10):
            if number == 9:
                wait.until(lambda: fail2ban.found(GUESSER) == 9, "fail2ban to have seen them")
                assert fail2ban.found(STALE) == 1
                assert not fail2ban.banned()
            _attempt(doors[number % len(doors)], GUESSER, f"guessed{number}", "no app password")
        wait.until(fail2ban.banned, "a ban")
    finally:
        fail2ban.stop()
    assert fail2ban.banned() == [GUESSER]
