# SPDX-License-Identifier: BSD-2-Clause
"""A right password is known at its next use: that saves Argon2, and lets in nobody whom the directory does not."""
import re
import signal

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.outcomes import ENDLESS_HASH

class Door:
    """The auth door of one sendpassd, and what it asked its directory."""

    def __init__(self, stack, daemon):
        self.log_of_slapd = stack.slapd.process.log
        self.daemon = daemon

    def attempt(self, credential):
        """One attempt: what sendpassd logged of it."""
        begin = self.daemon.mark()
        with AuthClient(self.daemon.directory / "auth") as client:
            answer = client.plain(credential.login, credential.password)
        fields = self.daemon.wait_for(begin, "auth").fields
        assert (answer == "OK") == (fields["result"] == "granted")
        return fields

    def cost(self, credential):
        """One attempt: what the directory was asked, and what sendpassd logged."""
        begin = self.log_of_slapd.stat().st_size
        fields = self.attempt(credential)
        asked = re.findall(r"conn=\d+ op=\d+ (SRCH base|BIND|CMP|MOD|ADD|DEL)\b",
                           self.log_of_slapd.read_bytes()[begin:].decode(errors="replace"))
        return asked, fields


@pytest.fixture(scope="module")
def cached(stack):
    """A sendpassd with one connection to the directory, and nothing to write there."""
    daemon = stack.daemon("cached")
    daemon.configure(daemon_directory_workers=1, policy_usage_interval="0ms", daemon_cache_size=1000)
    daemon.start()
    yield Door(stack, daemon)
    assert daemon.stop() == 0


def _other_symbol(credential, place):
    """The same password with another symbol, so that the check symbols do not fit."""
    password = credential.password
    return credential._replace(password=password[:place] + ("0" if password[place] != "0" else "1")
                               + password[place + 1:])


def test_a_known_password_costs_two_searches_and_no_argon2(cached, credential):
    assert "cached" not in cached.attempt(credential)
    asked, fields = cached.cost(credential)
    assert asked == ["SRCH base"] * 2
    assert fields["cached"] == "yes"


def test_a_malformed_password_costs_no_search(cached, credential):
    for wrong in (_other_symbol(credential, 10), credential._replace(password="hunter2")):
        asked, fields = cached.cost(wrong)
        assert (asked, fields["reason"]) == ([], "malformed")


def test_a_wrong_one_of_right_form_costs_two_searches(cached, stack, credential):
    gone = stack.tool.issue(credential.login)
    stack.slapd.root().delete(gone.dn)
    asked, fields = cached.cost(gone)
    assert (asked, fields["reason"]) == (["SRCH base"] * 2, "no_credential")


def _restrict(attribute, value):
    return lambda stack, credential, person: stack.slapd.root().replace(credential.dn, attribute, value)


def _rotate(stack, credential, person):
    other = stack.tool.issue(person.login)
    stored = stack.slapd.root().search(other.dn)[0].attributes["sendpassHash"][0]
    stack.slapd.root().replace(credential.dn, "sendpassHash", stored)


