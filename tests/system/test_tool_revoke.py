# SPDX-License-Identifier: BSD-2-Clause
"""Revoking many app passwords at once."""
import os
import signal
import subprocess
import time
from datetime import datetime

import pytest

from lab import wait
from lab.people import Person
from lab.slapd import PEOPLE
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)


def states(stack, *credentials):
    return [stack.tool.json("show", credential.id)["state"] for credential in credentials]


def command(stack, *arguments):
    return [str(stack.tool.program), "-f", str(stack.tool.configuration), *arguments]


@pytest.fixture(name="other")
def fixture_other(stack):
    """Somebody else."""
    somebody = Person(stack.slapd.root())
    yield somebody
    somebody.delete()


def test_all_of_an_owner_are_revoked_and_nobody_elses(stack, person, other):
    mine, theirs = [stack.tool.issue(person.login) for _ in range(2)], stack.tool.issue(other.login)
    stack.tool.run("suspend", mine[1].id)
    done = stack.tool.json("revoke", "--owner", person.login, "--reason", "left", "--yes")
    assert {(one["id"], one["state"], one["revoked_reason"]) for one in done} == {
        (one.id, "revoked", "left") for one in mine}
    assert states(stack, *mine, theirs) == ["revoked", "revoked", "active"]
    again = stack.tool.run("revoke", "--owner", person.login, "--yes")
    assert again.returncode == OK and again.stdout == "" and "There is none." in again.stderr


def test_without_a_terminal_and_yes_nothing_is_done(stack, credential):
    result = stack.tool.run("revoke", "--owner", credential.login, stdin="y\n")
    assert result.returncode == USAGE and "--yes" in result.stderr and result.stderr.count("\n") == 1
    assert states(stack, credential) == ["active"]


@pytest.mark.parametrize("answer, status, state", [
    (b"n\n", NO, "active"), (b"\n", NO, "active"), (b"\x04", NO, "active"), (b"yess\n", NO, "active"),
    (b"y\n", OK, "revoked"), (b"YES\n", OK, "revoked"), (b"\x03", -signal.SIGINT, "active")])
def test_on_a_terminal_they_are_shown_and_a_question_is_asked(stack, credential, answer, status, state):
    terminal = Terminal(command(stack, "revoke", "--owner", credential.login), stack.tool.environment)
    terminal.wait_for(b"Revoke 1 app password? [y/N] ")
    assert credential.id.encode() in terminal.shown and b"LAST USED" in terminal.shown
    terminal.type(answer)
    assert terminal.end() == status
    assert states(stack, credential) == [state]


@pytest.fixture(name="department")
def fixture_department(stack, person, other):
    """A department with an entry of its own that is also of it, one person, and a stranger."""
    root = stack.slapd.root()
    people = Person(root), person, other
    name = people[0].login
    for somebody in people[:2]:
        root.replace(somebody.dn, "departmentNumber", name)
    yield name, [stack.tool.issue(somebody.login) for somebody in people]
    people[0].delete()


def test_everything_of_a_department_is_its_own_and_its_peoples(stack, department):
    name, (own, peoples, strangers) = department
    assert {one["id"] for one in stack.tool.json("list", "--department", name)} == {own.id, peoples.id}
    done = stack.tool.json("revoke", "--everything-of", name, "--yes")
    assert {one["id"] for one in done} == {own.id, peoples.id} and len(done) == 2
    assert states(stack, own, peoples, strangers) == ["revoked", "revoked", "active"]


def test_what_is_given_narrows(stack, department):
    name, (own, peoples, strangers) = department
    for login, found in (peoples.login, [peoples.id]), (strangers.login, []):
        listed = stack.tool.json("list", "--department", name, "--owner", login)
        assert [one["id"] for one in listed] == found
    stack.tool.json("revoke", "--everything-of", name, "--owner", own.login, "--yes")
    assert states(stack, own, peoples, strangers) == ["revoked", "active", "active"]


@pytest.mark.parametrize("name", ["nothing-here", "*", "x)(uid=*"])
def test_a_department_that_is_not_there_is_told(stack, name):
    result = stack.tool.run("revoke", "--everything-of", name, "--yes")
    assert result.returncode == NO and result.stdout == "" and "departmentNumber" in result.stderr


def test_a_department_without_an_entry_of_its_own_is_its_people(stack, person):
    stack.slapd.root().replace(person.dn, "departmentNumber", f"sales-{person.login}")
    credential = stack.tool.issue(person.login)
    done = stack.tool.json("revoke", "--everything-of", f"sales-{person.login}", "--yes")
    assert [one["id"] for one in done] == [credential.id]


def test_the_unused_are_the_active_ones_of_long_ago(stack, person):
    recent, old, suspended, never = [stack.tool.issue(person.login) for _ in range(4)]
    root = stack.slapd.root()
    root.replace(recent.dn, "sendpassLastUsed", "20991231000000Z")
    for credential in old, suspended:
        root.replace(credential.dn, "sendpassLastUsed", "20200101000000Z")
    stack.tool.run("suspend", suspended.id)
    stack.tool.json("revoke", "--unused-for", "180d", "--owner", person.login, "--yes")
    assert states(stack, recent, old, suspended, never) == ["active", "revoked", "suspended", "active"]


