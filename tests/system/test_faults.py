# SPDX-License-Identifier: BSD-2-Clause
"""A whole sendpassd in which library calls fail one by one."""
import itertools
import os
from http.client import HTTPException
from typing import NamedTuple

import pytest

from lab import metrics, wait
from lab.auth_client import AuthClient
from lab.faults import ONCE, Faults
from lab.http_client import ask
from lab.policy_client import PolicyClient
from lab.saslauthd_client import SaslauthdClient
from lab.slapd import CREDENTIALS
from lab.socketmap_client import SocketmapClient
from lab.target import Target

STRIDE = int(os.environ.get("SENDPASS_FAULT_STRIDE", "0"))  # 1 tries every call; 0: as the tests have it
UNAVAILABLE = ""
LOG_CALLS = ("write", "writev")  # a line cannot tell that it was not written; one not queued is counted
REVOKED = "20200101000000Z"
OTHERS_MAIL = "alice@example.org"
IN_FORCE = {"configuration_loaded": True, "ready": True, "configuration_refused": False}

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def faulty(stack):
    """A sendpassd of which a test can make calls fail."""
    if stack.sanitizer.active:
        pytest.skip("AddressSanitizer wants to be loaded first; tests/faults/attempt_test runs with it")
    target = Target(stack, "faulty", ldap_retry_after="50ms", ldap_timeout="500ms", ldap_connect_timeout="500ms",
                    daemon_cache_size=0, daemon_attempt_timeout="2s")
    for door in ("policy", "socketmap", "metrics"):
        target.daemon.settings["daemon", door] = f"{target.daemon.directory / door} 0600 root root"
    target.daemon.configure()
    target.faults = Faults(target.daemon, stack)
    target.daemon.start()
    yield target
    target.faults.disarm()
    target.daemon.stop()


@pytest.fixture
def secrets(faulty, stack):
    """App passwords by their state."""
    made = {state: faulty.issue(faulty.login) for state in ("right", "revoked")}
    name = made["revoked"].replace("-", "")[:8]
    stack.slapd.root().replace(f"sendpassId={name},{CREDENTIALS}", "sendpassRevoked", REVOKED)
    return made


# ---- what is asked, and the word that is the answer ----

def _auth(target, secret, address="127.0.0.1"):
    with AuthClient(target.auth) as client:
        return client.plain(target.login, secret, address=address)


def _saslauthd(target, secret):
    with SaslauthdClient(target.mux) as client:
        return client.ask(target.login, secret, "smtp", "") or UNAVAILABLE


def _policy(target, secret, sender):
    """A session of its own logs in and sends."""
    number = next(_numbers)
    address = f"10.0.{number // 256}.{number % 256}"
    if _auth(target, secret, address) != "OK":
        return UNAVAILABLE
    with PolicyClient(target.daemon.directory / "policy") as client:
        action = client.ask(protocol_state="END-OF-MESSAGE", client_address=address, sasl_username=target.login,
                            sender=sender, recipient_count="1", instance=str(number))
    return action.partition(" ")[0]


def _socketmap(target, _, sender):
    with SocketmapClient(target.daemon.directory / "socketmap") as client:
        word, data = client.ask(sender) or ("TEMP", "")
    if word != "OK":
        return UNAVAILABLE if word == "TEMP" else word
    return "own" if target.login in data.split(",") else "another's"


def _metrics(target, _):
    status, _, page = ask(target.daemon.directory / "metrics", "/metrics")
    return " ".join(sorted(metrics.types(page))) if status == 200 else UNAVAILABLE


class Question(NamedTuple):
    """What gives a word for a target and an app password in that state, and more; the word when all is well, and
    the event that tells of it; every how many calls one fails, and of which function alone."""

    ask: object
    expected: str = ""  # where empty, whatever it is when all is well
    event: str = ""
    state: str = "right"
    more: object = None  # what else there is to say, of a target
    stride: int = 13
    only: str = ""

    def word(self, target, secrets):
        """The answer's word."""
        more = [self.more(target)] if self.more else []
        try:
            return self.ask(target, secrets[self.state], *more)
        except (AssertionError, OSError, HTTPException):  # the door closed it before it began
            return UNAVAILABLE


QUESTIONS = {
    "auth, right": Question(_auth, "OK", "auth", stride=4),
    "auth, revoked": Question(_auth, "FAIL", "auth", "revoked", stride=4),
    "auth, what is written": Question(_auth, "FAIL", "auth", "revoked", stride=1, only="write"),
    "saslauthd, right": Question(_saslauthd, "OK", "auth"),
    "saslauthd, revoked": Question(_saslauthd, "NO", "auth", "revoked"),
    "policy, own sender": Question(_policy, "DUNNO", "policy", more=lambda target: target.mail, stride=29),
    "policy, another's sender": Question(_policy, "550", "policy", more=lambda _: OTHERS_MAIL, stride=29),
    "policy, what is remembered": Question(_policy, "550", "policy", more=lambda _: OTHERS_MAIL, stride=1,
                                           only="calloc"),
    "socketmap, own sender": Question(_socketmap, "own", more=lambda target: target.mail),
    "socketmap, another's sender": Question(_socketmap, "another's", more=lambda _: OTHERS_MAIL),
    # libevent's HTTP ends the process where it gets no memory, so not all that this door calls can fail
    **{f"metrics, {function}": Question(_metrics, stride=1, only=function)
       for function in ("readv", "writev") + (("accept4", "epoll_ctl") if STRIDE else ())},  # those pause for seconds
}
GRANTING = ("OK", "DUNNO")


