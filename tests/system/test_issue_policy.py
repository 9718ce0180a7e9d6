# SPDX-License-Identifier: BSD-2-Clause
"""[issue] of sendpass.conf(5): what it adds to app passwords, and what it lets nobody make."""
import json

import pytest

from lab.slapd import CREDENTIALS

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)


@pytest.fixture
def tool(stack, tmp_path):
    """Runs a verb under settings of [issue]."""
    file = tmp_path / "issue.conf"

    def run(settings, *arguments):
        file.write_text(stack.tool.configuration.read_text() + "\n[issue]\n" + settings)
        file.chmod(0o644)
        before = len(stack.slapd.root().search(CREDENTIALS))
        result = stack.tool.run(*arguments, options=["-f", file])
        if arguments[0] == "issue":
            made = len(stack.slapd.root().search(CREDENTIALS)) - before
            assert made == (1 if result.returncode == OK else 0), result.stderr
            if "--json" in arguments and result.returncode == OK:
                stack.tool.passwords.append(json.loads(result.stdout)["password"])
        return result

    return run


def refused(result, words):
    assert result.returncode == FORBIDDEN, result.stderr
    assert result.stdout == "" and words in result.stderr and result.stderr.count("\n") == 1


def test_a_life_by_default_is_in_the_directory(tool, stack, person):
    issued = json.loads(tool("default_life = 90d\n", "issue", person.login, "--label", "x", "--json").stdout)
    assert issued["expires"] is not None
    assert stack.tool.json("show", issued["id"])["expires"] == issued["expires"]


@pytest.mark.parametrize("options, words", [
    (["--expires", "31d"], "[issue] max_life is 30d"),
    ([], "[issue] max_life is 30d: give --expires"),
    (["--expires", "23h"], "[issue] min_life is 1d"),
])
def test_a_life_beyond_its_bounds_is_refused_before_anything_is_made(tool, person, options, words):
    for json_too in [], ["--json"]:
        refused(tool("min_life = 1d\nmax_life = 30d\n", "issue", person.login, "--label", "x", *options,
                     *json_too), words)


@pytest.mark.parametrize("life", ["1d", "30d"])
def test_a_life_at_its_bounds_is_made(tool, person, life):
    assert tool("min_life = 1d\nmax_life = 30d\n", "issue", person.login, "--label", "x", "--json",
                "--expires", life).returncode == OK


def test_restrict_does_not_lengthen_a_life_beyond_its_bound(tool, stack, person):
    credential = stack.tool.issue(person.login, "--expires", "10d")
    settings = "max_life = 30d\n"
    for later in "31d", "never":
        refused(tool(settings, "restrict", credential.id, "--expires", later), "[issue] max_life is 30d")
    assert tool(settings, "restrict", credential.id, "--expires", "29d").returncode == OK
    assert tool(settings, "restrict", credential.id, "--service", "smtp").returncode == OK
    assert tool("min_life = 20d\n", "restrict", credential.id, "--expires", "1d").returncode == OK


def test_an_owner_has_no_more_than_the_most_that_are_usable(tool, stack, person):
    def issue():
        return tool("max_per_owner = 2\n", "issue", person.login, "--label", "x", "--json")

    first, second = (json.loads(issue().stdout)["id"] for _ in range(2))
    refused(issue(), "[issue] max_per_owner is 2")
    assert tool("max_per_owner = 3\n", "issue", person.login, "--label", "x", "--json").returncode == OK
    for identity in first, second:
        assert stack.tool.run("revoke", identity).returncode == OK
    assert issue().returncode == OK
    refused(issue(), f"{person.dn} has 2 app passwords")


def test_a_suspended_one_counts_and_an_expired_one_does_not(tool, stack, person):
    credential = stack.tool.issue(person.login)
    assert stack.tool.run("suspend", credential.id).returncode == OK
    refused(tool("max_per_owner = 1\n", "issue", person.login, "--label", "x"), "max_per_owner is 1")
    stack.slapd.root().replace(credential.dn, "sendpassExpires", "20200101000000Z")
    assert stack.tool.run("resume", credential.id).returncode == OK
    assert stack.tool.json("show", credential.id)["state"] == "expired"
    assert tool("max_per_owner = 1\n", "issue", person.login, "--label", "x", "--json").returncode == OK


def test_a_label_may_be_left_out_only_where_that_is_configured(tool, stack, person):
    without = tool("", "issue", person.login)
    assert without.returncode == USAGE and "[issue] label_required is yes" in without.stderr
    issued = json.loads(tool("label_required = no\n", "issue", person.login, "--json").stdout)
    assert issued["label"] is None
    assert stack.tool.json("show", issued["id"])["label"] is None
    assert issued["id"] in stack.tool.run("list", person.login).stdout
    plain = tool("label_required = no\n", "issue", person.login)
    stack.tool.passwords.append(plain.stdout.strip())
    assert "label" not in plain.stderr and "(null)" not in plain.stderr
    assert stack.tool.run("verify", person.login, stdin=plain.stdout).returncode == OK


def test_services_and_senders_by_default_hold_where_none_are_given(tool, stack, person):
    settings = "default_service = smtp\ndefault_service = submission\ndefault_sender = @example.org\n"
    issued = json.loads(tool(settings, "issue", person.login, "--label", "x", "--json").stdout)
    assert sorted(issued["services"]) == ["smtp", "submission"] and issued["senders"] == ["@example.org"]
    shown = stack.tool.json("show", issued["id"])
    assert sorted(shown["services"]) == ["smtp", "submission"] and shown["senders"] == ["@example.org"]
    own = json.loads(tool(settings, "issue", person.login, "--label", "x", "--json", "--service", "pop",
                          "--sender", "*").stdout)
    assert (own["services"], own["senders"]) == (["pop"], ["*"])


def test_the_compact_form_can_be_forbidden(tool, person):
    refused(tool("compact = no\n", "issue", person.login, "--label", "x", "--compact"), "[issue] compact is no")
    for settings, options in ("compact = no\n", []), ("", ["--compact"]):
        assert tool(settings, "issue", person.login, "--label", "x", "--json", *options).returncode == OK