def test_one_that_is_used_while_the_question_waits_is_not_revoked(stack, person):
    used, unused = [stack.tool.issue(person.login) for _ in range(2)]
    root = stack.slapd.root()
    for credential in used, unused:
        root.replace(credential.dn, "sendpassLastUsed", "20200101000000Z")
    terminal = Terminal(command(stack, "revoke", "--unused-for", "180d", "--owner", person.login),
                        stack.tool.environment)
    terminal.wait_for(b"Revoke 2 app passwords? [y/N] ")
    root.replace(used.dn, "sendpassLastUsed", "20991231000000Z")
    asked = time.time()
    wait.until(lambda: time.time() > asked + 1.1, "the clock to go on")
    terminal.type(b"y\n")
    assert terminal.end() == NO and b"used or changed meanwhile" in terminal.shown
    assert states(stack, used, unused) == ["active", "revoked"]
    revoked = datetime.fromisoformat(stack.tool.json("show", unused.id)["revoked"].replace("Z", "+00:00"))
    assert revoked.timestamp() >= asked, "not when the question was asked, but when it was done"


def test_one_that_is_revoked_while_the_question_waits_stays_as_it_is(stack, person):
    credentials = [stack.tool.issue(person.login) for _ in range(2)]
    terminal = Terminal(command(stack, "revoke", "--owner", person.login, "--reason", "ours"), stack.tool.environment)
    terminal.wait_for(b"Revoke 2 app passwords? [y/N] ")
    stack.tool.revoke(credentials[0], "--reason", "theirs")
    terminal.type(b"y\n")
    assert terminal.end() == OK and f"{credentials[0].id}: already revoked at".encode() in terminal.shown
    assert [stack.tool.json("show", one.id)["revoked_reason"] for one in credentials] == ["theirs", "ours"]


def test_where_no_use_is_recorded_none_is_unused(stack, person):
    root = stack.slapd.root()
    root.modify(f"dn: {person.dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: secret\n")
    credential = stack.tool.issue(person.login)
    root.replace(credential.dn, "sendpassLastUsed", None)
    own = {"stdin": "secret\n", "options": ["-D", person.dn]}
    result = stack.tool.run("revoke", "--unused-for", "1m", "--yes", **own)
    assert result.returncode == FAILED and "recorded" in result.stderr
    root.replace(credential.dn, "sendpassLastUsed", "20200101000000Z")
    assert stack.tool.run("revoke", "--unused-for", "1m", "--yes", **own).returncode == OK
    assert states(stack, credential) == ["revoked"]


def test_after_a_failure_the_others_are_revoked_and_the_status_says_so(stack, person):
    root = stack.slapd.root()
    root.modify(f"dn: {person.dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: secret\n")
    first, fails, last = [stack.tool.issue(person.login) for _ in range(3)]
    # an owner adds a reason and does not replace one
    root.replace(fails.dn, "sendpassRevokedReason", "planned")
    result = stack.tool.run("revoke", "--owner", person.login, "--reason", "x", "--yes", stdin="secret\n",
                            options=["-D", person.dn])
    assert result.returncode == FORBIDDEN
    assert f"app password {fails.id} of {person.dn} was not revoked" in result.stderr
    assert result.stdout.count("revoked at") == 2
    assert states(stack, first, fails, last) == ["revoked", "active", "revoked"]


@pytest.mark.parametrize("arguments", [
    [], ["k7qf2m9x", "--owner", "alice"], ["--unused-for", "soon", "--yes"], ["--everything-of", "", "--yes"],
    ["--owner", "alice", "--owner", "bob", "--yes"], ["--everything-of", "a", "--everything-of", "b", "--yes"],
    ["--label", "x"], ["--yes"], ["--owner", "alice", "--reason", "\t", "--yes"]])
def test_a_wrong_command_line_is_told(stack, arguments):
    result = stack.tool.run("revoke", *arguments)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.startswith("sendpass: revoke: ") and result.stderr.count("\n") == 1


@pytest.fixture(name="crowd")
def fixture_crowd(stack, person):
    """Many app passwords of one person, whose hashes are nobody's."""
    entries = [f"dn: sendpassId={number:05d}x{person.login},{stack.tool.container}\nchangetype: add\n"
               f"objectClass: sendpassCredential\nsendpassId: {number:05d}x{person.login}\nowner: {person.dn}\n"
               "sendpassHash: x\n\n" for number in range(300)]
    stack.slapd.root().modify("".join(entries))
    yield person.login
    stack.slapd.root().modify("".join(
        f"dn: {one['dn']}\nchangetype: delete\n\n" for one in stack.tool.json("list", person.login)))


def test_who_interrupts_half_way_knows_what_was_done(stack, crowd):
    with subprocess.Popen(command(stack, "revoke", "--owner", crowd, "--yes"), stdout=subprocess.PIPE, text=True,
                          env=dict(os.environ, **stack.tool.environment)) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        told = {line.split(":")[0] for line in [first, *process.stdout]}
    assert process.returncode == -signal.SIGINT
    done = {one["id"] for one in stack.tool.json("list", crowd, "--state", "revoked")}
    assert done == told and 0 < len(done) < 300


def test_a_reader_that_has_gone_saves_no_app_password(stack, person):
    credentials = [stack.tool.issue(person.login) for _ in range(2)]
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(command(stack, "revoke", "--owner", person.login, "--yes"), stdout=writing,
                            stderr=subprocess.PIPE, check=False, env=dict(os.environ, **stack.tool.environment))
    os.close(writing)
    assert result.returncode == FAILED
    assert states(stack, *credentials) == ["revoked", "revoked"]


def test_an_owner_revokes_all_of_their_own_and_none_of_others(stack, other):
    own, theirs = stack.tool.issue("alice"), stack.tool.issue(other.login)
    alice = {"stdin": stack.slapd.password("alice") + "\n", "options": ["-D", f"uid=alice,{PEOPLE}"]}
    assert stack.tool.run("revoke", "--owner", "alice", "--yes", **alice).returncode == OK
    assert stack.tool.run("revoke", "--owner", other.login, "--yes", **alice).returncode == NO
    assert states(stack, own, theirs) == ["revoked", "active"]
