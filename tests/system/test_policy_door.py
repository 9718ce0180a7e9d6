# SPDX-License-Identifier: BSD-2-Clause
"""The policy door itself, and what is not let in without one."""
import socket

import pytest

from lab.doors import stopped
from lab.policy_client import PolicyClient, request
from lab.submission import RECIPIENT, login


@pytest.mark.parametrize("options", (("--sender", "*"), ("--rate", "100/1h")))
def test_without_a_policy_door_it_is_not_let_in(options, policy, stack, person):
    credential = stack.tool.issue(person.login, *options)
    begin = stack.sendpassd.mark()
    assert stack.tool.run("verify", person.login, stdin=credential.password).returncode != 0
    event = stack.sendpassd.wait_for(begin, "auth", reason="internal", id=credential.id)
    assert "no policy door" in event.fields["detail"]
    with login(policy.door("cyrus"), credential):
        pass


def test_requests_are_answered_in_order(policy, stack, person):
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    with login(policy.door("dovecot"), credential), PolicyClient(policy.policy) as client:
        ours = {"client_address": "127.0.0.1", "sasl_username": person.login, "protocol_state": "RCPT",
                "recipient": RECIPIENT}
        asked = ["a@example.org", "b@example.org"] * 20
        everything = b"".join(request(**ours, sender=sender) + request(protocol_state="CONNECT")
                              for sender in asked)
        client.send(everything)
        for sender in asked:
            action = client.action()
            assert action == "DUNNO" if sender[0] == "a" else action.startswith("550 "), sender
            assert client.action() == "DUNNO"


def test_a_request_may_come_in_pieces(policy):
    with PolicyClient(policy.policy) as client:
        for byte in request(protocol_state="RCPT", sender="a@example.org"):
            client.send(bytes([byte]))
        assert client.action() == "DUNNO"


def test_a_headers_mailbox_is_held_as_a_sender_and_costs_nothing(policy, stack, person):
    credential = stack.tool.issue(person.login, "--sender", "a@example.org", "--rate", "1/1h")
    with login(policy.door("dovecot"), credential), PolicyClient(policy.policy) as client:
        for _ in range(5):
            assert client.ask_about_header(sasl_username=person.login, sender="a@example.org",
                                           recipient=RECIPIENT, instance="4711.1.0") == \
                {"action": "OK", "sendpass_reason": "ok", "sendpass_id": credential.id}
        begin = policy.daemon.mark()
        assert client.ask_about_header(sasl_username=person.login, sender="b@example.org",
                                       sendpass_header="Sender", queue_id="4711") == \
            {"action": "550 5.7.1 this app password may not send as <b@example.org> in Sender:",
             "sendpass_reason": "sender_denied", "sendpass_id": credential.id}
        event = policy.daemon.wait_for(begin, "policy", reason="sender_denied", header="Sender")
        assert event.fields["stage"] == "HEADER" and event.fields["queue_id"] == "4711"
        assert event.fields["id"] == credential.id and event.fields["sender"] == "b@example.org"


def test_a_headers_mailbox_is_held_to_the_session(policy, stack, person):
    policy.reload(policy_ended_session="reject")
    first = stack.tool.issue(person.login, "--sender", "@example.org")
    ours = {"sasl_username": person.login, "sender": "a@example.org"}
    with PolicyClient(policy.policy) as client:
        assert client.ask_about_header(**ours) == {"action": "DUNNO", "sendpass_reason": "no_credential"}
        policy.reload(policy_ended_session="reject", policy_unknown_session="defer")
        assert client.ask_about_header(**ours)["action"].startswith("450 ")
        with login(policy.door("dovecot"), first):
            assert client.ask_about_header(**ours)["sendpass_id"] == first.id
            second = stack.tool.issue(person.login, "--sender", "*")
            with login(policy.door("dovecot"), second):
                assert client.ask_about_header(**ours) == {"action": "OK", "sendpass_reason": "ok"}
            stack.tool.revoke(second)
            answer = client.ask_about_header(**ours)
            assert answer["action"].startswith("550 ") and answer["sendpass_reason"] == "revoked"


