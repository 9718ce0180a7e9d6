# SPDX-License-Identifier: BSD-2-Clause
"""Deleting app passwords that ended long ago, and those that belong to nobody any more."""
import pytest

from lab.people import Person
from lab.slapd import PEOPLE, SERVICES, SUFFIX
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
LONG_AGO = "20200101000000Z"


def entries(stack, login):
    return {one["id"] for one in stack.tool.json("list", login)}


@pytest.fixture(name="ended")
def fixture_ended(stack, person):
    """One app password of each kind, by name."""
    root, found = stack.slapd.root(), {}
    for name, attributes in {
            "active": {}, "revoked": {"sendpassRevoked": LONG_AGO}, "expired": {"sendpassExpires": LONG_AGO},
            "suspended and expired": {"sendpassExpires": LONG_AGO, "sendpassSuspended": "TRUE"},
            "expired and revoked now": {"sendpassExpires": LONG_AGO, "sendpassRevoked": "20250101000000Z"},
            "expires later": {"sendpassExpires": "20991231000000Z"},
            "unusable": {"sendpassRevoked": LONG_AGO, "sendpassNetwork": "nowhere"}}.items():
        credential = stack.tool.issue(person.login)
        for attribute, value in attributes.items():
            root.replace(credential.dn, attribute, value)
        found[name] = credential
    yield found
    for credential in found.values():
        if root.search(credential.dn):
            root.delete(credential.dn)


@pytest.mark.parametrize("options, names", [
    (["--revoked-for", "1500d"], ["revoked"]),
    (["--expired-for", "1500d"], ["expired", "suspended and expired"]),
    (["--revoked-for", "1500d", "--expired-for", "1500d"], ["revoked", "expired", "suspended and expired"]),
    (["--revoked-for", "9000d"], []),
])
def test_what_ended_long_ago_is_deleted_and_the_rest_stays(stack, person, ended, options, names):
    before = entries(stack, person.login)
    gone = {ended[name].id for name in names}
    assert {one["id"] for one in stack.tool.json("purge", "--yes", *options)} >= gone
    assert entries(stack, person.login) == before - gone


def test_on_a_terminal_they_are_shown_and_a_question_is_asked(stack, ended):
    command = [str(stack.tool.program), "-f", str(stack.tool.configuration), "purge", "--revoked-for", "1500d"]
    for answer, status in (b"n\n", NO), (b"y\n", OK):
        terminal = Terminal(command, stack.tool.environment)
        terminal.wait_for(b"[y/N] ")
        assert ended["revoked"].id.encode() in terminal.shown and ended["active"].id.encode() not in terminal.shown
        terminal.type(answer)
        assert terminal.end() == status
        assert bool(stack.slapd.root().search(ended["revoked"].dn)) == (status == NO)


def test_one_that_changed_while_the_question_waited_stays(stack, ended):
    command = [str(stack.tool.program), "-f", str(stack.tool.configuration), "purge", "--expired-for", "1500d"]
    terminal = Terminal(command, stack.tool.environment)
    terminal.wait_for(b"[y/N] ")
    stack.slapd.root().replace(ended["expired"].dn, "sendpassExpires", "20991231000000Z")
    terminal.type(b"y\n")
    assert terminal.end() == NO
    assert b"changed meanwhile" in terminal.shown
    assert stack.slapd.root().search(ended["expired"].dn)
    assert not stack.slapd.root().search(ended["suspended and expired"].dn)


def own(stack, credential, owner):
    """Give the app password to whoever is at that DN."""
    stack.slapd.root().replace(credential.dn, "owner", owner)


def test_orphans_are_those_whose_owner_certainly_is_not_there(stack, person):
    leaver = Person(stack.slapd.root())
    orphan, other, hidden, below_hidden, nowhere = [
        stack.tool.issue(login) for login in [leaver.login, *4 * [person.login]]]
    leaver.delete()
    # the admin sees nothing of ou=services, neither what is there nor what is not
    own(stack, hidden, f"cn=verifier,{SERVICES}")
    own(stack, below_hidden, f"cn=nobody,{SERVICES}")
    own(stack, nowhere, "cn=nobody,dc=example,dc=net")
    done = stack.tool.json("purge", "--orphans", "--yes")
    assert orphan.id in {one["id"] for one in done}
    root = stack.slapd.root()
    assert not root.search(orphan.dn)
    for stays in other, hidden, below_hidden, nowhere:
        assert root.search(stays.dn), stays
        root.delete(stays.dn)


def test_without_owner_base_in_sight_nobody_is_an_orphan(stack, person, tmp_path):
    credential = stack.tool.issue(person.login)
    own(stack, credential, f"uid=nobody,{PEOPLE}")
    text = stack.tool.configuration.read_text()
    assert f"owner_base = {SUFFIX}\n" in text
    configuration = tmp_path / "other.conf"
    configuration.write_text(text.replace(f"owner_base = {SUFFIX}\n", f"owner_base = ou=elsewhere,{SUFFIX}\n"))
    result = stack.tool.run("purge", "--orphans", "--yes", options=["-f", configuration])
    assert result.returncode == FAILED and f"ou=elsewhere,{SUFFIX}" in result.stderr
    assert stack.slapd.root().search(credential.dn)
    stack.slapd.root().delete(credential.dn)


def test_an_owner_purges_nothing(stack):
    credential = stack.tool.issue("alice")
    stack.slapd.root().replace(credential.dn, "sendpassRevoked", LONG_AGO)
    result = stack.tool.run("purge", "--revoked-for", "1500d", "--yes", stdin=stack.slapd.password("alice") + "\n",
                            options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == FORBIDDEN and "the right to delete" in result.stderr
    assert stack.slapd.root().search(credential.dn)
    stack.slapd.root().delete(credential.dn)


@pytest.mark.parametrize("arguments", [
    [], ["--yes"], ["--revoked-for", "90d"], ["--orphans", "x", "--yes"], ["--revoked-for", "0s", "--yes"],
    ["--expired-for", "2020-01-01", "--yes"]])
def test_a_wrong_command_line_deletes_nothing(stack, arguments):
    result = stack.tool.run("purge", *arguments)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.startswith("sendpass: purge: ") and result.stderr.count("\n") == 1
