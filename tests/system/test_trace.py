# SPDX-License-Identifier: BSD-2-Clause
"""From a message in the mail server's log to the app password that it was sent with."""
import json
import re

import pytest

from lab import wait
from lab.submission import RECIPIENT, login, send_lines

OK, NO, USAGE = range(3)
QUEUED = re.compile(r"queued as (\w+)")


def send(door, credential, sender, *headers):
    """Send a message; its queue id."""
    with login(door, credential) as session:
        reply = send_lines(session, sender, *headers, "", "Hello.")
        assert reply.code == 250, reply
        return QUEUED.search(reply.text)[1]


def trace(stack, what, *logs, status=OK):
    """What the tool finds in the logs."""
    arguments = [word for log in logs for word in ("--log", str(log))]
    result = stack.tool.run("trace", what, "--json", *arguments)
    assert result.returncode == status, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(name="logs")
def _logs(stack, policy):
    return stack.postfix.log, policy.daemon.log


def test_a_message_is_traced_to_its_app_password_by_either_id(policy, stack, person, logs):
    credential = stack.tool.issue(person.login)
    queue_id = send(policy.door("cyrus"), credential, person.mail, f"Message-ID: <{person.login}.1@client.example>")
    wait.until(lambda: f"{queue_id}: message-id=" in stack.postfix.text(), "cleanup's line")
    policy.daemon.wait_for(0, "policy", queue_id=queue_id)
    [found] = trace(stack, queue_id, policy.daemon.log)
    assert found["id"] == credential.id and found["owner"] == person.dn and found["queue_id"] == queue_id
    assert found["login"] == person.login and found["ip"] == "127.0.0.1" and found["found_by"] == "message"
    assert found["sender"] == person.mail and found["recipient"] == RECIPIENT and found["recipients"] == "1"
    assert trace(stack, f"<{person.login}.1@client.example>", *logs) == [found]
    shown = stack.tool.run("trace", queue_id, "--log", str(policy.daemon.log))
    assert f"\nto end it: sendpass revoke {credential.id}\n" in shown.stdout


def test_a_message_that_came_back_from_a_content_filter_is_traced(policy, stack, person, logs):
    credential = stack.tool.issue(person.login)
    first = send(policy.door("filtered"), credential, person.mail)

    def handed_on():
        return re.search(rf" {first}: to=.* status=sent \(250 .*queued as (\w+)\)", stack.postfix.text())

    second = wait.until(handed_on, "the second queue id")[1]
    assert second != first
    [found] = trace(stack, second, *logs)
    assert found["queue_id"] == first and found["id"] == credential.id and found["found_by"] == "message"


@pytest.mark.parametrize("service, found_by", (("silent", "login"), ("silent-with-port", "port")))
def test_without_a_policy_door_login_and_address_lead_to_it(service, found_by, policy, stack, person, logs):
    other, credential = (stack.tool.issue(person.login) for _ in range(2))
    with login(policy.door(service), other):
        queue_id = send(policy.door(service), credential, person.mail)
    wait.until(lambda: f"{queue_id}: client=" in stack.postfix.text(), "smtpd's line")
    found = trace(stack, queue_id, *logs)
    assert [each["id"] for each in found] == ([credential.id] if found_by == "port" else [other.id, credential.id])
    assert {each["found_by"] for each in found} == {found_by}


def test_what_is_not_in_the_log_is_not_found(policy, stack):
    assert trace(stack, "ABCDEF123456", policy.daemon.log, status=NO) == []
    assert stack.tool.run("trace", "no id", "--log", str(policy.daemon.log)).returncode == USAGE
