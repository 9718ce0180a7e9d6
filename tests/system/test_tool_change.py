# SPDX-License-Identifier: BSD-2-Clause
"""Restricting, labelling, suspending and resuming app passwords, and what syslog has of it."""
import json
import os
import subprocess

import pytest

from lab import private_view
from lab.slapd import PEOPLE
from lab.syslog import Syslog

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
AUTH_INFO = 4 << 3 | 6


def verify(stack, credential):
    return stack.tool.run("verify", credential.login, stdin=credential.password + "\n").returncode


def test_a_suspended_one_is_refused_until_it_is_resumed(stack, credential):
    assert stack.tool.json("suspend", credential.id)["state"] == "suspended"
    assert verify(stack, credential) == NO
    assert stack.tool.json("resume", credential.id)["state"] == "active"
    assert verify(stack, credential) == OK


def test_a_label_is_replaced(stack, credential):
    assert "label: B\u00fcro 2\n" in stack.tool.run("label", credential.id, "B\u00fcro 2").stdout
    assert stack.tool.json("show", credential.id)["label"] == "B\u00fcro 2"


@pytest.mark.parametrize("options, key, value", [
    (["--login", "printer7"], "logins", ["printer7"]),
    (["--service", "submit"], "services", ["submit"]),
    (["--network", "198.51.100.0/24", "--network", "2001:db8::/32"], "networks",
     ["198.51.100.0/24", "2001:db8::/32"]),
    (["--sender", "<>"], "senders", ["<>"]),
    (["--rate", "5/1h"], "rates", ["5/1h"]),
    (["--no-login"], "logins", []),
    (["--no-service"], "services", []),
    (["--no-network"], "networks", []),
    (["--no-sender"], "senders", []),
    (["--no-rate"], "rates", []),
    (["--no-require-tls"], "tls_required", False),
    (["--expires", "never"], "expires", None),
    (["--expires", "2099-01-01"], "expires", "2099-01-01T00:00:00Z"),
])
def test_what_restrict_is_given_replaces_one_thing_and_the_rest_stays(stack, person, options, key, value):
    credential = stack.tool.issue(person.login, "--login", f"{person.login}-x", "--service", "smtp", "--network",
                                  "192.0.2.0/24", "--sender", "@example.org", "--rate", "100/1h",
                                  "--require-tls", "--expires", "90d")
    before = stack.tool.json("show", credential.id)
    told = stack.tool.json("restrict", credential.id, *options)
    after = stack.tool.json("show", credential.id)
    assert told == after and before[key] != value
    assert (sorted(after[key]) if isinstance(value, list) else after[key]) == value
    assert {**after, key: None} == {**before, key: None}


def test_tls_can_be_asked_for_later(stack, credential):
    assert stack.tool.json("restrict", credential.id, "--require-tls")["tls_required"]


@pytest.mark.parametrize("arguments", [
    ["resume"], ["restrict", "--no-service"], ["restrict", "--expires", "never"]])
def test_nothing_to_change_is_told_and_no_failure(stack, credential, arguments):
    result = stack.tool.run(arguments[0], credential.id, *arguments[1:])
    assert result.returncode == OK and f"{credential.id}: nothing to change" in result.stderr
    assert f"id: {credential.id}\n" in result.stdout


def test_values_in_another_order_are_nothing_to_change(stack, person):
    credential = stack.tool.issue(person.login, "--service", "smtp", "--service", "submit")
    for order in ("smtp", "submit"), ("submit", "smtp"):
        result = stack.tool.run("restrict", credential.id, "--service", order[0], "--service", order[1])
        assert result.returncode == OK and "nothing to change" in result.stderr


CHANGES = [["restrict", "--no-service"], ["label", "new"], ["suspend"], ["resume"]]


@pytest.mark.parametrize("arguments", CHANGES)
def test_a_revoked_one_is_left_alone(stack, credential, arguments):
    stack.tool.revoke(credential)
    before = stack.tool.json("show", credential.id)
    result = stack.tool.run(arguments[0], credential.id, *arguments[1:])
    assert result.returncode == NO and result.stdout == ""
    assert "is revoked, which is for good" in result.stderr
    assert stack.tool.json("show", credential.id) == before


@pytest.mark.parametrize("arguments", CHANGES)
def test_one_that_is_not_there_is_told(stack, arguments):
    result = stack.tool.run(arguments[0], "zzzzzzzz", *arguments[1:])
    assert result.returncode == NO and result.stdout == "" and result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    ["restrict", "zzzzzzzz"],
    ["restrict", "zzzzzzzz", "--service", "smtp", "--no-service"],
    ["restrict", "zzzzzzzz", "--require-tls", "--no-require-tls"],
    ["restrict", "zzzzzzzz", "--expires", "yesterday"],
    ["restrict", "--no-service"],
    ["label", "zzzzzzzz"],
    ["label", "zzzzzzzz", ""],
    ["label", "zzzzzzzz", "a\tb"],
    ["suspend"],
    ["suspend", "x", "y"],
    ["resume", "*"],
])
def test_a_wrong_command_line_is_told(stack, arguments):
    result = stack.tool.run(*arguments)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.startswith(f"sendpass: {arguments[0]}: ") and result.stderr.count("\n") == 1


