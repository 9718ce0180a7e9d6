# SPDX-License-Identifier: BSD-2-Clause
"""As whom an app password sends, at each stage that Postfix asks about it."""
import pytest

from lab.policy_stack import SINGLE_STAGES
from lab.submission import RECIPIENT, login, send_and_reset


def test_without_senders_the_owners_addresses_are_allowed(both, policy, stack, person):
    credential = stack.tool.issue(person.login)
    begin = policy.daemon.mark()
    with login(both, credential) as session:
        assert send_and_reset(session, person.mail).code == 250
        assert send_and_reset(session, person.mail.upper()).code == 250
        refused = send_and_reset(session, "boss@example.org")
        assert refused.code == 550 and "may not send as <boss@example.org>" in refused.text
        assert "5.7.1" in refused.text and credential.id not in refused.text
        assert send_and_reset(session, "").code == 550
        assert send_and_reset(session, f"x{person.mail}").code == 550
    event = policy.daemon.wait_for(begin, "policy", reason="sender_denied", sender="boss@example.org")
    assert event.level == "notice"
    assert event.fields["result"] == "denied" and event.fields["id"] == credential.id
    assert event.fields["owner"] == person.dn and event.fields["login"] == person.login
    assert event.fields["ip"] == "127.0.0.1" and event.fields["stage"] == "RCPT"
    accepted = policy.daemon.wait_for(begin, "policy", reason="ok", id=credential.id)
    assert accepted.level == "info" and accepted.fields["stage"] == "END-OF-MESSAGE"
    assert accepted.fields["sender"] == person.mail and accepted.fields["recipient"] == RECIPIENT
    assert accepted.fields["queue_id"]


SENDERS = {
    ("printer@example.org",): {"printer@example.org": True, "PRINTER@example.org": True,
                               "printer@example.com": False, "scanner@example.org": False, "": False},
    ("@example.org",): {"anybody@example.org": True, "anybody@Example.ORG": True,
                        "anybody@sub.example.org": False, "anybody@notexample.org": False},
    ("@.example.org",): {"x@sub.example.org": True, "x@a.sub.example.org": True, "x@example.org": False},
    ("*",): {"anybody@anywhere.example": True, "": True},
    ("<>", "a@example.org"): {"": True, "a@example.org": True, "b@example.org": False},
}


@pytest.mark.parametrize("patterns", SENDERS, ids=" ".join)
def test_senders_are_held(both, patterns, stack, person):
    options = [word for pattern in patterns for word in ("--sender", pattern)]
    with login(both, stack.tool.issue(person.login, *options)) as session:
        for sender, allowed in SENDERS[patterns].items():
            assert send_and_reset(session, sender).code == (250 if allowed else 550), sender


@pytest.mark.parametrize("stage", SINGLE_STAGES)
def test_a_sender_is_held_at_each_stage_alone(stage, policy, stack, person):
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    with login(policy.door(stage), credential) as session:
        assert send_and_reset(session, "a@example.org").code == 250
        begin = policy.daemon.mark()
        assert send_and_reset(session, "b@example.org").code == 550
    event = policy.daemon.wait_for(begin, "policy", reason="sender_denied", id=credential.id)
    wanted = {"mail": "MAIL", "rcpt": "RCPT", "data": "DATA", "end": "END-OF-MESSAGE"}[stage]
    assert event.fields["stage"] == wanted


def test_an_owner_without_the_attribute_sends_as_nobody_unless_that_is_off(policy, stack, person):
    credential = stack.tool.issue(person.login)
    stack.slapd.root().replace(person.dn, "mail", None)
    with login(policy.door("cyrus"), credential) as session:
        assert send_and_reset(session, person.mail).code == 550
        # a socketmap door, which stays open until a restart, is refused beside it
        policy.reload(directory_owner_mail_attribute="", daemon_socketmap="")
        assert send_and_reset(session, person.mail).code == 250
        assert send_and_reset(session, "anybody@example.com").code == 250


def test_an_owners_address_is_no_pattern(policy, stack, person):
    credential = stack.tool.issue(person.login)
    for value in ("*", "@example.org"):
        stack.slapd.root().replace(person.dn, "mail", value)
        with login(policy.door("cyrus"), credential) as session:
            assert send_and_reset(session, "boss@example.org").code == 550


def test_what_is_said_back_is_harmless(policy, stack, person):
    credential = stack.tool.issue(person.login)
    with login(policy.door("cyrus"), credential) as session:
        reply = send_and_reset(session, '"a\x01b c"@example.org')
        assert reply.code in (550, 501, 553)
        reply = send_and_reset(session, "x" * 300 + "@example.org")
        assert reply.code == 550 and "x..." in reply.text.replace(">", "")
        assert len(reply.text.rpartition("send as")[2]) < 120