@pytest.mark.live_only("a replica outlasts an outage")
def test_a_headers_mailbox_is_put_off_in_an_outage(policy, stack, person):
    credential = stack.tool.issue(person.login)
    ours = {"sasl_username": person.login, "sender": person.mail}
    with login(policy.door("dovecot"), credential), stopped(stack.slapd):
        with PolicyClient(policy.policy) as client:
            assert not client.ask_about_header(**ours)
        policy.reload(policy_unavailable="defer_if_permit")
        with PolicyClient(policy.policy) as client:
            answer = client.ask_about_header(**ours)
        assert answer["action"].startswith("451 ") and answer["sendpass_reason"] == "directory_down"


GARBAGE = {
    "no request": b"hello\n\n",
    "an empty line": b"\n",
    "a NUL": request(sender="a\0b"),
    "another kind": b"request=other\n\n",
    "a mailbox of no header": b"request=sendpass_header_sender\nsasl_username=a\nsender=a@b\n\n",
    "no kind": b"sender=a@example.org\n\n",
    "twice": b"request=smtpd_access_policy\nsender=a\nsender=b\n\n",
    "a line of 1 MiB": b"request=smtpd_access_policy\nsender=" + b"x" * (1 << 20) + b"\n\n",
    "1 MiB without an end": b"x" * (1 << 20),
    "too many lines": b"request=smtpd_access_policy\n" + b"a=b\n" * 20000 + b"\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" + b"\x80" * 100 + b"\n\n",
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_closed_and_logged(garbage, policy):
    begin = policy.daemon.mark()
    with PolicyClient(policy.policy) as client:
        client.send(GARBAGE[garbage])
        assert client.action() == ""
    event = policy.daemon.wait_for(begin, "client_refused")
    assert "policy door" in event.fields["message"] and len(event.line) < 300
    with PolicyClient(policy.policy) as client:
        assert client.ask(protocol_state="MAIL") == "DUNNO"


def test_half_a_request_is_logged(policy):
    begin = policy.daemon.mark()
    with PolicyClient(policy.policy) as client:
        client.send(request(sender="a")[:-1])
        client.socket.shutdown(socket.SHUT_WR)
        assert client.action() == ""
    policy.daemon.wait_for(begin, "client_refused")


def test_a_stop_ends_an_idle_client_and_answers_the_others(policy):
    with PolicyClient(policy.policy) as client:
        assert client.ask(protocol_state="RCPT") == "DUNNO"
        assert policy.daemon.stop() == 0
        assert client.action() == ""
    policy.daemon.start()


def test_senders_and_rates_are_issued_and_shown(stack, person):
    credential = stack.tool.issue(person.login, "--sender", "@example.org", "--sender", "<>",
                                  "--rate", "100/1h", "--rate", "recipients=500/1d")
    shown = stack.tool.json("show", credential.id)
    assert sorted(shown["senders"]) == ["<>", "@example.org"]
    assert sorted(shown["rates"]) == ["100/1h", "recipients=500/1d"]
    assert shown["state"] == "active"
    text = stack.tool.run("show", credential.id).stdout
    assert "sender: @example.org\n" in text and "rate: 100/1h\n" in text


BAD = [("--sender", value) for value in ("", "example.org", "@", "a@", "a b@example.org", "*@example.org")]
BAD += [("--rate", value) for value in ("", "100", "100/h", "0/1h", "100/1", "100/1y", "messages=1/1h", "-1/1h")]


@pytest.mark.parametrize("option, value", BAD)
def test_what_is_no_sender_or_rate_is_refused_when_it_is_issued(option, value, stack, person):
    result = stack.tool.run("issue", person.login, "--label", "x", option, value)
    assert result.returncode == 2 and f"{option} {value}" in result.stderr
