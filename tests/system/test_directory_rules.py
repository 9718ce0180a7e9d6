# SPDX-License-Identifier: BSD-2-Clause
"""The rules of examples/openldap, on a real slapd."""
import pytest

from lab.ldap import INSUFFICIENT_ACCESS, Ldap
from lab.slapd import CREDENTIALS, DEPARTMENTS, PEOPLE, SERVICES, SUFFIX

USAGE = {
    "sendpassLastUsed": "20260101000000Z",
    "sendpassLastAddress": "192.0.2.1",
    "sendpassLastService": "smtp",
}
OTHERS = {
    "sendpassHash": "x",
    "sendpassLabel": "x",
    "sendpassLogin": "x",
    "sendpassService": "smtp",
    "sendpassNetwork": "192.0.2.0/24",
    "sendpassSender": "*",
    "sendpassRate": "1/1h",
    "sendpassNotBefore": "20260101000000Z",
    "sendpassExpires": "20990101000000Z",
    "sendpassSuspended": "FALSE",
    "sendpassRevoked": "20260101000000Z",
    "sendpassRevokedReason": "x",
    "sendpassImported": "TRUE",
    "sendpassReplaces": "x",
    "owner": f"uid=alice,{PEOPLE}",
}


def _change(dn, attribute, value):
    return f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"


@pytest.fixture
def alices(stack):
    """An app password of alice, who can bind."""
    return stack.tool.issue("alice")


@pytest.mark.parametrize("attribute", USAGE)
def test_the_verifier_writes_usage(stack, credential, attribute):
    verifier = stack.slapd.as_service("verifier")
    assert verifier.try_modify(_change(credential.dn, attribute, USAGE[attribute])) == 0


@pytest.mark.parametrize("attribute", OTHERS)
def test_the_verifier_writes_nothing_else_of_a_credential(stack, credential, attribute):
    verifier = stack.slapd.as_service("verifier")
    assert verifier.try_modify(_change(credential.dn, attribute, OTHERS[attribute])) == INSUFFICIENT_ACCESS


def test_the_verifier_neither_adds_nor_deletes(stack, credential):
    verifier = stack.slapd.as_service("verifier")
    assert verifier.try_modify(f"dn: {credential.dn}\nchangetype: delete\n") == INSUFFICIENT_ACCESS
    assert verifier.try_modify(
        f"dn: sendpassId=forged00,{CREDENTIALS}\nchangetype: add\nobjectClass: sendpassCredential\n"
        f"sendpassHash: x\nowner: uid=alice,{PEOPLE}\n") == INSUFFICIENT_ACCESS


@pytest.mark.parametrize("attribute", ["mail", "userPassword", "telephoneNumber", "description"])
def test_the_verifier_writes_nothing_of_a_person(stack, person, attribute):
    verifier = stack.slapd.as_service("verifier")
    assert verifier.try_modify(_change(person.dn, attribute, "x")) == INSUFFICIENT_ACCESS


def test_the_verifier_reads_what_it_needs_of_a_person_and_no_more(stack):
    allowed = {"objectClass", "uid", "mail", "cn", "employeeType"}
    seen = stack.slapd.as_service("verifier").search(SUFFIX, "(objectClass=*)", "*", "userPassword")
    people = [entry for entry in seen if entry.dn.endswith((PEOPLE, DEPARTMENTS))]
    assert f"uid=alice,{PEOPLE}" in [entry.dn for entry in people]
    for entry in people:
        withheld = allowed - ({"cn"} if entry.dn.endswith(PEOPLE) else set())
        assert set(entry.attributes) <= withheld, entry.dn


def test_the_verifier_sees_no_service_account(stack):
    seen = stack.slapd.as_service("verifier").search(SERVICES, "(objectClass=*)", "*", "userPassword")
    assert all("userPassword" not in entry.attributes for entry in seen)
    assert [entry.dn for entry in seen if "sendpass-admin" in entry.dn] == []


def test_the_verifier_reads_hashes(stack, credential):
    found = stack.slapd.as_service("verifier").search(credential.dn)
    assert found[0].attributes["sendpassHash"][0].startswith(b"$argon2id$")


@pytest.mark.parametrize("who", ["alice", "bob", "sendpass-admin", "anonymous"])
def test_nobody_else_reads_a_hash(stack, alices, who):
    slapd = stack.slapd
    identity = {
        "alice": lambda: slapd.as_person("alice"),
        "bob": lambda: slapd.as_person("bob"),
        "sendpass-admin": lambda: slapd.as_service("sendpass-admin"),
        "anonymous": lambda: Ldap(slapd.uri, "", ""),
    }[who]()
    stored = slapd.root().search(alices.dn)[0].attributes["sendpassHash"][0].decode()
    for search_filter in ("(objectClass=*)", "(sendpassHash=*)", f"(sendpassHash={stored})"):
        for entry in identity.search(SUFFIX, search_filter, "*", "+", "sendpassHash"):
            assert "sendpassHash" not in entry.attributes, entry.dn
    assert identity.search(SUFFIX, f"(sendpassHash={stored})") == []


def test_a_person_sees_only_credentials_of_their_own(stack, alices):
    assert [entry.dn for entry in stack.slapd.as_person("alice").search(alices.dn)] == [alices.dn]
    assert stack.slapd.as_person("bob").search(alices.dn) == []


def test_a_person_changes_only_credentials_of_their_own(stack, alices):
    change = _change(alices.dn, "sendpassSuspended", "TRUE")
    assert stack.slapd.as_person("bob").try_modify(change) != 0
    assert stack.slapd.as_person("alice").try_modify(change) == 0


@pytest.mark.parametrize("attribute", [
    "sendpassRevoked", "sendpassExpires", "owner", "sendpassHash", "sendpassLogin", "sendpassLastUsed"])
def test_a_person_takes_nothing_back(stack, alices, attribute):
    stack.tool.revoke(alices)
    value = dict(USAGE, **OTHERS)[attribute]
    alice = stack.slapd.as_person("alice")
    assert alice.try_modify(_change(alices.dn, attribute, value)) == INSUFFICIENT_ACCESS
    assert alice.try_modify(
        f"dn: {alices.dn}\nchangetype: modify\ndelete: {attribute}\n") == INSUFFICIENT_ACCESS


@pytest.mark.parametrize("forged", [
    "sendpassLastUsed: 20260101000000Z",
    "sendpassLogin: bob",
    f"owner: uid=bob,{PEOPLE}",
])
def test_a_person_forges_nothing_in_a_new_credential(stack, forged):
    entry = (f"dn: sendpassId=f0rged00,{CREDENTIALS}\nchangetype: add\nobjectClass: sendpassCredential\n"
             f"sendpassHash: x\nowner: uid=alice,{PEOPLE}\n{forged}\n")
    assert stack.slapd.as_person("alice").try_modify(entry) == INSUFFICIENT_ACCESS
