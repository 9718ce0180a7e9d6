# SPDX-License-Identifier: BSD-2-Clause
"""Who holds no app password learns nothing from a refusal: its bytes are the same whatever was wrong, and Argon2 runs
only where id and login belong together."""
import subprocess

import pytest

from lab import http_client, metrics
from lab.auth_client import AuthClient
from lab.people import Person
from lab.saslauthd_client import SaslauthdClient
from lab.target import Target

NOBODY = "nobody-of-that-name"


class Asked:
    """A sendpassd, and attempts of somebody who has no app password."""

    def __init__(self, stack):
        self.target = Target(stack, "equal")
        self.metrics = self.target.daemon.directory / "metrics"
        self.target.daemon.settings["daemon", "metrics"] = [f"{self.metrics} 0600 root root"]
        self.target.daemon.configure()
        root = stack.slapd.root()
        self.person, self.other = Person(root), Person(root)
        own, gone, others = (stack.tool.issue(somebody.login) for somebody in (self.person, self.person, self.other))
        replacement = stack.tool.issue(self.person.login)
        hash_of_another = root.search(replacement.dn)[0].attributes["sendpassHash"][0]
        root.delete(gone.dn)
        root.replace(own.dn, "sendpassHash", hash_of_another)
        login = self.person.login
        # What is offered, and how often the directory is asked and Argon2 computes
        self.attempts = {
            "malformed": (login, "hunter2", 0, 0),
            "malformed, no such user": (NOBODY, "hunter2", 0, 0),
            "unknown id": (login, gone.password, 1, 0),
            "unknown id, no such user": (NOBODY, gone.password, 1, 0),
            "somebody else's id": (login, others.password, 1, 0),
            "somebody's id, no such user": (NOBODY, others.password, 1, 0),
            "own id, wrong secret": (login, own.password, 1, 1),
        }

    def work(self):
        """How many tasks the directory workers and the Argon2 slots had so far."""
        _, _, text = http_client.ask(self.metrics, "/metrics")
        return [metrics.value(text, f"sendpass_{stage}_duration_seconds_count") for stage in ("ldap", "argon2")]


@pytest.fixture(name="asked", scope="module")
def _asked(stack):
    asked = Asked(stack)
    asked.target.start()
    yield asked
    assert asked.target.daemon.stop() == 0


def _reply_at_auth(asked, login, password):
    with AuthClient(asked.target.auth) as client:
        client.begin_plain(1, login, password)
        return client.line()


def _reply_at_saslauthd(asked, login, password):
    with SaslauthdClient(asked.target.mux) as client:
        return client.ask(login, password, "smtp", "")


def _said_by_testsaslauthd(asked, login, password):
    command = ["testsaslauthd", "-f", str(asked.target.mux), "-s", "smtp", "-u", login, "-p", password]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


@pytest.mark.parametrize("ask", [_reply_at_auth, _reply_at_saslauthd, _said_by_testsaslauthd])
def test_every_refusal_is_the_same_and_costs_what_it_may(asked, ask):
    replies, work = {}, {}
    for name, (login, password, *_) in asked.attempts.items():
        before = asked.work()
        replies[name] = ask(asked, login, password).replace(login, "LOGIN")
        work[name] = [after - earlier for after, earlier in zip(asked.work(), before)]
    assert len(set(replies.values())) == 1, replies
    assert work == {name: [ldap, argon2] for name, (_, _, ldap, argon2) in asked.attempts.items()}


def test_every_refusal_is_the_same_at_a_mail_server(door, mechanism, asked):
    replies = {name: door.attempt(mechanism, login, password)._replace(seconds=0)
               for name, (login, password, *_) in asked.attempts.items()}
    assert len(set(replies.values())) == 1, replies
    assert replies["malformed"].code == 535
