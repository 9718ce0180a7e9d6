# SPDX-License-Identifier: BSD-2-Clause
"""A whole sendpassd in which library calls fail one by one."""
import os

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.faults import ONCE, Faults
from lab.slapd import CREDENTIALS
from lab.target import Target

STRIDE = int(os.environ.get("SENDPASS_FAULT_STRIDE", "4"))  # 1 tries every call
UNAVAILABLE = ""
LOG_CALLS = ("write", "writev")  # a line cannot tell that it was not written; one not queued is counted
REVOKED = "20200101000000Z"


@pytest.fixture(scope="module")
def faulty(stack):
    """A sendpassd of which a test can make calls fail."""
    if stack.sanitizer.active:
        pytest.skip("AddressSanitizer wants to be loaded first; tests/faults/attempt_test runs with it")
    target = Target(stack, "faulty", ldap_retry_after="50ms", ldap_timeout="500ms", ldap_connect_timeout="500ms",
                    daemon_cache_size=0)
    target.faults = Faults(target.daemon, stack)
    target.daemon.start()
    yield target
    target.faults.disarm()
    target.daemon.stop()


@pytest.fixture
def password(request, faulty, stack):
    """An app password in the state that the test is about."""
    secret = faulty.issue(faulty.login)
    if request.param == "revoked":
        name = secret.replace("-", "")[:8]
        stack.slapd.root().replace(f"sendpassId={name},{CREDENTIALS}", "sendpassRevoked", REVOKED)
    return request.param, secret


def _attempt(target, secret):
    try:
        with AuthClient(target.auth) as client:
            return client.plain(target.login, secret)
    except (AssertionError, OSError):  # the door closed it before it began
        return UNAVAILABLE


def _as_ever(target, secret, expected):
    if target.faults.given_up():
        target.daemon.process.wait()
        target.faults.forget()
        target.daemon.start()
    return _attempt(target, secret) == expected


def _settled(target, secret, expected, fault):
    """A crash never gets there."""
    wait.until(lambda: _as_ever(target, secret, expected), f"{expected} as ever behind {fault}")


def _judge(target, secret, begin, word, expected, struck):
    assert word in (expected, UNAVAILABLE), struck
    if word != UNAVAILABLE and not target.faults.given_up() and struck not in LOG_CALLS:
        result = {"OK": "granted", "FAIL": "denied"}[word]
        if not [event for event in target.daemon.events(begin, "auth") if event.fields["result"] == result]:
            _attempt(target, secret)  # how many were dropped is told before the next line
            target.daemon.wait_for(begin, "log_dropped")


@pytest.mark.parametrize("password", ("right", "revoked"), indirect=True)
def test_no_failing_call_of_sendpassd_turns_a_verdict_into_another(password, faulty):
    state, secret = password
    expected = "OK" if state == "right" else "FAIL"
    faults, nth, struck = faulty.faults, 1, "none yet"
    while struck is not None:
        _settled(faulty, secret, expected, (struck, nth - STRIDE))
        begin = faulty.daemon.mark()
        faults.arm(nth, ONCE)
        word = _attempt(faulty, secret)
        struck = faults.disarm()
        _judge(faulty, secret, begin, word, expected, struck)
        nth += STRIDE
    assert nth > 50, "the injector is not in the way"
