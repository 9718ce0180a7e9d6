# SPDX-License-Identifier: BSD-2-Clause
"""A change in the directory holds from the very next attempt, in open sessions and in new ones."""
import pytest

from lab.doors import DENIED, GRANTED

# name: (what is done, the reason in the log)
ENDS = {
    "revoked": (lambda stack, credential, person: stack.tool.revoke(credential), "revoked"),
    "suspended": (lambda stack, credential, person:
                  stack.slapd.root().replace(credential.dn, "sendpassSuspended", "TRUE"), "suspended"),
    "expired": (lambda stack, credential, person:
                stack.slapd.root().replace(credential.dn, "sendpassExpires", "20200101000000Z"), "expired"),
    "not yet valid": (lambda stack, credential, person:
                      stack.slapd.root().replace(credential.dn, "sendpassNotBefore", "20990101000000Z"),
                      "not_yet_valid"),
    "owner disabled": (lambda stack, credential, person: person.disable(), "owner_inactive"),
    "owner deleted": (lambda stack, credential, person: person.delete(), "wrong_owner"),
    "credential deleted": (lambda stack, credential, person: stack.slapd.root().delete(credential.dn),
                           "no_credential"),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_at_the_very_next_attempt(door, mechanism, end, stack, credential, person):
    change, reason = ENDS[end]
    assert door.attempt(mechanism, credential.login, credential.password).code == GRANTED
    with door.connect() as session:
        # a session that is in use, with all that its server process keeps
        assert session.auth(mechanism, credential.login, "no app password").code == DENIED
        change(stack, credential, person)
        begin = stack.sendpassd.mark()
        assert session.auth(mechanism, credential.login, credential.password).code == DENIED
        stack.sendpassd.wait_for(begin, "auth", result="denied", reason=reason)
    assert door.attempt(mechanism, credential.login, credential.password).code == DENIED


# name: (what is done, how it is undone)
RETURNS = {
    "suspended": (lambda root, credential, person: root.replace(credential.dn, "sendpassSuspended", "TRUE"),
                  lambda root, credential, person: root.replace(credential.dn, "sendpassSuspended", "FALSE")),
    "owner disabled": (lambda root, credential, person: person.disable(),
                       lambda root, credential, person: person.enable()),
}


@pytest.mark.parametrize("change", RETURNS)
def test_it_returns_at_the_very_next_attempt(door, mechanism, change, stack, credential, person):
    do, undo = RETURNS[change]
    do(stack.slapd.root(), credential, person)
    with door.connect() as session:
        assert session.auth(mechanism, credential.login, credential.password).code == DENIED
        undo(stack.slapd.root(), credential, person)
        assert session.auth(mechanism, credential.login, credential.password).code == GRANTED


def test_a_changed_mailbox_password_changes_nothing(door, mechanism, stack, credential, person):
    stack.slapd.root().replace(person.dn, "userPassword", "another mailbox password")
    assert door.attempt(mechanism, credential.login, credential.password).code == GRANTED


def test_other_app_passwords_of_a_person_live_on(door, mechanism, stack, credential, person):
    other = stack.tool.issue(person.login)
    stack.tool.revoke(other, "--reason", "lost with the telephone")
    assert door.attempt(mechanism, person.login, other.password).code == DENIED
    assert door.attempt(mechanism, person.login, credential.password).code == GRANTED


def test_only_the_secrets_holder_learns_of_the_state(door, mechanism, stack, credential, person):
    """Revoked, and with a wrong secret: the log says wrong secret."""
    other = stack.tool.issue(person.login)
    root = stack.slapd.root()
    others_hash = root.search(other.dn, "(objectClass=*)", "sendpassHash")[0].attributes["sendpassHash"][0]
    root.replace(credential.dn, "sendpassHash", others_hash)
    stack.tool.revoke(credential)
    begin = stack.sendpassd.mark()
    assert door.attempt(mechanism, credential.login, credential.password).code == DENIED
    stack.sendpassd.wait_for(begin, "auth", reason="bad_secret", id=credential.id)
