# SPDX-License-Identifier: BSD-2-Clause
"""`sendpass doctor` finds nothing wrong where nothing is, and each thing that is broken, with its remedy."""
import subprocess
from contextlib import contextmanager
from typing import Callable, NamedTuple

import pytest

from lab import private_view
from lab.clinic import AUTH, POLICY, Clinic
from lab.slapd import CREDENTIALS, MISNAMED_HOST, PEOPLE, SOURCE
from lab.terminal import Terminal

OK, FOUND = 0, 1
ACL = f"include {SOURCE}/examples/openldap/acl.conf"
VERIFIER = 'by dn.exact="cn=verifier,ou=services,dc=example,dc=org"'
ADMIN = 'by dn.exact="cn=sendpass-admin,ou=services,dc=example,dc=org"'
# our plugin is not where libsasl2 of this host looks
STANDING = {"postfix-sasl"}


@pytest.fixture(scope="module")
def clinic(stack, request):
    """Everything as it should be."""
    found = Clinic(stack, request.config.getoption("--exim"))
    found.start()
    yield found
    found.stop()


def blamed(found):
    return {each.check for each in (*found.of("error"), *found.of("warning"))}


def test_nothing_is_wrong_with_a_healthy_stack(clinic):
    found = clinic.examine()
    assert found.status == OK and not found.of("error")
    assert blamed(found) <= STANDING
    assert {each.check for each in found.of("skipped")} == {"certificate", "exim", "login"}


class Case(NamedTuple):
    """What breaks it, the check that tells, and words of text and remedy; `also` may be blamed as well."""

    breaks: Callable
    check: str
    text: str
    remedy: str
    also: tuple = ()
    result: str = "error"


def in_smtpd_conf(edit):
    return lambda c: c.file(c.postfix.directory / "etc/sasl/smtpd.conf", edit)


def without(line):
    return in_smtpd_conf(lambda text: "".join(each for each in text.splitlines(True) if not each.startswith(line)))


def rule(line):
    """An access rule before all others."""
    return lambda c: c.directory_rules(lambda text: text.replace(ACL, f"{line}\n{ACL}"))


def uri(c, scheme, host, **changes):
    port = c.slapd.tls_port if scheme == "ldaps" else c.slapd.port
    ca = c.stack.certificate.certificate
    return c.settings(**{"ldap_uri": f"{scheme}://{host}:{port}", "ldap_tls_ca_file": ca, **changes})


@contextmanager
def certificate_of_days(c, days):
    file = c.stack.certificate.with_days(days)
    with uri(c, "ldaps", "127.0.0.1", ldap_tls_ca_file=file), \
            c.directory_rules(lambda text: text.replace(str(c.stack.certificate.certificate), str(file))):
        yield


@contextmanager
def other_schema(c, edit):
    other = c.directory / "other.schema"
    other.write_text(edit((SOURCE / "schema/sendpass.schema").read_text()))
    with c.directory_rules(lambda text: text.replace(f"{SOURCE}/schema/sendpass.schema", str(other))):
        yield


def without_class_attribute(text):
    return text.replace(" $\n\tsendpassImported )", " )")


def without_attribute(text):
    begin = text.rindex("attributetype", 0, text.index("'sendpassImported'"))
    return without_class_attribute(text[:begin] + text[text.index("objectclass"):])


@contextmanager
def no_smtpd_conf(c):
    file = c.postfix.directory / "etc/sasl/smtpd.conf"
    hidden = file.rename(file.with_suffix(".hidden"))
    yield
    hidden.rename(file)


@contextmanager
def orphan(c):
    """Somebody left, and their app password did not."""
    dn = f"sendpassId=0rphan00,{CREDENTIALS}"
    c.slapd.root().modify(f"dn: {dn}\nchangetype: add\nobjectClass: sendpassCredential\nsendpassHash: x\n"
                          f"sendpassId: 0rphan00\nowner: uid=left,{PEOPLE}\n")
    yield
    c.slapd.root().delete(dn)


