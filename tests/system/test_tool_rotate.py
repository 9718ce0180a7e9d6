# SPDX-License-Identifier: BSD-2-Clause
"""New app passwords in place of old ones."""
import json
import os
import signal
import subprocess
import time
from datetime import datetime, timezone

import pytest

from lab import wait
from lab.slapd import PEOPLE
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
DAY = 24 * 3600
LONG_AGO = "20200101000000Z"


def seconds_from_now(text):
    then = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return then.timestamp() - time.time()


def verify(stack, login, password):
    return stack.tool.run("verify", login, stdin=password + "\n").returncode


def show(stack, identity):
    """All but its uses, which sendpassd records in its own time."""
    return {key: value for key, value in stack.tool.json("show", identity).items() if not key.startswith("last_")}


def rotate(stack, *arguments):
    rotated = stack.tool.json("rotate", *arguments)
    stack.tool.passwords.append(rotated["password"])
    return rotated


def test_both_work_for_a_while_and_the_new_one_is_like_the_old(stack, person):
    old = stack.tool.issue(person.login, "--login", f"{person.login}-x", "--service", "smtp",
                           "--service", "submit")
    before = show(stack, old.id)
    new = rotate(stack, old.id)
    assert verify(stack, person.login, old.password) == verify(stack, person.login, new["password"]) == OK
    after, shown = show(stack, old.id), show(stack, new["id"])
    assert 6.9 * DAY < seconds_from_now(after["expires"]) <= 7 * DAY
    assert after == {**before, "expires": after["expires"]}
    assert new["replaces"] == shown["replaces"] == old.id and new["replaced_ends"] == after["expires"]
    assert new["mail"] == person.mail and len(new["password"].replace("-", "")) == 28
    own = ("id", "dn", "created", "replaces")
    assert {key: value for key, value in shown.items() if key not in own} == {
        key: value for key, value in before.items() if key not in own}


def test_without_overlap_the_old_one_ends_at_once(stack, credential):
    new = rotate(stack, credential.id, "--overlap", "0d")
    assert verify(stack, credential.login, credential.password) == NO
    assert verify(stack, credential.login, new["password"]) == OK
    assert stack.tool.json("show", credential.id)["state"] == "expired"


def test_a_life_is_as_long_again_and_the_old_one_ends_no_later_than_it_would(stack, person):
    old = stack.tool.issue(person.login, "--expires", "3d")
    end = stack.tool.json("show", old.id)["expires"]
    new = rotate(stack, old.id)
    assert stack.tool.json("show", old.id)["expires"] == new["replaced_ends"] == end
    assert 2.99 * DAY < seconds_from_now(new["expires"]) <= 3 * DAY


def test_the_policy_of_today_holds_for_the_new_one(stack, person, tmp_path):
    configuration = tmp_path / "policy.conf"
    configuration.write_text(stack.tool.configuration.read_text() + "\n[issue]\nmax_life = 30d\ncompact = no\n"
                             "max_per_owner = 1\n")
    old = stack.tool.issue(person.login)
    result = stack.tool.run("rotate", old.id, "--json", options=["-f", configuration])
    assert result.returncode == OK, result.stderr
    new = json.loads(result.stdout)
    stack.tool.passwords.append(new["password"])
    assert 29.9 * DAY < seconds_from_now(new["expires"]) <= 30 * DAY
    compact = stack.tool.issue(person.login, "--compact")
    refused = stack.tool.run("rotate", compact.id, options=["-f", configuration])
    assert refused.returncode == FORBIDDEN and refused.stdout == "" and "[issue] compact" in refused.stderr
    assert stack.tool.json("show", compact.id)["expires"] is None


def test_a_compact_one_stays_compact_and_a_suspended_one_suspended(stack, person):
    old = stack.tool.issue(person.login, "--compact")
    stack.tool.run("suspend", old.id)
    new = rotate(stack, old.id)
    assert len(new["password"].replace("-", "")) == 16
    assert stack.tool.json("show", new["id"])["state"] == "suspended"


def test_the_password_stands_alone_on_stdout(stack, credential):
    result = stack.tool.run("rotate", credential.id)
    password = result.stdout.removesuffix("\n")
    stack.tool.passwords.append(password)
    assert "\n" not in password and password not in result.stderr
    assert f"replaces: {credential.id}, until 20" in result.stderr
    assert verify(stack, credential.login, password) == OK