# ---- sweeps ----

def _revive(target):
    """Start it again if a library has ended it: libldap by assert(3), libevent with a word on its signals."""
    process = target.daemon.process
    if target.faults.given_up() or not process.running() and "[err] evsig_cb: " in process.text()[-200:]:
        target.daemon.process.wait()
        target.faults.forget()
        target.daemon.start()


def _settled(target, asks, expected, fault):
    """A crash never gets there."""
    def as_ever():
        _revive(target)
        return asks() == expected
    wait.until(as_ever, f"as ever behind {fault}: {expected}")


def _sweep(stride, act):
    """act(nth) has the nth call fail, and returns which function that was, or None."""
    nth = 1
    while act(nth) is not None:
        nth += STRIDE or stride
    return nth


def _judge(target, asks, begin, word, question, expected, struck):
    assert word in (expected, UNAVAILABLE), struck
    if question.event and word != UNAVAILABLE and not target.faults.given_up() and struck not in LOG_CALLS:
        result = "granted" if word in GRANTING else "denied"
        if not [event for event in target.daemon.events(begin, question.event) if event.fields["result"] == result]:
            asks()  # how many were dropped is told before the next line
            target.daemon.wait_for(begin, "log_dropped")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_failing_call_of_sendpassd_turns_a_verdict_into_another(question, secrets, faulty):
    def asks():
        return question.word(faulty, secrets)

    expected = question.expected or asks()

    def fail(nth):
        begin = faulty.daemon.mark()
        faulty.faults.arm(nth, ONCE, question.only)
        word = asks()
        struck = faulty.faults.disarm()
        _judge(faulty, asks, begin, word, question, expected, struck)
        _settled(faulty, asks, expected, (struck, nth))
        return struck

    _settled(faulty, asks, expected, "nothing")
    assert _sweep(question.stride, fail) > (1 if question.only else 30), "the injector is not in the way"


def test_no_failing_call_makes_half_a_reload(secrets, faulty):
    """Each turns on or off what the attempts are refused for, and what the log says of it holds."""
    strict = False

    def asks():
        return QUESTIONS["auth, right"].word(faulty, secrets)

    def told(begin):
        names = [event.fields["event"] for event in faulty.daemon.events(begin)]
        return [IN_FORCE[name] for name in names if name in IN_FORCE] or "log_dropped" in names

    def asks_and_is_told(begin, struck):
        """What is not written is the signal or the line, and nobody hears of either."""
        _revive(faulty)
        return asks() != UNAVAILABLE and (told(begin) or struck in LOG_CALLS)

    def fail(nth):
        nonlocal strict
        begin = faulty.daemon.mark()
        faulty.daemon.configure(policy_require_tls="no" if strict else "yes")
        faulty.faults.arm(nth, ONCE)
        faulty.daemon.reload()
        wait.until(lambda: faulty.faults.struck() or told(begin), "the reload")
        struck = faulty.faults.disarm()
        news = wait.until(lambda: asks_and_is_told(begin, struck), f"news of the reload behind {struck, nth}")
        word = asks()
        assert word in ("OK", "FAIL")
        if isinstance(news, list):
            assert (word == "FAIL") == (strict != news[-1]), struck
        strict = word == "FAIL"
        return struck

    faulty.daemon.configure()
    assert _sweep(41, fail) > 100, "the injector is not in the way"
    begin = faulty.daemon.mark()
    faulty.daemon.configure()
    faulty.daemon.reload()
    faulty.daemon.wait_for(begin, "configuration_loaded")


def test_no_failing_call_ends_the_writing_of_last_uses(secrets, faulty, stack):
    dn = f"sendpassId={secrets['right'].replace('-', '')[:8]},{CREDENTIALS}"

    def use():
        """From a network that is new each time, as that is written at once; whether it is."""
        number = next(_numbers)
        address = f"10.{1 + number // 256}.{number % 256}.1"
        word = Question(_auth, more=lambda _: address).word(faulty, secrets)
        assert word in ("OK", UNAVAILABLE)
        return lambda: stack.slapd.root().search(dn)[0].attributes.get("sendpassLastAddress") == [address.encode()]

    def fail(nth):
        faulty.faults.arm(nth, ONCE)
        written = use()
        wait.until(lambda: faulty.faults.struck() or written(), "the last use to be written")
        struck = faulty.faults.disarm()
        _revive(faulty)
        wait.until(use_is_written, f"last uses to be written behind {struck, nth}")
        return struck

    def use_is_written():
        written = use()
        try:
            return wait.until(written, "it", 0.2)
        except wait.TimedOut:
            return False

    assert _sweep(19, fail) > 50, "the injector is not in the way"
