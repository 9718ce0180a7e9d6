# SPDX-License-Identifier: BSD-2-Clause
"""The wall clock is set by hours while sendpassd runs: it decides about what is valid when, and about nothing else."""
import time

import pytest

from lab import ports, wait
from lab.auth_client import AuthClient
from lab.bad_network import BLACK_HOLE, BadNetwork, first_message
from lab.doors import frozen
from lab.faults import Faults
from lab.policy_client import PolicyClient
from lab.site import Site
from lab.slapd import Slapd
from lab.target import Target

pytestmark = pytest.mark.live_only("it has a site with a replica")
HOUR = 3600
JUMPS = pytest.mark.parametrize("jump", (6 * HOUR, -6 * HOUR), ids=("forward", "back"))
HELD = 2  # seconds that rate and throttle hold somebody up
DEADLINE = 5.0  # attempt_timeout


def _skip_with_sanitizer(stack):
    if stack.sanitizer.active:
        pytest.skip("AddressSanitizer wants to be loaded before what sets the clock")


@pytest.fixture(scope="module")
def network(stack):
    """To slapd."""
    with BadNetwork(stack.slapd.port) as bad:
        yield bad


@pytest.fixture(scope="module")
def daemon(stack, network):
    """A sendpassd whose clock a test can set, behind that network."""
    _skip_with_sanitizer(stack)
    target = Target(stack, "clock", policy_throttle_exempt="127.0.0.0/8",
                    policy_throttle_login=2, policy_throttle_period=f"{HELD}s",
                    ldap_uri=f"ldap://{ports.HOST}:{network.port}", ldap_plaintext="insecure", ldap_starttls="no",
                    ldap_timeout="300ms", ldap_connect_timeout="300ms", ldap_retry_after="50ms")
    own = target.daemon
    own.settings["daemon", "policy"] = [f"{own.directory}/policy 0600 root root"]
    own.configure()
    own.faults = Faults(own, stack)
    own.start()
    yield own
    own.stop()


@pytest.fixture(autouse=True)
def _right_again(request):
    yield
    for name in ("daemon", "replicated"):
        if name in request.fixturenames:
            getattr(request.getfixturevalue(name), "daemon", request.getfixturevalue(name)).faults.set_clock(0)


def _attempt(daemon, credential, address="127.0.0.1", password=None):
    with AuthClient(daemon.directory / "auth") as client:
        return client.plain(credential.login, password or credential.password, address=address)


def _reason(daemon, credential):
    begin = daemon.mark()
    answer = _attempt(daemon, credential)
    reason = daemon.wait_for(begin, "auth").fields["reason"]
    assert (answer == "OK") == (reason == "ok")
    return reason


def _in(seconds):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))


def test_what_is_valid_goes_by_the_clock_whichever_way_it_is_set(daemon, stack, credential):
    root = stack.slapd.root()
    root.replace(credential.dn, "sendpassNotBefore", _in(-HOUR))
    root.replace(credential.dn, "sendpassExpires", _in(HOUR))
    for jump, reason in ((0, "ok"), (2 * HOUR, "expired"), (0, "ok"), (-2 * HOUR, "not_yet_valid"), (0, "ok")):
        daemon.faults.set_clock(jump)
        assert _reason(daemon, credential) == reason


def test_no_clock_takes_a_revocation_back(daemon, stack, credential):
    assert _reason(daemon, credential) == "ok"
    stack.slapd.root().replace(credential.dn, "sendpassRevoked", _in(0))
    for jump in (0, -48 * HOUR, 48 * HOUR):
        daemon.faults.set_clock(jump)
        assert _reason(daemon, credential) == "revoked"


def _sends(daemon, credential):
    with PolicyClient(daemon.directory / "policy") as client:
        action = client.ask(client_address="127.0.0.1", sasl_username=credential.login, protocol_state="RCPT",
                            sender=f"{credential.login}@example.org", recipient="a@example.net",
                            instance=str(time.monotonic()))
    assert action == "DUNNO" or "too much" in action, action
    return action == "DUNNO"


@JUMPS
def test_rate_and_throttle_hold_as_long_as_ever(jump, daemon, stack, person):
    credential = stack.tool.issue(person.login, "--rate", f"1/{HELD}s")
    address = "192.0.2.7"
    assert _attempt(daemon, credential) == "OK"
    begun = time.monotonic()
    assert [_attempt(daemon, credential, address, f"guess {number}") for number in range(2)] == ["FAIL"] * 2
    assert _sends(daemon, credential)
    daemon.faults.set_clock(jump)
    held = [_attempt(daemon, credential, address) == "", not _sends(daemon, credential)]
    assert all(held) or time.monotonic() - begun > HELD
    wait.until(lambda: _attempt(daemon, credential, address) == "OK", "the end of the throttle")
    wait.until(lambda: _sends(daemon, credential), "the rate to come free")


@JUMPS
def test_a_clock_that_is_set_within_an_attempt_leaves_it_its_deadline(jump, daemon, network, credential):
    """The one worker is amidst an answer that never ends. libldap counts by that clock."""
    def set_clock(data):
        daemon.faults.set_clock(jump)
        return first_message(data)

    assert _attempt(daemon, credential) == "OK"
    network.fall_ill(BLACK_HOLE, set_clock)
    assert _attempt(daemon, credential) == ""
    network.heal()
    assert daemon.faults.clock() == jump
    wait.until(lambda: _attempt(daemon, credential) == "OK", "the worker to be free", DEADLINE)


@pytest.fixture(scope="module")
def replicated(stack, lab_directory):
    """A sendpassd with a replica, whose clock a test can set."""
    _skip_with_sanitizer(stack)
    server = Slapd(lab_directory / "clock-slapd", stack.certificate)
    site = Site(stack, "clock-replica", server, directory_replica_max_age="2h", ldap_retry_after="100ms",
                ldap_timeout="1s")
    server.be_followed(site.daemon)
    site.daemon.faults = Faults(site.daemon, stack)
    site.start()
    yield site
    site.stop()


@JUMPS
def test_a_replica_is_too_old_only_until_the_next_contact(jump, replicated):
    credential = replicated.tool.issue("alice")
    begin = replicated.daemon.mark()
    replicated.daemon.faults.set_clock(jump)
    wait.until(lambda: replicated.attempt(credential) == "ok", "the next contact")
    revoked = replicated.tool.issue("alice")
    replicated.tool.revoke(revoked)
    assert replicated.attempt(revoked) == "revoked"
    assert not replicated.daemon.events(begin, "replica_store_reset")


def test_a_replica_is_never_younger_than_the_clock_says(replicated):
    credential = replicated.tool.issue("alice")
    faults = replicated.daemon.faults
    wait.until(lambda: replicated.attempt(credential) == "ok", "the next contact")
    with frozen(replicated.server):
        for jump, reason in ((HOUR, "ok"), (3 * HOUR, "directory_down"), (0, "ok"), (-3 * HOUR, "ok")):
            faults.set_clock(jump)
            assert replicated.attempt(credential) == reason
        faults.set_clock(3 * HOUR)
    wait.until(lambda: replicated.attempt(credential) == "ok", "the next contact")
