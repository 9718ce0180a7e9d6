# SPDX-License-Identifier: BSD-2-Clause
"""sendpassd and the tool with each directory server, and the tool in the hands of those whom the rules know."""
import json

import pytest

from lab import ds389, wait
from lab.auth_client import AuthClient
from lab.entries import EVERYBODY
from lab.site import Site
from lab.slapd import Slapd
from lab.tool import Credential

FORBIDDEN = 4
NOT_FOUND = 1


def _openldap(directory, stack):
    return Slapd(directory, stack.certificate, EVERYBODY)


def _ds389(directory, _stack):
    if not ds389.is_there():
        pytest.skip("no 389 Directory Server: install 389-ds-base")
    return ds389.Ds389(directory, EVERYBODY)


@pytest.fixture(scope="module", params={"openldap": _openldap, "389ds": _ds389}.items(), ids=lambda item: item[0])
def site(request, stack, lab_directory):
    """Each directory server in turn."""
    name, make = request.param
    running = Site(stack, f"with-{name}", make(lab_directory / f"directory-{name}", stack),
                   directory_owner_active_filter="(objectClass=*)")
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def openldap(site):
    """OpenLDAP alone."""
    if isinstance(site.server, ds389.Ds389):
        pytest.skip("389 Directory Server has no such rule")
    return site


def test_an_app_password_works_until_it_is_revoked(site):
    credential = site.tool.issue("dave", "--service", "smtp")
    assert site.attempt(credential) == "ok"
    assert site.attempt(credential._replace(login="dave@example.org")) == "ok"
    assert site.attempt(credential._replace(login="bob")) == "wrong_owner"
    site.server.root().replace(credential.dn, "sendpassSuspended", "TRUE")
    assert site.attempt(credential) == "suspended"
    site.server.root().replace(credential.dn, "sendpassSuspended", None)
    assert site.attempt(credential) == "ok"
    site.tool.revoke(credential, "--reason", "lost")
    assert site.attempt(credential) == "revoked"
    assert site.tool.json("show", credential.id)["state"] == "revoked"


def test_when_an_app_password_was_last_used_is_written(site):
    credential = site.tool.issue("dave")
    for address in ("192.0.2.7", "203.0.113.9"):
        with AuthClient(site.auth) as client:
            assert client.plain(credential.login, credential.password, address=address) == "OK"
        wait.until(lambda at=address: site.server.root().search(credential.dn)[0].attributes.get(
            "sendpassLastAddress") == [at.encode()], "its last use to be written")
    entry = site.server.root().search(credential.dn)[0]
    assert entry.attributes["sendpassLastService"] == [b"smtp"]
    assert len(entry.attributes["sendpassLastUsed"]) == 1


def test_a_department_has_app_passwords(site):
    credential = site.tool.issue("sales@example.org")
    assert site.attempt(credential) == "ok"
    shown = site.as_person("carol", "show", credential.id)
    assert shown.returncode == 0 and "argon2" not in shown.stdout
    assert site.as_person("carol", "revoke", credential.id).returncode == 0
    assert site.attempt(credential) == "revoked"


def test_owners_and_their_managers_issue(openldap):
    for name, login in (("dave", "dave"), ("carol", "dave"), ("carol", "sales@example.org")):
        issued = openldap.as_person(name, "issue", login, "--label", "x", "--network", "127.0.0.0/8", "--expires", "9d")
        assert issued.returncode == 0, issued.stderr
        password = issued.stdout.strip()
        openldap.tool.passwords.append(password)
        assert openldap.attempt(Credential(login, "", password, "")) == "ok"


@pytest.mark.parametrize("name", ["dave", "erin"])
def test_owners_and_the_help_desk_revoke(site, name):
    credential = site.tool.issue("dave")
    assert site.as_person(name, "revoke", credential.id, "--reason", "lost").returncode == 0
    assert site.attempt(credential) == "revoked"


