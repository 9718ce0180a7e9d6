# SPDX-License-Identifier: BSD-2-Clause
"""The rules of examples/openldap, in both forms, and of examples/389ds, on real servers: identities x operations."""
import time

import ldap
import pytest

from lab import ds389, wait
from lab.access import REFUSALS, Server, may
from lab.access_table import (
    ALICE, CHANGES, DAVE, DEPARTMENTS_OWN, HERS, HIS, IDENTITIES, ISSUES, OTHER_CHANGES, SALES, USAGE, VALUES,
    VIEWS, expected)
from lab.entries import EVERYBODY
from lab.slapd import CREDENTIALS, DEPARTMENTS, PEOPLE, SERVICES, SUFFIX, Slapd
from lab.slapd_config import SlapdConfig

NEW = f"sendpassId=newid000,{CREDENTIALS}"


def _openldap_conf(directory, stack):
    return Server(Slapd(directory, stack.certificate, EVERYBODY), True)


def _openldap_config(directory, _stack):
    return Server(SlapdConfig(directory, EVERYBODY), True)


def _ds389(directory, _stack):
    if not ds389.is_there():
        pytest.skip("no 389 Directory Server: install 389-ds-base")
    return Server(ds389.Ds389(directory, EVERYBODY), False)


SERVERS = {"acl.conf": _openldap_conf, "acl.ldif": _openldap_config, "389ds": _ds389}


@pytest.fixture(scope="module", params=SERVERS)
def server(request, stack, lab_directory):
    """Each server in turn, with a credential of alice's and one of a department's."""
    running = SERVERS[request.param](lab_directory / f"rules-{request.param}", stack)
    running.server.prepare()
    try:
        running.server.start()
        running.create(HERS, ALICE, VALUES)
        running.create(DEPARTMENTS_OWN, SALES, VALUES)
        yield running
    finally:
        running.server.stop()


@pytest.fixture
def his(server):
    """A function that makes dave's credential anew."""
    def make(attributes=None):
        server.remove(HIS)
        server.create(HIS, DAVE, attributes)
    yield make
    server.remove(HIS)


@pytest.mark.parametrize("what", ISSUES)
def test_each_issues_what_is_theirs_to_issue(server, what):
    owner, attributes, who = ISSUES[what]
    outcome = {}
    for identity in IDENTITIES:
        outcome[identity] = may(lambda: server.create(NEW, owner, attributes, by=identity))
        server.remove(NEW)
    assert outcome == expected(who, server.openldap)


@pytest.mark.parametrize("dn", [
    f"sendpassId=newid000+sendpassLabel=x,{CREDENTIALS}", f"sendpassId=newid000,{HERS}", f"sendpassId=newid000,{DAVE}"],
    ids=["a name of two parts", "below another", "below a person"])
def test_nobody_issues_at_another_place(server, dn):
    for identity in set(IDENTITIES) - {"admin"}:
        assert not may(lambda: server.create(dn, DAVE, {"sendpassLabel": "x"}, by=identity)), identity
    assert server.sees("root", dn) == {}


@pytest.mark.parametrize("what", CHANGES)
def test_each_changes_what_is_theirs_to_change(server, his, what):
    attributes, changes, who = CHANGES[what]
    outcome = {}
    for identity in IDENTITIES:
        if not outcome or True in outcome.values():
            his(attributes)
        outcome[identity] = may(lambda: server.change(HIS, changes, identity))
    assert outcome == expected(who, server.openldap)


@pytest.mark.parametrize("what", OTHER_CHANGES)
def test_nobody_changes_anything_else(server, what):
    dn, change = OTHER_CHANGES[what]
    for identity in IDENTITIES:
        assert not may(lambda: server.change(dn, [change], identity)), identity


@pytest.mark.parametrize("what, do", [
    ("delete", lambda connection: connection.delete_s(HIS)),
    ("rename", lambda connection: connection.rename_s(HIS, "sendpassId=newid000", delold=1)),
])
def test_only_the_admin_deletes_and_renames(server, his, what, do):
    for identity in IDENTITIES:
        his()
        assert may(lambda: do(server.as_(identity))) == (identity == "admin"), identity
        server.remove(NEW)


@pytest.mark.parametrize("what", VIEWS)
def test_each_sees_what_they_need(server, his, what):
    dn, attribute, who = VIEWS[what]
    his(VALUES)
    outcome = {}
    for identity in IDENTITIES:
        views = [server.sees(identity, dn, names).get(dn, {}) for names in ([attribute], ["*", "+"])]
        assert attribute in views[0] or attribute not in views[1]
        outcome[identity] = attribute in views[0]
    assert outcome == expected(who, server.openldap)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_hashes_cannot_be_guessed_by_asking(server, his, identity):
    his()
    reads = identity == "verifier"
    for search_filter in ("(sendpassHash=*)", "(sendpassHash=x)", "(!(sendpassHash=y))"):
        found = server.sees(identity, CREDENTIALS, ["sendpassId"], search_filter, ldap.SCOPE_SUBTREE)
        assert (HIS in found) == reads, search_filter
    try:
        assert server.as_(identity).compare_s(HIS, "sendpassHash", b"x") == reads
    except (ldap.NO_SUCH_OBJECT, *REFUSALS):
        assert not reads


