# SPDX-License-Identifier: BSD-2-Clause
"""The stacks of docs/pam.md do what it says of them, with the real libpam and the real pam_unix."""
import re
from pathlib import Path

import pytest

from lab.doors import stopped
from lab.pam import DENIED, GRANTED, UNAVAILABLE, PamHost

DOCUMENT = Path(__file__).parents[2] / "docs/pam.md"
MAILBOX_PASSWORD = "the mailbox password"


def documented_stacks():
    """{heading: stack} of the document."""
    found = {}
    for section in re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        lines = re.findall(r"^    ((?:auth|account) .*pam_\w+\.so.*)$", text, re.MULTILINE)
        if lines:
            found[heading] = "\n".join(lines) + "\n"
    return found


# heading: what an app password, a mailbox password and a wrong one come to; and in an outage, the first two
STACKS = {
    "App passwords alone": (GRANTED, DENIED, DENIED, UNAVAILABLE, UNAVAILABLE),
    "App passwords first, then mailbox passwords": (GRANTED, GRANTED, DENIED, UNAVAILABLE, UNAVAILABLE),
    "Mailbox passwords first, then app passwords": (GRANTED, GRANTED, DENIED, UNAVAILABLE, GRANTED),
    "With jumps, as Debian's common-auth is written": (GRANTED, GRANTED, DENIED, UNAVAILABLE, UNAVAILABLE),
    "What plain sufficient does": (GRANTED, GRANTED, DENIED, DENIED, GRANTED),
}


def test_every_documented_stack_is_tried():
    assert documented_stacks().keys() == STACKS.keys()


@pytest.fixture
def pam(stack, tmp_path):
    """A host with pam_sendpass and no accounts yet."""
    return PamHost(tmp_path, stack.build / ".libs/pam_sendpass.so", stack.sanitizer.host_environment())


@pytest.mark.parametrize("heading", STACKS)
def test_a_documented_stack_does_what_it_says(heading, stack, pam, credential):
    by_app, by_mailbox, by_wrong, _, _ = STACKS[heading]
    pam.add_account(credential.login, MAILBOX_PASSWORD)
    pam.write_stack(documented_stacks()[heading], stack.sendpassd.directory / "auth")
    assert pam.login(credential.login, credential.password) == by_app
    assert pam.login(credential.login, MAILBOX_PASSWORD) == by_mailbox
    assert pam.login(credential.login, "a wrong password") == by_wrong
    stack.tool.revoke(credential)
    assert pam.login(credential.login, credential.password) == by_wrong


@pytest.mark.parametrize("heading", STACKS)
def test_a_documented_stack_in_an_outage(heading, stack, pam, credential):
    _, _, _, by_app, by_mailbox = STACKS[heading]
    pam.add_account(credential.login, MAILBOX_PASSWORD)
    pam.write_stack(documented_stacks()[heading], stack.sendpassd.directory / "auth")
    with stopped(stack.sendpassd):
        assert pam.login(credential.login, credential.password) == by_app
        assert pam.login(credential.login, MAILBOX_PASSWORD) == by_mailbox


@pytest.mark.parametrize("heading", STACKS)
def test_an_app_password_needs_no_account_on_the_host(heading, stack, pam, credential):
    pam.write_stack(documented_stacks()[heading], stack.sendpassd.directory / "auth")
    assert pam.login(credential.login, credential.password) == GRANTED
    assert pam.login(credential.login, "a wrong password") not in (GRANTED, UNAVAILABLE)


def test_the_log_of_sendpassd_has_the_service_and_the_address(stack, pam, credential):
    begin = stack.sendpassd.mark()
    pam.write_stack(documented_stacks()["App passwords alone"], stack.sendpassd.directory / "auth")
    assert pam.login(credential.login, credential.password) == GRANTED
    fields = stack.sendpassd.wait_for(begin, "auth", login=credential.login).fields
    assert (fields["result"], fields["service"], fields["ip"]) == ("granted", "smtp", "192.0.2.7")
