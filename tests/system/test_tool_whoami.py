# SPDX-License-Identifier: BSD-2-Clause
"""Who the tool is bound as, and how much that shows."""
import json

from lab.slapd import PEOPLE, SERVICES

OK, FORBIDDEN = 0, 4


def test_the_admin_sees_all_and_owns_none(stack, credential):
    seen = len(stack.tool.json("list"))
    assert seen > 0 and credential.id
    assert stack.tool.json("whoami") == {
        "identity": f"dn:cn=sendpass-admin,{SERVICES}", "server": stack.slapd.uri, "sees": seen, "owns": 0}


def test_a_person_sees_their_own(stack, credential):
    own = stack.tool.issue("alice")
    alice = {"stdin": stack.slapd.password("alice") + "\n", "options": ["-D", f"uid=alice,{PEOPLE}"]}
    told = json.loads(stack.tool.run("whoami", "--json", **alice).stdout)
    assert told["identity"] == f"dn:uid=alice,{PEOPLE}"
    assert told["sees"] == told["owns"] == len(stack.tool.json("list", "alice"))
    assert told["sees"] < len(stack.tool.json("list")) and credential.id
    shown = stack.tool.run("whoami", **alice).stdout
    assert shown == (f"identity: dn:uid=alice,{PEOPLE}\nserver: {stack.slapd.uri}\n"
                     f"sees: {told['sees']} app password{'' if told['sees'] == 1 else 's'}\nowns: {told['owns']}\n")
    stack.tool.revoke(own)


def test_external_is_told_in_the_servers_words(stack):
    result = stack.tool.run("whoami", options=["-E"])
    assert result.returncode == OK, result.stderr
    assert "identity: dn:gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth\n" in result.stdout


def test_who_cannot_bind_is_nobody(stack):
    result = stack.tool.run("whoami", stdin="wrong\n", options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == FORBIDDEN and result.stdout == ""