def test_each_lists_the_credentials_that_they_manage(server, his):
    his()
    everybodys = {HIS, HERS, DEPARTMENTS_OWN}
    theirs = {
        "owner": {HIS}, "another": {HERS}, "manager": {HIS, DEPARTMENTS_OWN} if server.openldap else {DEPARTMENTS_OWN},
        "helpdesk": everybodys, "auditor": everybodys, "verifier": everybodys, "admin": everybodys, "anonymous": set()}
    listed = {identity: set(server.sees(identity, CREDENTIALS, None, "(objectClass=sendpassCredential)",
                                        ldap.SCOPE_SUBTREE)) for identity in IDENTITIES}
    assert listed == theirs


@pytest.mark.parametrize("attribute", sorted(set(VALUES) - {"sendpassLabel", "sendpassSuspended"}))
def test_only_the_admin_or_for_usage_the_verifier_takes_back(server, his, attribute):
    whose = "verifier" if attribute in USAGE else "admin"
    value = VALUES[attribute]
    for operation, value in (("replace", value), ("delete", value), ("delete", None)):
        for identity in IDENTITIES:
            if identity == whose and attribute in ("sendpassHash", "owner"):
                continue  # which must remain
            his(VALUES)
            assert may(lambda: server.change(HIS, [(operation, attribute, value)], identity)) == (identity == whose)


MAKERS = {f"sendpassId=made{maker},{CREDENTIALS}": maker for maker in ("owner", "manager", "admin")}
WIDER = [("add", "sendpassNetwork", "198.51.100.0/24"), ("add", "sendpassService", "sieve")]


@pytest.fixture
def made(server):
    """The name of a credential of dave's that each of MAKERS has made, with a network and a service."""
    if not server.openldap:
        pytest.skip("owners issue nothing there")
    for dn, maker in MAKERS.items():
        server.create(dn, DAVE, {"sendpassNetwork": "192.0.2.0/24", "sendpassService": "smtp"}, by=maker)
    yield
    for dn in MAKERS:
        server.remove(dn)


@pytest.mark.usefixtures("made")
def test_only_its_maker_widens_a_credential_that_is_new(server):
    for dn, maker in MAKERS.items():
        for identity in set(IDENTITIES) - {"admin"}:
            assert not may(lambda: server.change(dn, [("delete", "sendpassNetwork", "192.0.2.0/24")], identity))
            for change in WIDER:
                assert may(lambda: server.change(dn, [change], identity)) == (identity == maker)


@pytest.mark.usefixtures("made")
def test_nobody_widens_what_an_admin_narrowed(server):
    """Not even after a change of their own."""
    second = int(time.time())
    wait.until(lambda: int(time.time()) > second, "another second: timestamps have no smaller parts")
    for dn in MAKERS:
        server.change(dn, [("replace", "sendpassNetwork", "192.0.2.1/32")], "admin")
        for identity in set(IDENTITIES) - {"admin"}:
            may(lambda: server.change(dn, [("replace", "sendpassLabel", "mine")], identity))
            for change in WIDER:
                assert not may(lambda: server.change(dn, [change], identity)), (dn, identity)


def test_the_verifier_reads_what_it_needs_of_an_owner_and_no_more(server):
    seen = server.sees("verifier", SUFFIX, ["*", "userPassword"], scope=ldap.SCOPE_SUBTREE)
    owners = {dn: set(entry) for dn, entry in seen.items() if dn.endswith((f",{PEOPLE}", f",{DEPARTMENTS}"))}
    assert {DAVE, ALICE, SALES} <= set(owners)
    for dn, attributes in owners.items():
        assert attributes <= {"objectClass", "uid", "mail"}, dn


@pytest.mark.parametrize("identity", IDENTITIES)
def test_nobody_sees_a_service_account_but_itself(server, identity):
    seen = server.sees(identity, SERVICES, ["*", "userPassword"], scope=ldap.SCOPE_SUBTREE)
    assert {dn for dn, entry in seen.items() if entry} <= {IDENTITIES[identity]}
    assert all("userPassword" not in entry for entry in seen.values())


def test_strangers_see_nothing(server):
    assert server.sees("anonymous", SUFFIX, scope=ldap.SCOPE_SUBTREE) == {}


def test_all_are_listed_however_many(server):
    """More than slapd's usual limit of 500."""
    many = [f"sendpassId=many{number:04},{CREDENTIALS}" for number in range(520)]
    for dn in many:
        server.create(dn, SALES)
    try:
        for identity in ("helpdesk", "auditor", "admin"):
            found = server.sees(identity, CREDENTIALS, ["1.1"], "(owner=*)", ldap.SCOPE_SUBTREE)
            assert set(many) <= set(found)
    finally:
        for dn in many:
            server.remove(dn)
