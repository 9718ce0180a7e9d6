# SPDX-License-Identifier: BSD-2-Clause
"""From: and Sender: are held to the app password, in a real Postfix with sendpass-milter."""
import re
import subprocess

import pytest

from lab.doors import frozen, stopped
from lab.milter_stack import ID_HEADER, USER, unique
from lab.submission import login, mail, send_lines

OK = 250


@pytest.fixture
def session(milters, stack, person):
    """A session that may send as a@example.org alone, with its credential."""
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    with login(milters.door(), credential) as client:
        client.credential = credential
        yield client


def lines_named(headers, name):
    return [line for line in headers if line.lower().startswith(name.lower())]


def test_an_allowed_from_passes_with_the_id_and_no_forged_one(milters, session):
    word = unique()
    begin = milters.milter.mark()
    reply = send_lines(session, "a@example.org", f"{ID_HEADER}: forged1", "From: Alice <A@Example.org>",
                       f"{ID_HEADER.lower()}: forged2", "Sender: a@example.org", f"{ID_HEADER.upper()} : forged3",
                       f"Subject: {word}", f"{ID_HEADER}:", " forged4", "", "Hello.")
    assert reply.code == OK, reply
    headers = milters.delivered(word)
    assert lines_named(headers, ID_HEADER) == [f"{ID_HEADER}: {session.credential.id}"]
    assert "forged" not in "".join(headers)
    assert not lines_named(headers, "X-Sendpass-Warning")
    event = milters.milter.wait_for(begin, "header", result="granted", reason="ok")
    assert event.level == "info" and event.fields["id"] == session.credential.id
    assert event.fields["ip"] == "127.0.0.1" and event.fields["port"] and event.fields["queue_id"]
    assert event.fields["login"] == session.credential.login


