# SPDX-License-Identifier: BSD-2-Clause
"""Two OpenLDAP servers that take changes both: nobody who logs in notices that one of them is gone."""
import threading
from contextlib import contextmanager

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.providers import Providers
from lab.site import Site

pytestmark = pytest.mark.live_only("its replica is its own")
# For each client, before the outage and within it.
LOGINS = 50


@pytest.fixture(scope="module", name="pair")
def _pair(stack, lab_directory):
    providers = Providers(lab_directory, stack.certificate)
    try:
        providers.start()
        yield providers
    finally:
        providers.stop()


def _site(stack, pair, name, addresses):
    return Site(stack, name, pair.first, ldap_uri=addresses, ldap_tls_ca_file=stack.certificate.certificate,
                directory_owner_active_filter="(objectClass=inetOrgPerson)",
                daemon_attempt_timeout="9s")  # the machine may be busy: how long it takes is not judged


@pytest.fixture(scope="module", name="sites")
def _sites(stack, pair):
    """sendpassd that asks the directory, and one with a replica; both have both servers."""
    live = _site(stack, pair, "providers-live", pair.addresses)
    replica = _site(stack, pair, "providers-replica", pair.addresses)
    replica.daemon.follow(pair.first)
    for site in (live, replica):
        site.daemon.configure()
        site.daemon.start()
    replica.daemon.wait_for(0, "replica_current")
    yield live, replica
    for site in (live, replica):
        assert site.daemon.stop() == 0


@pytest.fixture(name="at_second")
def _at_second(stack, pair):
    """The tool of a host whose only server is the second one."""
    site = _site(stack, pair, "providers-second", pair.second.address)
    site.daemon.configure()
    return site.tool


class _Client(threading.Thread):
    """Logs in again and again, each time after the answer."""

    def __init__(self, site, credential, ended):
        super().__init__()
        self.site = site
        self.credential = credential
        self.ended = ended
        self.answers = []

    def run(self):
        with AuthClient(self.site.auth) as client:
            while not self.ended.is_set():
                self.answers.append(client.plain(self.credential.login, self.credential.password,
                                                 len(self.answers) + 1))


@contextmanager
def _load(sites, credential):
    """Two clients at each sendpassd."""
    ended = threading.Event()
    clients = [_Client(site, credential, ended) for site in sites for _ in range(2)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        ended.set()
        for client in clients:
            client.join()


def _more_logins(clients):
    before = [len(client.answers) for client in clients]
    wait.until(lambda: all(len(client.answers) >= count + LOGINS for client, count in zip(clients, before)),
               "more logins")


def _are(sites, credential, reason):
    for site in sites:
        wait.until(lambda site=site: site.attempt(credential) == reason, f"the reason {reason}")


@pytest.mark.parametrize("outage", ("killed", "frozen"))
def test_a_server_that_is_lost_under_load_is_noticed_by_nobody(outage, pair, sites):
    credential = sites[0].tool.issue("alice")
    _are(sites, credential, "ok")
    with _load(sites, credential) as clients:
        _more_logins(clients)
        pair.first.kill() if outage == "killed" else pair.first.process.freeze()
        try:
            _more_logins(clients)
        finally:
            pair.first.start_again() if outage == "killed" else pair.first.process.thaw()
        _more_logins(clients)
    assert {answer for client in clients for answer in client.answers} == {"OK"}
    pair.agree()


def test_a_revocation_at_one_is_seen_through_the_other(sites, at_second):
    credential = at_second.issue("alice")
    _are(sites, credential, "ok")
    at_second.run("revoke", credential.id, "--yes")
    _are(sites, credential, "revoked")


def test_what_is_revoked_while_one_is_down_is_not_let_in_by_it_later(pair, sites):
    tool = sites[0].tool
    revoked, kept = tool.issue("alice"), tool.issue("bob")
    _are(sites, revoked, "ok")
    pair.first.kill()
    tool.run("revoke", revoked.id, "--yes")
    _are(sites, revoked, "revoked")
    pair.first.start_again()
    pair.agree()
    pair.second.kill()
    try:
        _are(sites, kept, "ok")
        _are(sites, revoked, "revoked")
    finally:
        pair.second.start_again()
    pair.agree()
