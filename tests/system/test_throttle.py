# SPDX-License-Identifier: BSD-2-Clause
"""Who guesses is held up, and nobody else is."""
import pytest

from lab.doors import DENIED, GRANTED

ATTACKER, OWNER = "127.0.0.66", "127.0.0.7"
LIMIT = 4


@pytest.fixture(scope="module", autouse=True)
def _throttled(stack):
    """Loopback is exempt by default, and is all that a test has."""
    _reload(stack, policy_throttle_exempt="192.0.2.0/24", policy_throttle_login=LIMIT,
            policy_throttle_address=1000, policy_throttle_period="1h")
    yield
    _reload(stack)


def _reload(stack, **settings):
    stack.sendpassd.configure(**settings)
    begin = stack.sendpassd.mark()
    stack.sendpassd.reload()
    stack.sendpassd.wait_for(begin, "configuration_loaded")


def _attempt(door, mechanism, source, login, password):
    with door.connect(source=source) as session:
        return session.auth(mechanism, login, password)


def _guess(door, mechanism, login, number):
    """A wrong password, another one for each number."""
    return _attempt(door, mechanism, ATTACKER, login, f"no app password {number}").code


def test_a_guesser_is_told_later_and_the_owner_elsewhere_gets_in(door, mechanism, stack, credential):
    login, password = credential.login, credential.password
    for number in range(LIMIT):
        assert _guess(door, mechanism, login, number) == DENIED
    begin = stack.sendpassd.mark()
    assert _attempt(door, mechanism, ATTACKER, login, password).code == door.unavailable
    event = stack.sendpassd.wait_for(begin, "auth", reason="throttled")
    assert event.fields["result"] == "unavailable" and event.fields["ip"] == ATTACKER
    assert _attempt(door, mechanism, OWNER, login, password).code == GRANTED


def test_one_stale_password_throttles_nobody(door, mechanism, credential):
    for _ in range(3 * LIMIT):
        assert _guess(door, mechanism, credential.login, 0) == DENIED
    assert _attempt(door, mechanism, ATTACKER, credential.login, credential.password).code == GRANTED


def test_a_right_password_that_may_not_be_used_is_no_guess(door, mechanism, stack, person):
    usable = stack.tool.issue(person.login)
    for _ in range(LIMIT + 1):
        revoked = stack.tool.issue(person.login)
        stack.tool.revoke(revoked)
        assert _attempt(door, mechanism, ATTACKER, person.login, revoked.password).code == DENIED
    assert _attempt(door, mechanism, ATTACKER, person.login, usable.password).code == GRANTED


def test_a_throttled_attempt_asks_neither_the_directory_nor_argon2(door, stack, credential):
    for number in range(LIMIT):
        _guess(door, "PLAIN", credential.login, number)
    stack.slapd.stop()
    try:
        begin = stack.sendpassd.mark()
        reply = _attempt(door, "PLAIN", ATTACKER, credential.login, credential.password)
        assert reply.code == door.unavailable
        stack.sendpassd.wait_for(begin, "auth", reason="throttled")
    finally:
        stack.slapd.start()
