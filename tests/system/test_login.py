# SPDX-License-Identifier: BSD-2-Clause
"""What a mail server answers to a right and to a wrong app password."""
import uuid

import pytest

from lab import wait
from lab.doors import DENIED, GRANTED
from lab.people import Person


def test_the_right_password_is_accepted(door, mechanism, credential):
    assert door.attempt(mechanism, credential.login, credential.password).code == GRANTED


def test_the_mail_address_is_a_login_too(door, mechanism, credential, person):
    assert door.attempt(mechanism, person.mail, credential.password).code == GRANTED


def test_the_password_may_be_typed_without_care(door, mechanism, credential):
    typed = " " + credential.password.upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert door.attempt(mechanism, credential.login, typed).code == GRANTED


def test_the_compact_form_is_accepted(door, mechanism, stack, person):
    compact = stack.tool.issue(person.login, "--compact")
    assert len(compact.password.replace("-", "")) == 16
    assert door.attempt(mechanism, person.login, compact.password).code == GRANTED


def test_a_login_of_its_own_is_accepted(door, mechanism, stack, person):
    own = stack.tool.issue(person.login, "--login", "scanner-2nd-floor")
    assert door.attempt(mechanism, "scanner-2nd-floor", own.password).code == GRANTED


@pytest.mark.parametrize("form", ["PLAIN after a challenge", "LOGIN with an initial response"])
def test_the_less_common_forms_of_auth_are_accepted(door, form, credential):
    with door.connect() as session:
        if form.startswith("PLAIN"):
            reply = session.auth_plain(credential.login, credential.password, initial=False)
        else:
            reply = session.auth_login(credential.login, credential.password, initial=True)
    assert reply.code == GRANTED


def test_a_message_is_delivered_under_starttls(door, mechanism, credential, person):
    subject = f"test-{uuid.uuid4()}"
    with door.connect(starttls=True) as session:
        assert session.auth(mechanism, credential.login, credential.password).code == GRANTED
        assert session.send(person.mail, "somebody@example.org", subject).code == 250
    wait.until(lambda: any(subject in message for message in door.server.messages()), "the message")


def test_no_message_is_taken_without_a_password(door, person):
    with door.connect() as session:
        assert session.send(person.mail, "somebody@example.org", "unasked").code >= 500


def test_a_refused_session_may_try_again(door, mechanism, credential):
    with door.connect() as session:
        assert session.auth(mechanism, credential.login, "no app password").code == DENIED
        assert session.auth(mechanism, credential.login, credential.password).code == GRANTED


def _wrong_symbol(password):
    """The password with another symbol in the middle of its secret."""
    place = password.index("-", len(password) // 2) + 1
    return password[:place] + ("7" if password[place] != "7" else "8") + password[place + 1:]


# name: (login and password made of (good credential, stack), reason in the log; None: sendpassd is not asked)
OFFERS = {
    "mailbox password": (lambda good, stack: ("alice", stack.slapd.password("alice")), "malformed"),
    "malformed": (lambda good, stack: (good.login, "hunter2"), "malformed"),
    "one wrong symbol": (lambda good, stack: (good.login, _wrong_symbol(good.password)), "malformed"),
    "cut short": (lambda good, stack: (good.login, good.password[:-1]), "malformed"),
    "doubled": (lambda good, stack: (good.login, good.password * 2), "malformed"),
    "unknown login": (lambda good, stack: ("nobody-here", good.password), "wrong_owner"),
    "other login": (lambda good, stack: ("alice", good.password), "wrong_owner"),
    "invalid UTF-8 password": (lambda good, stack: (good.login, b"\xc3\x28\xff\xfe"), "malformed"),
    "invalid UTF-8 after the password":
        (lambda good, stack: (good.login, good.password.encode() + b"\xff"), "malformed"),
    "invalid UTF-8 login":
        (lambda good, stack: (good.login.encode() + b"\xc3\x28", good.password), "malformed"),
    "line end in login": (lambda good, stack: (good.login + "\nx", good.password), "malformed"),
    "long, within limits": (lambda good, stack: (good.login, "x" * 1000), "malformed"),
}


@pytest.mark.parametrize("offer", OFFERS)
def test_what_is_no_right_password_is_refused(door, mechanism, offer, stack, credential):
    make, reason = OFFERS[offer]
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, *make(credential, stack)).code == DENIED
    stack.sendpassd.wait_for(begin, "auth", result="denied", reason=reason)