NOT_ALLOWED = "550 5.7.1 this app password may not send as <boss@example.org> in {}:"
REFUSED = {
    "foreign From": (["From: boss@example.org"], NOT_ALLOWED.format("From")),
    "foreign From, own name": (["From: \"a@example.org\" <boss@example.org>"], NOT_ALLOWED.format("From")),
    "foreign Sender": (["From: a@example.org", "Sender: boss@example.org"], NOT_ALLOWED.format("Sender")),
    "second of two": (["From: a@example.org, boss@example.org"], NOT_ALLOWED.format("From")),
    "in a group": (["From: all: a@example.org, boss@example.org;"], NOT_ALLOWED.format("From")),
    "folded": (["From: Boss", "\t <boss@example.org>"], NOT_ALLOWED.format("From")),
    "upper case name": (["FROM: boss@example.org"], NOT_ALLOWED.format("From")),
    "space before the colon": (["X-First: x", "From : boss@example.org"], NOT_ALLOWED.format("From")),
    "two Froms": (["From: a@example.org", "From: a@example.org"], "header From: is there more than once"),
    "two Froms, one with a space": (["From: a@example.org", "From : boss@example.org"],
                                    "header From: is there more than once"),
    "two Senders": (["From: a@example.org", "Sender: a@example.org", "Sender: boss@example.org"],
                    "header Sender: is there more than once"),
    "no From": (["To: a@example.org"], "header From: is missing"),
    "no From but a line that mailboxes begin with": (["From : a@example.org"], "header From: is missing"),
    "no domain": (["From: a"], "header From: holds an address without a domain"),
    "empty": (["From:"], "header From: holds no address"),
    "empty group": (["From: undisclosed:;"], "header From: holds no address"),
    "remainder": (["From: <a@example.org> <boss@example.org>"], "header From: cannot be read as addresses"),
    "route": (["From: <@example.com:a@example.org>"], "header From: cannot be read as addresses"),
    "too many": (["From: a@example.org" + ",a@example.org" * 16], "header From: holds more than 16 addresses"),
    "too long": (["From:", *[" " + "x" * 900] * 10, " <a@example.org>"], "header From: is too long"),
    "bare CR": (["From: a@example.org\rSender: x"], None),
    "control": (["From: a@example.org\x01"], "header From: holds control characters"),
    "percent": (["From: 100%s%n@example.org"], "may not send as <100%s%n@example.org> in From:"),
    "8 bit": ([b"From: \xe4@example.org"], "header From: cannot be read as addresses"),
    "UTF-8": (["From: \u00e4@example.org"], "may not send as <??@example.org> in From:"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_allowed_or_not_certain_is_refused(case, milters, session):
    headers, text = REFUSED[case]
    word = unique()
    begin = milters.milter.mark()
    reply = send_lines(session, "a@example.org", *headers, f"Subject: {word}", "", "Hello.")
    assert reply.code == 550 and "5.7.1" in reply.text, reply
    if text is not None:
        assert text in reply.text
    assert session.credential.id not in reply.text
    event = milters.milter.wait_for(begin, "header", result="denied")
    assert event.level == "notice"
    assert event.fields["reason"] == ("sender_denied" if "may not" in reply.text else "header_unreadable")
    assert send_lines(session, "a@example.org", "From: a@example.org", f"Subject: {word}", "", "x").code == OK
    assert len(lines_named(milters.delivered(word), "Subject")) == 1


def test_a_nul_hides_no_second_address(milters, session):
    """The milter is told what stands before it alone, and that is all that Postfix keeps of the line."""
    word = unique()
    reply = send_lines(session, "a@example.org", "From: a@example.org\0, boss@example.org", f"Subject: {word}", "", "x")
    if reply.code == OK:
        assert "boss" not in "".join(milters.delivered(word))


def test_several_messages_of_a_session_are_judged_apart(milters, session):
    good, bad = "From: a@example.org", "From: boss@example.org"
    for line, code in ((good, OK), (bad, 550), (good, OK), (good, OK), (bad, 550)):
        assert send_lines(session, "a@example.org", line, "Subject: x", "", "x").code == code
    assert mail(session, "a@example.org").code == 250
    assert session.command("RSET").code == 250
    assert send_lines(session, "a@example.org", bad).code == 550  # headers alone
    assert milters.milter.process.running()


def test_it_does_not_depend_on_the_macros_that_postfix_lists(milters, stack, person):
    credential = stack.tool.issue(person.login, "--sender", "a@example.org")
    with login(milters.door("no-macros"), credential) as session:
        assert send_lines(session, "a@example.org", "From: boss@example.org", "", "x").code == 550
        assert send_lines(session, "a@example.org", "From: a@example.org", "", "x").code == OK


def test_a_session_that_has_not_logged_in_is_not_touched(milters):
    word = unique()
    begin = milters.milter.mark()
    with milters.door("open").connect() as session:
        reply = send_lines(session, "boss@example.org", "From: boss@example.org", "From: x", f"{ID_HEADER}: kept",
                           f"Subject: {word}", "", "Hello.")
        assert reply.code == OK, reply
    assert lines_named(milters.delivered(word), ID_HEADER) == [f"{ID_HEADER}: kept"]
    assert not milters.milter.events(begin)


def test_a_warning_goes_with_the_message_instead(milters, session):
    allowed, denied, unreadable = unique(), unique(), unique()
    begin = milters.warner.mark()
    with login(milters.door("warned"), session.credential) as client:
        assert send_lines(client, "a@example.org", "From: a@example.org", f"Subject: {allowed}", "", "x").code == OK
        assert send_lines(client, "a@example.org", "From: boss@example.org", "Sender: boss@example.org",
                          f"Subject: {denied}", "", "x").code == OK
        assert send_lines(client, "a@example.org", "From: a@example.org", "From: x", "Sender: a@example.org",
                          f"Subject: {unreadable}", "", "x").code == OK
    assert not lines_named(milters.delivered(allowed), "X-Sendpass-Warning")
    assert lines_named(milters.delivered(denied), "X-Sendpass-Warning") == [
        "X-Sendpass-Warning: From: address is not allowed for this app password",
        "X-Sendpass-Warning: Sender: address is not allowed for this app password"]
    assert lines_named(milters.delivered(unreadable), "X-Sendpass-Warning") == [
        "X-Sendpass-Warning: From: is there more than once"]
    event = milters.warner.wait_for(begin, "header", result="warned", reason="sender_denied", header="From")
    assert event.level == "notice" and event.fields["mailbox"] == "boss@example.org"


def test_a_warning_is_no_pardon_for_an_ended_session(milters, policy, stack, session):
    policy.reload(policy_ended_session="reject")
    with login(milters.door("warned"), session.credential) as client:
        stack.tool.revoke(session.credential)
        assert send_lines(client, "a@example.org", "From: a@example.org", "", "x").code == 550


def test_without_an_id_header_none_is_touched(milters, session):
    word = unique()
    with login(milters.door("warned"), session.credential) as client:
        assert send_lines(client, "a@example.org", "From: a@example.org", f"{ID_HEADER}: mine",
                          f"Subject: {word}", "", "x").code == OK
    assert lines_named(milters.delivered(word), ID_HEADER) == [f"{ID_HEADER}: mine"]


def test_the_id_is_added_only_where_one_credential_alone_fits(milters, policy, stack, session):
    word = unique()
    other = stack.tool.issue(session.credential.login, "--sender", "*")
    with login(policy.door("dovecot"), other):
        # without a port, so it may be this session's too
        reply = send_lines(session, "a@example.org", "From: a@example.org", f"{ID_HEADER}: forged",
                           f"Subject: {word}", "", "x")
    assert reply.code == OK
    assert not lines_named(milters.delivered(word), ID_HEADER)


def test_a_revoked_session_ends_at_its_headers(milters, policy, stack, session):
    policy.reload(policy_ended_session="reject")
    stack.tool.revoke(session.credential)
    reply = send_lines(session, "a@example.org", "From: a@example.org", "", "x")
    assert reply.code == 550 and "no longer valid" in reply.text
    policy.reload()
    reply = send_lines(session, "a@example.org", "From: a@example.org", "", "x")
    assert reply.code == 421 and "no longer valid" in reply.text


@pytest.mark.parametrize("outage", (stopped, frozen))
def test_while_sendpassd_is_away_messages_are_put_off(outage, milters, policy, session):
    begin = milters.milter.mark()
    with outage(policy.daemon):
        reply = send_lines(session, "a@example.org", "From: a@example.org", "", "x")
        assert reply.code == 451 and "try again later" in reply.text, reply
        assert reply.seconds < 8
    event = milters.milter.wait_for(begin, "header", result="unavailable", reason="no_answer")
    assert event.level == "warning" and event.fields["detail"] and "id" not in event.fields


def test_an_outage_of_the_directory_puts_off(milters, stack, session):
    with stopped(stack.slapd):
        assert send_lines(session, "a@example.org", "From: a@example.org", "", "x").code == 451


def test_while_the_milter_is_away_messages_are_put_off(milters, session):
    assert milters.milter.stop() == 0
    try:
        reply = send_lines(session, "a@example.org", "From: a@example.org", "", "x")
        assert reply.code in (451, 421), reply
        with milters.door().connect() as other:
            assert other.greeting.code // 100 == 4 or mail(other, "a@example.org").code // 100 == 4
    finally:
        milters.milter.start()


def test_it_runs_without_root_secret_or_directory(milters):
    status = (milters.milter.process.pid_directory() / "status").read_text()
    user = subprocess.run(["id", "-u", USER], check=True, capture_output=True, text=True).stdout.strip()
    assert re.search(rf"^Uid:\t{user}\t{user}\t{user}\t{user}$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    maps = (milters.milter.process.pid_directory() / "maps").read_text()
    assert "libgmime" in maps and "libldap" not in maps and "libargon2" not in maps


SOCKET = "[milter]\nsocket = /tmp/x 0660 root root\n"
BAD = {
    "[milter]\nsocket = /tmp/x 0660 root\n": ":2: [milter] socket must be PATH MODE OWNER GROUP",
    "[milter]\naction = drop\n": ":2: [milter] action must be one of reject|warn",
    "[milter]\nnew = 1\n": ":2: unknown setting [milter] new",
    "": "[milter] socket must be there",
    "[milter]\nsocket = /tmp/x 0660 root root nobody\n": "takes no users behind the group",
    SOCKET + "socket = /tmp/y 0660 root root\n": "[milter] socket must be there, and once",
    SOCKET + "policy_socket =\n": "policy_socket must be there",
    SOCKET + "id_header = X:\n[daemon]\nuser = nobody\n": "id_header must be the name",
    SOCKET + "user = nosuchuser\n[daemon]\nuser = nobody\n": "[milter] user is no user",
}


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("option", ("--check-config", None))
def test_a_fault_in_the_configuration_is_told_with_its_place(text, option, milters, tmp_path):
    file = tmp_path / "sendpass.conf"
    file.write_text(text)
    command = [milters.program, "-f", file] + ([option] if option else [])
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30,
                            env=milters.milter.process.environment)
    assert result.returncode == 1
    assert str(file) in result.stderr and BAD[text] in result.stderr


def test_its_options(milters):
    def run(*options):
        return subprocess.run([milters.program, *options], check=False, capture_output=True, text=True, timeout=30,
                              env=milters.milter.process.environment)
    assert run("-f", milters.milter.configuration, "--check-config").returncode == 0
    assert run("--help").stdout.startswith("usage: sendpass-milter")
    assert run("--version").stdout.startswith("sendpass-milter ")
    assert run("--nonsense").returncode == 2
    assert run("more").returncode == 2
