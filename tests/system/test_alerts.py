# SPDX-License-Identifier: BSD-2-Clause
"""The alert command is told what matters, as data and not too often, and nobody waits for it."""
import email
import os
import pwd
import signal
from email import policy

import pytest

from lab import wait
from lab.alert_command import AlertCommand
from lab.auth_client import AuthClient
from lab.load import in_turn
from lab.slapd import SOURCE

USER = "nobody"
EXAMPLE = SOURCE / "examples/alert/sendpass-alert-mail"
KINDS = "auth:revoked auth:malformed"


@pytest.fixture(name="daemon", scope="module")
def _daemon(stack):
    own = stack.daemon("alerting")
    own.directory.mkdir()
    own.command = AlertCommand(own.directory / "alert", pwd.getpwnam(USER).pw_uid)
    own.settings.update({("alert", "command"): own.command.path, ("alert", "events"): KINDS,
                         ("policy", "throttle_login"): 0, ("policy", "throttle_address"): 0})
    own.configure()
    own.start()
    yield own
    assert own.stop() == 0


@pytest.fixture(name="command")
def _command(daemon):
    """The command, which has told nothing yet; and nothing is held back."""
    daemon.command.replace()
    daemon.command.forget()
    _reload(daemon, alert_interval="59m")
    _reload(daemon)
    return daemon.command


def _reload(daemon, expected="configuration_loaded", **settings):
    daemon.configure(**settings)
    begin = daemon.mark()
    daemon.reload()
    return daemon.wait_for(begin, expected)


def _offer(daemon, login, password, address="192.0.2.7"):
    with AuthClient(daemon.directory / "auth") as client:
        return client.plain(login, password, address=address)


def _malformed(daemon, number):
    assert _offer(daemon, "somebody", "no app password", f"192.0.2.{number}") == "FAIL"


def test_a_revoked_one_used_with_its_right_secret_is_told_with_all_the_line_says(daemon, command, stack, credential):
    stack.tool.revoke(credential)
    begin = daemon.mark()
    assert _offer(daemon, credential.login, credential.password) == "FAIL"
    told, = command.wait()
    logged = daemon.wait_for(begin, "auth", reason="revoked")
    path = told.pop("PATH")
    assert path.split(":")[-2:] == ["/sbin", "/bin"]
    assert told.pop("SENDPASS_LINE") == logged.line.partition(": ")[2]
    assert told.pop("SENDPASS_HELD_BACK") == "0"
    assert told == {f"SENDPASS_{key.upper()}": value for key, value in logged.fields.items()}
    assert told["SENDPASS_ID"] == credential.id


def test_the_command_runs_as_the_user_with_nothing_of_ours_and_may_gain_what_sendmail_needs(daemon, command):
    _malformed(daemon, 1)
    command.wait()
    uid, privileges, *files = command.state()
    assert int(uid) == pwd.getpwnam(USER).pw_uid
    assert privileges.split() == ["NoNewPrivs:", "0"]
    own = {"/dev/null", str(command.path)}
    assert all(file in own or file.endswith(".state") for file in files), "it holds a descriptor of sendpassd's"


def test_what_a_client_chooses_arrives_as_data(daemon, command):
    hostile = "$(touch /tmp/sendpass-lab-owned) `id`; \"'\\ SENDPASS_EVENT=x"
    assert _offer(daemon, hostile, "no app password") == "FAIL"
    broken = "a\nSENDPASS_EVENT=y\r\n\r\n\x1b[2J"
    assert _offer(daemon, broken, "no app password", "192.0.2.8") == "FAIL"
    first, second = command.wait(2)
    assert first["SENDPASS_LOGIN"] == hostile
    assert second["SENDPASS_LOGIN"] == "a?SENDPASS_EVENT=y?????[2J"
    assert {first["SENDPASS_EVENT"], second["SENDPASS_EVENT"]} == {"auth"}


def test_a_thousand_in_a_burst_are_few_runs_that_count_them_all(daemon, command):
    _reload(daemon, alert_interval="1s")
    assert in_turn(daemon.directory / "auth", [("somebody", "no app password")] * 1000) == 0

    def counted():
        return sum(1 + int(told["SENDPASS_HELD_BACK"]) for told in command.told())
    wait.until(lambda: counted() == 1000, "all to be told of")
    assert len(command.told()) <= 5


def test_what_the_log_leaves_out_in_a_flood_is_told(daemon, command, stack, credential):
    stack.tool.revoke(credential)
    _reload(daemon, log_refused_per_second=1)
    begin = daemon.mark()
    for number in range(5):
        _malformed(daemon, number)
    assert _offer(daemon, credential.login, credential.password) == "FAIL"
    assert {told["SENDPASS_REASON"] for told in command.wait(6)} == {"malformed", "revoked"}
    assert not [event for event in daemon.events(begin, "auth") if event.fields["reason"] == "revoked"]


def test_a_log_that_cannot_be_opened_is_told(daemon, command):
    _reload(daemon, alert_events="log_not_opened", log_target="file", log_file="/no/such/log")
    told, = command.wait()
    assert told["SENDPASS_EVENT"] == "log_not_opened" and "/no/such/log" in told["SENDPASS_MESSAGE"]


