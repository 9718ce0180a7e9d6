# SPDX-License-Identifier: BSD-2-Clause
"""Exim asks the policy door by the ACLs that we ship: those of examples/exim."""
import os
import re

import pytest

from lab import sasl, wait
from lab.doors import GRANTED, Door, frozen, stopped
from lab.exim import ACLS_WITH_POLICY, EXAMPLE, HEADER_LINES, Exim
from lab.submission import RECIPIENT, login, mail, send, send_and_reset, send_lines

# Lets everybody in, as whoever they say.
ANYBODY = """\
anybody:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = true
  server_set_id = $auth2
"""
DOCUMENT = EXAMPLE.parents[2] / "docs/exim.md"


class Site:
    """A sendpassd with a policy door for Exim, and Exims that ask it."""

    def __init__(self, stack, program):
        self.stack = stack
        self.program = program
        self.exims = {}
        directory = stack.directory / "policy-exim"
        self.policy = directory / "sendpassd/policy"
        self.daemon = stack.daemon("policy-exim/sendpassd")
        self.add("cyrus_sasl", directory)
        self.add("dovecot", directory)
        self.add("anybody", directory, authenticators=ANYBODY)
        self.add("headers", directory, driver="cyrus_sasl", headers=True)
        self.daemon.settings.update({
            ("daemon", "policy"): f"{self.policy} 0660 root Debian-exim Debian-exim",
            ("daemon", "state_directory"): "",
            ("policy", "unknown_session"): "reject",
            ("ldap", "retry_after"): "200ms",
        })
        self.daemon.configure()

    def add(self, name, directory, driver=None, **options):
        """One more Exim."""
        stack = self.stack
        exim = self.exims[name] = Exim(self.program, directory / name, driver or name, stack.certificate, stack.plugin,
                                       stack.sanitizer, policy=self.policy, **options)
        exim.prepare()
        exim.write_sasl_configuration(sasl.configuration(exim.door))
        self.daemon.settings["daemon", "auth"].append(f"{exim.door} 0660 root Debian-exim")

    def start(self):
        """Start all."""
        self.daemon.start()
        for exim in self.exims.values():
            exim.start()

    def stop(self):
        """Stop all."""
        for exim in self.exims.values():
            exim.stop()
        self.daemon.stop()

    def door(self, name):
        """Exim's port."""
        return Door(name, self.exims[name].port, 435, self.exims[name])


@pytest.fixture(name="site", scope="module")
def _site(request, stack):
    program = request.config.getoption("--exim")
    if program is None:
        pytest.skip("no Exim: --exim was not given")
    running = Site(stack, program)
    running.start()
    yield running
    running.stop()


@pytest.fixture(name="door", params=("cyrus_sasl", "dovecot"))
def _door(request, site):
    return site.door(request.param)


def test_senders_are_held(door, site, stack, person):
    credential = stack.tool.issue(person.login, "--sender", "printer@example.org", "--sender", "@a.example")
    begin = site.daemon.mark()
    with login(door, credential) as session:
        assert send(session, "printer@example.org").code == 250
        assert send(session, "anybody@A.example").code == 250
        refused = session.command(f"MAIL FROM:<{person.mail}>")
        assert refused.code == 550, refused
        assert refused.text == f"550 5.7.1 this app password may not send as <{person.mail}>"
        assert session.command("MAIL FROM:<>").code == 550
        assert send(session, "printer@example.org").code == 250
    event = site.daemon.wait_for(begin, "policy", reason="sender_denied", sender=person.mail)
    assert event.fields["stage"] == "MAIL" and event.fields["id"] == credential.id
    accepted = site.daemon.wait_for(begin, "policy", reason="ok", id=credential.id)
    assert accepted.fields["stage"] == "END-OF-MESSAGE" and accepted.fields["recipients"] == "1"
    assert any(accepted.fields["queue_id"] in message for message in door.server.messages())


def test_a_message_is_traced_by_exims_id_and_by_its_message_id(door, site, stack, person):
    credential = stack.tool.issue(person.login)
    begin = site.daemon.mark()
    message_id = f"{person.login}.{door.name}@client.example"
    with login(door, credential) as session:
        assert send_lines(session, person.mail, f"Message-ID: <{message_id}>", "", "x").code == 250
    queue_id = site.daemon.wait_for(begin, "policy", stage="END-OF-MESSAGE").fields["queue_id"]
    wait.until(lambda: f" id={message_id}" in door.server.text(), "the line in mainlog")
    logs = ["--log", str(site.daemon.log), "--log", str(door.server.directory / "log/main")]
    for what in queue_id, message_id:
        [found] = stack.tool.json("trace", what, *logs)
        assert found["id"] == credential.id and found["owner"] == person.dn
        assert found["queue_id"] == queue_id and found["found_by"] == "message"


def test_an_owners_addresses_are_allowed(door, stack, person):
    with login(door, stack.tool.issue(person.login)) as session:
        assert send_and_reset(session, person.mail).code == 250
        assert send_and_reset(session, "boss@example.org").code == 550


