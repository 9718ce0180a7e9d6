# SPDX-License-Identifier: BSD-2-Clause
"""What a credential may send, and a session that is open already: the policy door, with Postfix."""
import socket

import pytest

from lab import wait
from lab.doors import GRANTED, frozen, stopped
from lab.policy_client import PolicyClient, request
from lab.policy_stack import STAGES, PolicyStack

RECIPIENT = "somebody@example.net"
ENDED = "this app password is no longer valid"


@pytest.fixture(scope="module")
def policy(stack):
    """A sendpassd with a policy door, and Postfix with services that ask it."""
    policy = PolicyStack(stack)
    policy.start()
    yield policy
    policy.stop()


@pytest.fixture(autouse=True)
def _as_configured(policy):
    """No test leaves other settings behind."""
    yield
    policy.reload()


@pytest.fixture(params=("cyrus", "dovecot"))
def both(request, policy):
    """Postfix with our plugin, and with its own Dovecot client, asking at every stage."""
    return policy.door(request.param)


def login(door, credential, **options):
    """A session that has logged in."""
    session = door.connect(**options)
    reply = session.auth("PLAIN", credential.login, credential.password)
    assert reply.code == GRANTED, reply
    return session


def mail(session, sender, *recipients):
    """MAIL and RCPTs; the reply to the last."""
    reply = session.command(f"MAIL FROM:<{sender}>")
    for recipient in recipients or (RECIPIENT,):
        if reply.code == 250:
            reply = session.command(f"RCPT TO:<{recipient}>")
    return reply


def send(session, sender, *recipients):
    """A whole message; the last reply."""
    reply = mail(session, sender, *recipients)
    if reply.code == 250:
        reply = session.command("DATA")
    if reply.code == 354:
        reply = session.command("Subject: policy\r\n\r\nHello.\r\n.")
    return reply


def send_and_reset(session, sender, *recipients):
    """As send(), and the session can send again whatever came of it."""
    reply = send(session, sender, *recipients)
    session.command("RSET")
    return reply


# ---- senders ----

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


@pytest.mark.parametrize("stage", [name for name in STAGES if name not in ("cyrus", "dovecot")])
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
        policy.reload(directory_owner_mail_attribute="")
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


# ---- sessions that are open ----

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


@pytest.mark.parametrize("stage", [name for name in STAGES if name not in ("cyrus", "dovecot")])
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


# ---- rates ----

def test_a_rate_of_messages_is_exact_and_survives_a_restart(both, policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "3/1h")
    with login(both, credential) as session:
        assert send(session, person.mail, RECIPIENT, "other@example.net").code == 250
        assert send(session, person.mail).code == 250
    policy.restart()
    begin = policy.daemon.mark()
    with login(both, credential) as session:
        assert send(session, person.mail).code == 250
        for _ in range(3):
            reply = send_and_reset(session, person.mail)
            assert reply.code == 450 and "4.7.1" in reply.text and "sent too much" in reply.text
    policy.daemon.wait_for(begin, "policy", reason="rate_limited", result="denied", id=credential.id)


