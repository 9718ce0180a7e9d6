# SPDX-License-Identifier: BSD-2-Clause
"""The metrics door: what it says is true, tells nothing of anybody, and costs no attempt its time."""
import http.client
import re
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab import http_client, metrics, ports, wait
from lab.auth_client import AuthClient
from lab.http_client import ask, ask_raw
from lab.policy_client import PolicyClient
from lab.saslauthd_client import SaslauthdClient
from lab.target import Target

OPENMETRICS = "application/openmetrics-text"
AT_ONCE = 2.0  # seconds
CROWD = 1000
MAX_CONNECTIONS = 64
HOSTILE = 'eve"\\n{door="x"} 1\\'


class Measured:
    """A sendpassd with all doors, and one more LDAP server that is not there."""

    def __init__(self, stack):
        self.target = Target(stack, "measured")
        self.directory = self.target.daemon.directory
        self.port = (ports.HOST, ports.free_port())
        self.socket = self.directory / "metrics"
        self.policy = self.directory / "policy"
        self.dead_uri = f"ldap://{ports.HOST}:{ports.free_port()}"
        self.live_uri = stack.slapd.uri
        self.target.daemon.settings.update({
            ("ldap", "uri"): [self.dead_uri, self.live_uri],
            ("ldap", "retry_after"): "10m",
            ("daemon", "argon2_slots"): 3,
            ("daemon", "argon2_queue"): 77,
            ("daemon", "policy"): f"{self.policy} 0600 root root",
            ("daemon", "metrics"): [f"inet:{self.port[0]}:{self.port[1]}", f"{self.socket} 0600 root root"],
        })
        self.target.daemon.configure()

    def text(self, **headers):
        """A scrape."""
        status, _, body = ask(self.port, "/metrics", **headers)
        assert status == 200
        return body

    def value(self, name, **labels):
        """What a scrape says of it."""
        return metrics.value(self.text(), name, **labels)

    def attempt(self, login=None, password=None):
        """One at the auth door; the answer's first word."""
        with AuthClient(self.target.auth) as client:
            return client.plain(login or self.target.login, password or self.target.password)

    def attempt_at_saslauthd(self, login, password):
        """One at the saslauthd door; its reply."""
        with SaslauthdClient(self.target.mux) as client:
            return client.ask(login, password, "smtp", "")


@pytest.fixture(name="measured", scope="module")
def _measured(stack):
    measured = Measured(stack)
    measured.target.start()
    yield measured
    assert measured.target.daemon.stop() == 0


def _wrong(password):
    return password[:-1] + ("a" if password[-1] != "a" else "b")


def test_promtool_has_nothing_to_complain_of(measured):
    measured.attempt()
    subprocess.run(["promtool", "check", "metrics"], input=measured.text(), text=True, check=True, timeout=60)


@pytest.mark.parametrize("accept, content_type", [
    (None, "text/plain; version=0.0.4; charset=utf-8"),
    ("text/plain", "text/plain; version=0.0.4; charset=utf-8"),
    (f"{OPENMETRICS};version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5",
     f"{OPENMETRICS}; version=1.0.0; charset=utf-8"),
])
def test_the_format_is_what_the_scraper_accepts(measured, accept, content_type):
    headers = {"Accept": accept} if accept else {}
    for place in measured.port, measured.socket:
        status, answered, body = ask(place, "/metrics", **headers)
        assert (status, answered["Content-Type"]) == (200, content_type)
        assert body.endswith("\n# EOF\n") == (OPENMETRICS in content_type)


def test_a_head_request_gets_the_head(measured):
    status, headers, body = ask(measured.port, "/metrics", method="HEAD")
    assert (status, body) == (200, "") and headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/", 404), ("GET", "/metrics/", 404), ("GET", "//metrics", 404), ("GET", "/../metrics", 404),
    ("POST", "/metrics", 405), ("DELETE", "/metrics", 405), ("OPTIONS", "/metrics", 405), ("TRACE", "/metrics", 405),
    ("PATCH", "/metrics", 405), ("PUT", "/", 404), ("GET", "/metrics?a=b", 200)])
def test_there_is_one_page_and_it_can_only_be_read(measured, method, path, status):
    answered, _, body = ask(measured.port, path, method=method)
    assert answered == status and (status == 200) == ("sendpass_attempts_total" in body)


@pytest.mark.parametrize("data", [
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n",
    b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + b"a" * 100000,
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + b"a" * 0xffff,
    b"nonsense\r\n\r\n", b"GET /metrics HTTP/9.9\r\n\r\n", b"\0" * 10000, b"BREW /metrics HTTP/1.1\r\n\r\n",
], ids=["header", "path", "body", "chunks", "nonsense", "version", "zeros", "method"])
def test_what_is_no_request_for_the_page_is_answered_at_once_and_not_with_it(measured, data):
    started = time.monotonic()
    assert b"sendpass_attempts_total" not in ask_raw(measured.port, data)
    assert time.monotonic() - started < AT_ONCE
    measured.text()
