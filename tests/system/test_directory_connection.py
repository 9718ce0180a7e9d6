# SPDX-License-Identifier: BSD-2-Clause
"""How sendpassd reaches a directory: TLS that is verified, and the next server when one is gone."""
import socket
from contextlib import contextmanager

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