def test_rates_are_exact(door, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "2/1h", "--rate", "recipients=4/1h")
    with login(door, credential) as session:
        assert send(session, person.mail, "a@example.net", "b@example.net", "c@example.net").code == 250
        assert mail(session, person.mail, "d@example.net").code == 250
        over = session.command("RCPT TO:<e@example.net>")
        assert over.code == 450 and over.text == "450 4.7.1 this app password has sent too much, try again later"
        assert session.command("DATA").code == 354
        assert session.command("Subject: x\r\n\r\n.").code == 250
        assert session.command(f"MAIL FROM:<{person.mail}>").code == 450


def test_a_message_that_comes_in_chunks_counts_once(door, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "2/1h")
    with login(door, credential) as session:
        for wanted in (250, 250, 450):
            reply = mail(session, person.mail)
            if reply.code == 250:
                reply = session.command("BDAT 14 LAST\r\nSubject: x\r\n")
            assert reply.code == wanted, reply


def test_an_open_session_ends(door, site, stack, person):
    credential = stack.tool.issue(person.login)
    with login(door, credential) as session:
        assert send(session, person.mail).code == 250
        stack.tool.revoke(credential)
        begin = site.daemon.mark()
        reply = session.command(f"MAIL FROM:<{person.mail}>")
        assert reply.code == 421 and "this app password is no longer valid" in reply.text, reply
        assert mail(session, person.mail).code == 421  # Exim keeps the session, in which nothing is sent any more
    site.daemon.wait_for(begin, "policy", reason="revoked", id=credential.id)


def test_a_revocation_between_rcpt_and_data_is_seen(door, stack, person):
    credential = stack.tool.issue(person.login)
    with login(door, credential) as session:
        assert mail(session, person.mail).code == 250
        assert session.command("DATA").code == 354
        stack.tool.revoke(credential)
        assert session.command("Subject: x\r\n\r\n.").code == 421
    assert credential.login not in "".join(door.server.messages())


def test_sessions_are_told_apart_by_the_port(site, stack, person):
    first = stack.tool.issue(person.login, "--sender", "first@example.org")
    second = stack.tool.issue(person.login, "--sender", "second@example.org")
    door = site.door("cyrus_sasl")
    begin = site.daemon.mark()
    with login(door, first) as one, login(door, second) as two:
        for session, own, other in ((one, "first", "second"), (two, "second", "first")):
            assert send_and_reset(session, f"{own}@example.org").code == 250
            assert send_and_reset(session, f"{other}@example.org").code == 550
        ports = [session.socket.getsockname()[1] for session in (one, two)]
    for port, credential in zip(ports, (first, second)):
        site.daemon.wait_for(begin, "auth", id=credential.id, port=str(port))
        site.daemon.wait_for(begin, "policy", id=credential.id, port=str(port), reason="ok")


@pytest.mark.parametrize("outage", (stopped, frozen))
def test_a_sendpassd_that_does_not_answer_puts_off(outage, site, stack, person):
    credential = stack.tool.issue(person.login)
    with login(site.door("cyrus_sasl"), credential) as session:
        with outage(site.daemon):
            reply = session.command(f"MAIL FROM:<{person.mail}>")
            assert reply.code == 451, reply
    assert f"no answer of sendpassd at {site.policy}" in site.exims["cyrus_sasl"].text()


@pytest.mark.parametrize("setting", ("close", "defer_if_permit"))
def test_a_directory_that_does_not_answer_puts_off(setting, site, stack, person):
    credential = stack.tool.issue(person.login)
    begin = site.daemon.mark()
    site.daemon.configure(policy_unavailable=setting)
    site.daemon.reload()
    site.daemon.wait_for(begin, "configuration_loaded")
    with login(site.door("dovecot"), credential) as session:
        with stopped(stack.slapd):
            assert session.command(f"MAIL FROM:<{person.mail}>").code == 451
        wait.until(lambda: send_and_reset(session, person.mail).code == 250, "the end of the outage")


def test_who_has_not_logged_in_is_not_asked_about(site):
    with stopped(site.daemon), site.door("cyrus_sasl").connect() as session:
        assert session.command("MAIL FROM:<a@example.org>").code == 250
        assert session.command(f"RCPT TO:<{RECIPIENT}>").text.endswith("authentication required")


def test_without_a_socket_for_exim_everything_is_put_off(site, stack, person):
    credential = stack.tool.issue(person.login)
    with login(site.door("cyrus_sasl"), credential) as session:
        os.chmod(site.policy, 0o600)
        try:
            assert session.command(f"MAIL FROM:<{person.mail}>").code == 451
        finally:
            os.chmod(site.policy, 0o660)


@pytest.mark.parametrize("end", ("\n", "\r", "\r\n", "\x0b"), ids=repr)
def test_a_login_cannot_add_lines_to_the_request(end, site, person):
    """The login is what another authenticator made of it, so it may be anything; Exim itself escapes it."""
    begin = site.daemon.mark()
    with site.door("anybody").connect() as session:
        assert session.auth_plain(f"x{end}sender={person.mail}", "any").code == GRANTED
        assert session.command("MAIL FROM:<boss@example.org>").code == 550
    event = site.daemon.wait_for(begin, "policy", reason="no_credential", sender="boss@example.org")
    assert event.fields["login"].endswith(f"sender={person.mail}")


