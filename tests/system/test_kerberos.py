# SPDX-License-Identifier: BSD-2-Clause
"""People use the tool with their Kerberos ticket, as themselves and no more."""
import json
import os
import re
import subprocess
from contextlib import ExitStack

import pytest

from lab import kerberos, ports, private_view
from lab.doors import frozen
from lab.kerberos import OTHER_REALM, REALM, Kerberos
from lab.site import Site
from lab.slapd import CREDENTIALS, PEOPLE, SERVICES, Slapd
from lab.syslog import Syslog
from lab.tool import Credential, Tool

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
ALICE, BOB, STRANGER = f"alice@{REALM}", f"bob@{REALM}", f"alice@{OTHER_REALM}"
GSSAPI = ["-Y", "GSSAPI"]
# As docs/directory.md has it
MAPPING = f'sasl-host {ports.HOST}\nauthz-regexp "^uid=([^,@]+),cn=gssapi,cn=auth$" "uid=$1,{PEOPLE}"'
NO_MECHANISMS = {"SASL_PATH": "/dev/null"}


class Realm:
    """A KDC, and a directory that takes its tickets, with a sendpassd."""

    def __init__(self, stack):
        self.stack = stack
        self.kerberos = Kerberos(stack.directory / "kerberos")
        self.slapd = Slapd(stack.directory / "kerberos-slapd", stack.certificate, modules=MAPPING)
        self.slapd.process.environment = self.kerberos.environment
        self.site = Site(stack, "kerberos-sendpassd", self.slapd)
        self.ways = {"ldapi": (self.slapd.uri, "no"), "ldaps": (f"ldaps://{ports.HOST}:{self.slapd.tls_port}", "no"),
                     "starttls": (f"ldap://{ports.HOST}:{self.slapd.port}", "yes")}

    def tool(self, environment, way="starttls", **settings):
        """The tool with that environment, and that way to the directory."""
        uri, starttls = self.ways[way]
        daemon = self.stack.daemon(f"kerberos-{way}")
        daemon.settings.update(self.site.daemon.settings)
        daemon.configure(**{"ldap_uri": uri, "ldap_starttls": starttls,
                            "ldap_tls_ca_file": self.stack.certificate.certificate, **settings})
        return Tool(self.site.tool.program, daemon.configuration, CREDENTIALS,
                    {**self.site.tool.environment, **environment})

    def as_person(self, person, **settings):
        """The tool of somebody with a ticket."""
        return self.tool(self.kerberos.ticket(person), **settings)


@pytest.fixture(name="realm", scope="module")
def fixture_realm(stack):
    """Running."""
    if not kerberos.is_there():
        pytest.skip("no KDC: install krb5-kdc, krb5-admin-server and krb5-user")
    own = Realm(stack)
    own.kerberos.prepare(ALICE, BOB, STRANGER)
    with ExitStack() as running:
        for server in own.kerberos, own.site:
            running.callback(server.stop)
            server.start()
        yield own


@pytest.mark.parametrize("way", ["ldapi", "ldaps", "starttls"])
def test_a_ticket_binds_as_its_person_under_tls_or_locally(realm, way):
    told = json.loads(realm.as_person(ALICE, way=way).run("whoami", "--json", options=GSSAPI).stdout)
    assert told["identity"] == f"dn:uid=alice,{PEOPLE}" and told["server"] == realm.ways[way][0]
    # bind_ssf would be a security layer of SASL, in TLS or instead of it
    binds = re.findall(r"mech=GSSAPI bind_ssf=(\d+) ssf=(\d+)", realm.slapd.process.text())
    assert binds[-1][0] == "0" and int(binds[-1][1]) >= (71 if way == "ldapi" else 128)


def test_a_ticket_does_not_go_where_a_password_would_not(realm):
    result = realm.as_person(ALICE, ldap_starttls="no").run("whoami", options=GSSAPI)
    assert result.returncode == FAILED and "needs ldap.plaintext = insecure" in result.stderr


def test_a_person_issues_and_lists_their_own(realm):
    alice = realm.as_person(ALICE)
    issued = json.loads(alice.run("issue", "alice", "--label", "laptop", "--json", options=GSSAPI).stdout)
    realm.stack.tool.passwords.append(issued["password"])
    credential = Credential("alice", issued["id"], issued["password"], None)
    assert realm.site.attempt(credential) == "ok"
    assert issued["id"] in alice.run("list", options=GSSAPI).stdout
    result = alice.run("revoke", issued["id"], options=GSSAPI)
    assert result.returncode == OK, result.stderr
    assert realm.site.attempt(credential) == "revoked"


