# SPDX-License-Identifier: BSD-2-Clause
"""A replica answers while the directory is there and while it is not, and never longer than it may."""
import shutil
import time

import pytest

from lab import wait
from lab.entries import SOURCE
from lab.site import Site
from lab.slapd import CREDENTIALS, PEOPLE, SERVICES, Slapd


RULES = f"""include {SOURCE}/examples/openldap/replica.conf
access to attrs=description
	by dn.exact="cn=verifier,{SERVICES}" search
	by * break
access to attrs=facsimileTelephoneNumber
	by dn.exact="cn=verifier,{SERVICES}" read
	by * break"""


@pytest.fixture(scope="module")
def site(stack, lab_directory):
    """slapd with syncprov, and a sendpassd that follows it."""
    server = Slapd(lab_directory / "replica-openldap", stack.certificate, modules="moduleload syncprov",
                   rules=RULES)
    running = Site(stack, "replica", server, directory_mode="replica")
    state = lab_directory / "replica-state"
    state.mkdir(mode=0o700)
    shutil.chown(state, "nobody")
    running.daemon.settings[("daemon", "state_directory")] = str(state)
    running.start()
    running.daemon.wait_for(0, "replica_current")
    yield running
    running.stop()


def _is(site, credential, reason):
    wait.until(lambda: site.attempt(credential) == reason, f"the reason {reason}")


def test_what_the_directory_says_is_known_at_once(site):
    credential = site.tool.issue("alice")
    _is(site, credential, "ok")
    assert site.attempt(credential._replace(login="bob")) == "wrong_owner"
    begun = time.monotonic()
    site.tool.revoke(credential)
    _is(site, credential, "revoked")
    assert time.monotonic() - begun < 2


def test_what_is_suspended_is_refused_within_a_second_each_time(site):
    credential = site.tool.issue("alice")
    dn = f"sendpassId={credential.id},{CREDENTIALS}"
    root = site.server.root()
    for _ in range(10):
        for value, reason in (("FALSE", "ok"), ("TRUE", "suspended")):
            root.replace(dn, "sendpassSuspended", value)
            begun = time.monotonic()
            _is(site, credential, reason)
            assert time.monotonic() - begun < 1


def test_it_answers_without_the_directory_and_over_a_restart_until_it_is_too_old(site):
    credential, other = site.tool.issue("alice"), site.tool.issue("bob")
    _is(site, other, "ok")
    site.server.stop()
    assert site.attempt(credential) == "ok"
    site.daemon.stop()
    site.daemon.start()
    assert site.attempt(credential) == "ok"
    assert site.attempt(credential._replace(login="nobody")) == "wrong_owner"
    site.daemon.stop()
    site.daemon.configure(directory_replica_max_age="2s")
    begin = site.daemon.mark()
    site.daemon.start()
    site.daemon.wait_for(begin, "replica_stale")
    assert site.attempt(credential) == "directory_down"
    site.server.start()
    site.daemon.wait_for(begin, "replica_current")
    assert site.attempt(credential) == "ok"


def test_a_replica_that_was_never_whole_lets_nobody_in(site):
    credential = site.tool.issue("alice")
    site.daemon.stop()
    begin = site.daemon.mark()
    site.daemon.configure(directory_owner_base=PEOPLE)
    site.server.stop()
    site.daemon.start()
    assert site.daemon.events(begin, "replica_store_reset")
    assert site.attempt(credential) == "directory_down"
    site.server.start()
    site.daemon.wait_for(begin, "replica_current")
    assert site.attempt(credential) == "ok"


@pytest.mark.parametrize("attribute", ["departmentNumber", "description", "fax"])
def test_what_the_server_hides_does_not_make_an_owner_active(site, attribute):
    """A filter for what is absent: to the account of [ldap], which may not read it, it is absent of everybody.

    departmentNumber it may not even ask for; description it may; and fax is sent by another name."""
    credential = site.tool.issue("alice")
    for name in ("description", "facsimileTelephoneNumber"):
        site.server.root().replace(f"uid=alice,{PEOPLE}", name, "left")
    site.daemon.stop()
    begin = site.daemon.mark()
    site.daemon.configure(directory_owner_active_filter=f"(!({attribute}=*))")
    site.daemon.start()
    refused = site.daemon.wait_for(begin, "replica_refused", content="owners")
    assert attribute in refused.fields["error"]
    assert site.attempt(credential) == "directory_down"


@pytest.mark.parametrize("setting, value", [
    ("owner_filter", "(uid=%u*)"),
    ("owner_filter", "(carLicense=%u)"),
    ("owner_active_filter", "(!(userAccountControl:1.2.840.113556.1.4.803:=2))"),
])
def test_a_filter_that_only_a_server_can_judge_is_refused(site, setting, value):
    begin = site.daemon.mark()
    site.daemon.configure(**{f"directory_{setting}": value})
    site.daemon.reload()
    refused = site.daemon.wait_for(begin, "configuration_refused")
    assert f"directory.{setting} cannot go with a replica" in refused.fields["message"]
