# SPDX-License-Identifier: BSD-2-Clause
"""A login that goes with every app password: who it is, is known by the app password alone."""
import subprocess

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.doors import GRANTED
from lab.people import Person
from lab.submission import login, mail, send, send_and_reset

FIXED = "apikey"


def by_fixed_login(credential, spelling=FIXED):
    """The same app password, to be offered with the fixed login."""
    return credential._replace(login=spelling)


@pytest.fixture(name="fixed")
def _fixed(policy):
    policy.reload(policy_fixed_login=FIXED)
    return policy


@pytest.fixture(name="other")
def _other(stack):
    somebody = Person(stack.slapd.root())
    yield somebody
    somebody.delete()


def test_everybody_is_held_to_their_own_senders(fixed, stack, person, other):
    first, second = stack.tool.issue(person.login), stack.tool.issue(other.login)
    door = fixed.door("cyrus")
    begin = fixed.daemon.mark()
    with login(door, by_fixed_login(first)) as one, login(door, by_fixed_login(second, "ApiKey")) as two:
        assert send_and_reset(one, person.mail).code == 250
        assert send_and_reset(two, other.mail).code == 250
        assert send_and_reset(one, other.mail).code == 550
        assert send_and_reset(two, person.mail).code == 550
    granted = fixed.daemon.events(begin, "auth")
    assert [event.fields["owner"] for event in granted] == [person.dn, other.dn]
    assert [event.fields["id"] for event in granted] == [first.id, second.id]


def test_everybody_has_their_own_rate_and_end(fixed, stack, person, other):
    first = stack.tool.issue(person.login, "--rate", "1/1h")
    second = stack.tool.issue(other.login, "--rate", "2/1h")
    door = fixed.door("cyrus")
    with login(door, by_fixed_login(first)) as one, login(door, by_fixed_login(second)) as two:
        assert [send_and_reset(one, person.mail).code for _ in range(2)] == [250, 450]
        assert send_and_reset(two, other.mail).code == 250
        stack.tool.revoke(first)
        assert mail(one, person.mail).code == 421
        assert send_and_reset(two, other.mail).code == 250


def test_a_fixed_login_that_is_somebodys_own_is_theirs_alone(fixed, stack, person, other):
    credential, owners = stack.tool.issue(person.login), stack.tool.issue(other.login)
    door = fixed.door("cyrus")
    with login(door, by_fixed_login(credential)) as session:
        assert send(session, person.mail).code == 250
        stack.slapd.root().replace(other.dn, "mail", FIXED)
        begin = fixed.daemon.mark()
        assert mail(session, person.mail).code == 421
    fixed.daemon.wait_for(begin, "policy", reason="wrong_owner", id=credential.id)
    assert door.attempt("PLAIN", FIXED, credential.password).code == 535
    assert door.attempt("PLAIN", FIXED, owners.password).code == GRANTED


def test_the_fixed_login_needs_an_owner_who_is_there(fixed, stack, person):
    credential = stack.tool.issue(person.login)
    door = fixed.door("cyrus")
    person.disable()
    begin = fixed.daemon.mark()
    assert door.attempt("PLAIN", FIXED, credential.password).code == 535
    fixed.daemon.wait_for(begin, "auth", reason="owner_inactive", id=credential.id)
    person.enable()
    assert door.attempt("PLAIN", FIXED, credential.password).code == GRANTED


def test_a_session_of_the_fixed_login_that_is_not_known_is_put_off(fixed, stack, person):
    credential = stack.tool.issue(person.login)
    with login(fixed.door("cyrus"), by_fixed_login(credential)) as session:
        fixed.restart(policy_fixed_login=FIXED)
        begin = fixed.daemon.mark()
        assert send_and_reset(session, person.mail).code == 450
    fixed.daemon.wait_for(begin, "policy", reason="no_credential", login=FIXED)


def test_a_login_from_nowhere_is_no_session_of_the_fixed_login(fixed, stack, person, other):
    first, second = stack.tool.issue(person.login), stack.tool.issue(other.login)
    with login(fixed.door("cyrus"), by_fixed_login(first)) as session:
        fixed.restart(policy_fixed_login=FIXED)
        with AuthClient(fixed.auth, minor=2) as client:
            assert client.plain(FIXED, second.password, address="") == "OK"
        assert send_and_reset(session, other.mail).code == 450


def test_without_the_setting_it_is_a_login_like_others(policy, stack, person):
    credential = stack.tool.issue(person.login)
    begin = policy.daemon.mark()
    assert policy.door("cyrus").attempt("PLAIN", FIXED, credential.password).code == 535
    policy.daemon.wait_for(begin, "auth", reason="wrong_owner", id=credential.id)


def test_without_a_policy_door_it_is_refused(stack):
    other = stack.daemon("without-policy")
    other.configure(policy_fixed_login=FIXED)
    checked = subprocess.run([*other.process.command, "--check-config"], check=False, capture_output=True, text=True)
    assert checked.returncode == 1
    assert "[policy] fixed_login needs a policy door" in checked.stderr and "set [daemon] policy" in checked.stderr


def test_a_policy_door_that_waits_for_a_restart_is_none(stack):
    other = stack.daemon("late-policy")
    other.configure()
    other.start()
    try:
        begin = other.mark()
        other.configure(policy_fixed_login=FIXED, daemon_policy=f"{other.directory}/policy 0600 root root")
        other.reload()
        refused = wait.until(lambda: other.events(begin, "configuration_refused"), "the refusal")
        assert "restart sendpassd" in refused[0].line
    finally:
        other.stop()