def test_a_person_cannot_see_or_touch_anothers(realm):
    other = realm.site.tool.issue("bob")
    alice = realm.as_person(ALICE)
    assert other.id not in alice.run("list", options=GSSAPI).stdout
    for arguments in ["show", other.id], ["revoke", other.id], ["issue", "bob", "--label", "x"]:
        result = alice.run(*arguments, options=GSSAPI)
        assert result.returncode == NO and result.stdout == "", arguments
    assert realm.site.attempt(other) == "ok"
    assert realm.as_person(BOB).run("revoke", other.id, options=GSSAPI).returncode == OK


def test_the_same_name_of_another_realm_is_somebody_else(realm):
    own = realm.site.tool.issue("alice")
    stranger = realm.as_person(STRANGER)
    told = stranger.run("whoami", options=GSSAPI)
    assert f"identity: dn:uid=alice@{OTHER_REALM.lower()},cn=gssapi,cn=auth\n" in told.stdout, told.stderr
    assert own.id not in stranger.run("list", options=GSSAPI).stdout
    realm.site.tool.revoke(own)


def test_the_configuration_can_ask_for_it(realm):
    alice = realm.as_person(ALICE, admin_bind="gssapi")
    assert f"dn:uid=alice,{PEOPLE}" in alice.run("whoami").stdout
    bind_dn = ["-D", f"cn=sendpass-admin,{SERVICES}"]
    told = alice.run("whoami", options=bind_dn, stdin=realm.slapd.password("sendpass-admin") + "\n")
    assert f"dn:cn=sendpass-admin,{SERVICES}" in told.stdout
    lines = alice.run("doctor").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines if "\tadmin\t" in line] == ["skipped"]


def test_sendpassd_has_no_ticket(realm):
    result = realm.as_person(ALICE, ldap_bind="gssapi").run("whoami", options=GSSAPI)
    assert result.returncode == FAILED and "simple|external" in result.stderr


@pytest.mark.parametrize("environment, status, texts", [
    ({"KRB5CCNAME": "FILE:/none/here"}, UNAVAILABLE, ["bind: ", "(default cache: FILE:/none/here)", "kinit"]),
    ({"KRB5_CONFIG": "/none/here"}, UNAVAILABLE, [f'Cannot find KDC for realm "{REALM}"']),
    (NO_MECHANISMS, FAILED, ["lacks libsasl2's mechanism GSSAPI: install libsasl2-modules-gssapi-mit"]),
], ids=["no ticket", "no realm", "no mechanism"])
def test_what_is_missing_here_is_told(realm, environment, status, texts):
    tool = realm.tool({**realm.kerberos.ticket(ALICE), **environment})
    result = tool.run("issue", "alice", "--label", "x", options=GSSAPI)
    assert result.returncode == status and result.stdout == ""
    for text in texts:
        assert text in result.stderr


@pytest.mark.parametrize("missing, environment, status, text", [
    ("mechanism", NO_MECHANISMS, FORBIDDEN, "the server does not offer GSSAPI"),
    ("keytab", {"KRB5_KTNAME": "/none/here"}, UNAVAILABLE, "'/none/here' not found); this the server says of itself"),
])
def test_what_is_missing_at_the_server_is_told(realm, missing, environment, status, text):
    server = Slapd(realm.stack.directory / f"without-{missing}", realm.stack.certificate, modules=MAPPING)
    server.process.environment = {**realm.kerberos.environment, **environment}
    server.prepare()
    server.start()
    try:
        result = realm.as_person(ALICE, ldap_uri=server.uri).run("list", options=GSSAPI)
    finally:
        server.stop()
    assert result.returncode == status and text in result.stderr


def test_a_server_that_hangs_is_waited_for_no_longer_than_the_timeout(realm):
    alice = realm.as_person(ALICE, way="ldapi", ldap_timeout="300ms")
    with frozen(realm.slapd):
        result = alice.run("list", options=GSSAPI)
    assert result.returncode == UNAVAILABLE and "bind: Timed out" in result.stderr


@pytest.mark.parametrize("options", [
    [*GSSAPI, "-E"], [*GSSAPI, "-D", "cn=x"], ["-E", "-D", "cn=x"], ["-Y", "EXTERNAL"], ["--sasl", "PLAIN"]])
def test_a_bind_that_makes_no_sense_is_a_usage_error(stack, options):
    result = stack.tool.run("list", options=options)
    assert result.returncode == USAGE and ("exclude each other" in result.stderr or "GSSAPI" in result.stderr)


def test_syslog_has_the_principal(realm, tmp_path):
    if not private_view.is_possible():
        pytest.skip("this host makes no mount namespaces")
    syslog = Syslog(tmp_path)
    tool = realm.as_person(ALICE)
    own = realm.site.tool.issue("alice")
    subprocess.run([*syslog.command_prefix(), tool.program, "-f", tool.configuration, *GSSAPI, "revoke", own.id],
                   check=True, capture_output=True, timeout=60, env={**os.environ, **tool.environment})
    lines = syslog.lines()
    syslog.close()
    assert len(lines) == 1 and f" by={ALICE} " in lines[0][1]
