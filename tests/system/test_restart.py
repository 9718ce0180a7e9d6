# SPDX-License-Identifier: BSD-2-Clause
"""sendpassd goes and comes back under many running sessions of Postfix, and only attempts that are under way
just then can tell; and smtpd never dies of it while there is a socket."""
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from lab import sasl, wait
from lab.activation import HeldSockets
from lab.auth_client import AuthClient
from lab.doors import DENIED, GRANTED, stopped
from lab.smtp_client import SmtpClient

SESSIONS = 24
LATER = 454
DIED = "fatal: no SASL authentication mechanisms"


@pytest.fixture(autouse=True)
def _no_smtpd_dies(stack):
    before = stack.postfix.text().count(DIED)
    yield
    assert stack.postfix.text().count(DIED) == before


@contextmanager
def _sessions(port):
    """Many at once, so each in an smtpd process of its own; all opened at the same time."""
    with ExitStack() as closing, ThreadPoolExecutor(SESSIONS) as pool:
        opened = list(pool.map(lambda _: SmtpClient(port), range(SESSIONS)))
        for session in opened:
            closing.enter_context(session)
        yield opened, pool


def _begin_all(sessions, credential):
    """AUTH in all sessions; a function that waits for the codes."""
    opened, pool = sessions
    offered = "PLAIN", credential.login, credential.password
    futures = [pool.submit(session.auth, *offered) for session in opened]
    return lambda: [future.result().code for future in futures]


def _auth_all(sessions, credential):
    return _begin_all(sessions, credential)()


@pytest.fixture(params=["postfix-cyrus", "postfix-dovecot"])
def port(request, doors):
    """Each way from Postfix to the auth door."""
    return next(door.port for door in doors if door.name == request.param)


def test_running_sessions_do_not_notice_a_restart(port, stack, credential):
    wrong = credential._replace(password="no app password")
    with _sessions(port) as sessions:
        assert _auth_all(sessions, wrong) == [DENIED] * SESSIONS
        for _ in range(3):
            with stopped(stack.sendpassd):
                pass
            assert _auth_all(sessions, wrong) == [DENIED] * SESSIONS
        with stopped(stack.sendpassd):
            pass
        assert _auth_all(sessions, credential) == [GRANTED] * SESSIONS


def test_attempts_while_it_is_away_are_told_to_try_later(port, stack, credential):
    with _sessions(port) as sessions:
        with stopped(stack.sendpassd):
            assert _auth_all(sessions, credential) == [LATER] * SESSIONS
        assert _auth_all(sessions, credential) == [GRANTED] * SESSIONS


def test_attempts_cut_off_by_a_crash_are_told_to_try_later(port, stack, credential):
    process = stack.sendpassd.process
    with _sessions(port) as sessions:
        process.freeze()
        codes = _begin_all(sessions, credential)
        process.signal(signal.SIGKILL)
        process.wait()
        try:
            assert codes() == [LATER] * SESSIONS
        finally:
            stack.sendpassd.start()
        assert _auth_all(sessions, credential) == [GRANTED] * SESSIONS


def test_new_smtpd_processes_start_while_the_directory_is_down(stack, credential):
    postfix = stack.postfix
    postfix.add_service("no-directory", "smtpd_sasl_type=dovecot", "smtpd_sasl_path=private/sendpass")
    postfix.reload()
    with stopped(stack.slapd), _sessions(postfix.services["no-directory"]) as sessions:
        assert all("AUTH PLAIN LOGIN" in session.capabilities for session in sessions[0])
        assert _auth_all(sessions, credential) == [LATER] * SESSIONS


@pytest.mark.parametrize("why", ["its user is not listed", "the door is full"])
def test_new_smtpd_processes_start_where_nobody_listens_to_them(why, stack, credential, to_the_end):
    postfix = stack.postfix
    name = why.replace(" ", "-")
    door = f"{postfix.queue}/private/{name} 0660 postfix postfix"
    daemon = stack.daemon(name, f"{door} games" if "listed" in why else door)
    daemon.configure(daemon_max_connections=1 if "full" in why else 100)
    to_the_end.callback(daemon.stop)
    daemon.start()
    postfix.add_service(name, "smtpd_sasl_type=dovecot", f"smtpd_sasl_path=private/{name}")
    with AuthClient(daemon.directory / "auth"):
        postfix.reload()
        with _sessions(postfix.services[name]) as sessions:
            assert all("AUTH PLAIN LOGIN" in session.capabilities for session in sessions[0])
            assert _auth_all(sessions, credential) == [LATER] * SESSIONS


@pytest.fixture(scope="session")
def to_the_end(stack):
    """Postfix's services outlive their test, and each reload wakes them: what they ask must live on too."""
    with ExitStack() as stops:
        yield stops


@pytest.fixture(scope="session")
def activated(stack, to_the_end):
    """A sendpassd whose sockets somebody else holds, and a service of Postfix for each way to ask it."""
    postfix = stack.postfix
    auth, mux = (postfix.queue / "private" / name for name in ("activated", "activated-mux"))
    daemon = stack.daemon("activated", f"{auth} 0600 postfix postfix")
    daemon.settings["daemon", "saslauthd"] = [f"{mux} 0600 postfix postfix"]
    daemon.configure()
    held = HeldSockets([auth, mux], "postfix")
    held.hand_to(daemon.process)
    postfix.write_sasl_configuration("activated", sasl.configuration("/private/activated"))
    postfix.write_sasl_configuration("activated-mux", sasl.saslauthd_configuration("/private/activated-mux"))
    postfix.add_service("activated-cyrus", "smtpd_sasl_path=activated")
    postfix.add_service("activated-saslauthd", "smtpd_sasl_path=activated-mux")
    postfix.add_service("activated-dovecot", "smtpd_sasl_type=dovecot", "smtpd_sasl_path=private/activated")
    to_the_end.callback(held.close)
    to_the_end.callback(daemon.stop)
    daemon.start()
    postfix.reload()
    return daemon


ACTIVATED = ["activated-cyrus", "activated-dovecot", "activated-saslauthd"]


@pytest.mark.parametrize("service", ACTIVATED)
def test_a_held_socket_serves_what_came_while_nobody_was_there(service, activated, stack, credential):
    with _sessions(stack.postfix.services[service]) as sessions:
        with stopped(activated):
            codes = _begin_all(sessions, credential)
        assert codes() == [GRANTED] * SESSIONS


@pytest.mark.parametrize("service", ACTIVATED)
def test_a_held_socket_lets_sessions_begin_while_nobody_is_there(service, activated, stack, credential):
    connected = stack.postfix.text().count("connect from")
    port = stack.postfix.services[service]

    def whole_session(_):
        with SmtpClient(port) as session:
            return session.auth("PLAIN", credential.login, credential.password).code
    with ThreadPoolExecutor(SESSIONS) as pool:
        with stopped(activated):
            codes = pool.map(whole_session, range(SESSIONS))
            wait.until(lambda: stack.postfix.text().count("connect from") >= connected + SESSIONS,
                       "Postfix to take up all sessions")
        assert list(codes) == [GRANTED] * SESSIONS


def test_a_held_socket_that_no_door_lists_is_an_error(activated):
    begin = activated.mark()
    activated.stop()
    activated.configure(daemon_saslauthd=[])
    with pytest.raises(AssertionError, match="ended at once"):
        activated.start()
    activated.wait_for(begin, "start_failed")
    activated.configure()
    activated.start()