def test_a_wrong_secret_is_refused(door, mechanism, stack, credential, person):
    other = stack.tool.issue(person.login)
    root = stack.slapd.root()
    others_hash = root.search(other.dn, "(objectClass=*)", "sendpassHash")[0].attributes["sendpassHash"][0]
    root.replace(credential.dn, "sendpassHash", others_hash)
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, credential.login, credential.password).code == DENIED
    stack.sendpassd.wait_for(begin, "auth", result="denied", reason="bad_secret", id=credential.id)


@pytest.mark.parametrize("whose", ["alice", "root", "{login}x"])
def test_nobody_is_acted_for(door, whose, stack, credential):
    """PLAIN names who is to be acted for beside the login (RFC 4616): with a right password, too, nobody else is."""
    begin = stack.sendpassd.mark()
    with door.connect() as session:
        reply = session.auth_plain(credential.login, credential.password, authzid=whose.format(login=credential.login))
        assert reply.code in (DENIED,), reply
        assert session.auth_plain(credential.login, credential.password, authzid=credential.login).code == GRANTED
    results = [event.fields["result"] for event in stack.sendpassd.events(begin, "auth")]
    assert results.count("granted") == 1 and results[-1] == "granted"


def test_an_unknown_id_is_refused(door, mechanism, stack, credential):
    stack.slapd.root().delete(credential.dn)
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, credential.login, credential.password).code == DENIED
    stack.sendpassd.wait_for(begin, "auth", result="denied", reason="no_credential", id=credential.id)


def test_another_persons_password_is_refused(door, mechanism, stack, credential):
    somebody = Person(stack.slapd.root())
    theirs = stack.tool.issue(somebody.login)
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, credential.login, theirs.password).code == DENIED
    stack.sendpassd.wait_for(begin, "auth", result="denied", reason="wrong_owner", id=theirs.id)
    assert door.attempt(mechanism, somebody.login, theirs.password).code == GRANTED


# name: login and password made of the good credential
IMPOSSIBLE = {
    "empty password": lambda good: (good.login, ""),
    "empty login": lambda good: ("", good.password),
    "both empty": lambda good: ("", ""),
    "64 KiB password": lambda good: (good.login, "x" * 65536),
    "64 KiB login": lambda good: ("x" * 65536, good.password),
    "right password, then 64 KiB": lambda good: (good.login, good.password + " " * 65536),
    "NUL in the password": lambda good: (good.login, good.password[:9] + "\0" + good.password[9:]),
    "right password, then NUL": lambda good: (good.login, good.password + "\0"),
    "right password, NUL, more": lambda good: (good.login, good.password + "\0more"),
    "only NUL": lambda good: (good.login, "\0"),
}

# (part of the offer's name, door, mechanism): the code by which somebody before us refuses it
REFUSED_BEFORE_US = {
    # smtpd_sasl_response_limit; a longer AUTH line than line_length_limit is cut and refused with 535
    ("64 KiB", "postfix-cyrus", "LOGIN"): 500,
    ("64 KiB", "postfix-dovecot", "LOGIN"): 500,
    # Exim's buffer for a command, and for an answer to its challenge
    ("64 KiB", "exim-cyrus", "PLAIN"): 500,
    ("64 KiB", "exim-dovecot", "PLAIN"): 500,
    ("64 KiB", "exim-cyrus", "LOGIN"): 501,
    ("64 KiB", "exim-dovecot", "LOGIN"): 501,
    # libsasl2's PLAIN calls a third NUL a protocol error, and so does Exim
    ("NUL", "exim-cyrus", "PLAIN"): 553,
    # libsasl2's own canon_user calls an empty name a failure, which Postfix takes for a temporary one
    ("empty login", "postfix-cyrus", "PLAIN"): 454,
    ("empty login", "postfix-cyrus", "LOGIN"): 454,
    ("both empty", "postfix-cyrus", "PLAIN"): 454,
    ("both empty", "postfix-cyrus", "LOGIN"): 454,
}


@pytest.mark.parametrize("offer", IMPOSSIBLE)
def test_what_no_app_password_can_be_is_refused(door, mechanism, offer, stack, credential):
    expected, before_us = DENIED, False
    for (part, name, by), code in REFUSED_BEFORE_US.items():
        if part in offer and (name, by) == (door.name, mechanism):
            expected, before_us = code, True
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, *IMPOSSIBLE[offer](credential)).code == expected
    assert not (before_us and stack.sendpassd.events(begin, "auth"))


def test_blanks_around_a_login_are_no_part_of_it(cyrus_door, mechanism, credential):
    """libsasl2 takes them off before it asks."""
    assert cyrus_door.attempt(mechanism, f" {credential.login}\n", credential.password).code == GRANTED