@pytest.mark.parametrize("name", ["erin", "frank"])
def test_the_help_desk_and_auditors_list_everybodys(site, name):
    issued = {site.tool.issue(login).id for login in ("dave", "bob", "sales@example.org")}
    listed = site.as_person(name, "list")
    assert issued <= {line.partition("\t")[0] for line in listed.stdout.splitlines()}
    assert site.as_person(name, "list", "bob").returncode == 0


# verb: (who, its arguments for bob's credential, exit status, what they are told)
REFUSED = {
    "issue": ("erin", ["bob", "--label", "x"], FORBIDDEN,
              "this takes the right to add `children` to ou=sendpass,dc=example,dc=org, and `entry` and each attribute"),
    "issue to who is not to be seen": ("dave", ["bob", "--label", "x"], NOT_FOUND, "or this identity may not see it"),
    "list": ("dave", ["bob"], NOT_FOUND, "or this identity may not see it"),
    "show": ("dave", ["ID"], NOT_FOUND, "or this identity may not see it"),
    "restrict": ("erin", ["ID", "--expires", "9d"], FORBIDDEN,
                 "this takes the right to change sendpassExpires of the credential"),
    "label": ("frank", ["ID", "x"], FORBIDDEN, "this takes the right to change sendpassLabel of the credential"),
    "suspend": ("frank", ["ID"], FORBIDDEN, "this takes the right to change sendpassSuspended of the credential"),
    "revoke": ("frank", ["ID"], FORBIDDEN, "this takes the right to change sendpassRevoked of the credential"),
    "revoke what is not to be seen": ("dave", ["ID"], NOT_FOUND, "or this identity may not see it"),
}


def test_who_may_not_resume_is_told_so(site):
    credential = site.tool.issue("bob")
    assert site.as_person("erin", "suspend", credential.id).returncode == 0
    assert site.attempt(credential) == "suspended"
    result = site.as_person("frank", "resume", credential.id)
    assert result.returncode == FORBIDDEN
    assert "this takes the right to change sendpassSuspended of the credential" in result.stderr
    assert site.as_person("erin", "resume", credential.id).returncode == 0
    assert site.attempt(credential) == "ok"


def test_an_owner_narrows_with_the_tool_and_lifts_nothing(site):
    credential = site.tool.issue("dave")
    narrow = ["--network", "127.0.0.0/8", "--service", "smtp", "--rate", "9/1h", "--expires", "9d"]
    assert site.as_person("dave", "restrict", credential.id, *narrow).returncode == 0
    for wider in (["--network", "0.0.0.0/0"], ["--no-service"], ["--no-rate"], ["--expires", "never"],
                  ["--expires", "99d"], ["--sender", "*"], ["--login", "bob"]):
        result = site.as_person("dave", "restrict", credential.id, *wider)
        assert (result.returncode, "takes the right to change sendpass" in result.stderr) == (FORBIDDEN, True), wider


@pytest.mark.parametrize("what", REFUSED)
def test_who_may_not_is_told_what_right_it_takes(site, what):
    credential = site.tool.issue("bob")
    name, arguments, status, told = REFUSED[what]
    verb = what.partition(" ")[0]
    result = site.as_person(name, verb, *(credential.id if word == "ID" else word for word in arguments))
    assert (result.returncode, result.stdout) == (status, "")
    assert told in result.stderr
    assert site.attempt(credential) == "ok"


def test_the_doctor_finds_no_error_in_either_server(site):
    site.tool.issue("dave")
    found = json.loads(site.tool.run("doctor", "--json", "--postfix-config", "/nonexistent").stdout)
    results = {each["check"]: each["result"] for each in found}
    wanted = ("directory", "admin", "schema", "bases", "acl-nobody", "acl-read", "acl-write", "acl-admin", "orphans")
    assert {check: results[check] for check in wanted} == dict.fromkeys(wanted, "ok"), found
