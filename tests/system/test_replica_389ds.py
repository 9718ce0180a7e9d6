# SPDX-License-Identifier: BSD-2-Clause
"""A replica of 389 Directory Server, which got examples/389ds/replica.ldif and nothing else."""
import pytest

from lab import ds389, wait
from lab.entries import EVERYBODY, SOURCE
from lab.site import Site
from lab.slapd import PEOPLE

pytestmark = pytest.mark.live_only("its replica is its own")


@pytest.fixture(name="site")
def _site(stack, lab_directory):
    """389 Directory Server with Content Synchronization, and a sendpassd that follows it."""
    if not ds389.is_there():
        pytest.skip("no 389 Directory Server: install 389-ds-base")
    server = ds389.Ds389(lab_directory / "replica-389ds", EVERYBODY)
    running = Site(stack, "replica-with-389ds", server, directory_owner_active_filter="(!(nsAccountLock=true))")
    running.daemon.follow(server)
    server.prepare()
    try:
        server.start()
        server.root().modify((SOURCE / "examples/389ds/replica.ldif").read_text())
        server.stop()
        server.start_again()
        running.daemon.configure()
        running.daemon.start()
        yield running
    finally:
        running.stop()


def _is(site, credential, reason):
    wait.until(lambda: site.attempt(credential) == reason, f"the reason {reason}")


def test_it_follows_answers_alone_and_catches_up(site):
    site.daemon.wait_for(0, "replica_current")
    credential, other, third = site.tool.issue("dave"), site.tool.issue("alice"), site.tool.issue("bob")
    _is(site, credential, "ok")
    _is(site, third, "ok")
    assert site.attempt(credential._replace(login="alice")) == "wrong_owner"
    site.tool.revoke(credential)
    _is(site, credential, "revoked")
    site.server.root().replace(f"uid=alice,{PEOPLE}", "nsAccountLock", "true")
    _is(site, other, "owner_inactive")
    site.server.root().replace(f"uid=alice,{PEOPLE}", "nsAccountLock", None)
    _is(site, other, "ok")
    begin = site.daemon.mark()
    site.server.stop()
    site.daemon.wait_for(begin, "replica_lost")
    assert site.attempt(other) == "ok"
    assert site.attempt(credential) == "revoked"
    site.server.start_again()
    site.daemon.wait_for(begin, "replica_refresh", stage="end", content="owners")
    site.tool.revoke(other)
    _is(site, other, "revoked")
    assert site.attempt(third) == "ok"