def test_an_owner_labels_suspends_and_resumes_their_own_and_no_others(stack, person):
    alice = {"stdin": stack.slapd.password("alice") + "\n", "options": ["-D", f"uid=alice,{PEOPLE}"]}
    own, other = stack.tool.issue("alice"), stack.tool.issue(person.login)
    for arguments in ["label", "mine"], ["suspend"], ["resume"]:
        result = stack.tool.run(arguments[0], own.id, *arguments[1:], **alice)
        assert result.returncode == OK, result.stderr
        assert stack.tool.run(arguments[0], other.id, *arguments[1:], **alice).returncode == NO
    assert stack.tool.json("show", own.id)["label"] == "mine"
    stack.tool.revoke(own)


def test_a_refusal_names_the_right_that_is_missing(stack):
    own = stack.tool.issue("alice", "--service", "smtp")
    result = stack.tool.run("restrict", own.id, "--no-service", stdin=stack.slapd.password("alice") + "\n",
                            options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == FORBIDDEN and result.stdout == ""
    assert "the right to change sendpassService" in result.stderr
    assert stack.tool.json("show", own.id)["services"] == ["smtp"]
    stack.tool.revoke(own)


@pytest.fixture(name="logged")
def fixture_logged(stack, tmp_path):
    """Runs the tool; its output, and the lines that came to syslog."""
    if not private_view.is_possible():
        pytest.skip("this host makes no mount namespaces")
    syslog = Syslog(tmp_path)

    def run(*arguments, stdin="", options=()):
        command = [*syslog.command_prefix(), stack.tool.program, "-f", stack.tool.configuration, *options, *arguments]
        result = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False, timeout=60,
                                env=dict(os.environ, **stack.tool.environment))
        return result, syslog.lines()
    yield run
    syslog.close()


def test_every_change_leaves_one_line_in_syslog_that_says_who_and_what(stack, person, logged):
    result, lines = logged("issue", person.login, "--label", 'a "b" c', "--json")
    issued = json.loads(result.stdout)
    stack.tool.passwords.append(issued["password"])
    owner, admin = f'owner="{person.dn}"', f'by="cn=sendpass-admin,ou=services,dc=example,dc=org" uid={os.getuid()}'
    assert lines == [(AUTH_INFO, f'event=credential_issued id={issued["id"]} {owner} label="a \\"b\\" c" {admin}')]
    for arguments, event in [
            (["label", issued["id"], "new"], "credential_labelled"),
            (["restrict", issued["id"], "--service", "smtp"], "credential_restricted"),
            (["suspend", issued["id"]], "credential_suspended"),
            (["resume", issued["id"]], "credential_resumed")]:
        result, lines = logged(*arguments)
        assert result.returncode == OK
        assert lines == [(AUTH_INFO, f'event={event} id={issued["id"]} {owner} label=new {admin}')]
    result, lines = logged("revoke", issued["id"], "--reason", "stolen")
    assert lines == [
        (AUTH_INFO, f'event=credential_revoked id={issued["id"]} {owner} label=new reason=stolen {admin}')]
    stack.slapd.root().replace(f'sendpassId={issued["id"]},{stack.tool.container}', "sendpassRevoked", "20200101000000Z")
    result, lines = logged("purge", "--revoked-for", "1500d", "--yes")
    assert (AUTH_INFO, f'event=credential_purged id={issued["id"]} {owner} label=new reason=stolen {admin}') in lines


def test_a_rotation_is_logged_as_a_new_one_and_an_end(stack, credential, logged):
    result, lines = logged("rotate", credential.id, "--json")
    new = json.loads(result.stdout)
    stack.tool.passwords.append(new["password"])
    assert [line[1].split(" owner=")[0] for line in lines] == [
        f'event=credential_issued id={new["id"]}', f"event=credential_rotated id={credential.id}"]
    assert f" replaces={credential.id} " in lines[0][1] and f' expires={new["replaced_ends"]} ' in lines[1][1]


def test_what_changes_nothing_is_not_logged(credential, logged):
    for arguments in ["list"], ["show", credential.id], ["resume", credential.id]:
        result, lines = logged(*arguments)
        assert result.returncode == OK and lines == []


def test_a_refused_change_is_not_logged(stack, logged):
    own = stack.tool.issue("alice", "--service", "smtp")
    result, lines = logged("restrict", own.id, "--no-service", stdin=stack.slapd.password("alice") + "\n",
                           options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == FORBIDDEN and lines == []
    stack.tool.revoke(own)


def test_external_is_logged_as_such(stack, person, logged):
    result, lines = logged("issue", person.login, "--label", "x", options=["-E"])
    assert result.returncode == OK, result.stderr
    stack.tool.passwords.append(result.stdout.strip())
    assert len(lines) == 1 and " by=external " in lines[0][1]
    assert result.stdout.strip() not in lines[0][1]
