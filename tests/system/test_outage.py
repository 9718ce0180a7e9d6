# SPDX-License-Identifier: BSD-2-Clause
"""While nobody can know, the answer is "try later": never yes, and never no."""
import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.doors import DENIED, GRANTED, frozen, stopped

pytestmark = pytest.mark.live_only("a replica outlasts an outage")
DEADLINE = 10.0

OUTAGES = {
    "slapd stopped": lambda stack: stopped(stack.slapd),
    "slapd frozen": lambda stack: frozen(stack.slapd),
    "sendpassd stopped": lambda stack: stopped(stack.sendpassd),
}


@pytest.fixture(autouse=True)
def _recovered(stack, credential):
    """No outage outlasts its test: sendpassd tries a directory that was down only once in a while."""
    yield

    def granted():
        with AuthClient(stack.sendpassd.directory / "auth") as client:
            return client.plain(credential.login, credential.password) == "OK"
    wait.until(granted, "the end of the outage")


def _assert_later(door, reply):
    assert reply.code == door.unavailable, reply
    assert reply.seconds < DEADLINE


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_open_session_is_told_to_try_later(door, mechanism, outage, stack, credential):
    with door.connect() as session:
        assert session.auth(mechanism, credential.login, "no app password").code == DENIED
        with OUTAGES[outage](stack):
            _assert_later(door, session.auth(mechanism, credential.login, credential.password))
        wait.until(
            lambda: session.auth(mechanism, credential.login, credential.password).code == GRANTED,
            "the right password to be accepted again in the same session")


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_new_session_is_told_to_try_later(door, mechanism, outage, stack, credential):
    with OUTAGES[outage](stack):
        reply = door.attempt(mechanism, credential.login, credential.password)
        if door.name == "postfix-dovecot" and outage == "sendpassd stopped":
            # An smtpd that has never reached the socket ends the session before its greeting ("no SASL
            # authentication mechanisms"). The client comes back later all the same.
            assert reply.code in (0, 421, door.unavailable), reply
        else:
            _assert_later(door, reply)
    wait.until(lambda: door.attempt(mechanism, credential.login, credential.password).code == GRANTED,
               "the right password to be accepted again")


def test_a_wrong_secret_is_not_called_wrong_during_an_outage(door, mechanism, stack, credential, person):
    other = stack.tool.issue(person.login)
    stack.slapd.root().delete(other.dn)
    with stopped(stack.slapd):
        _assert_later(door, door.attempt(mechanism, other.login, other.password))


def test_what_is_no_app_password_is_refused_without_the_directory(door, mechanism, stack, credential):
    with stopped(stack.slapd):
        assert door.attempt(mechanism, credential.login, "hunter2").code == DENIED


def test_the_plugin_does_not_wait_for_a_frozen_sendpassd(cyrus_door, stack, credential):
    with frozen(stack.sendpassd):
        _assert_later(cyrus_door, cyrus_door.attempt("PLAIN", credential.login, credential.password))
    wait.until(lambda: cyrus_door.attempt("PLAIN", credential.login, credential.password).code == GRANTED,
               "the right password to be accepted again")


def test_a_restart_of_sendpassd_goes_unnoticed(door, mechanism, stack, credential):
    with door.connect() as session:
        assert session.auth(mechanism, credential.login, "no app password").code == DENIED
        with stopped(stack.sendpassd):
            pass
        assert session.auth(mechanism, credential.login, credential.password).code == GRANTED


def test_an_outage_has_its_own_event_in_the_log(door, mechanism, stack, credential):
    begin = stack.sendpassd.mark()
    with stopped(stack.slapd):
        door.attempt(mechanism, credential.login, credential.password)
    stack.sendpassd.wait_for(begin, "auth", result="unavailable", reason="directory_down")
