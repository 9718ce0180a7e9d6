# SPDX-License-Identifier: BSD-2-Clause
"""Passwords that are no app passwords: imported hashes, and mailbox passwords for a while."""
import json
import subprocess
import time

import pytest

from lab.auth_client import AuthClient
from lab.doors import stopped
from lab.target import Target

PASSWORD = "correct horse battery staple"
OTHER = "incorrect horse"


@pytest.fixture(scope="module")
def migrating(stack):
    """A sendpassd that lets both pass."""
    target = Target(stack, "migrating", policy_max_imported=2,
                    migration_mailbox_passwords_until="2099-01-01")
    target.start()
    yield target
    assert target.daemon.stop() == 0


@pytest.fixture
def migration(migrating, stack):
    """The same, and the tool with its settings; no test leaves any behind."""
    usual, stack.tool.configuration = stack.tool.configuration, migrating.daemon.configuration
    yield migrating
    stack.tool.configuration = usual
    _configure(migrating)


def _configure(target, **changes):
    begin = target.daemon.mark()
    target.daemon.configure(**changes)
    target.daemon.reload()
    target.daemon.wait_for(begin, "configuration_loaded")


def _ask(target, login, password):
    """The door's answer and the reason in the log."""
    begin = target.daemon.mark()
    with AuthClient(target.auth, minor=2) as client:
        answer = client.plain(login, password)
    return answer, target.daemon.events(begin, "auth")[0].fields["reason"]


def _set_password(stack, person, password=PASSWORD):
    stack.slapd.root().replace(person.dn, "userPassword", password)


def test_a_mailbox_password_passes_until_the_day(migration, stack, person):
    _set_password(stack, person)
    assert _ask(migration, person.login, PASSWORD) == ("OK", "legacy")
    assert _ask(migration, person.login, OTHER) == ("FAIL", "bad_secret")
    _configure(migration, migration_mailbox_passwords_until="2020-01-01")
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")
    _configure(migration, migration_mailbox_passwords_until="")
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")


def test_listed_logins_alone_may_use_mailbox_passwords(migration, stack, person):
    _set_password(stack, person)
    _configure(migration, migration_logins=["somebody", person.login.upper()])
    assert _ask(migration, person.login, PASSWORD) == ("OK", "legacy")
    assert _ask(migration, person.mail, PASSWORD) == ("FAIL", "malformed")
    _configure(migration, migration_logins=["somebody"])
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")


def test_who_is_gone_or_inactive_has_no_mailbox_password(migration, stack, person):
    _set_password(stack, person)
    person.disable()
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")
    person.enable()
    assert _ask(migration, person.login, PASSWORD) == ("OK", "legacy")
    person.delete()
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")


def test_who_is_active_depends_on_the_day_for_these_passwords_too(migration, stack, person):
    _set_password(stack, person)
    _configure(migration, directory_owner_active_filter="(employeeType=%d)")
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")
    stack.slapd.root().replace(person.dn, "employeeType", str(int(time.time() // 86400)))
    assert _ask(migration, person.login, PASSWORD) == ("OK", "legacy")


def test_an_entry_without_a_password_is_refused(migration, person):
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "bad_secret")


def test_an_app_password_goes_on_beside_it(migration, stack, person, credential):
    _set_password(stack, person)
    assert _ask(migration, person.login, credential.password) == ("OK", "ok")
    assert _ask(migration, person.login, credential.password[:-1] + "!") == ("FAIL", "bad_secret")


def test_a_directory_that_is_down_is_no_no(migration, stack, person):
    _set_password(stack, person)
    with stopped(stack.slapd):
        answer, reason = _ask(migration, person.login, PASSWORD)
    assert answer != "OK" and reason == "directory_down"


def test_an_imported_hash_is_a_credential_like_any_other(migration, stack, person):
    identifier = stack.tool.import_hash(person.login, PASSWORD)
    dn = f"sendpassId={identifier},{stack.tool.container}"
    root = stack.slapd.root()
    begin = migration.daemon.mark()
    assert _ask(migration, person.mail, PASSWORD) == ("OK", "ok")
    assert migration.daemon.wait_for(begin, "auth", reason="ok").fields["id"] == identifier
    assert _ask(migration, person.login, OTHER) == ("FAIL", "bad_secret")
    root.replace(dn, "sendpassSuspended", "TRUE")
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "suspended")
    root.replace(dn, "sendpassSuspended", None)
    root.replace(dn, "sendpassNetwork", "192.0.2.0/24")
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "network_denied")
    root.replace(dn, "sendpassNetwork", None)
    assert stack.tool.run("revoke", identifier).returncode == 0
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "revoked")


def test_what_an_imported_one_is_rotated_to_is_no_imported_one(migration, stack, person):
    old = stack.tool.import_hash(person.login, PASSWORD)
    for _ in range(3):
        new = stack.tool.json("rotate", old)
        stack.tool.passwords.append(new["password"])
        assert not stack.tool.json("show", new["id"])["imported"]
        assert _ask(migration, person.login, new["password"]) == ("OK", "ok")
    assert _ask(migration, person.login, PASSWORD) == ("OK", "ok")


def test_imported_hashes_are_not_tried_unless_the_setting_says_so(migration, stack, person):
    stack.tool.import_hash(person.login, PASSWORD)
    assert _ask(migration, person.login, PASSWORD) == ("OK", "ok")
    _configure(migration, policy_max_imported=0, migration_mailbox_passwords_until="")
    assert _ask(migration, person.login, PASSWORD) == ("FAIL", "malformed")


