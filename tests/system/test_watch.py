# SPDX-License-Identifier: BSD-2-Clause
"""The log as it is written, for people and for programs."""
import json
import os
import re
import signal
import subprocess

import pytest

from lab import wait
from lab.journal import Journal
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
AUTH = "event=auth result=denied reason=revoked door=auth service=smtp ip=192.0.2.7 port=5 ms=0.1 id=k7qf2m9x " \
    "owner=\"uid=alice,ou=people,dc=example,dc=org\" label=\"\\x1b]0;x\\x07 \u202eprinter\" login={}\n"


class Watch:
    """`sendpass watch`, running; what it has written is read as it comes."""

    def __init__(self, stack, *arguments, **streams):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [stack.tool.program, "watch", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, **stack.tool.environment), **streams)

    def line(self):
        """The next line."""
        return self.process.stdout.readline()

    def end(self, number=None):
        """Perhaps with a signal; its exit status, rest of standard output and standard error."""
        if number is not None:
            self.process.send_signal(number)
        out, error = self.process.communicate(timeout=20)
        return self.process.returncode, out, error


def has_journal(stack):
    return "built without" not in stack.tool.run("trace", "A", "--journal-directory", "/nonexistent").stderr


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_what_a_running_sendpassd_logs_is_shown_at_once(number, stack, person, credential):
    watch = Watch(stack, "--json", "--log", stack.sendpassd.log, "--since", "1m", "--login", person.login.upper())
    for password, result in ((credential.password, "granted"), ("wrong", "denied")):
        stack.tool.run("verify", person.login, stdin=password + "\n")
        event = json.loads(watch.line())
        assert event["event"] == "auth" and event["result"] == result and event["login"] == person.login
    assert watch.end(number) == (OK, "", "")


def test_a_file_is_followed_from_its_end_over_a_rotation(stack, tmp_path):
    log = tmp_path / "log"
    log.write_text("notice: " + AUTH.format("before"))
    watch = Watch(stack, "--log", log, "--event", "auth")
    # at its end it is when it waits there, as its open file tells
    position = f"/proc/{watch.process.pid}/fdinfo"
    wait.until(lambda: any(re.search(rf"^pos:\s+{log.stat().st_size}$", (open(f"{position}/{fd}").read()), re.M)
                           for fd in os.listdir(position)), "the end of the file")
    log.rename(tmp_path / "log.1")
    log.write_text("notice: " + AUTH.format("after"))
    assert " after " in watch.line()
    assert watch.end(signal.SIGINT) == (OK, "", "")


def test_filters_hold_together_and_the_end_of_standard_input_is_the_end(stack):
    lines = AUTH.format("one") + "info: event=directory_up uri=ldapi:/// after_ms=5\nevent=broken x\n" + \
        AUTH.format("two").replace("alice", "bob") + AUTH.format("two").replace("denied", "granted")

    def shown(*filters):
        result = stack.tool.run("watch", "--log", "-", "--json", *filters, stdin=lines)
        assert (result.returncode, result.stderr) == (OK, "")
        return [json.loads(line).get("login") for line in result.stdout.splitlines()]

    assert shown() == ["one", None, "two", "two"]
    assert shown("--event", "auth", "--result", "denied") == ["one", "two"]
    assert shown("--owner", "alice", "--login", "two") == ["two"]
    assert shown("--owner", "UID=bob,ou=people,dc=example,dc=org") == ["two"]
    assert shown("--owner", "ali") == [] == shown("--reason", "expired")
    assert shown("--id", "K7QF-2M9X") == ["one", "two", "two"]
    assert shown("--event", "directory_up") == [None]


def test_nothing_of_a_line_drives_the_terminal(stack, tmp_path):
    log = tmp_path / "log"
    log.write_text(AUTH.format("alice") + AUTH.format("\"alice  k7qf2m9x\""))
    for environment, coloured in ({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False):
        terminal = Terminal([stack.tool.program, "watch", "--log", log, "--since", "1h"],
                            {**stack.tool.environment, "NO_COLOR": "", **environment})
        terminal.wait_for(b'"alice  k7qf2m9x"')
        terminal.type(b"\x03")
        assert terminal.end() == OK
        controls = set(re.findall(rb"\x1b[^m]*m?", terminal.shown))
        assert controls == ({b"\x1b[31m", b"\x1b[0m"} if coloured else set())
        assert b'"\\x1b]0;x\\x07 \\xe2\\x80\\xaeprinter"' in terminal.shown


def test_it_ends_when_its_reader_does(stack, tmp_path):
    (tmp_path / "log").touch()
    watch = Watch(stack, "--log", tmp_path / "log")
    watch.process.stdout.close()
    assert watch.process.wait(timeout=20) == OK
    assert watch.process.stderr.read() == ""
    watch.process.stderr.close()


def test_the_journal_is_followed_and_traced(stack, tmp_path):
    if not has_journal(stack):
        pytest.skip("built without libsystemd")
    journal = Journal(tmp_path / "journal")
    message = "event=policy result=granted reason=ok stage=END-OF-MESSAGE queue_id=AAA1 id=k7qf2m9x login={}"
    journal.add(("auth", "sendpassd", message.format("one")), ("mail", "postfix/cleanup", "AAA1: message-id=<a@b>"),
                ("mail", "logger", message.format("forged")), ("auth", "sshd", message.format("forged")))
    place = ("--journal-directory", str(journal.directory))
    [found] = stack.tool.json("trace", "<a@b>", *place)
    assert found["id"] == "k7qf2m9x" and found["login"] == "one" and found["time"]
    watch = Watch(stack, "--json", "--since", "1h", *place)
    assert json.loads(watch.line())["login"] == "one"
    journal.add(("auth", "sendpass-milter", "info: " + message.format("two")))
    assert json.loads(watch.line())["login"] == "two"
    assert watch.end(signal.SIGINT) == (OK, "", "")


@pytest.mark.parametrize("arguments, text", (
    (["--result", "yes"], "--result must be"),
    (["--id", "not an id"], "--id must be"),
    (["--since", "yesterday"], "--since must be"),
    (["--log", "-", "--log", "-"], "--log - can be given once"),
    (["--log", "x", "--journal-directory", "y"], "exclude each other"),
    (["x"], "too many arguments")), ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_wrong_command_line_is_told(arguments, text, stack):
    result = stack.tool.run("watch", *arguments)
    assert result.returncode == USAGE and text in result.stderr


def test_a_log_that_is_not_there_is_told(stack):
    for place in ["--log", "/nonexistent"], ["--log", "/"], ["--journal-directory", "/nonexistent"]:
        for verb in ["watch"], ["trace", "A"]:
            result = stack.tool.run(*verb, *place)
            assert result.returncode == FAILED and len(result.stderr.splitlines()) == 1, result.stderr