def test_a_rate_survives_a_kill_once_it_is_written(policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/1h")
    file = policy.state / "rates.lmdb"
    before = file.read_bytes()
    with login(policy.door("cyrus"), credential) as session:
        assert send(session, person.mail).code == 250
    wait.until(lambda: credential.id.encode() in file.read_bytes() and file.read_bytes() != before,
               "the counter in the file")
    policy.daemon.process.signal(9)
    policy.daemon.process.wait()
    policy.daemon.start()
    with login(policy.door("cyrus"), credential) as session:
        assert send(session, person.mail).code == 450


def test_a_rate_of_recipients_counts_each_once(both, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "recipients=4/1h")
    with login(both, credential) as session:
        assert send(session, person.mail, "a@example.net", "b@example.net", "c@example.net").code == 250
        assert mail(session, person.mail, "d@example.net").code == 250
        assert session.command("RCPT TO:<e@example.net>").code == 450
        assert session.command("DATA").code == 354
        assert session.command(".").code == 250
        assert send_and_reset(session, person.mail, "f@example.net").code == 450


@pytest.mark.parametrize("stage", ("rcpt", "data", "end"))
def test_rates_are_held_at_each_stage_alone(stage, policy, stack, person):
    messages = stack.tool.issue(person.login, "--rate", "2/1h")
    with login(policy.door(stage), messages) as session:
        codes = [send_and_reset(session, person.mail, "a@example.net", "b@example.net").code for _ in range(3)]
        assert codes == [250, 250, 450]
    recipients = stack.tool.issue(person.login, "--rate", "recipients=3/1h")
    with login(policy.door(stage), recipients) as session:
        assert send_and_reset(session, person.mail, "a@example.net", "b@example.net").code == 250
        assert send_and_reset(session, person.mail, "c@example.net", "d@example.net").code == 450


def test_a_full_rate_is_told_at_mail(policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/1h")
    with login(policy.door("cyrus"), credential) as session:
        assert send(session, person.mail).code == 250
    with login(policy.door("mail"), credential) as session:
        assert session.command(f"MAIL FROM:<{person.mail}>").code == 450


def test_the_default_rate_holds_unless_the_credential_has_its_own(policy, stack, person):
    policy.reload(policy_default_rate="1/1h recipients=5/1d")
    plain, own = stack.tool.issue(person.login), stack.tool.issue(person.login, "--rate", "2/1h")
    with login(policy.door("cyrus"), plain) as session:
        assert [send_and_reset(session, person.mail).code for _ in range(2)] == [250, 450]
    with login(policy.door("cyrus"), own) as session:
        assert [send_and_reset(session, person.mail).code for _ in range(3)] == [250, 250, 450]


def test_a_rate_comes_free_again(policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/2s")
    with login(policy.door("cyrus"), credential) as session:
        assert send_and_reset(session, person.mail).code == 250
        assert send_and_reset(session, person.mail).code == 450
        wait.until(lambda: send_and_reset(session, person.mail).code == 250, "the rate to come free")


@pytest.mark.parametrize("damage", (b"garbage" * 1000, b"", b"\0" * 8192))
def test_a_damaged_file_stops_nobody(damage, policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/1h")
    file = policy.state / "rates.lmdb"
    policy.daemon.stop()
    kept = file.read_bytes()
    file.write_bytes(damage)
    begin = policy.daemon.mark()
    policy.daemon.start()
    try:
        with login(policy.door("cyrus"), credential) as session:
            assert [send_and_reset(session, person.mail).code for _ in range(2)] == [250, 450]
        if damage:
            policy.daemon.wait_for(begin, "rates_not_kept")
    finally:
        policy.daemon.stop()
        file.write_bytes(kept)
        policy.daemon.start()


def test_a_file_cut_short_is_noticed(policy):
    file = policy.state / "rates.lmdb"
    policy.daemon.stop()
    kept = file.read_bytes()
    file.write_bytes(kept[:8192])
    begin = policy.daemon.mark()
    policy.daemon.start()
    policy.daemon.wait_for(begin, "rates_not_kept")
    policy.daemon.stop()
    file.write_bytes(kept)
    begin = policy.daemon.mark()
    policy.daemon.start()
    assert not policy.daemon.events(begin, "rates_not_kept")


def test_nothing_is_kept_without_a_directory(policy):
    begin = policy.daemon.mark()
    policy.restart(daemon_state_directory="")
    assert policy.daemon.wait_for(begin, "rates_not_kept").level == "warning"
    policy.restart()


# ---- what cannot be known ----

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


# ---- a credential that nobody would hold ----

@pytest.mark.parametrize("options", (("--sender", "*"), ("--rate", "100/1h")))
def test_without_a_policy_door_it_is_not_let_in(options, policy, stack, person):
    credential = stack.tool.issue(person.login, *options)
    begin = stack.sendpassd.mark()
    assert stack.tool.run("verify", person.login, stdin=credential.password).returncode != 0
    event = stack.sendpassd.wait_for(begin, "auth", reason="internal", id=credential.id)
    assert "no policy door" in event.fields["detail"]
    with login(policy.door("cyrus"), credential):
        pass


# ---- the door itself ----

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


GARBAGE = {
    "no request": b"hello\n\n",
    "an empty line": b"\n",
    "a NUL": request(sender="a\0b"),
    "another kind": b"request=other\n\n",
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


# ---- the tool ----

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
