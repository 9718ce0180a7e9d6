# SPDX-License-Identifier: BSD-2-Clause
"""An app password works where its restrictions let it, and nowhere else."""
import pytest

from lab.doors import DENIED, GRANTED

# options of `sendpass issue`: the reason in the log, or None where it is let in
PLACES = {
    ("--network", "127.0.0.0/8"): None,
    ("--network", "192.0.2.0/24", "--network", "127.0.0.1"): None,
    ("--network", "192.0.2.0/24"): "network_denied",
    ("--network", "2001:db8::/32"): "network_denied",
    ("--service", "smtp"): None,
    ("--service", "imap", "--service", "SMTP"): None,
    ("--service", "imap"): "service_denied",
    ("--service", "imap", "--network", "192.0.2.0/24"): "service_denied",
}


@pytest.mark.parametrize("options", PLACES, ids=" ".join)
def test_a_restriction_holds_at_login(door, mechanism, options, stack, person):
    credential = stack.tool.issue(person.login, *options)
    reason = PLACES[options]
    begin = stack.sendpassd.mark()
    reply = door.attempt(mechanism, credential.login, credential.password)
    assert reply.code == (GRANTED if reason is None else DENIED)
    stack.sendpassd.wait_for(begin, "auth", reason=reason or "ok", id=credential.id)


def test_a_refusal_reads_like_a_wrong_password(door, mechanism, stack, person):
    credential = stack.tool.issue(person.login, "--network", "192.0.2.0/24")
    wrong = door.attempt(mechanism, credential.login, "no app password")
    refused = door.attempt(mechanism, credential.login, credential.password)
    assert (refused.code, refused.text) == (wrong.code, wrong.text)


def test_a_changed_restriction_holds_at_the_next_attempt(door, mechanism, stack, person):
    credential = stack.tool.issue(person.login, "--network", "192.0.2.0/24")
    with door.connect() as session:
        assert session.auth(mechanism, credential.login, credential.password).code == DENIED
        stack.slapd.root().replace(credential.dn, "sendpassNetwork", "127.0.0.1")
        assert session.auth(mechanism, credential.login, credential.password).code == GRANTED


def test_tls_is_required_where_the_door_knows(door, mechanism, stack, person):
    """Exim tells of a client on its own address that it is secured; so this one has another."""
    credential = stack.tool.issue(person.login, "--require-tls")
    knows = door.name.endswith("-dovecot")
    begin = stack.sendpassd.mark()
    with door.connect(source="127.0.0.2") as session:
        reply = session.auth(mechanism, credential.login, credential.password)
    assert reply.code == (DENIED if knows else GRANTED)
    stack.sendpassd.wait_for(begin, "auth", reason="tls_required" if knows else "ok", id=credential.id)
    with door.connect(starttls=True) as session:
        assert session.auth(mechanism, credential.login, credential.password).code == GRANTED


@pytest.mark.parametrize("attribute, value", [("sendpassSender", "example.org"), ("sendpassRate", "1/h"),
                                              ("sendpassNetwork", "10.0.0.1/8")])
def test_a_restriction_that_cannot_be_held_lets_nobody_in(door, attribute, value, stack, credential):
    stack.slapd.root().replace(credential.dn, attribute, value)
    begin = stack.sendpassd.mark()
    reply = door.attempt("PLAIN", credential.login, credential.password)
    assert reply.code == door.unavailable
    event = stack.sendpassd.wait_for(begin, "credential_unusable")
    assert attribute in event.fields["error"] and credential.id in event.fields["dn"]


def test_what_is_no_network_is_refused_when_it_is_issued(stack, person):
    for network in ("192.0.2.1/24", "localhost", "192.0.2.0/33", ""):
        result = stack.tool.run("issue", person.login, "--label", "x", "--network", network)
        assert result.returncode == 2
        assert f"--network {network}" in result.stderr and "192.0.2.0/24" in result.stderr


def test_restrictions_are_shown(stack, person):
    credential = stack.tool.issue(person.login, "--network", "192.0.2.0/24", "--network", "::1",
                                  "--service", "smtp", "--require-tls")
    shown = stack.tool.json("show", credential.id)
    assert sorted(shown["networks"]) == ["192.0.2.0/24", "::1"]
    assert shown["services"] == ["smtp"] and shown["tls_required"] is True
    text = stack.tool.run("show", credential.id).stdout
    assert "network: ::1\n" in text and "service: smtp\n" in text and "tls: required\n" in text