def test_a_command_that_hangs_is_killed_with_its_children_and_nobody_waits_for_it(
        daemon, command, credential):
    told = command.path.parent / "told"
    command.replace(text=f"#!/bin/sh\nsleep 1000 &\necho $! >{told}/new\nmv {told}/new {told}/child\nsleep 1000\n")
    _reload(daemon, alert_timeout="1500ms")
    begin = daemon.mark()
    _malformed(daemon, 1)
    wait.until((told / "child").exists, "the command")
    child = (told / "child").read_text().strip()
    assert _offer(daemon, credential.login, credential.password) == "OK"
    assert not daemon.events(begin, "alert_failed"), "the attempt waited for the command"
    event = daemon.wait_for(begin, "alert_failed", alert="auth:malformed")
    assert event.fields["error"] == "killed, as it did not end in time"
    wait.until(lambda: _is_gone(child), "the end of the command's child")
    command.forget()
    command.replace()
    _malformed(daemon, 2)
    assert command.wait()


def _is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_command_that_fails_again_and_again_is_logged_once(daemon, command):
    command.replace(more='trap "exit 3" 0')
    begin = daemon.mark()
    for number in range(4):
        _malformed(daemon, number)
    command.wait(4)
    command.replace()
    _malformed(daemon, 5)
    command.wait(5)
    event, = daemon.events(begin, "alert_failed")
    assert event.fields["error"] == "exit status 3" and event.level == "error"


BAD = {
    "relative": ("bin/true", "must be an absolute path"),
    "missing": ("/no/such/command", "No such file or directory"),
    "writable by others": (0o757, "chmod go-w"),
    "not executable": (0o644, "chmod +x"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_command_is_refused_at_the_start_and_at_a_reload(daemon, command, fault):
    bad, message = BAD[fault]
    if isinstance(bad, int):
        file = command.path.with_name("bad")
        file.write_text("#!/bin/sh\n")
        file.chmod(bad)
        bad = file
    refused = _reload(daemon, "configuration_refused", alert_command=bad)
    assert "[alert] command" in refused.fields["message"] and message in refused.fields["message"]
    _malformed(daemon, 1)
    assert command.wait(), "the earlier command stays in force"


def test_an_event_that_is_none_is_refused(daemon):
    refused = _reload(daemon, "configuration_refused", alert_events="auth:revoked no_such_event")
    assert "[alert] events: no_such_event" in refused.fields["message"]


def test_a_reload_takes_the_command_away_and_gives_it_back(daemon, command):
    _reload(daemon, alert_command="")
    _malformed(daemon, 1)
    _reload(daemon)
    _malformed(daemon, 2)
    told, = command.wait()
    assert told["SENDPASS_IP"] == "192.0.2.2"


def _runner(daemon):
    pid = daemon.process.pid
    child, = (daemon.process.pid_directory() / f"task/{pid}/children").read_text().split()
    return int(child)


def test_without_the_process_that_runs_it_logins_go_on_and_the_log_says_so(daemon, command, credential):
    runner, begin = _runner(daemon), daemon.mark()
    os.kill(runner, signal.SIGKILL)
    daemon.wait_for(begin, "alert_failed")
    assert _offer(daemon, credential.login, credential.password) == "OK"
    daemon.stop()
    daemon.start()
    _malformed(daemon, 1)
    assert command.wait()


def test_a_stop_does_not_wait_for_a_command_that_hangs(daemon, command):
    hanging = command.path.parent / "told/hanging"
    command.replace(text=f"#!/bin/sh\n: >{hanging}\nwhile [ -e {hanging} ]; do sleep 0.05; done\n")
    _malformed(daemon, 1)
    wait.until(hanging.exists, "the command")
    runner = _runner(daemon)
    assert daemon.stop() == 0
    assert not _is_gone(runner), "the command was cut short"
    hanging.unlink()
    wait.until(lambda: _is_gone(runner), "the end of the process that ran it")
    daemon.start()


def test_the_example_mails_hostile_values_as_text(daemon, command):
    mail = command.path.parent / "told/mail"
    sendmail = command.path.with_name("sendmail")
    sendmail.write_text(f'#!/bin/sh\necho "$@" >{mail}.arguments\ncat >{mail}.new && mv {mail}.new {mail}\n')
    sendmail.chmod(0o755)
    text = EXAMPLE.read_text(encoding="utf-8")
    assert "\nsendmail=/usr/sbin/sendmail\n" in text and "\nto=root\n" in text
    command.replace(text=text.replace("/usr/sbin/sendmail", str(sendmail)))
    hostile = "x\nBcc: victim@example.org\n\n.\n$(touch /tmp/sendpass-lab-owned)"
    assert _offer(daemon, hostile, "no app password") == "FAIL"
    wait.until(mail.exists, "the mail")
    message = email.message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert not message.defects and sorted(message.keys()) == [
        "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "MIME-Version", "Subject", "To"]
    assert message["To"] == "root" and message["Subject"].endswith(": auth malformed")
    assert "LOGIN=x?Bcc: victim@example.org??.?$(touch /tmp/sendpass-lab-owned)\n" in message.get_content()
    assert mail.with_name("mail.arguments").read_text() == "-oi -- root\n"
    mail.unlink()
    mail.with_name("mail.arguments").unlink()