def test_more_imported_hashes_than_are_tried_are_no_no(migration, stack, person):
    for number in range(3):
        dn = f"sendpassId=0000000{number},{stack.tool.container}"
        stack.slapd.root().modify(
            f"dn: {dn}\nchangetype: add\nobjectClass: sendpassCredential\nsendpassId: 0000000{number}\n"
            f"owner: {person.dn}\nsendpassHash: x\nsendpassImported: TRUE\n")
    answer, reason = _ask(migration, person.login, PASSWORD)
    assert answer != "OK" and reason == "internal"
    for number in range(3):
        stack.slapd.root().delete(f"sendpassId=0000000{number},{stack.tool.container}")


# ---- the verb ----

def _encoded(password, *options):
    return subprocess.run(["argon2", "saltsaltsalt", "-id", "-t", "1", "-k", "64", "-p", "1", "-e", *options],
                          input=password, text=True, capture_output=True, check=True).stdout.strip()


def _import(tool, text, *options, form="dovecot-passwd"):
    """Exit status and what became of each record."""
    result = tool.run("import", "--from", form, "--json", *options, "-", stdin=text)
    return result.returncode, [(row["line"], row["result"], row["why"]) for row in json.loads(result.stdout)]


def test_each_record_that_is_not_taken_is_told_with_its_reason(migration, stack, person):
    tool, good = stack.tool, _encoded(PASSWORD)
    heavy = good.replace("m=64", "m=4194304")
    status, rows = _import(tool, f"{person.login}:{{ARGON2ID}}{good}\nnobody:{{ARGON2ID}}{good}\n"
                           f"{person.login}:{{SSHA}}x\n{person.login}:{heavy}\nshared:{good}\n")
    assert status == 1
    assert rows[0] == ("1", "imported", None)
    assert [row[1] for row in rows[1:4]] == ["refused"] * 3
    assert "nobody" in rows[1][2] and "{SSHA}" in rows[2][2] and "m is over the cap" in rows[3][2]


def test_a_dry_run_changes_nothing_and_tells_the_same(migration, stack, person):
    tool = stack.tool
    text = "".join(f"{person.login}:{_encoded(password)}\n" for password in ("a", "b", "c"))
    before = tool.json("list", person.login)
    planned = _import(tool, text, "--dry-run")
    lines = tool.run("import", "--from", "dovecot-passwd", "--dry-run", "-", stdin=text).stdout.splitlines()
    assert lines[0].split("\t") == ["1", person.login, "would be imported", "-"]
    assert tool.json("list", person.login) == before
    assert [row[1] for row in planned[1]] == ["would be imported", "would be imported", "refused"]
    status, rows = _import(tool, text)
    assert status == planned[0] == 1
    assert [row[1] for row in rows] == ["imported", "imported", "refused"] and "max_imported" in rows[2][2]


def test_an_import_can_be_run_again(migration, stack, person):
    text = "".join(f"{person.login}:{_encoded(password)}\n" for password in ("a", "b"))
    assert _import(stack.tool, text)[0] == 0
    status, rows = _import(stack.tool, text)
    assert status == 1 and all("label already" in row[2] for row in rows)
    labels = {credential["label"] for credential in stack.tool.json("list", person.login)}
    assert labels == {"imported", "imported 2"}


def test_what_is_revoked_is_not_imported_again_and_counts_until_it_is_purged(migration, stack, person):
    tool = stack.tool
    first, second, third = (f"{person.login}:{_encoded(password)}\n" for password in "abc")
    assert _import(tool, first + second)[0] == 0
    tool.json("revoke", "--owner", person.login, "--yes")
    status, rows = _import(tool, first + second)
    assert status == 1 and all("label already" in row[2] for row in rows)
    status, rows = _import(tool, third, "--label", "another")
    assert status == 1 and "purge" in rows[0][2]
    assert _ask(migration, person.login, "a") == ("FAIL", "revoked")
    for one in tool.json("list", person.login):
        stack.slapd.root().replace(one["dn"], "sendpassRevoked", "20200101000000Z")
    tool.json("purge", "--revoked-for", "1500d", "--yes")
    assert _import(tool, third, "--label", "another")[0] == 0
    assert _ask(migration, person.login, "c") == ("OK", "ok")


def test_where_none_would_be_tried_none_is_imported_and_the_setting_named(migration, stack, person):
    _configure(migration, policy_max_imported=0)
    status, rows = _import(stack.tool, f"{person.login}:{_encoded(PASSWORD)}\n")
    assert status == 1 and "[policy] max_imported is 0" in rows[0][2]


def test_an_owner_may_not_import(migration, stack):
    tool, password = stack.tool, stack.slapd.password("alice")
    result = tool.run("import", "--from", "dovecot-passwd", str(_file(stack, "alice")),
                      options=("-D", "uid=alice,ou=people,dc=example,dc=org"), stdin=f"{password}\n")
    assert result.returncode == 4 and "line 1" in result.stderr


def _file(stack, login):
    path = stack.directory / "import"
    path.write_text(f"{login}:{_encoded(PASSWORD)}\n", encoding="ascii")
    return path


@pytest.mark.parametrize("arguments, said", [
    (("--from", "xml", "/dev/null"), "dovecot-passwd, csv, ldif or mailcow"),
    (("/dev/null",), "--from must be"),
    (("--from", "csv", "/dev/null"), "names the columns"),
    (("--from", "csv", "/no/such/file"), "No such file"),
    (("--from", "csv"), "missing"),
    (("-D", "cn=x", "--from", "csv", "-"), "cannot hold both"),
])
def test_a_wrong_command_line_is_told(migration, stack, arguments, said):
    options, arguments = (arguments[:2], arguments[2:]) if arguments[0] == "-D" else ((), arguments)
    result = stack.tool.run("import", *arguments, options=options)
    assert result.returncode in (2, 5) and said in result.stderr