HOSTILE = ('"${run{/bin/true}}"@example.org', '"$acl_m_sendpass_answer"@example.org',
           '"}{}{action=DUNNO}"@example.org', '"\\N action=DUNNO"@example.org', '"a\\nsender=b"@example.org',
           '"a=b"@example.org')


@pytest.mark.parametrize("address", HOSTILE, ids=repr)
def test_an_address_is_text_and_nothing_else(address, site, stack, person):
    credential = stack.tool.issue(person.login)
    begin = site.daemon.mark()
    with login(site.door("cyrus_sasl"), credential) as session:
        reply = session.command(f"MAIL FROM:<{address}>")
        assert reply.code == 550 and "may not send as" in reply.text, reply
        assert send_and_reset(session, person.mail, address).code == 250
    assert site.daemon.wait_for(begin, "policy", reason="sender_denied").fields["id"] == credential.id
    assert site.daemon.wait_for(begin, "policy", reason="ok").fields["sender"] == person.mail
    assert not site.daemon.events(begin, "client_refused")


@pytest.mark.parametrize("character", ("\r", "\t", "\x01", "\x0b"), ids=repr)
def test_control_characters_in_an_address_are_refused(character, site, stack, person):
    credential = stack.tool.issue(person.login)
    begin = site.daemon.mark()
    address = f'"a{character}sasl_username=other"@example.org'
    with login(site.door("cyrus_sasl"), credential) as session:
        for reply in (session.command(f"MAIL FROM:<{address}>"), mail(session, person.mail, address)):
            assert reply.code == 550 and "control characters" in reply.text, reply
    assert not site.daemon.events(begin, "policy")


def test_the_manual_has_what_is_tested_here():
    text = re.sub("(?m)^    ", "", DOCUMENT.read_text())
    for block in ACLS_WITH_POLICY.replace("{socket}", "/run/sendpass/exim-policy").split("\n\n"):
        for line in block.splitlines():
            if line.startswith(("SENDPASS", "acl_smtp")) or "sendpass_policy" in line:
                assert line in text, line


HEADERS = {
    "own From": (["From: A <a@example.org>"], 250, None),
    "own From and Sender, folded": (["From: A", " <A@example.org>", "Sender: a@example.org"], 250, None),
    "foreign From": (["From: boss@example.org"], 550, "may not send as <boss@example.org> in From:"),
    "foreign From, own name": (["From: \"a@example.org\" <boss@example.org>"], 550, "<boss@example.org> in From:"),
    "foreign Sender": (["From: a@example.org", "Sender: boss@example.org"], 550, "<boss@example.org> in Sender:"),
    "second of two": (["From: a@example.org, boss@example.org"], 550, "<boss@example.org> in From:"),
    "in a group": (["From: all: a@example.org, boss@example.org;"], 550, "<boss@example.org> in From:"),
    "second From": (["From: a@example.org", "FROM: a@example.org"], 550, "more than once"),
    "second From, with a space": (["From: a@example.org", "From : boss@example.org"], 550, "blank before its colon"),
    "second Sender": (["From: a@example.org", "Sender: a@example.org", "X: y", "Sender: a@example.org"], 550,
                      "more than once"),
    "no From": (["To: a@example.org"], 550, "header From: holds no address"),
    "no domain": (["From: a"], 550, "cannot be read"),
    "empty group": (["From: undisclosed:;"], 550, "header From: holds no address"),
    "remainder": (["From: <a@example.org> <boss@example.org>"], 550, "cannot be read"),
    "two without a comma": (["From: a@example.org boss@example.org"], 550, "cannot be read"),
    "colons": (["From: \"a::b\"@example.org"], 550, "in From:"),
    "encoded line end": (["From: =?utf-8?q?=0Asender=3Da?= <boss@example.org>"], 550, "<boss@example.org> in From:"),
    "expansion": (["From: ${run{/bin/false}}@example.org"], 550, "From:"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers_are_held_where_the_acl_asks_about_them(case, site, stack, person):
    lines, code, text = HEADERS[case]
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    with login(site.door("headers"), credential) as session:
        reply = send_lines(session, "a@example.org", *lines, "Subject: x", "", "x")
        assert reply.code == code, reply
        assert text is None or text in reply.text, reply


def test_headers_that_cannot_be_asked_about_are_put_off(site, stack, person):
    credential = stack.tool.issue(person.login)
    door = site.door("headers")
    with login(door, credential) as session:
        assert mail(session, person.mail).code == 250
        assert session.command("DATA").code == 354
        with stopped(stack.slapd):
            assert session.command(f"From: {person.mail}\r\n\r\nx\r\n.").code == 451


def test_the_lines_about_headers_are_the_manuals():
    for line in HEADER_LINES.splitlines():
        assert line.strip() in DOCUMENT.read_text()
