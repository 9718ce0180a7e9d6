# SPDX-License-Identifier: BSD-2-Clause
"""Postfix holds envelope senders to logins: by the socketmap door, and by its own ldap: table."""
import re
import shutil
import socket

import pytest

from lab import ports, wait
from lab.doors import frozen, stopped
from lab.slapd import PEOPLE, SERVICES, SOURCE
from lab.socketmap_client import MAP, SocketmapClient, netstring
from lab.submission import login, send_and_reset

ALLOWED, FOREIGN, LATER = 250, 553, 451


@pytest.fixture
def client(policy):
    """A connection to the socketmap door."""
    with SocketmapClient(policy.socketmap) as connected:
        yield connected


# ---- with Postfix ----


@pytest.fixture(scope="module")
def _ldap_service(_policy_stack, stack):
    """A service of Postfix with examples/postfix/sender-logins.cf, but for servers and password."""
    postfix = stack.postfix
    table = postfix.directory / "etc/sender-logins.cf"
    text = (SOURCE / "examples/postfix/sender-logins.cf").read_text()
    for name, value in {"server_host": f"ldaps://{ports.HOST}:{stack.slapd.tls_port}",
                        "tls_ca_cert_file": stack.certificate.certificate,
                        "bind_pw": "reader's secret"}.items():
        text, count = re.subn(rf"(?m)^{name} = .*", f"{name} = {value}", text)
        assert count == 1
    table.write_text(text)
    table.chmod(0o640)
    shutil.chown(table, "root", "postfix")
    stack.slapd.root().modify(
        f"dn: cn=postfix,{SERVICES}\nchangetype: add\nobjectClass: organizationalRole\n"
        "objectClass: simpleSecurityObject\ncn: postfix\nuserPassword: reader's secret\n")
    with open(postfix.directory / "etc/main.cf", "a", encoding="utf-8") as main:
        main.write(f"senders_by_ldap = proxy:ldap:{table}\nproxy_read_maps = proxy:unix:passwd.byname $senders_by_ldap\n")
    postfix.add_service("policy-senders-ldap", "smtpd_sasl_path=policy",
                        "smtpd_sender_login_maps=$senders_by_ldap",
                        "smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch")
    postfix.reload()


@pytest.fixture(params=("senders", "senders-ldap"))
def table(request, policy, _ldap_service):
    """Postfix with each of the two tables."""
    return policy.door(request.param)


def codes(door, credential, *senders):
    """What Postfix says to each sender, in one session."""
    with login(door, credential) as session:
        return [send_and_reset(session, sender).code for sender in senders]


def test_a_login_sends_as_its_owner_and_as_nobody_else(table, stack, person):
    credential = stack.tool.issue(person.login)
    own, boss = person.mail, "alice@example.org"
    assert codes(table, credential, own, own.upper(), boss, f"x{own}", "nobody@example.net") == [
        ALLOWED, ALLOWED, FOREIGN, FOREIGN, FOREIGN]
    by_address = credential._replace(login=person.mail)
    assert codes(table, by_address, own, boss) == [ALLOWED, FOREIGN]


def test_a_login_sends_as_the_senders_of_its_app_passwords(table, stack, person):
    with_sender = stack.tool.issue(person.login, "--sender", f"news-{person.login}@example.org",
                                   "--sender", f"@{person.login}.example.org")
    senders = f"news-{person.login}@example.org", f"any@{person.login}.example.org"
    assert codes(table, with_sender, *senders, "news@example.org") == [ALLOWED, ALLOWED, FOREIGN]
    # by the login alone nobody can tell which app password it was
    assert codes(table, stack.tool.issue(person.login), *senders) == [ALLOWED, ALLOWED]
    assert codes(table, stack.tool.issue("bob"), *senders) == [FOREIGN, FOREIGN]


def test_a_login_of_the_app_passwords_own(table, stack, person):
    sender = f"scan-{person.login}@example.org"
    credential = stack.tool.issue(person.login, "--sender", sender)
    stack.slapd.root().replace(credential.dn, "sendpassLogin", f"scanner-{person.login}")
    own = credential._replace(login=f"scanner-{person.login}")
    assert codes(table, own, sender, person.mail) == [ALLOWED, FOREIGN]


@pytest.mark.parametrize("attribute, value", (("sendpassRevoked", "20260101000000Z"),
                                              ("sendpassSuspended", "TRUE"),
                                              ("sendpassExpires", "20260101000000Z"),
                                              ("sendpassNotBefore", "20990101000000Z")))
