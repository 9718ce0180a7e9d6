# SPDX-License-Identifier: BSD-2-Clause
"""Between sendpassd and its directory: answers that are cut, swallowed or come too slowly, and StartTLS taken away."""
import time

import pytest

from lab import ports, wait
from lab.auth_client import AuthClient
from lab.bad_network import ILLS, BadNetwork
from lab.slapd import SERVICES

pytestmark = pytest.mark.live_only("a replica outlasts a bad network")
ANSWERED_WITHIN = 5.0 + 5.0  # attempt_timeout, and what a busy machine may add
SPARED = {"at once": 0, "within a record's head": 3, "within a message": 30}
PROTOCOL_ERROR, SUCCESS = 2, 0


@pytest.fixture(scope="module")
def network(stack):
    """To slapd."""
    with BadNetwork(stack.slapd.port) as bad:
        yield bad


@pytest.fixture(scope="module", params=("StartTLS", "in the clear"))
def daemon(request, stack, network):
    """A sendpassd behind it, with little patience."""
    secure = request.param == "StartTLS"
    own = stack.daemon("bad-network")
    own.configure(
        ldap_uri=f"ldap://{ports.HOST}:{network.port}", ldap_tls_ca_file=stack.certificate.certificate,
        ldap_timeout="300ms", ldap_connect_timeout="300ms", ldap_retry_after="50ms", argon2_memory=8, argon2_passes=1,
        daemon_directory_workers=2, **({} if secure else {"ldap_plaintext": "insecure", "ldap_starttls": "no"}))
    own.start()
    yield own
    network.heal()
    own.stop()


def _attempt(daemon, credential, password=None):
    with AuthClient(daemon.directory / "auth") as client:
        return client.plain(credential.login, password or credential.password)


@pytest.mark.parametrize("spared", SPARED)
@pytest.mark.parametrize("ill", ILLS)
def test_an_ill_network_is_no_verdict_and_no_end(ill, spared, daemon, network, credential):
    wait.until(lambda: _attempt(daemon, credential) == "OK", "the directory to be reached")
    begin, begun = daemon.mark(), time.monotonic()
    network.fall_ill(ill, lambda _: SPARED[spared])
    try:
        # more than there are workers: none may be left behind
        answers = [_attempt(daemon, credential) for _ in range(3)]
        assert time.monotonic() - begun < 3 * ANSWERED_WITHIN
    finally:
        network.heal()
    assert set(answers) <= {""}
    assert all(event.fields["reason"] in ("directory_down", "directory_timeout")
               for event in daemon.events(begin, "auth"))
    assert len(daemon.events(begin, "auth")) == len(answers)
    wait.until(lambda: _attempt(daemon, credential) == "OK", "the end of the outage")


@pytest.mark.parametrize("code", (PROTOCOL_ERROR, SUCCESS))
def test_nothing_is_told_to_who_takes_starttls_away(code, stack, credential):
    with BadNetwork(stack.slapd.port, starttls_code=code) as network:
        own = stack.daemon("stripped")
        own.configure(ldap_uri=f"ldap://{ports.HOST}:{network.port}",
                      ldap_tls_ca_file=stack.certificate.certificate)
        own.start()
        begin = own.mark()
        assert _attempt(own, credential) == ""
        own.wait_for(begin, "auth", reason="directory_down")
        own.stop()
    assert network.said
    for secret in (SERVICES, stack.slapd.password("verifier"), credential.login):
        assert secret.encode() not in network.said