CASES = {
    "an app password of somebody who left": Case(
        orphan, "orphans", "1 app password, such as 0rphan00", "sendpass purge --orphans", result="warning"),
    "an unknown setting": Case(
        lambda c: c.settings(ldap_colour="blue"), "configuration", "unknown setting [ldap] colour", "correct it in",
        also=("sockets",)),
    "a configuration that others can write": Case(
        lambda c: c.mode(c.sendpassd.configuration, 0o666), "configuration", "can write it", "correct it in"),
    "settings that do not go together": Case(
        lambda c: c.settings(policy_throttle_exempt="nowhere"), "settings", "throttle_exempt", "correct that setting"),
    "a configuration that sendpassd's user cannot read": Case(
        lambda c: c.mode(c.sendpassd.configuration, 0o600), "reload", "cannot read", "chmod 644", result="warning"),
    "a secret that others can read": Case(
        lambda c: c.mode(c.slapd.secret_file("verifier"), 0o644), "secrets", "can read it", "chmod 600",
        also=("settings",)),
    "an admin's secret that others can read": Case(
        lambda c: c.mode(c.slapd.secret_file("sendpass-admin"), 0o640), "secrets", "[admin] bind_secret_file",
        "chmod 600"),
    "a user that does not exist": Case(
        lambda c: c.settings(daemon_user="nobody-here"), "user", "no such user", "useradd", also=("reload",)),
    "no state directory": Case(
        lambda c: c.settings(daemon_state_directory=f"{c.directory}/nowhere"), "state-directory", "No such file",
        "install -d -m 700", result="warning"),
    "sendpassd stopped": Case(
        lambda c: c.stopped(c.sendpassd), "sendpassd", "verify_socket", "start sendpassd",
        also=("sockets", "postfix-socket", "postfix-policy")),
    "sendpassd not restarted": Case(
        lambda c: c.settings(daemon_saslauthd=f"{c.sendpassd.directory}/mux 0600 root root"), "sockets",
        "/mux: No such file", "restart it"),
    "a socket with another mode": Case(
        lambda c: c.mode(c.sendpassd.directory / "auth", 0o666), "sockets", "not as the configuration has it",
        "restart sendpassd"),
    "verify_socket that is no door": Case(
        lambda c: c.settings(admin_verify_socket=f"{c.directory}/nowhere"), "sendpassd", "/nowhere",
        "one that [daemon] auth lists"),
    "slapd stopped": Case(
        lambda c: c.stopped(c.slapd), "directory", "Can't contact LDAP server", "start the server"),
    "another bind secret": Case(
        lambda c: c.settings(ldap_bind_secret_file=c.slapd.secret_file("alice")), "directory", "Invalid credentials",
        "ldapwhoami"),
    "another admin's secret": Case(
        lambda c: c.settings(admin_bind_secret_file=c.slapd.secret_file("alice")), "admin", "Invalid credentials",
        "[admin] bind"),
    "no TLS": Case(
        lambda c: uri(c, "ldap", "127.0.0.1", ldap_starttls="no", ldap_plaintext="insecure"), "directory",
        "in the clear", "starttls = yes", result="warning"),
    "an expired certificate": Case(
        lambda c: certificate_of_days(c, -1), "certificate", "ended at", "renew"),
    "a certificate that ends soon": Case(
        lambda c: certificate_of_days(c, 5), "certificate", "ends at", "renew", result="warning"),
    "a certificate for another name": Case(
        lambda c: uri(c, "ldap", MISNAMED_HOST), "certificate", "but localhost, 127.0.0.1", MISNAMED_HOST),
    "a certificate of an unknown authority": Case(
        lambda c: uri(c, "ldaps", "localhost", ldap_tls_ca_file="/etc/ssl/certs/ca-certificates.crt"), "directory",
        "Can't contact", "tls_ca_file"),
    "an old schema": Case(
        lambda c: other_schema(c, without_attribute), "schema", "the attribute sendpassImported", "sendpass schema"),
    "an old class": Case(
        lambda c: other_schema(c, without_class_attribute), "schema", "the class sendpassCredential",
        "sendpass schema"),
    "no index": Case(
        lambda c: c.directory_rules(lambda text: text.replace("index uid,mail eq\n", "")), "database",
        "uid has no index", "olcDbIndex: uid eq", result="warning"),
    "adds that are not checked": Case(
        lambda c: c.directory_rules(lambda text: text.replace(ACL, (SOURCE / "examples/openldap/acl.conf").read_text(
        ).replace("add_content_acl on", ""))), "database", "add_content_acl", "olcAddContentAcl: TRUE"),
    "a base that is not there": Case(
        lambda c: c.settings(directory_owner_base="ou=nowhere,dc=example,dc=org"), "bases", "owner_base",
        "correct [directory] owner_base"),
    "a replica without syncprov": Case(
        lambda c: c.settings(directory_mode="replica"), "replica", "does not offer Content Sync", "docs/replica.md"),
    "a filter that no replica can judge": Case(
        lambda c: c.settings(directory_mode="replica", directory_owner_filter="(carLicense=%u)"), "replica",
        "cannot go with a replica", "mode = live", also=("settings",)),
    "a replica that may not read what it judges by": Case(
        lambda c: c.settings(directory_mode="replica", directory_owner_active_filter="(!(departmentNumber=left))"),
        "replica", "departmentNumber", "let [ldap] bind_dn read"),
    "a container elsewhere": Case(
        lambda c: c.settings(directory_credential_container=PEOPLE), "bases", "not below credential_base",
        f"credential_base = {PEOPLE}"),
    "hashes for everybody": Case(
        rule(f'access to dn.subtree="{CREDENTIALS}" {ADMIN} write by * read'), "acl-nobody", "may read hashes",
        "acl.conf", also=("acl-admin", "acl-write")),
    "credentials for everybody": Case(
        rule(f'access to dn.subtree="{CREDENTIALS}" attrs=entry,objectClass,children {ADMIN} write by * read'),
        "acl-nobody", "may see", "acl.conf", result="warning"),
    "a verifier that cannot read": Case(
        rule(f'access to dn.children="{CREDENTIALS}" attrs=sendpassHash {ADMIN} =w by * none'), "acl-read",
        "may not read sendpassHash", "cn=verifier"),
    "a verifier that cannot read the class": Case(
        rule(f'access to dn.children="{CREDENTIALS}" attrs=objectClass {VERIFIER} search {ADMIN} write by * none'),
        "acl-read", "may not read objectClass", "cn=verifier"),
    "a verifier that sees nothing": Case(
        rule(f'access to dn.children="{CREDENTIALS}" {ADMIN} write by * none'), "acl-read",
        "may not read app passwords", "cn=verifier", also=("acl-admin",)),
    "a verifier that can write": Case(
        rule(f'access to dn.children="{CREDENTIALS}" attrs=sendpassHash {VERIFIER} write {ADMIN} =w by * none'),
        "acl-write", "may write sendpassHash", "acl.conf"),
    "a verifier that cannot write the last use": Case(
        rule(f'access to dn.children="{CREDENTIALS}" attrs=sendpassLastAddress {VERIFIER} read {ADMIN} read by * none'),
        "acl-write", "may not write when", "sendpassLastUsed", result="warning"),
    "a server for changes that does not answer": Case(
        lambda c: c.settings(ldap_write_uri="ldapi://%2Fnonexistent%2Fldapi"), "directory",
        "ldapi://%2Fnonexistent%2Fldapi: connect", "start the server", also=("admin",)),
    "a server for changes with another name": Case(
        lambda c: c.settings(ldap_write_uri=f"ldap://{MISNAMED_HOST}:{c.slapd.port}",
                             ldap_tls_ca_file=c.stack.certificate.certificate), "certificate",
        f"ldap://{MISNAMED_HOST}", MISNAMED_HOST, also=("admin",)),
    "no milter": Case(
        lambda c: c.settings(milter_socket=f"{c.directory}/milter 0660 root root"), "sockets", "/milter: No such file",
        "start sendpass-milter"),
    "an admin that reads hashes": Case(
        rule(f'access to dn.children="{CREDENTIALS}" attrs=sendpassHash {VERIFIER} read {ADMIN} write by * none'),
        "acl-admin", "may read hashes", "acl.conf", result="warning"),
    "a hash that costs nothing": Case(
        lambda c: c.settings(argon2_memory=8, argon2_passes=1), "argon2-time", "m=8,t=1", "may be higher",
        result="warning"),
    "more Argon2 than memory": Case(
        lambda c: c.settings(argon2_max_memory=4194304, daemon_argon2_slots=256), "argon2-memory", "1048576 MiB",
        "lower [argon2] max_memory"),
    "smtpd.conf missing": Case(
        no_smtpd_conf, "postfix-sasl", "/etc/sasldb2", "auxprop_plugin: sendpass"),
    "auxprop_plugin not set": Case(
        without("auxprop_plugin"), "postfix-sasl", "auxprop_plugin", "auxprop_plugin: sendpass"),
    "mech_list not set": Case(
        without("mech_list"), "postfix-sasl", "mech_list is not set", "mech_list: PLAIN LOGIN"),
    "a mechanism too many": Case(
        in_smtpd_conf(lambda text: text.replace("LOGIN", "LOGIN CRAM-MD5")), "postfix-sasl", "stored password",
        "mech_list: PLAIN LOGIN"),
    "a line without a colon": Case(
        in_smtpd_conf(lambda text: text.replace("mech_list:", "mech_list")), "postfix-sasl", "smtpd.conf:3:",
        "line 3"),
    "a path from outside the chroot": Case(
        lambda c: in_smtpd_conf(lambda text: text.replace(f"/{AUTH}", f"{c.postfix.queue}/{AUTH}"))(c),
        "postfix-sasl", "within the chroot", f"within the chroot, /{AUTH}"),
    "type dovecot at no door": Case(
        lambda c: c.service(smtpd_sasl_type="dovecot", smtpd_sasl_path="private/sendpass-old"), "postfix-sasl",
        "no door", "private/sendpass-old 0660 root postfix"),
    "nobody asks": Case(
        lambda c: c.service(smtpd_sasl_auth_enable="no"), "postfix-sasl", "no service of Postfix asks",
        "docs/postfix.md", result="warning"),
    "a socket that Postfix cannot reach": Case(
        lambda c: c.mode(c.postfix.queue / "private", 0o000), "postfix-socket", "as user postfix in its chroot",
        f"{AUTH}: the mode, owner and group", also=("postfix-policy",)),
    "passwords in the clear": Case(
        lambda c: c.service(smtpd_tls_auth_only="no"), "postfix-options", "in the clear", "smtpd_tls_auth_only=yes",
        result="warning"),
    "noplaintext": Case(
        lambda c: c.service(smtpd_sasl_tls_security_options="noanonymous,noplaintext"), "postfix-options",
        "noplaintext", "= noanonymous"),
    "anonymous": Case(
        lambda c: c.service(smtpd_sasl_security_options="noactive"), "postfix-options", "lacks noanonymous",
        "= noanonymous", result="warning"),
    "a realm": Case(
        lambda c: c.service(smtpd_sasl_local_domain="example.org"), "postfix-options", "alice@example.org",
        "owner_filter", result="warning"),
    "permit_mynetworks before the policy door": Case(
        lambda c: c.service(smtpd_recipient_restrictions="permit_mynetworks, $submission_policy"), "postfix-policy",
        "permit_mynetworks stands before", f"behind check_policy_service unix:{POLICY}"),
    "a policy service that is no door": Case(
        lambda c: c.service(smtpd_data_restrictions="check_policy_service { unix:private/sendpass-old, timeout=9 }"),
        "postfix-policy", "unix:private/sendpass-old is no policy door", "[daemon] policy"),
    "nothing asks the policy door": Case(
        lambda c: c.service(smtpd_recipient_restrictions=None), "postfix-policy", "does not ask the policy door",
        "docs/restrictions.md", result="warning"),
    "a default action that lets everything through": Case(
        lambda c: c.service(smtpd_policy_service_default_action="DUNNO"), "postfix-policy", "DUNNO", "unset"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_broken_is_found_alone_and_with_its_remedy(clinic, name):
    case = CASES[name]
    with case.breaks(clinic):
        found = clinic.examine()
    told = [each for each in found[case.check] if each.result == case.result and case.text in each.text]
    assert told, [each for each in found if each.result not in ("ok", "skipped")]
    assert case.remedy in told[0].remedy
    assert blamed(found) <= {case.check, *case.also, *STANDING}
    assert found.status == (FOUND if found.of("error") else OK)


def test_without_a_configuration_there_is_a_list_all_the_same(clinic):
    absent = clinic.directory / "nowhere.conf"
    found = clinic.examine(configuration=absent)
    assert found.status == FOUND
    [told] = found.of("error")
    assert told.check == "configuration" and told.remedy.startswith(f"write {absent}")
    assert [each.result for each in (*found["argon2-time"], *found["argon2-library"])] == ["ok"] * 2
    assert len(found) > 20


def test_probing_changes_nothing(clinic):
    before = clinic.slapd.root().search(CREDENTIALS, "(objectClass=*)", "*", "+")
    with CASES["a verifier that can write"].breaks(clinic):
        clinic.examine()
    assert clinic.slapd.root().search(CREDENTIALS, "(objectClass=*)", "*", "+") == before


def test_a_login_is_tried_all_the_way(clinic):
    def verdict(password):
        found = clinic.examine("--login", "alice", stdin=f"{password}\n")
        [told] = found["login"]
        return told.result, told.text, found.status

    assert verdict(clinic.credential.password) == ("ok", "alice: granted", OK)
    assert verdict("k7qf2m9x4d1hw8s6t0yab3nezc5r") == ("error", "alice: denied", FOUND)
    with clinic.stopped(clinic.slapd):
        assert verdict(clinic.credential.password)[0] == "error"


def test_who_is_not_root_is_told_what_that_hides(clinic):
    found = clinic.examine(prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    assert found.status == OK
    for check in ("settings", "secrets", "sockets", "sendpassd", "directory", "postfix-socket"):
        assert "skipped" in {each.result for each in found[check]}, check


def test_lines_for_programs_and_colours_for_people(clinic):
    command = [clinic.tool.program, "-f", clinic.sendpassd.configuration, "doctor",
               "--postfix-config", clinic.postfix.directory / "etc"]
    piped = subprocess.run(command, capture_output=True, check=False, text=True).stdout
    assert all(line.count("\t") == 3 for line in piped.splitlines()) and "\033" not in piped
    for environment, colours in ({"TERM": "xterm", "NO_COLOR": ""}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False):
        terminal = Terminal([str(word) for word in command], {**clinic.tool.environment, **environment})
        assert terminal.end() == OK
        assert (b"\033[" in terminal.shown) == colours and b"errors: 0" in terminal.shown


@pytest.mark.parametrize("options", [["-D", "cn=x"], ["-E"]])
def test_another_identity_is_refused(clinic, options):
    assert clinic.tool.run("doctor", options=options).returncode == 2


AUTHENTICATOR = """\
plain:
  driver = dovecot
  public_name = PLAIN
  server_socket = {socket}
  server_set_id = $auth1
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""
EXIM_CASES = {
    "nothing": (lambda text: text, None, ""),
    "no door": (lambda text: text.replace("/auth\n", "/sendpass\n"), "has no door", "0660 root Debian-exim"),
    "no TLS": (lambda text: text.replace("server_advertise_condition", "# "), "without TLS", "def:tls_in_cipher"),
    "no id": (lambda text: text.replace("server_set_id", "# "), "server_set_id", "$auth1"),
    "another driver": (lambda text: text.replace("sendpass", "x").replace("/auth", "/x"), "no authenticator", "docs/"),
    "a name twice": (lambda text: text + text.replace("plain:", "again:"), "same public name", "exim -bV"),
}


@pytest.mark.parametrize("name", EXIM_CASES)
def test_what_is_broken_in_exim_is_found(clinic, name):
    if clinic.exim is None or not private_view.is_possible():
        pytest.skip("no Exim, or no mount namespaces")
    edit, text, remedy = EXIM_CASES[name]
    found = clinic.examine_with_exim(edit(AUTHENTICATOR.format(socket=clinic.exim.door)))
    wrong = [each for each in found["exim"] if each.result in ("error", "warning")]
    assert bool(wrong) == (text is not None), wrong
    assert not wrong or (text in wrong[0].text and remedy in wrong[0].remedy), wrong


def test_a_socket_that_exim_cannot_reach_is_found(clinic):
    if clinic.exim is None or not private_view.is_possible():
        pytest.skip("no Exim, or no mount namespaces")
    with clinic.mode(clinic.exim.door.parent, 0o700):
        found = clinic.examine_with_exim(AUTHENTICATOR.format(socket=clinic.exim.door))
    assert ["as user Debian-exim" in each.text for each in found["exim"]] == [True, True]


ASK, ACCEPT = "  require acl = sendpass_policy RCPT\n", "  accept authenticated = *\n"
EXIM_ACLS = {
    "does not ask": (
        lambda text: text.replace("  require acl = sendpass_policy", "# "), "does not ask", "docs/exim.md"),
    "asks too late": (lambda text: text.replace(ASK + ACCEPT, ACCEPT + ASK), "acl_check_rcpt accepts", "move require"),
    "asks elsewhere": (lambda text: text.replace("/door/policy", "/door/none"), "no policy door", "/door/none 0660"),
}


@pytest.mark.parametrize("name", EXIM_ACLS)
def test_an_acl_of_exim_that_does_not_hold_is_found(clinic, name):
    if clinic.exim is None or not private_view.is_possible():
        pytest.skip("no Exim, or no mount namespaces")
    edit, text, remedy = EXIM_ACLS[name]
    found = clinic.examine_with_exim(AUTHENTICATOR.format(socket=clinic.exim.door), edit)
    [told] = found["exim"]
    assert text in told.text and remedy in told.remedy