@pytest.mark.parametrize("attribute, value, why", [
    ("sendpassRevoked", LONG_AGO, "it is revoked"),
    ("sendpassExpires", LONG_AGO, "it has expired"),
    ("sendpassNetwork", "nowhere", "sendpassNetwork")])
def test_one_that_has_ended_or_is_not_understood_is_refused(stack, credential, attribute, value, why):
    stack.slapd.root().replace(credential.dn, attribute, value)
    result = stack.tool.run("rotate", credential.id)
    assert result.returncode == NO and result.stdout == "" and why in result.stderr
    assert len(stack.tool.json("list", credential.login)) == 1


@pytest.mark.parametrize("arguments", [
    [], ["zzzzzzzz", "--due", "--yes"], ["--due"], ["zzzzzzzz", "--owner", "alice"], ["zzzzzzzz", "--overlap", "-1d"],
    ["--due", "--yes", "--format", "qr"], ["--due", "--yes", "--overlap", "2020-01-01"]])
def test_a_wrong_command_line_is_told(stack, arguments):
    result = stack.tool.run("rotate", *arguments)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.startswith("sendpass: rotate: ") and result.stderr.count("\n") == 1


def test_if_the_new_one_cannot_be_written_the_old_one_goes_on(stack, credential):
    before = stack.tool.json("show", credential.id)
    with open("/dev/full", "wb") as full:
        result = subprocess.run([stack.tool.program, "-f", stack.tool.configuration, "rotate", credential.id],
                                stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                                env=dict(os.environ, **stack.tool.environment))
    assert result.returncode == FAILED
    assert stack.tool.json("show", credential.id) == before
    [new] = [one for one in stack.tool.json("list", credential.login) if one["id"] != credential.id]
    assert new["state"] == "revoked" and new["id"] in result.stderr


