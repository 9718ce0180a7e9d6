# SPDX-License-Identifier: BSD-2-Clause
"""Sockets that lists users answer to their processes, and to nobody else's. What mail servers make of a
refusal is in the matrix."""
import pwd
import subprocess

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.saslauthd_client import SaslauthdClient
from lab.target import Target
from lab.users import acting_as

LISTED, UNLISTED = "games", "mail"


@pytest.fixture(scope="module")
def choosy(stack):
    """Everybody can open its sockets, and it listens to one user; at one more of them to anybody."""
    daemon = Target(stack, "choosy")
    settings = daemon.daemon.settings
    settings["daemon", "auth"] = [f"{daemon.auth} 0666 root root {LISTED}",
                                  f"{daemon.auth}-open 0666 root root"]
    settings["daemon", "saslauthd"] = [f"{daemon.mux} 0666 root root {LISTED}",
                                       f"{daemon.mux}-open 0666 root root"]
    daemon.daemon.configure()
    daemon.start()
    yield daemon
    assert daemon.daemon.stop() == 0


def _ask_auth(choosy, suffix=""):
    try:
        with AuthClient(f"{choosy.auth}{suffix}") as client:
            return client.plain(choosy.login, choosy.password)
    except (AssertionError, ConnectionError):  # closed within the handshake, or before ours
        return ""


def _ask_saslauthd(choosy, suffix=""):
    with SaslauthdClient(f"{choosy.mux}{suffix}") as client:
        return client.ask(choosy.login, choosy.password, "smtp", "")


DOORS = {"auth": _ask_auth, "saslauthd": _ask_saslauthd}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("user", [LISTED, "root"])
def test_a_listed_user_and_root_are_answered(choosy, door, user):
    begin = choosy.daemon.mark()
    with acting_as(user):
        assert DOORS[door](choosy) == "OK"
    assert choosy.lines(begin) == ["ok"]


@pytest.mark.parametrize("door", DOORS)
def test_another_user_is_told_to_try_later(choosy, door):
    for _ in range(50):
        begin = choosy.daemon.mark()
        with acting_as(UNLISTED):
            assert DOORS[door](choosy) == ""
        event = choosy.daemon.wait_for(begin, "peer_refused")
        assert event.level == "warning"
        assert event.fields["door"] == door
        assert event.fields["uid"] == str(pwd.getpwnam(UNLISTED).pw_uid)
        assert choosy.lines(begin) == ["peer_refused"]
    choosy.wait_until_alone()


@pytest.mark.parametrize("door", DOORS)
def test_a_socket_without_a_list_answers_everybody(choosy, door):
    with acting_as(UNLISTED):
        assert DOORS[door](choosy, "-open") == "OK"


def test_saslauthds_own_client_takes_a_refusal_for_later(choosy):
    command = ["testsaslauthd", "-f", str(choosy.mux), "-s", "smtp",
               "-u", choosy.login, "-p", choosy.password]
    results = [subprocess.run(command, user=user, check=False, capture_output=True, text=True)
               for user in (LISTED, UNLISTED)]
    assert "OK" in results[0].stdout
    assert "OK" not in results[1].stdout and "NO" not in results[1].stdout
    wait.until(lambda: "peer_refused" in choosy.lines(0), "the refusal in the log")