def test_what_may_not_be_used_gives_no_sender(table, attribute, value, stack, person):
    sender = f"news-{person.login}@example.org"
    with_sender = stack.tool.issue(person.login, "--sender", sender)
    other = stack.tool.issue(person.login)
    assert codes(table, other, sender) == [ALLOWED]
    stack.slapd.root().replace(with_sender.dn, attribute, value)
    assert codes(table, other, sender, person.mail) == [FOREIGN, ALLOWED]


def test_without_the_directory_everybody_is_put_off(table, stack, person):
    with login(table, stack.tool.issue(person.login)) as session:
        assert send_and_reset(session, person.mail).code == ALLOWED
        with stopped(stack.slapd):
            for sender in (person.mail, "alice@example.org", "nobody@example.net"):
                assert send_and_reset(session, sender).code == LATER, sender
        wait.until(lambda: send_and_reset(session, person.mail).code == ALLOWED, "the directory to be back")
        assert send_and_reset(session, "alice@example.org").code == FOREIGN


def test_without_sendpassd_everybody_is_put_off(policy, stack, person):
    with login(policy.door("senders"), stack.tool.issue(person.login)) as session:
        with stopped(policy.daemon):
            for sender in (person.mail, "alice@example.org"):
                assert send_and_reset(session, sender).code == LATER, sender
        assert send_and_reset(session, person.mail).code == ALLOWED


def test_the_null_sender_is_not_asked_about(policy, stack, person):
    assert codes(policy.door("senders"), stack.tool.issue(person.login), "") == [ALLOWED]


# ---- what the ldap: table cannot do ----


def test_patterns_above_a_domain_and_own_logins_are_the_doors(policy, stack, person, client):
    credential = stack.tool.issue(person.login, "--sender", f"@.{person.login}.example.org")
    plain = stack.tool.issue(person.login)
    stack.slapd.root().replace(plain.dn, "sendpassLogin", f"device-{person.login}")
    assert codes(policy.door("senders"), credential, f"a@b.{person.login}.example.org",
                 f"a@{person.login}.example.org") == [ALLOWED, FOREIGN]
    own = plain._replace(login=f"device-{person.login}")
    assert codes(policy.door("senders"), own, person.mail, "alice@example.org") == [ALLOWED, FOREIGN]
    assert client.logins(person.mail) == {person.login, person.mail, own.login}


def test_everybody_may_be_sent_as(stack, person, client):
    credential = stack.tool.issue(person.login, "--sender", "*")
    assert client.logins("anybody@anywhere.example") == {person.login, person.mail}
    assert client.logins("alice@example.org") >= {"alice", person.login}
    stack.tool.revoke(credential)
    assert client.ask("anybody@anywhere.example") == ("NOTFOUND", "")


def test_an_owner_who_is_not_active_has_no_sender(stack, person, client):
    stack.tool.issue(person.login, "--sender", f"news-{person.login}@example.org")
    assert client.logins(person.mail) and client.logins(f"news-{person.login}@example.org")
    person.disable()
    assert client.ask(person.mail) == ("NOTFOUND", "")
    assert client.ask(f"news-{person.login}@example.org") == ("NOTFOUND", "")


# ---- the door itself ----


def test_less_than_an_address_is_never_found(stack, person, client):
    stack.tool.issue(person.login, "--sender", "*", "--sender", "@example.org")
    for key in ("", person.login, "@example.org", "example.org", "*", "<>", "a@", "x" * 400 + "@example.org"):
        assert client.ask(key) == ("NOTFOUND", ""), key
    assert client.logins("x+y@example.org") == {person.login, person.mail}


def test_a_login_that_would_read_as_others_is_not_listed(stack, person, client):
    stack.slapd.root().replace(person.dn, "mail", f"{person.login}, alice@example.org")
    sender = f"news-{person.login}@example.org"
    stack.tool.issue(person.login, "--sender", sender)
    assert client.logins(sender) == {person.login}


def test_a_sender_without_any_login_is_still_somebodys(stack, client):
    """Postfix must not take it for nobody's, which some restrictions let everybody use."""
    root = stack.slapd.root()
    dn = f"uid=a b,{PEOPLE}"
    root.modify(f"dn: {dn}\nchangetype: add\nobjectClass: inetOrgPerson\n"
                "uid: a b\ncn: shy\nsn: shy\nmail: a b@shy.example.org\n")
    try:
        assert client.ask("a b@shy.example.org") == ("OK", ",")
    finally:
        root.delete(dn)