def test_an_owner_rotates_their_own(stack):
    old = stack.tool.issue("alice")
    result = stack.tool.run("rotate", old.id, stdin=stack.slapd.password("alice") + "\n",
                            options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == OK, result.stderr
    password = result.stdout.strip()
    stack.tool.passwords.append(password)
    assert verify(stack, "alice", password) == verify(stack, "alice", old.password) == OK
    assert stack.tool.json("show", old.id)["expires"]
    stack.tool.json("revoke", "--owner", "alice", "--yes")


def test_if_the_old_one_cannot_be_let_end_both_work_and_it_is_told_what_to_do(stack):
    old = stack.tool.issue("alice", "--expires", "90d")  # which an owner may not change
    before = show(stack, old.id)
    result = stack.tool.run("rotate", old.id, stdin=stack.slapd.password("alice") + "\n",
                            options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == FORBIDDEN
    password = result.stdout.strip()
    stack.tool.passwords.append(password)
    assert verify(stack, "alice", password) == verify(stack, "alice", old.password) == OK
    assert show(stack, old.id) == before
    assert f"run sendpass revoke {old.id}" in result.stderr
    stack.tool.json("revoke", "--owner", "alice", "--yes")


@pytest.fixture(name="due")
def fixture_due(stack, person, tmp_path):
    """Some app passwords that are due, and the options of a tool that thinks so."""
    configuration = tmp_path / "rotate.conf"
    configuration.write_text(stack.tool.configuration.read_text() + "\n[issue]\nrotate_after = 1s\n")
    credentials = [stack.tool.issue(person.login) for _ in range(4)]
    stack.tool.run("suspend", credentials[3].id)
    last = stack.tool.json("show", credentials[2].id)["created"]
    wait.until(lambda: seconds_from_now(last) < -1.1, "them to be due")
    return person, credentials[:3], ["-f", configuration]


def run_due(stack, due, *arguments):
    return stack.tool.run("rotate", "--due", "--owner", due[0].login, *arguments, options=due[2])


def test_what_is_due_is_rotated_once_on_a_line_each(stack, due):
    person, credentials, _ = due
    result = run_due(stack, due, "--yes")
    assert result.returncode == OK, result.stderr
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert {line[4] for line in lines} == {old.id for old in credentials} and len(lines) == 3
    for identity, owner, label, password, old, end, mail in lines:
        stack.tool.passwords.append(password)
        assert verify(stack, person.login, password) == OK
        assert stack.tool.json("show", identity)["replaces"] == old
        assert stack.tool.json("show", old)["expires"] == end
        assert (owner, label, mail) == (person.dn, f"{person.login}'s test", person.mail)
    again = run_due(stack, due, "--yes", "--json")
    new = [json.loads(line) for line in again.stdout.splitlines()]
    stack.tool.passwords.extend(one["password"] for one in new)
    assert not {one["replaces"] for one in new} & {old.id for old in credentials}


def test_json_is_an_object_on_each_line(stack, due):
    result = run_due(stack, due, "--yes", "--json", "--overlap", "1d")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    stack.tool.passwords.extend(one["password"] for one in found)
    assert {one["replaces"] for one in found} == {old.id for old in due[1]} and len(found) == 3
    assert all(0.9 * DAY < seconds_from_now(one["replaced_ends"]) <= DAY for one in found)
    assert all(one["mail"] == due[0].mail for one in found)


def test_due_is_asked_for(stack, due):
    person, credentials, options = due
    command = [str(stack.tool.program), *map(str, options), "rotate", "--due", "--owner", person.login]
    terminal = Terminal(command, stack.tool.environment)
    terminal.wait_for(b"Rotate 3 app passwords? [y/N] ")
    assert all(old.id.encode() in terminal.shown for old in credentials)
    terminal.type(b"n\n")
    assert terminal.end() == NO
    assert len(stack.tool.json("list", person.login)) == 4


def test_what_was_replaced_while_the_question_waited_is_not_replaced_again(stack, due):
    person, credentials, options = due
    command = [str(stack.tool.program), *map(str, options), "rotate", "--due", "--owner", person.login]
    terminal = Terminal(command, stack.tool.environment)
    terminal.wait_for(b"Rotate 3 app passwords? [y/N] ")
    new = [rotate(stack, credentials[0].id), rotate(stack, credentials[1].id, "--overlap", "36525d")]
    stack.tool.run("suspend", credentials[2].id)
    terminal.type(b"y\n")
    assert terminal.end() == NO
    assert terminal.shown.count(b"changed or replaced meanwhile") == 3
    made = {one["replaces"]: one["id"] for one in stack.tool.json("list", person.login) if one["replaces"]}
    assert made == {one["replaces"]: one["id"] for one in new}


def test_without_a_reader_only_the_first_is_made_and_is_revoked_again(stack, due):
    person, credentials, options = due
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [stack.tool.program, *options, "rotate", "--due", "--owner", person.login, "--yes"], stdout=writing,
        stderr=subprocess.PIPE, text=True, check=False, env=dict(os.environ, **stack.tool.environment))
    os.close(writing)
    assert result.returncode == FAILED and "2 more were not tried" in result.stderr
    for old in credentials:
        assert stack.tool.json("show", old.id)["expires"] is None
    assert [one["state"] for one in stack.tool.json("list", person.login) if one["replaces"]] == ["revoked"]


def test_who_interrupts_half_way_has_every_password_that_was_made(stack, due):
    person, credentials, options = due
    with subprocess.Popen([stack.tool.program, *options, "rotate", "--due", "--owner", person.login, "--yes"],
                          stdout=subprocess.PIPE, text=True, env=dict(os.environ, **stack.tool.environment)) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        lines = [line.split("\t") for line in [first, *process.stdout]]
    stack.tool.passwords.extend(line[3] for line in lines)
    assert process.returncode == -signal.SIGINT and len(lines) < len(credentials)
    made = {one["replaces"]: one["id"] for one in stack.tool.json("list", person.login) if one["replaces"]}
    assert made == {line[4]: line[0] for line in lines}
    for old in credentials:
        assert bool(stack.tool.json("show", old.id)["expires"]) == (old.id in made)


def test_without_a_policy_nothing_is_ever_due(stack):
    result = stack.tool.run("rotate", "--due", "--yes")
    assert result.returncode == FAILED and "[issue] rotate_after" in result.stderr and result.stdout == ""
