# SPDX-License-Identifier: BSD-2-Clause
"""What the log tells beyond single attempts, each thing once."""
import time
from urllib.parse import quote

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.guesses import wrong_ids, wrong_secrets
from lab.load import all_at_once

MANY = 10
EXEMPT = "192.0.2.0/24"


@pytest.fixture(name="daemon", scope="module")
def _daemon(stack):
    """A sendpassd of its own, whose first directory server is not there yet."""
    own = stack.daemon("eventful")
    own.first = own.directory / "ldapi"
    own.settings["ldap", "uri"] = ["ldapi://" + quote(str(own.first), safe=""), stack.slapd.uri]
    own.configure(ldap_retry_after="50ms", daemon_argon2_slots=1, daemon_argon2_queue=1,
                  daemon_attempt_timeout="1s", policy_throttle_login=1000,
                  policy_throttle_exempt=EXEMPT)
    own.start()
    yield own
    own.stop()


def _offer(daemon, login, passwords, address):
    with AuthClient(daemon.directory / "auth", minor=2) as client:
        return [client.plain(login, password, number, address)
                for number, password in enumerate(passwords, start=1)]


def _address_of(number):
    return f"198.51.100.{number}"


def test_a_server_that_is_down_is_told_once_and_so_is_its_return_with_the_time(daemon, stack, credential):
    def granted():
        return _offer(daemon, credential.login, [credential.password], "127.0.0.1") == ["OK"]

    uri, other = daemon.settings["ldap", "uri"]
    began = time.monotonic()
    assert all([granted() for _ in range(5)])
    down = daemon.wait_for(0, "directory_down")
    assert down.fields["uri"] == uri
    over = daemon.events(0, "directory_failover")[0]
    assert (over.fields["from"], over.fields["to"]) == (uri, other)

    daemon.first.symlink_to(stack.slapd.socket)
    up = wait.until(lambda: granted() and daemon.events(0, "directory_up"), "the server's return")[0]
    assert up.fields["uri"] == uri
    assert 0 < int(up.fields["after_ms"]) <= (time.monotonic() - began) * 1000
    assert all([granted() for _ in range(5)])
    assert [len(daemon.events(0, name)) for name in ("directory_down", "directory_up")] == [1, 1]


def test_an_overload_is_told_at_its_begin_and_at_its_end_with_all_it_turned_away(daemon, credential):
    begin = daemon.mark()
    answers = all_at_once(daemon.directory / "auth", [(credential.login, credential.password)] * 30)
    ended = daemon.wait_for(begin, "overload_ended")
    began = daemon.events(begin, "overload_began")
    assert [event.fields["queue"] for event in began] == ["argon2"]
    turned_away = [event for event in daemon.events(begin, "auth")
                   if event.fields["reason"] == "overloaded"]
    assert int(ended.fields["attempts"]) == len(turned_away) == answers.count("") > 0
    assert len(daemon.events(begin, "overload_ended")) == 1
    assert int(ended.fields["after_ms"]) > 900, "it must be calm for as long as an attempt may take"


def test_an_id_tried_with_many_wrong_secrets_is_told_once_wherever_they_come_from(daemon, credential):
    begin = daemon.mark()
    guesses = wrong_secrets(credential.password, MANY + 2)
    for number, guess in enumerate(guesses[:MANY - 1]):
        assert _offer(daemon, credential.login, [guess, guess], _address_of(number)) == ["FAIL", "FAIL"]
    assert not daemon.events(begin, "many_wrong_secrets")
    for guess in guesses[MANY - 1:]:
        _offer(daemon, credential.login, [guess], "203.0.113.66")
    event, = daemon.events(begin, "many_wrong_secrets")
    assert event.fields["id"] == credential.id and event.fields["secrets"] == str(MANY)
    assert event.fields["ip"] == "203.0.113.66" and event.fields["label"]
    assert not daemon.events(begin, "many_wrong_ids")


def test_a_stale_password_that_is_repeated_is_not_many(daemon, credential):
    begin = daemon.mark()
    stale = wrong_secrets(credential.password, 1) * (MANY + 1)
    assert set(_offer(daemon, credential.login, stale, "203.0.113.67")) == {"FAIL"}
    assert not daemon.events(begin, "many_wrong_secrets")


def test_an_address_that_tries_many_ids_is_told_once(daemon, credential):
    begin = daemon.mark()
    guesses = wrong_ids(credential.password, MANY + 2)
    assert set(_offer(daemon, credential.login, guesses, "192.0.2.7")) == {"FAIL"}  # exempt
    _offer(daemon, credential.login, guesses[:MANY - 1], "203.0.113.68")
    assert not daemon.events(begin, "many_wrong_ids")
    _offer(daemon, credential.login, guesses[MANY - 1:], "203.0.113.68")
    event, = daemon.events(begin, "many_wrong_ids")
    assert event.fields["ip"] == "203.0.113.68" and event.fields["ids"] == str(MANY)
