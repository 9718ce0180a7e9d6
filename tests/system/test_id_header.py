# SPDX-License-Identifier: BSD-2-Clause
"""The policy door has Postfix put the id of the app password into the message."""
import re

from lab import wait
from lab.milter_stack import ID_HEADER
from lab.submission import login, send_lines


def ids_in(stack, word):
    """Of each message that holds the word, once there is one, the values of the header with the id."""
    found = wait.until(lambda: [each for each in stack.postfix.messages() if word in each], word)
    return [re.findall(rf"^{ID_HEADER}: (.*)$", each, re.MULTILINE) for each in found]


def test_the_policy_door_puts_the_id_into_the_message(policy, stack, person):
    policy.reload(policy_id_header=ID_HEADER)
    credential = stack.tool.issue(person.login)
    word = f"header-of-{person.login}"
    with login(policy.door("cyrus"), credential) as session:
        for subject in word, f"again-{word}":
            assert send_lines(session, person.mail, f"Subject: {subject}", "", "x").code == 250
            assert ids_in(stack, f"Subject: {subject}") == [[credential.id]]


def test_the_outgoing_hop_removes_the_id(policy, stack, person):
    policy.reload(policy_id_header=ID_HEADER)
    word = f"handed-on-for-{person.login}"
    with login(policy.door("filtered"), stack.tool.issue(person.login)) as session:
        assert send_lines(session, person.mail, f"Subject: {word}", "", "x").code == 250
    assert ids_in(stack, word) == [[]]


def test_where_several_app_passwords_fit_no_id_is_certain(policy, stack, person):
    policy.reload(policy_id_header=ID_HEADER)
    one, other = (stack.tool.issue(person.login) for _ in range(2))
    word = f"ambiguous-{person.login}"
    begin = policy.daemon.mark()
    with login(policy.door("dovecot"), one), login(policy.door("dovecot"), other) as session:
        assert send_lines(session, person.mail, f"Subject: {word}", "", "x").code == 250
    assert ids_in(stack, word) == [[]]
    event = policy.daemon.wait_for(begin, "policy", stage="END-OF-MESSAGE", login=person.login)
    assert event.fields["candidates"] == "2" and event.fields["id"] in (one.id, other.id)
