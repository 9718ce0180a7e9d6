# SPDX-License-Identifier: BSD-2-Clause
"""Changes that the directory does not take, or whose answer is lost: what the tool says, and what there is then."""
import json
import os
import subprocess
import time
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from lab import private_view, wait
from lab.site import Site
from lab.slapd import CREDENTIALS, SUFFIX, Slapd
from lab.syslog import Syslog
from lab.wire import ADD, DELETE, MODIFY, Wire

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
PRODUCER = "ldap://producer.example.org"
READ_ONLY = {
    "readonly": ("readonly on\n", "operation restricted"),
    "consumer": (f"syncrepl rid=1 provider=ldap://127.0.0.1:1 searchbase={SUFFIX} type=refreshAndPersist retry=3600,+\n"
                 f"updateref {PRODUCER}\n", f"Referral to {PRODUCER}/"),
    "consumer without updateref": (f"syncrepl rid=1 provider=ldap://127.0.0.1:1 searchbase={SUFFIX} "
                                   "type=refreshAndPersist retry=3600,+\n", "shadow context"),
}
HASH = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43
CHANGES = {
    "issue": lambda id_: (["issue", "alice", "--label", "x"], ""),
    "revoke": lambda id_: (["revoke", id_], ""),
    "revoke many": lambda id_: (["revoke", "--owner", "alice", "--yes"], ""),
    "restrict": lambda id_: (["restrict", id_, "--service", "smtp"], ""),
    "label": lambda id_: (["label", id_, "y"], ""),
    "suspend": lambda id_: (["suspend", id_], ""),
    "rotate": lambda id_: (["rotate", id_], ""),
    "purge": lambda id_: (["purge", "--expired-for", "1m", "--yes"], ""),
    "import": lambda id_: (["import", "--from", "dovecot-passwd", "-"], f"alice:{{ARGON2ID}}{HASH}\n"),
}


def credentials(slapd):
    return sorted(slapd.root().search(CREDENTIALS, "(objectClass=sendpassCredential)", "*", "modifyTimestamp"))


@pytest.fixture(name="read_only", scope="module", params=READ_ONLY)
def fixture_read_only(request, stack):
    """A directory that takes no changes any more, of how it says so, and of an app password in it."""
    name = request.param.replace(" ", "-")
    slapd = Slapd(stack.directory / name, stack.certificate)
    site = Site(stack, f"{name}-sendpassd", slapd)
    site.daemon.configure(policy_max_imported=1)
    slapd.prepare()
    slapd.start()
    with ExitStack() as running:
        running.callback(slapd.stop)
        issued = site.tool.issue("alice", "--expires", "1d")
        ended = site.tool.issue("alice")
        slapd.root().replace(ended.dn, "sendpassExpires", "20200101000000Z")
        slapd.stop()
        lines, says = READ_ONLY[request.param]
        slapd.configuration.write_text(slapd.configuration.read_text() + lines)
        slapd.start()
        yield site.tool, slapd, says, issued.id


@pytest.mark.parametrize("change", CHANGES)
def test_a_directory_that_takes_no_changes_is_told_from_one_that_may_have(read_only, change):
    tool, slapd, says, identity = read_only
    before = credentials(slapd)
    arguments, stdin = CHANGES[change](identity)
    result = tool.run(*arguments, stdin=stdin)
    assert result.returncode == FORBIDDEN and result.stdout == "", result
    assert says in result.stderr
    assert f"if {slapd.uri} takes no changes, name a server that does in [ldap] write_uri" in result.stderr
    assert "Nobody knows" not in result.stderr
    assert credentials(slapd) == before and len(before) == 2


@pytest.fixture(name="cut")
def fixture_cut(stack, tmp_path):
    """Runs the tool over a Wire; its output, and the lines that came to syslog."""
    if not private_view.is_possible():
        pytest.skip("this host makes no mount namespaces")
    syslog = Syslog(tmp_path)
    daemon = stack.daemon("cut-off")
    daemon.configure(ldap_uri=f"ldapi://{quote(str(tmp_path / 'wire'), safe='')}", argon2_memory=8, argon2_passes=1)

    def run(tag, *arguments, **how):
        command = [*syslog.command_prefix(), stack.tool.program, "-f", daemon.configuration, *arguments]
        with Wire(tmp_path / "wire", stack.slapd.socket, tag, **how):
            result = subprocess.run(command, text=True, capture_output=True, check=False, timeout=60,
                                    env=dict(os.environ, **stack.tool.environment))
        (tmp_path / "wire").unlink()
        return result, [line for _, line in syslog.lines()]
    yield run
    syslog.close()


