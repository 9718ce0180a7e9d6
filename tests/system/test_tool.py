# SPDX-License-Identifier: BSD-2-Clause
"""The sendpass tool against the running servers."""
import subprocess

import pytest

from lab.slapd import CREDENTIALS, PEOPLE, SOURCE


def test_issue_prints_the_password_alone_on_stdout(stack, person):
    result = stack.tool.run("issue", person.login, "--label", "telephone")
    assert result.returncode == 0
    password = result.stdout.removesuffix("\n")
    stack.tool.passwords.append(password)
    assert "\n" not in password and len(password.replace("-", "")) == 28
    assert password not in result.stderr
    assert stack.tool.run("verify", person.login, stdin=password + "\n").returncode == 0


def test_issue_for_an_unknown_login_issues_nothing(stack):
    before = len(stack.slapd.root().search(CREDENTIALS))
    result = stack.tool.run("issue", "nobody-here", "--label", "x")
    assert result.returncode != 0 and result.stdout == ""
    assert len(stack.slapd.root().search(CREDENTIALS)) == before


def test_list_and_show_know_it(stack, credential):
    assert credential.id in stack.tool.run("list", credential.login).stdout
    shown = stack.tool.run("show", credential.id)
    assert credential.login in shown.stdout
    assert "argon2" not in shown.stdout


def test_the_state_is_shown(stack, credential):
    assert stack.tool.json("show", credential.id)["state"] == "active"
    stack.tool.revoke(credential, "--reason", "stolen")
    shown = stack.tool.json("show", credential.id)
    assert shown["state"] == "revoked"
    assert "stolen" in shown.values()


def test_expires_is_kept(stack, person):
    credential = stack.tool.issue(person.login, "--expires", "90d")
    found = stack.slapd.root().search(credential.dn)[0]
    assert found.attributes["sendpassExpires"][0].endswith(b"Z")


def test_revoking_twice_keeps_the_first_time_and_reason(stack, credential):
    stack.tool.revoke(credential, "--reason", "stolen")
    first = stack.tool.json("show", credential.id)
    result = stack.tool.run("revoke", credential.id, "--reason", "never mind")
    assert "already" in result.stdout + result.stderr
    assert stack.tool.json("show", credential.id) == first


def test_verify_tells_yes_no_and_later_apart(stack, credential):
    right, wrong = credential.password + "\n", "hunter2\n"
    yes = stack.tool.run("verify", credential.login, stdin=right).returncode
    no = stack.tool.run("verify", credential.login, stdin=wrong).returncode
    stack.sendpassd.stop()
    try:
        later = stack.tool.run("verify", credential.login, stdin=right).returncode
    finally:
        stack.sendpassd.start()
    assert yes == 0
    assert len({yes, no, later}) == 3


def test_a_person_issues_and_revokes_their_own(stack):
    dn, secret = f"uid=alice,{PEOPLE}", stack.slapd.password("alice") + "\n"
    issued = stack.tool.run("issue", "alice", "--label", "my printer", stdin=secret, options=["-D", dn])
    assert issued.returncode == 0, issued.stderr
    password = issued.stdout.strip()
    stack.tool.passwords.append(password)
    assert stack.tool.run("verify", "alice", stdin=password + "\n").returncode == 0
    identity = password.replace("-", "")[:8]
    revoked = stack.tool.run("revoke", identity, stdin=secret, options=["-D", dn])
    assert revoked.returncode == 0, revoked.stderr
    assert stack.tool.run("verify", "alice", stdin=password + "\n").returncode != 0


def test_a_person_issues_nothing_to_others(stack):
    dn, secret = f"uid=alice,{PEOPLE}", stack.slapd.password("alice") + "\n"
    before = len(stack.slapd.root().search(CREDENTIALS))
    result = stack.tool.run("issue", "bob", "--label", "x", stdin=secret, options=["-D", dn])
    assert result.returncode != 0 and result.stdout == ""
    assert len(stack.slapd.root().search(CREDENTIALS)) == before


@pytest.mark.parametrize("form, file", [
    ("openldap", "sendpass.schema"), ("ldif", "sendpass.ldif"), ("389ds", "99sendpass.ldif")])
def test_it_prints_the_schema_that_is_shipped(stack, form, file):
    result = stack.tool.run("schema", "--format", form)
    assert result.returncode == 0
    assert result.stdout == (SOURCE / "schema" / file).read_text()


def test_slapd_takes_the_cn_config_schema(stack, tmp_path):
    """slapadd makes a cn=config of its own with our .ldif in it."""
    configuration = tmp_path / "config"
    configuration.mkdir()
    core = "/etc/ldap/schema/core.ldif"
    text = (f"dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n"
            f"dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n"
            f"include: file://{core}\n\ninclude: file://{SOURCE}/schema/sendpass.ldif\n")
    result = subprocess.run(["slapadd", "-n", "0", "-F", configuration], input=text, text=True,
                            capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