def test_another_map_is_an_error(client):
    word, text = client.ask("alice@example.org", "other")
    assert word == "PERM" and MAP in text
    assert client.ask("alice@example.org", f"{MAP}x")[0] == "PERM"
    assert client.logins("alice@example.org") >= {"alice"}


def test_requests_are_answered_in_order(client):
    senders = ["alice@example.org", "bob@example.org", "@example.org"] * 20
    client.send(b"".join(netstring(f"{MAP} {sender}") for sender in senders))
    for sender in senders:
        word, data = client.reply()
        assert word == ("NOTFOUND" if sender[0] == "@" else "OK"), sender
        assert sender[0] == "@" or sender.partition("@")[0] in data.split(",")


def test_a_request_may_come_in_pieces(client):
    for byte in netstring(f"{MAP} alice@example.org"):
        client.send(bytes([byte]))
    assert client.reply()[0] == "OK"


GARBAGE = {
    "no netstring": b"hello\n",
    "HTTP": b"GET / HTTP/1.0\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no map": netstring("alice@example.org"),
    "nothing": netstring(""),
    "a NUL": netstring(f"{MAP} a\0@example.org"),
    "no comma": netstring(f"{MAP} a@example.org")[:-1] + b";",
    "a negative length": b"-5:hello,",
    "zeros before a length": b"05:m abc,",
    "a length that overflows": b"18446744073709551620:m ab,",
    "1 MiB": netstring(f"{MAP} " + "x" * (1 << 20)),
    "1 MiB of digits": b"1" * (1 << 20),
    "a policy request": b"request=smtpd_access_policy\n\n",
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_closed_and_logged(garbage, policy, client):
    begin = policy.daemon.mark()
    client.send(GARBAGE[garbage])
    assert client.reply() is None
    event = policy.daemon.wait_for(begin, "client_refused")
    assert "socketmap door" in event.fields["message"] and len(event.line) < 300
    assert len(policy.daemon.events(begin, "client_refused")) == 1
    with SocketmapClient(policy.socketmap) as another:
        assert another.ask("alice@example.org")[0] == "OK"


def test_half_a_request_is_logged(policy, client):
    begin = policy.daemon.mark()
    client.send(netstring(f"{MAP} alice@example.org")[:-1])
    client.socket.shutdown(socket.SHUT_WR)
    assert client.reply() is None
    policy.daemon.wait_for(begin, "client_refused")


def test_what_cannot_be_known_is_temporary(policy, stack, client):
    with frozen(stack.slapd):
        word, text = client.ask("alice@example.org")
    assert word == "TEMP" and "directory" in text
    with stopped(stack.slapd):
        word, text = client.ask("alice@example.org")
    assert word == "TEMP" and "directory" in text
    wait.until(lambda: client.ask("alice@example.org")[0] == "OK", "the directory to be back")


def test_a_client_may_go_before_its_answer(policy, stack):
    with frozen(stack.slapd):
        with SocketmapClient(policy.socketmap) as hasty:
            hasty.send(netstring(f"{MAP} alice@example.org") * 3)
    with SocketmapClient(policy.socketmap) as another:
        wait.until(lambda: another.ask("alice@example.org")[0] == "OK", "the directory to be back")


def test_a_crowd_is_told_to_come_later(policy):
    policy.restart(daemon_max_connections="1")
    try:
        with SocketmapClient(policy.socketmap) as first, SocketmapClient(policy.socketmap) as second:
            assert first.ask("alice@example.org")[0] == "OK"
            assert second.reply() == ("TEMP", "too many clients")
    finally:
        policy.restart()


def test_a_stop_ends_an_idle_client(policy, client):
    assert client.ask("alice@example.org")[0] == "OK"
    assert policy.daemon.stop() == 0
    assert client.reply() is None
    policy.daemon.start()


def test_without_an_attribute_for_addresses_it_does_not_start(policy):
    policy.daemon.configure(directory_owner_mail_attribute="")
    try:
        begin = policy.daemon.mark()
        policy.daemon.reload()
        refused = policy.daemon.wait_for(begin, "configuration_refused")
        assert "owner_mail_attribute" in refused.fields["message"]
    finally:
        policy.daemon.configure()
