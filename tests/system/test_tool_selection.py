# SPDX-License-Identifier: BSD-2-Clause
"""Which app passwords the tool's verbs are about."""
import pytest

USAGE = 2


@pytest.fixture(name="several")
def fixture_several(stack, person):
    """One of each kind, by name; the name is the label too."""
    found = {}
    for name, options in (("Printer", []), ("old scanner", []), ("phone", ["--expires", "20d"]),
                          ("suspended", []), ("revoked", [])):
        issued = stack.tool.json("issue", person.login, "--label", name, *options)
        stack.tool.passwords.append(issued["password"])
        found[name] = issued["id"]
    root = stack.slapd.root()

    def write(name, attribute, value):
        root.replace(f"sendpassId={found[name]},{stack.tool.container}", attribute, value)
    write("Printer", "sendpassLastUsed", "20200101000000Z")
    write("phone", "sendpassLastUsed", "20991231000000Z")
    write("suspended", "sendpassSuspended", "TRUE")
    write("revoked", "sendpassRevoked", "20200101000000Z")
    return found


@pytest.mark.parametrize("options, names", [
    ([], ["Printer", "old scanner", "phone", "suspended", "revoked"]),
    (["--label", "print"], ["Printer"]),
    (["--label", "S"], ["old scanner", "suspended"]),
    (["--state", "suspended"], ["suspended"]),
    (["--state", "revoked"], ["revoked"]),
    (["--state", "expired"], []),
    (["--unused-for", "90d"], ["Printer"]),
    (["--unused-since", "2020-01-02"], ["Printer"]),
    (["--unused-since", "2020-01-01"], []),
    (["--never-used"], ["old scanner", "suspended", "revoked"]),
    (["--never-used", "--state", "active"], ["old scanner"]),
    (["--expiring-within", "30d"], ["phone"]),
    (["--expiring-within", "10d"], []),
])
def test_list_shows_those_of_which_all_that_is_given_holds(stack, person, several, options, names):
    expected = {several[name] for name in names}
    assert {found["id"] for found in stack.tool.json("list", "--owner", person.login, *options)} == expected


@pytest.mark.parametrize("options", [
    ["--state", "lost"], ["--unused-since", "2999-01-01"], ["--unused-since", "90d"],
    ["--unused-for", "2020-01-01"], ["--expiring-within", "1s"], ["alice", "--owner", "alice"],
    ["--owner", ""]])
def test_what_selects_nothing_sensible_is_told(stack, options):
    result = stack.tool.run("list", *options)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.startswith("sendpass: list: ") and result.stderr.count("\n") == 1
