# SPDX-License-Identifier: BSD-2-Clause
"""Where the sendpass tool's words go, what they never hold, and how it ends."""
import os
import signal
import subprocess

import pytest

from lab import wait
from lab.people import Person
from lab.slapd import CREDENTIALS, PEOPLE
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)


def full_disk():
    return open("/dev/full", "wb")


def reader_gone():
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "wb")


@pytest.mark.parametrize("target", [full_disk, reader_gone])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_password_that_cannot_be_written_is_revoked(stack, person, target, options):
    command = [stack.tool.program, "-f", stack.tool.configuration,
               "issue", person.login, "--label", "lost", *options]
    with target() as stdout:
        result = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
                                env=dict(os.environ, **stack.tool.environment))
    assert result.returncode == FAILED
    [lost] = stack.tool.json("list", person.login)
    assert lost["state"] == "revoked" and lost["id"] in result.stderr


def test_a_closed_stdout_never_becomes_the_directory_connection(stack, person):
    command = f'"{stack.tool.program}" -f "{stack.tool.configuration}" issue {person.login} --label lost >&-'
    result = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False,
                            env=dict(os.environ, **stack.tool.environment))
    assert result.returncode == FAILED
    assert [lost["state"] for lost in stack.tool.json("list", person.login)] == ["revoked"]


@pytest.mark.parametrize("arguments, status", [
    (["list", "nobody-here"], NO),
    (["show", "zzzzzzzz"], NO),
    (["revoke", "zzzzzzzz"], NO),
    (["show", "*"], USAGE),
    (["issue", "alice"], USAGE),
    (["frobnicate"], USAGE),
    (["--frobnicate"], USAGE),
    ([], USAGE),
    (["verify", "alice"], USAGE),
    (["verify", "alice", "--socket", "/nonexistent"], USAGE),
])
def test_exit_status_without_a_password(stack, arguments, status):
    result = stack.tool.run(*arguments)
    assert result.returncode == status and result.stdout == ""
    assert result.stderr.startswith("sendpass: ") and result.stderr.count("\n") == 1


def test_exit_status_of_what_the_directory_does_not_permit(stack):
    dn = f"uid=alice,{PEOPLE}"
    assert stack.tool.run("list", stdin="wrong\n", options=["-D", dn]).returncode == FORBIDDEN
    refused = stack.tool.run("issue", "alice", "--label", "x", "--login", "root",
                             stdin=stack.slapd.password("alice") + "\n", options=["-D", dn])
    assert refused.returncode == FORBIDDEN and refused.stdout == ""


def test_an_ambiguous_login_is_told_with_both_entries(stack, person):
    other = Person(stack.slapd.root())
    stack.slapd.root().replace(other.dn, "mail", person.mail)
    result = stack.tool.run("issue", person.mail, "--label", "x")
    other.delete()
    assert result.returncode == NO and result.stdout == ""
    assert person.dn in result.stderr and other.dn in result.stderr


def test_an_empty_password_does_not_bind_as_nobody(stack):
    result = stack.tool.run("list", stdin="\n", options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == USAGE and "empty" in result.stderr


def test_exit_status_without_a_directory(stack, credential):
    stack.slapd.stop()
    try:
        result = stack.tool.run("show", credential.id)
    finally:
        stack.slapd.start()
    assert result.returncode == UNAVAILABLE and stack.slapd.uri in result.stderr


def test_exit_status_of_a_bad_configuration(stack, tmp_path):
    configuration = tmp_path / "bad.conf"
    configuration.write_text("[admin]\nbind_db = x\n")
    result = stack.tool.run("list", options=["-f", configuration])
    assert result.returncode == FAILED
    assert f"{configuration}:2: unknown setting [admin] bind_db" in result.stderr


def test_the_directory_cannot_drive_the_terminal(stack, credential):
    stack.slapd.root().replace(credential.dn, "sendpassLabel", "B\u00fcro\x1b]0;x\x07\t\u009b31m")
    for verb, argument in ("list", credential.login), ("show", credential.id):
        shown = stack.tool.run(verb, argument).stdout
        assert "B\u00fcro\\x1b]0;x\\x07\\x09\\xc2\\x9b31m" in shown
        assert not [c for c in shown if c not in "\t\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0)]
    assert stack.tool.json("show", credential.id)["label"] == "B\u00fcro\x1b]0;x\x07\t\u009b31m"
    assert stack.tool.run("show", credential.id, "--json").stdout.isascii()


def test_a_piped_list_has_seven_fields_and_no_heading(stack, credential):
    fields = stack.tool.run("list", credential.login).stdout.removesuffix("\n").split("\t")
    assert fields[:5] == [credential.id, f"uid={credential.login},{PEOPLE}",
                          f"{credential.login}'s test", "active", "-"]
    assert fields[5].endswith("Z") and fields[6:] == ["-"]


def test_a_whole_password_given_as_an_id_is_not_repeated(stack, credential):
    result = stack.tool.run("revoke", credential.password)
    assert result.returncode == USAGE
    assert credential.password not in result.stderr


def test_a_password_as_an_argument_is_not_repeated(stack, credential):
    result = stack.tool.run("verify", credential.login, credential.password)
    assert result.returncode == USAGE
    assert credential.password not in result.stderr


def on_terminal(stack, *arguments, options=(), **environment):
    command = [str(stack.tool.program), "-f", str(stack.tool.configuration), *options, *arguments]
    return Terminal(command, {**stack.tool.environment, "TERM": "dumb", **environment})


def test_a_typed_password_is_not_shown(stack, credential):
    terminal = on_terminal(stack, "verify", credential.login)
    terminal.wait_for(b"Password of " + credential.login.encode())
    wait.until(lambda: not terminal.echoes(), "the echo to be off")
    terminal.type(credential.password.encode() + b"\n")
    assert terminal.end() == OK
    assert credential.password.encode() not in terminal.shown and b"granted" in terminal.shown


def test_an_interrupted_prompt_gives_the_echo_back(stack):
    terminal = on_terminal(stack, "list", options=["-D", f"uid=alice,{PEOPLE}"])
    terminal.wait_for(b"Password of")
    wait.until(lambda: not terminal.echoes(), "the echo to be off")
    terminal.type(b"half\x03")
    wait.until(terminal.echoes, "the echo to be back")
    assert terminal.end() == -signal.SIGINT


def test_on_a_terminal_the_list_is_a_table(stack, credential):
    terminal = on_terminal(stack, "list", credential.login)
    assert terminal.end() == OK
    lines = terminal.shown.decode().split("\r\n")
    assert lines[0].split() == ["ID", "OWNER", "LABEL", "STATE", "EXPIRES", "CREATED", "LAST", "USED"]
    assert lines[1].startswith(f"{credential.id}  {credential.login}")
    assert CREDENTIALS not in lines[1] and "\t" not in lines[1]


@pytest.mark.parametrize("environment, coloured", [
    ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False),
    ({"TERM": "dumb", "NO_COLOR": ""}, False)])
def test_colours_are_for_terminals_that_want_them(stack, credential, environment, coloured):
    stack.tool.revoke(credential)
    terminal = on_terminal(stack, "list", credential.login, **environment)
    assert terminal.end() == OK
    assert (b"\x1b[31mrevoked\x1b[0m" in terminal.shown) == coloured
    assert (b"\x1b[" in terminal.shown) == coloured
    assert "\x1b" not in stack.tool.run("list", credential.login).stdout
