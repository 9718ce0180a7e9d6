# SPDX-License-Identifier: BSD-2-Clause
"""A session that is open already, and which app password it has."""
import pytest

from lab import wait
from lab.doors import frozen, stopped
from lab.policy_stack import SINGLE_STAGES
from lab.submission import RECIPIENT, login, mail, send, send_and_reset

ENDED = "this app password is no longer valid"


def revoke(stack, credential, _):
    stack.tool.revoke(credential)


def change(attribute, value):
    return lambda stack, credential, _: stack.slapd.root().replace(credential.dn, attribute, value)


ENDS = {
    "revoked": (revoke, "revoked"),
    "suspended": (change("sendpassSuspended", "TRUE"), "suspended"),
    "expired": (change("sendpassExpires", "20200101000000Z"), "expired"),
    "not yet valid": (change("sendpassNotBefore", "20990101000000Z"), "not_yet_valid"),
    "deleted": (lambda stack, credential, _: stack.slapd.root().delete(credential.dn), "no_credential"),
    "owner inactive": (lambda _, __, person: person.disable(), "owner_inactive"),
    "owner gone": (lambda _, __, person: person.delete(), "wrong_owner"),
    "another network": (change("sendpassNetwork", "192.0.2.0/24"), "network_denied"),
    "another service": (change("sendpassService", "imap"), "service_denied"),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_open_session_ends(both, end, policy, stack, person):
    credential = stack.tool.issue(person.login)
    act, reason = ENDS[end]
    with login(both, credential) as session:
        assert send(session, person.mail).code == 250
        act(stack, credential, person)
        begin = policy.daemon.mark()
        reply = mail(session, person.mail)
        assert reply.code == 421 and "this app password" in reply.text, reply
        assert session.command("NOOP").code == 0
    policy.daemon.wait_for(begin, "policy", reason=reason, id=credential.id)


@pytest.mark.parametrize("stage", SINGLE_STAGES)
def test_a_revocation_is_seen_at_each_stage(stage, policy, stack, person):
    policy.reload(policy_ended_session="reject")
    credential = stack.tool.issue(person.login)
    with login(policy.door(stage), credential) as session:
        assert send(session, person.mail).code == 250
        stack.tool.revoke(credential)
        reply = send_and_reset(session, person.mail)
        assert reply.code == 550 and ENDED in reply.text
        assert session.command("NOOP").code == 250


def test_a_revocation_between_rcpt_and_data_is_seen(both, stack, person):
    credential = stack.tool.issue(person.login)
    with login(both, credential) as session:
        assert mail(session, person.mail).code == 250
        stack.tool.revoke(credential)
        reply = session.command("DATA")
        assert reply.code == 421 and ENDED in reply.text


def test_a_client_that_pipelines_is_held_like_any_other(both, stack, person):
    credential = stack.tool.issue(person.login)
    good, bad, to = f"MAIL FROM:<{person.mail}>", "MAIL FROM:<boss@example.org>", f"RCPT TO:<{RECIPIENT}>"
    end = "Subject: pipelined\r\n\r\nHello.\r\n."
    with login(both, credential) as session:
        assert session.pipeline(good, to, "DATA") == [250, 250, 354]
        # the next message comes with the end of this one
        codes = session.pipeline(end, bad, to, "DATA", "RSET")
        assert codes[0] == 250 and 550 in codes[1:4] and 354 not in codes and codes[-1] == 250
        assert session.pipeline(good, to, "DATA") == [250, 250, 354]
        stack.tool.revoke(credential)
        codes = session.pipeline(end, good, to, "DATA")
        assert 421 in codes and 354 not in codes


def test_sessions_behind_one_address_are_told_apart_by_port(policy, stack, person):
    policy.reload(policy_ended_session="reject")
    first = stack.tool.issue(person.login, "--sender", "first@example.org")
    second = stack.tool.issue(person.login, "--sender", "second@example.org")
    door = policy.door("cyrus")
    with login(door, first) as one, login(door, second) as two:
        assert send_and_reset(one, "first@example.org").code == 250
        assert send_and_reset(two, "second@example.org").code == 250
        assert send_and_reset(one, "second@example.org").code == 550
        assert send_and_reset(two, "first@example.org").code == 550
        stack.tool.revoke(first)
        assert ENDED in send_and_reset(one, "first@example.org").text
        assert send_and_reset(two, "second@example.org").code == 250


def test_without_a_port_the_stricter_of_both_applies(policy, stack, person):
    policy.reload(policy_ended_session="reject")
    first = stack.tool.issue(person.login, "--sender", "first@example.org", "--sender", "both@example.org")
    second = stack.tool.issue(person.login, "--sender", "second@example.org", "--sender", "both@example.org")
    door = policy.door("dovecot")
    with login(door, first) as one:
        assert send_and_reset(one, "first@example.org").code == 250
        with login(door, second) as two:
            for session in (one, two):
                assert send_and_reset(session, "both@example.org").code == 250
                assert send_and_reset(session, "first@example.org").code == 550
                assert send_and_reset(session, "second@example.org").code == 550
            stack.tool.revoke(first)
            for session in (one, two):
                assert ENDED in send_and_reset(session, "both@example.org").text


def test_another_address_of_the_same_login_is_another_session(policy, stack, person):
    first = stack.tool.issue(person.login, "--sender", "first@example.org")
    second = stack.tool.issue(person.login, "--sender", "second@example.org")
    door = policy.door("dovecot")
    with login(door, first) as one, login(door, second, source="127.0.0.2") as two:
        assert send_and_reset(one, "first@example.org").code == 250
        assert send_and_reset(two, "second@example.org").code == 250


UNKNOWN = {"dunno": 250, "reject": 550, "defer": 450}


@pytest.mark.parametrize("setting", UNKNOWN)
def test_an_unknown_session_is_treated_as_configured(both, setting, policy, stack, person):
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    with login(both, credential) as session:
        policy.restart(policy_unknown_session=setting)
        reply = send_and_reset(session, "b@example.org")
        assert reply.code == UNKNOWN[setting], reply
    with both.connect() as session:  # not logged in: Postfix's own matter
        assert mail(session, "b@example.org").code == 554


UNAVAILABLE = {"close": 451, "defer_if_permit": 450}


@pytest.mark.parametrize("outage", (stopped, frozen))
@pytest.mark.parametrize("setting", UNAVAILABLE)
def test_an_outage_puts_off(both, setting, outage, policy, stack, person):
    policy.reload(policy_unavailable=setting, policy_ended_session="reject")
    credential = stack.tool.issue(person.login)
    with login(both, credential) as session:
        with outage(stack.slapd):
            reply = send_and_reset(session, person.mail)
            assert reply.code == UNAVAILABLE[setting], reply
        wait.until(lambda: send_and_reset(session, person.mail).code == 250, "the end of the outage")


def test_a_stopped_sendpassd_puts_off(policy, stack, person):
    credential = stack.tool.issue(person.login)
    with login(policy.door("cyrus"), credential) as session:
        with stopped(policy.daemon):
            assert send_and_reset(session, person.mail).code == 451