# what is done: the reason in the log, and whether the password was still known to be right
ENDS = {
    "revoked": (lambda stack, credential, person: stack.tool.revoke(credential), "revoked", True),
    "suspended": (_restrict("sendpassSuspended", "TRUE"), "suspended", True),
    "expired": (_restrict("sendpassExpires", "20200101000000Z"), "expired", True),
    "not yet valid": (_restrict("sendpassNotBefore", "20990101000000Z"), "not_yet_valid", True),
    "for another service": (_restrict("sendpassService", "imap"), "service_denied", True),
    "for another network": (_restrict("sendpassNetwork", "192.0.2.0/24"), "network_denied", True),
    "with a sender, which nobody holds here": (_restrict("sendpassSender", "*"), "internal", True),
    "not understood": (_restrict("sendpassNetwork", "10.0.0.1/8"), "internal", False),
    "owner disabled": (lambda stack, credential, person: person.disable(), "owner_inactive", True),
    "owner deleted": (lambda stack, credential, person: person.delete(), "wrong_owner", False),
    "deleted": (lambda stack, credential, person: stack.slapd.root().delete(credential.dn), "no_credential", False),
    "hash replaced": (_rotate, "bad_secret", False),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_known_password_is_refused_as_the_directory_says(cached, stack, credential, person, end):
    change, reason, known = ENDS[end]
    cached.attempt(credential)
    assert cached.attempt(credential)["cached"] == "yes"
    change(stack, credential, person)
    fields = cached.attempt(credential)
    assert fields["reason"] == reason
    assert fields.get("cached") == ("yes" if known else None)


def test_a_known_password_is_held_to_caps_that_were_lowered(cached, credential):
    daemon, settings = cached.daemon, {"daemon_directory_workers": 1, "policy_usage_interval": "0ms"}
    cached.attempt(credential)
    for caps, seen in (({"argon2_passes": 1, "argon2_max_passes": 1}, ("internal", None)), ({}, ("ok", "yes"))):
        begin = daemon.mark()
        daemon.configure(**settings, **caps)
        daemon.reload()
        daemon.wait_for(begin, "configuration_loaded")
        fields = cached.attempt(credential)
        assert (fields["reason"], fields.get("cached")) == seen


def test_what_is_known_does_not_wait_for_those_who_guess(stack, person, credential):
    """The one Argon2 slot is busy with a guess for a while, and a right password is answered meanwhile."""
    daemon = stack.daemon("guessed-at")
    daemon.configure(daemon_argon2_slots=1, argon2_max_passes=1000)
    daemon.start()
    door = Door(stack, daemon)
    door.attempt(credential)
    slow = stack.tool.issue(person.login)
    stack.slapd.root().replace(slow.dn, "sendpassHash", ENDLESS_HASH)
    with AuthClient(daemon.directory / "auth") as guesser:
        began = daemon.processor_time()
        guesser.begin_plain(1, slow.login, slow.password)
        wait.until(lambda: daemon.processor_time() > began + 5, "Argon2 to be under way")
        fields = door.attempt(credential)
    assert (fields["reason"], fields["cached"], fields["id"]) == ("ok", "yes", credential.id)
    daemon.process.signal(signal.SIGKILL)
    daemon.process.wait()


@pytest.fixture
def locking(stack):
    """For tests that need locked memory."""
    if stack.sanitizer.active:
        pytest.skip("AddressSanitizer lets no program lock memory")


def _locked_kib(daemon):
    status = (daemon.process.pid_directory() / "status").read_text()
    return int(re.search(r"^VmLck:\s+(\d+) kB", status, re.MULTILINE)[1])


@pytest.mark.usefixtures("locking")
@pytest.mark.parametrize("size, least", [(0, 0), (65536, 1536)])
def test_its_size_is_bounded_and_locked(stack, credential, size, least):
    daemon = stack.daemon(f"cache-of-{size}")
    daemon.configure(daemon_cache_size=size)
    daemon.start()
    door = Door(stack, daemon)
    try:
        assert least <= _locked_kib(daemon) <= least + 64
        for known in (False, size > 0):
            assert ("cached" in door.attempt(credential)) == known
    finally:
        assert daemon.stop() == 0


@pytest.mark.usefixtures("locking")
def test_it_says_once_that_it_may_not_lock(stack, credential):
    daemon = stack.daemon("unlocked")
    daemon.configure()
    limited = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", "prlimit", "--memlock=65536"]
    daemon.process.command = [*limited, *daemon.process.command]
    daemon.start()
    try:
        door = Door(stack, daemon)
        assert ["cached" in door.attempt(credential) for _ in range(2)] == [False, True]
        assert len(daemon.events(0, "cache_not_locked")) == 1
    finally:
        assert daemon.stop() == 0
