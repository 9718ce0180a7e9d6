# SPDX-License-Identifier: BSD-2-Clause
"""What sendpassd has been told and has answered is nowhere in its memory."""
import base64
import re

import pytest

from lab import ports
from lab.auth_client import AuthClient
from lab.saslauthd_client import SaslauthdClient
from lab.target import Target

MAILBOX_PASSWORD = "Yellow-submarine-in-a-teapot-4711"
WRONG_PASSWORD = "Purple-submarine-in-a-kettle-1147"


@pytest.fixture(params=["ldapi", "ldaps"])
def daemon(stack, request):
    """One that lets mailbox passwords pass."""
    if stack.sanitizer.active:
        pytest.skip("AddressSanitizer keeps what was freed as it was, and maps terabytes")
    uri = {"ldapi": stack.slapd.uri, "ldaps": f"ldaps://{ports.HOST}:{stack.slapd.tls_port}"}[request.param]
    target = Target(stack, "remembering", migration_mailbox_passwords_until="2099-01-01", ldap_uri=uri,
                    ldap_tls_ca_file=stack.certificate.certificate)
    target.start()
    yield target.daemon
    assert target.daemon.stop() == 0


def _mappings(daemon):
    """Each readable mapping: where it is, whether it is locked, and its bytes."""
    directory = daemon.process.pid_directory()
    entries = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", (directory / "smaps").read_text(), flags=re.MULTILINE)[1:]
    with open(directory / "mem", "rb", 0) as memory:
        for entry in entries:
            begin, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", entry).groups()
            if rights[0] != "r" or "[v" in entry.splitlines()[0]:
                continue
            memory.seek(int(begin, 16))
            locked = " lo" in re.search(r"^VmFlags:.*", entry, re.MULTILINE)[0]
            yield entry.splitlines()[0], locked, memory.read(int(end, 16) - int(begin, 16))


def _places(daemon, secret):
    """In which mappings that are not locked it is, as it is, as base64 at any offset, or without its dashes."""
    forms = {secret.encode(), secret.replace("-", "").encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret.encode())
        forms.add(encoded[4:-4])
    return [where for where, locked, contents in _mappings(daemon)
            if not locked and any(form in contents for form in forms)]


def _halves(password):
    """Long enough not to be there by chance; and no buffer that is used again hides a whole by its begin."""
    middle = len(password) // 2
    return password[:middle], password[middle:]


def _offer(daemon, offers):
    """To both doors, and to the first by both mechanisms."""
    with AuthClient(daemon.directory / "auth", minor=2) as client:
        for number, (login, password, answer) in enumerate(offers, 1):
            assert client.plain(login, password, number) == answer
            assert client.login(login, password, 100 + number) == answer
    for login, password, answer in offers:
        with SaslauthdClient(daemon.directory / "mux") as client:
            assert client.ask(login, password, "smtp", "") == {"OK": "OK", "FAIL": "NO"}[answer]


def test_no_password_stays_in_memory_once_it_is_answered(daemon, stack, person, credential):
    stack.slapd.root().replace(person.dn, "userPassword", MAILBOX_PASSWORD)
    offers = [(credential.login, credential.password, "OK"), (person.login, MAILBOX_PASSWORD, "OK"),
              (person.login, WRONG_PASSWORD, "FAIL")]
    _offer(daemon, offers)
    daemon.settle()
    bind_secret = stack.slapd.secret_file("verifier").read_text().strip()
    for secret in [bind_secret, *(password for _, password, _ in offers)]:
        found = [where for half in _halves(secret) for where in _places(daemon, half)]
        assert not found, f"{secret} is in the memory of sendpassd"
    assert _places(daemon, person.login), "not even what is no secret is found"
