# SPDX-License-Identifier: BSD-2-Clause
"""How sendpassd reaches a directory: TLS that is verified, and the next server when one is gone."""
import select
import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from lab import ports
from lab.auth_client import AuthClient
from lab.certificate import Certificate
from lab.slapd import MISNAMED_HOST

OK, UNAVAILABLE = "OK", ""


@contextmanager
def _daemon(stack, **changes):
    own = stack.daemon("connecting")
    own.configure(**changes)
    own.start()
    try:
        yield own
    finally:
        own.stop()


def _attempt(daemon, credential):
    with AuthClient(daemon.directory / "auth") as client:
        return client.plain(credential.login, credential.password)


def _uris(slapd):
    return {
        "starttls": f"ldap://{ports.HOST}:{slapd.port}",
        "ldaps": f"ldaps://{ports.HOST}:{slapd.tls_port}",
    }


@pytest.mark.parametrize("way", ["starttls", "ldaps"])
def test_a_verified_connection_is_used(stack, credential, way):
    uri = _uris(stack.slapd)[way]
    with _daemon(stack, ldap_uri=uri, ldap_tls_ca_file=stack.certificate.certificate) as daemon:
        assert _attempt(daemon, credential) == OK


@pytest.mark.parametrize("way", ["starttls", "ldaps"])
def test_an_unknown_authority_is_not_trusted(stack, credential, way):
    other = Certificate(stack.directory / "other-certificate")
    uri = _uris(stack.slapd)[way]
    with _daemon(stack, ldap_uri=uri, ldap_tls_ca_file=other.certificate) as daemon:
        begin = daemon.mark()
        assert _attempt(daemon, credential) == UNAVAILABLE
        daemon.wait_for(begin, "auth", result="unavailable", reason="directory_down")


def test_a_certificate_of_another_name_is_not_trusted(stack, credential):
    uri = f"ldap://{MISNAMED_HOST}:{stack.slapd.port}"
    with _daemon(stack, ldap_uri=uri, ldap_tls_ca_file=stack.certificate.certificate) as daemon:
        assert _attempt(daemon, credential) == UNAVAILABLE


def test_a_wrong_bind_password_is_an_outage(stack, credential):
    with _daemon(stack, ldap_bind_secret_file=stack.slapd.secret_file("bob")) as daemon:
        assert _attempt(daemon, credential) == UNAVAILABLE


def test_a_dead_server_is_passed_over(stack, credential):
    uris = [f"ldap://{ports.HOST}:{ports.free_port()}", stack.slapd.uri]
    with _daemon(stack, ldap_uri=uris) as daemon:
        assert _attempt(daemon, credential) == OK


def test_a_black_hole_is_passed_over_in_time(stack, credential):
    """A server that takes connections and never answers."""
    with socket.socket() as hole:
        hole.bind((ports.HOST, 0))
        hole.listen(64)
        uris = [f"ldap://{ports.HOST}:{hole.getsockname()[1]}", stack.slapd.uri]
        with _daemon(stack, ldap_uri=uris) as daemon:
            answers = [_attempt(daemon, credential) for _ in range(3)]
    assert OK in answers
    assert "FAIL" not in answers
    assert answers[-1] == OK, "the outage was not remembered"


STARTTLS_OID = b"1.3.6.1.4.1.1466.20037"
# LDAPMessages of RFC 4511: success of the bind that comes next, and of both searches behind it
BIND_SUCCEEDED = bytes.fromhex("300c02010261070a010004000400")
SEARCHES_DONE = bytes.fromhex("300c02010365070a010004000400") + bytes.fromhex("300c02010465070a010004000400")


class _Between:
    """Somebody between sendpassd and a server, who cannot look into TLS but speaks before it."""

    def __init__(self, port, said_before_tls):
        self.port = port
        self.said = said_before_tls
        self.spoke = 0
        self.listener = socket.create_server((ports.HOST, 0))
        self.uri = f"ldap://{ports.HOST}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Take no more connections."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        with client, socket.create_connection((ports.HOST, self.port)) as server, suppress(OSError):
            ways = {client: server, server: client}
            asked = False
            while True:
                for side in select.select(list(ways), [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    if side is server and asked:
                        asked = False
                        self.spoke += 1
                        data += self.said
                    asked = asked or side is client and STARTTLS_OID in data
                    ways[side].sendall(data)


@contextmanager
def _between(stack, said_before_tls):
    somebody = _Between(stack.slapd.port, said_before_tls)
    try:
        yield somebody
    finally:
        somebody.close()


@pytest.mark.parametrize("said", [b"", BIND_SUCCEEDED, BIND_SUCCEEDED + SEARCHES_DONE],
                         ids=["nothing", "of the bind", "of the searches"])
def test_what_was_said_before_tls_is_no_answer(stack, credential, said):
    with _between(stack, said) as somebody, \
            _daemon(stack, ldap_uri=somebody.uri, ldap_tls_ca_file=stack.certificate.certificate) as daemon:
        answer = _attempt(daemon, credential)
        assert somebody.spoke
        assert answer == (UNAVAILABLE if said else OK)
