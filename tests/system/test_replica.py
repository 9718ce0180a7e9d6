# SPDX-License-Identifier: BSD-2-Clause
"""A replica answers while the directory is there and while it is not, and never longer than it may."""
import shutil
import signal
import subprocess
import time

import pytest

from lab import wait
from lab.doors import frozen, stopped
from lab.entries import SOURCE
from lab.site import Site
from lab.slapd import CREDENTIALS, PEOPLE, SERVICES, Slapd

pytestmark = pytest.mark.live_only("its replicas are its own")
RULES = f"""include {SOURCE}/examples/openldap/replica.conf
access to attrs=description
	by dn.exact="cn=verifier,{SERVICES}" search
	by * break
access to attrs=facsimileTelephoneNumber
	by dn.exact="cn=verifier,{SERVICES}" read
	by * break"""
# What another directory has otherwise in the same entries
OF_ONE_DIRECTORY = ("entryUUID:", "entryCSN:", "contextCSN:")


@pytest.fixture(scope="module")
def site(stack, lab_directory):
    """slapd with syncprov, and a sendpassd that follows it."""
    server = Slapd(lab_directory / "replica-openldap", stack.certificate, modules="moduleload syncprov",
                   rules=RULES)
    running = Site(stack, "replica", server)
    running.daemon.follow(server)
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


def _kill(server):
    server.process.signal(signal.SIGKILL)
    server.process.wait()


@pytest.mark.parametrize("during", [frozen, stopped], ids=["frozen", "stopped"])
def test_all_right_passwords_are_accepted_while_slapd_does_not_answer(site, during):
    credentials = [site.tool.issue(login) for login in ("alice", "bob", "alice")]
    _is(site, credentials[-1], "ok")
    begin = site.daemon.mark()
    with during(site.server):
        site.daemon.wait_for(begin, "replica_lost")
        assert [site.attempt(credential) for credential in credentials] == ["ok"] * 3
        assert site.attempt(credentials[0]._replace(login="bob")) == "wrong_owner"
    site.tool.revoke(credentials[0])
    _is(site, credentials[0], "revoked")
    assert site.attempt(credentials[1]) == "ok"


def test_both_killed_it_comes_back_alone_with_what_it_had(site):
    credential, revoked = site.tool.issue("alice"), site.tool.issue("alice")
    site.tool.revoke(revoked)
    _is(site, revoked, "revoked")
    _kill(site.server)
    _kill(site.daemon)
    site.daemon.start()
    assert site.attempt(credential) == "ok"
    assert site.attempt(revoked) == "revoked"
    site.server.start()
    site.tool.revoke(credential)
    _is(site, credential, "revoked")


def test_on_a_full_disk_it_grows_old_and_nothing_is_let_in_that_is_too_old(site, small_disk):
    credential, other = site.tool.issue("alice"), site.tool.issue("bob")
    try:
        site.daemon.stop()
        site.daemon.configure(daemon_state_directory=small_disk.path, directory_replica_max_age="2s")
        site.daemon.start()
        _is(site, credential, "ok")
        begin = site.daemon.mark()
        small_disk.fill()
        # more than the pages that are free in the file
        site.server.root().replace(f"sendpassId={credential.id},{CREDENTIALS}", "sendpassLabel", "x" * 20000)
        site.tool.revoke(credential)
        site.daemon.wait_for(begin, "replica_store_failed")
        _is(site, credential, "directory_down")
        assert site.attempt(credential) == site.attempt(other) == "directory_down"
        small_disk.make_room()
        _is(site, other, "ok")
        assert site.attempt(credential) == "revoked"
    finally:
        site.daemon.stop()
        site.daemon.configure()
        site.daemon.start()


def _replace(server, without):
    """Another slapd in the place of this one: the same entries, but for some."""
    server.stop()
    database = server.directory / "db"
    entries = subprocess.run(["slapcat", "-o", "ldif-wrap=no", "-f", server.configuration], capture_output=True,
                             text=True, check=True).stdout.split("\n\n")
    kept = ["\n".join(line for line in entry.splitlines() if not line.startswith(OF_ONE_DIRECTORY))
            for entry in entries if not without(entry.partition("\n")[0])]
    shutil.rmtree(database)
    database.mkdir()
    subprocess.run(["slapadd", "-q", "-f", server.configuration], input="\n\n".join(kept), text=True, check=True)
    server.start()


def test_another_directory_in_its_place_is_fetched_whole_and_what_it_lacks_is_refused(site):
    kept, lacking = site.tool.issue("alice"), site.tool.issue("alice")
    _is(site, lacking, "ok")
    begin = site.daemon.mark()
    _replace(site.server, lambda dn: lacking.id in dn)
    site.daemon.wait_for(begin, "replica_refresh", stage="end", content="credentials", **{"from": "nothing"})
    assert site.daemon.events(begin, "replica_refresh")[0].fields["reason"] == "other_directory"
    assert site.attempt(lacking) == "no_credential"
    assert site.attempt(kept) == "ok"


def test_a_directory_without_any_app_password_in_its_place_is_refused(site):
    credential = site.tool.issue("alice")
    _is(site, credential, "ok")
    begin = site.daemon.mark()
    _replace(site.server, lambda dn: "sendpassId=" in dn)
    site.daemon.wait_for(begin, "replica_refused", content="credentials")
    assert site.attempt(credential) == "ok"
    another = site.tool.issue("bob")
    _is(site, another, "ok")
    assert site.attempt(credential) == "no_credential"


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
    # On a busy machine the next word of the server may be two seconds away, too.
    _is(site, credential, "ok")


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
