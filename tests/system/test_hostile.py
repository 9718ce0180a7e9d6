# SPDX-License-Identifier: BSD-2-Clause
"""Logins that mean something in a filter, and hashes that would cost the host its memory."""
import pytest

from lab.doors import DENIED, GRANTED

# {login} is the right login, {start} all but its last letter; only one entry has them
FILTERS = [
    "{start}*", "*{login}", "{login})(uid={login}", "{login})(|(uid=*", "{start}*)(mail={start}*",
    "*", "*)(uid=*", "*)(|(uid=*", ")(uid=*)", "*))(&(uid=*", "%u", "\\2a", "person*", "(objectClass=*)",
    "uid=alice", "alice)(mail=*", "*)(!(uid=nobody)", "alice,ou=people,dc=example,dc=org",
]


@pytest.mark.parametrize("pattern", FILTERS)
def test_a_login_is_never_a_filter(door, mechanism, pattern, stack, credential):
    login = pattern.format(login=credential.login, start=credential.login[:-1])
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, login, credential.password).code == DENIED
    stack.sendpassd.wait_for(begin, "auth", result="denied", reason="wrong_owner", id=credential.id)


SALT_AND_TAG = "c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43

# Each would be slow or large, or is no PHC string at all.
HASHES = {
    "4 GiB": f"$argon2id$v=19$m=4194304,t=1,p=1${SALT_AND_TAG}",
    "more than 32 bits": f"$argon2id$v=19$m=99999999999,t=1,p=1${SALT_AND_TAG}",
    "4 billion passes": f"$argon2id$v=19$m=8,t=4294967295,p=1${SALT_AND_TAG}",
    "16 million lanes": f"$argon2id$v=19$m=134217728,t=1,p=16777215${SALT_AND_TAG}",
    "no memory": f"$argon2id$v=19$m=0,t=1,p=1${SALT_AND_TAG}",
    "empty tag": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$",
    "clear text": "secret",
    "another scheme": "$2b$12$abcdefghijklmnopqrstuu5LxT9jQbHwT6C8gVj4p4uQbMZbZJp7K",
    "very long": "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 100000,
    "no text": b"\xff\x00\xfe",
}


@pytest.mark.parametrize("planted", HASHES)
def test_a_planted_hash_is_refused_by_name_and_costs_no_memory(door, planted, stack, credential):
    assert door.attempt("PLAIN", credential.login, credential.password).code == GRANTED
    stack.slapd.root().replace(credential.dn, "sendpassHash", HASHES[planted])
    peak = stack.sendpassd.peak_memory()
    begin = stack.sendpassd.mark()
    # The hash says nothing about the password, so the answer is not "wrong".
    reply = door.attempt("PLAIN", credential.login, credential.password)
    assert reply.code == door.unavailable, reply
    assert reply.seconds < 2
    event = stack.sendpassd.wait_for(begin, "auth", result="unavailable", id=credential.id)
    unusable = [event.fields["dn"] for event in stack.sendpassd.events(begin, "credential_unusable")]
    assert "detail" in event.fields or unusable == [credential.dn]
    allowed_kib = 2048
    assert stack.sendpassd.peak_memory() <= peak + allowed_kib