def state(stack, identity):
    shown = stack.tool.run("show", identity, "--json")
    return json.loads(shown.stdout)["state"] if shown.returncode == OK else "none"


def id_in(line):
    return line.split(" id=")[1].split()[0]


@pytest.mark.parametrize("lost, there", [(True, "none"), (False, "active")], ids=["request", "answer"])
def test_an_issue_of_which_nobody_knows_is_told_and_logged_as_that(stack, person, cut, lost, there):
    result, lines = cut(ADD, "issue", person.login, "--label", "x", lose_request=lost)
    assert result.returncode == UNAVAILABLE and result.stdout == ""
    assert len(lines) == 1 and lines[0].startswith("event=credential_issued ") and lines[0].endswith(" result=unknown")
    identity = id_in(lines[0])
    assert f"Nobody knows whether app password {identity} was added." in result.stderr
    assert state(stack, identity) == there


@pytest.mark.parametrize("verb, event, after", [
    (["revoke"], "revoked", "revoked"), (["suspend"], "suspended", "suspended"),
    (["restrict", "--service", "smtp"], "restricted", "active"), (["revoke", "--owner"], "revoked", "revoked")])
@pytest.mark.parametrize("lost", [True, False], ids=["request", "answer"])
def test_a_change_of_which_nobody_knows_is_told_and_logged_as_that(stack, credential, cut, verb, event, after, lost):
    many = "--owner" in verb
    arguments = [*verb, credential.login, "--yes"] if many else [verb[0], credential.id, *verb[1:]]
    result, lines = cut(MODIFY, *arguments, lose_request=lost)
    assert result.returncode == UNAVAILABLE and result.stdout == ""
    assert len(lines) == 1 and lines[0].startswith(f"event=credential_{event} id={credential.id} ")
    assert lines[0].endswith(" result=unknown")
    assert f"Nobody knows whether app password {credential.id} was changed." in result.stderr
    assert "was not revoked" not in result.stderr
    assert state(stack, credential.id) == ("active" if lost else after)


def test_a_rotation_that_loses_its_end_has_handed_over_the_new_one(stack, credential, cut):
    result, lines = cut(MODIFY, "rotate", credential.id)
    stack.tool.passwords.append(result.stdout.strip())
    assert result.returncode == UNAVAILABLE
    assert stack.tool.run("verify", credential.login, stdin=result.stdout).returncode == OK
    assert [line.endswith(" result=unknown") for line in lines] == [False, True]
    assert f"Nobody knows whether app password {credential.id} was changed." in result.stderr


def test_a_purge_of_which_nobody_knows_stops(stack, person, cut):
    ended = [stack.tool.issue(person.login) for _ in range(2)]
    for one in ended:
        stack.slapd.root().replace(one.dn, "sendpassRevoked", "19990101000000Z")
    result, lines = cut(DELETE, "purge", "--revoked-for", "9000d", "--yes")
    assert result.returncode == UNAVAILABLE
    assert len(lines) == 1 and lines[0].endswith(" result=unknown")
    assert "is where it stopped" in result.stderr and "1 more were not tried" in result.stderr
    assert sorted(state(stack, one.id) for one in ended) == ["none", "revoked"]


def test_a_hanging_directory_is_waited_for_and_may_still_make_the_change(stack, person, cut):
    begin = time.monotonic()
    slapd = stack.slapd.process
    try:
        result, lines = cut(ADD, "issue", person.login, "--label", "x", on_request=slapd.freeze, on_gone=slapd.thaw)
    finally:
        slapd.thaw()
    assert time.monotonic() - begin < 15
    assert result.returncode == UNAVAILABLE and "add: Timed out" in result.stderr
    identity = id_in(lines[0])
    wait.until(lambda: state(stack, identity) == "active", "the change to be made after all")
    assert stack.tool.run("revoke", identity).returncode == OK
