# SPDX-License-Identifier: BSD-2-Clause
"""The metrics door: what it says is true, tells nothing of anybody, and costs no attempt its time."""
import http.client
import itertools
import json
import re
import select
import socket
import subprocess
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from lab import http_client, metrics, ports, wait
from lab.auth_client import AuthClient
from lab.http_client import ask, ask_raw
from lab.policy_client import PolicyClient
from lab.prometheus import Prometheus
from lab.saslauthd_client import SaslauthdClient
from lab.target import Target
from lab.users import acting_as

SOURCE = Path(__file__).resolve().parents[2]
EXAMPLES = SOURCE / "examples/prometheus"
RULES = EXAMPLES / "sendpass.rules.yml"
RULE_TESTS = SOURCE / "tests/prometheus/sendpass.rules.test.yml"

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
        self.choosy = self.directory / "metrics-choosy"
        self.costly = stack.tool.issue(self.target.login)  # a hash of two passes
        self.dead_uri = f"ldap://{ports.HOST}:{ports.free_port()}"
        self.live_uri = stack.slapd.uri
        self.target.daemon.settings.update({
            ("ldap", "uri"): [self.dead_uri, self.live_uri],
            ("ldap", "timeout"): "9s",  # one that is frozen under load is not to be given up
            ("daemon", "attempt_timeout"): "9s",
            ("argon2", "max_passes"): 1,
            ("daemon", "argon2_slots"): 3,
            ("daemon", "argon2_queue"): 77,
            ("daemon", "policy"): f"{self.policy} 0600 root root",
            ("daemon", "metrics"): [f"inet:{self.port[0]}:{self.port[1]}", f"{self.socket} 0600 root root",
                                     f"{self.choosy} 0666 root root games"],
        })
        self.target.daemon.configure()
        gone = stack.tool.issue(self.target.login)
        stack.slapd.root().delete(gone.dn)
        self.unknown_id = gone.password

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


@pytest.fixture(name="trickler", scope="module")
def _trickler(measured):
    """Somebody who never gets to the end of a request, from before the tests that wait for Prometheus on."""
    ended = threading.Event()

    def trickle(connected):
        while not ended.is_set() and not select.select([connected], [], [], 0.1)[0]:
            with suppress(ConnectionError):
                connected.sendall(b"a")
    with http_client.connect(measured.port) as connected:
        connected.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
        thread = threading.Thread(target=trickle, args=[connected])
        thread.start()
        yield thread
        ended.set()
        thread.join()


@pytest.fixture(name="prometheus", scope="module", autouse=True)
def _prometheus(measured, lab_directory):
    prometheus = Prometheus(lab_directory / "prometheus", measured.port, RULES)
    prometheus.start()
    yield prometheus
    prometheus.stop()


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


def test_passwords_that_are_known_are_counted(measured):
    password = measured.target.issue(measured.target.login)
    before = {name: measured.value(f"sendpass_cache_{name}") for name in ("hits_total", "additions_total", "entries")}
    for _ in range(3):
        assert measured.attempt(password=password) == "OK"
    assert measured.attempt(password=_wrong(password)) == "FAIL"
    after = {name: measured.value(f"sendpass_cache_{name}") - value for name, value in before.items()}
    assert after == {"hits_total": 2, "additions_total": 1, "entries": 1}
    assert measured.value("sendpass_cache_limit") == 65536
    assert measured.value("sendpass_cache_evictions_total") == 0


def test_a_head_request_gets_the_head(measured):
    status, headers, body = ask(measured.port, "/metrics", method="HEAD")
    assert (status, body) == (200, "") and headers["Content-Type"].startswith("text/plain")


def test_a_connection_is_good_for_one_request(measured):
    started = time.monotonic()
    received = ask_raw(measured.port, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n" * 2)
    assert received.count(b"HTTP/1.1 200") == received.count(b"# TYPE sendpass_attempts_total") == 1
    assert time.monotonic() - started < AT_ONCE


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


def _logged(measured, name, *keys):
    """How many lines of that event have which values of these keys."""
    return Counter(tuple(event.fields[key] for key in keys) for event in measured.target.daemon.events(name=name))


def _attempts(text):
    return {tuple(sample.labels[key] for key in ("door", "result", "reason")): sample.value
            for sample in metrics.samples(text) if sample.name == "sendpass_attempts_total"}


def _try_everything(measured):
    """Attempts with several results at both doors, and a session of each kind at the policy door."""
    login, password = measured.target.login, measured.target.password
    for _ in range(2):
        assert measured.attempt() == "OK"
    assert measured.attempt_at_saslauthd(login, password) == "OK"
    for wrong in _wrong(password), "nonsense", measured.unknown_id:
        assert measured.attempt(password=wrong) == "FAIL"
        assert measured.attempt_at_saslauthd(login, wrong) == "NO"
    assert measured.attempt(login=HOSTILE) == "FAIL"
    assert measured.attempt_at_saslauthd(HOSTILE, password) == "NO"
    assert measured.attempt(password=measured.costly.password, login=measured.costly.login) == ""
    with PolicyClient(measured.policy) as client:
        about = {"protocol_state": "RCPT", "client_address": "127.0.0.1", "sasl_username": login, "recipient": HOSTILE}
        assert client.ask(sender=f"{login}@example.org", **about) == "DUNNO"
        assert client.ask(sender="boss@example.org", **about).startswith("550")
        assert client.ask(sender="boss@example.org", **{**about, "sasl_username": "nobody"}) == "DUNNO"


def test_the_policy_door_counts_what_it_decides_and_its_sessions(measured):
    before = measured.text()
    _try_everything(measured)
    after = measured.text()

    def risen(**labels):
        return metrics.value(after, "sendpass_policy_decisions_total", **labels) - metrics.value(
            before, "sendpass_policy_decisions_total", **labels)
    assert risen() == 3
    assert risen(action="pass", reason="ok") == 1
    assert risen(action="reject", reason="sender_denied") == 1
    assert risen(action="pass", reason="no_credential") == 1
    assert metrics.value(after, "sendpass_sessions") >= 1


def test_a_server_that_does_not_answer_is_seen_and_so_is_the_failover(measured):
    measured.attempt()
    assert measured.value("sendpass_ldap_up", uri=measured.dead_uri) == 0
    assert measured.value("sendpass_ldap_up", uri=measured.live_uri) == 1
    for uri in measured.dead_uri, measured.live_uri:
        assert 0 <= time.time() - measured.value("sendpass_ldap_asked_timestamp_seconds", uri=uri) < 600
    assert measured.value("sendpass_ldap_failovers_total") == 1


def test_what_waits_for_the_directory_is_seen_while_it_waits(measured, stack):
    text = measured.text()
    assert metrics.value(text, "sendpass_argon2_slots") == 3
    assert metrics.value(text, "sendpass_argon2_queue_limit") == 77
    assert metrics.value(text, "sendpass_directory_workers") == 1
    done = metrics.value(text, "sendpass_ldap_duration_seconds_count")
    asked = itertools.count(1)
    with AuthClient(measured.target.auth) as client:
        def two_wait():
            client.begin_plain(next(asked), measured.target.login, measured.target.password)
            return measured.value("sendpass_directory_queue_length") >= 2
        stack.slapd.process.freeze()
        try:
            wait.until(two_wait, "two that wait")
            assert measured.value("sendpass_directory_workers_busy") == 1
        finally:
            stack.slapd.process.thaw()
        count = next(asked) - 1
        for _ in range(count):
            assert client.line().startswith("OK")
    wait.until(lambda: measured.value("sendpass_directory_workers_busy") == 0, "an idle worker")
    assert measured.value("sendpass_ldap_duration_seconds_count") == done + count
    wait.until(lambda: measured.value("sendpass_argon2_slots_busy") == 0, "idle slots")


def test_argon2_is_timed(measured):
    before = measured.value("sendpass_argon2_duration_seconds_count")
    measured.attempt(password=_wrong(measured.target.password))
    assert measured.value("sendpass_argon2_duration_seconds_count") == before  # its check symbols are wrong
    measured.attempt(password=measured.target.issue(measured.target.login))
    assert measured.value("sendpass_argon2_duration_seconds_count") == before + 1


def test_what_the_process_takes_is_what_the_kernel_says(measured):
    text = measured.text()
    started = metrics.value(text, "process_start_time_seconds")
    assert 0 <= time.time() - started < 600
    assert 0 < metrics.value(text, "process_cpu_seconds_total") < 60
    assert metrics.value(text, "process_resident_memory_bytes") == pytest.approx(
        measured.target.memory() * 1024, rel=0.2)
    assert 0 <= metrics.value(text, "process_open_fds") - measured.target.idle < 20
    assert metrics.value(text, "process_max_fds") >= 2000


def test_labels_have_values_of_closed_sets(measured):
    """Whatever clients send: also where it is made to look like a sample."""
    _try_everything(measured)
    text = measured.text()
    reasons = dict(re.findall(r'X\([A-Z_]+, "([a-z_]+)", SP_([A-Z]+)\)', (SOURCE / "include/sendpass/verdict.h").read_text()))
    allowed = {
        "door": {"auth", "saslauthd"},
        "result": {"granted", "denied", "unavailable"},
        "reason": set(reasons),
        "action": {"pass", "reject", "disconnect", "defer", "close"},
        "uri": {measured.dead_uri, measured.live_uri},
        "le": {"0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0",
               "+Inf"},
    }
    for sample in metrics.samples(text):
        for label, value in sample.labels.items():
            if label == "version":
                assert re.fullmatch(r"[0-9.]+", value) and sample.name == "sendpass_build_info"
            else:
                assert value in allowed[label], sample
    assert {sample.labels["reason"]: sample.labels["result"].upper() for sample in metrics.samples(text)
            if sample.name == "sendpass_attempts_total"} == reasons
    for secret in measured.target.login, measured.target.password, HOSTILE, "eve", "example.org", "127.0.0.1 ":
        assert secret not in text


def test_both_formats_say_the_same(measured):
    plain, openmetrics = measured.text(), measured.text(Accept=OPENMETRICS)
    names = {sample.name for sample in metrics.samples(plain)}
    assert names == {sample.name for sample in metrics.samples(openmetrics)}
    counters = {name.removesuffix("_total") for name, kind in metrics.types(plain).items() if kind == "counter"}
    assert counters == {name for name, kind in metrics.types(openmetrics).items() if kind == "counter"}
    assert all(name in openmetrics for name in ("# TYPE sendpass_build info", "sendpass_build_info{version="))


def test_only_listed_users_are_answered_on_a_socket_that_lists_them(measured):
    assert ask(measured.choosy, "/metrics")[0] == 200
    for user, status in (("games", 200), ("mail", 403)):
        with acting_as(user):
            assert ask(measured.choosy, "/metrics")[0] == status


# ---- somebody who means no good ----

def test_a_crowd_that_says_nothing_delays_no_attempt_and_keeps_no_scraper_out(measured):
    before = measured.target.descriptors()
    with ExitStack() as crowd:
        for _ in range(CROWD):
            idle = crowd.enter_context(socket.socket())
            idle.setblocking(False)
            idle.connect_ex(measured.port)
        started = time.monotonic()
        assert measured.attempt() == "OK"
        assert time.monotonic() - started < AT_ONCE
        assert measured.target.descriptors() <= before + MAX_CONNECTIONS + 8
        assert ask(measured.socket, "/metrics")[0] == 200
        assert ask(measured.port, "/metrics")[0] == 200
    measured.text()


def test_who_asks_all_the_time_delays_no_attempt(measured):
    ended = threading.Event()

    def scrape():
        while not ended.is_set():
            with suppress(OSError, http.client.HTTPException):  # closed with others who are too many
                ask(measured.socket, "/metrics")
    scrapers = [threading.Thread(target=scrape) for _ in range(4)]
    for scraper in scrapers:
        scraper.start()
    try:
        started = time.monotonic()
        for _ in range(20):
            assert measured.attempt() == "OK"
        assert time.monotonic() - started < AT_ONCE
    finally:
        ended.set()
        for scraper in scrapers:
            scraper.join()


# ---- a real Prometheus, which takes five seconds before it scrapes ----

@pytest.mark.usefixtures("trickler")
def test_every_attempt_is_counted_as_it_is_logged(measured, prometheus):
    _try_everything(measured)
    logged = _logged(measured, "auth", "door", "result", "reason")
    assert len(logged) > 8 and {result for _, result, _ in logged} == {"granted", "denied", "unavailable"}
    text = measured.text()
    assert {key: count for key, count in _attempts(text).items() if count > 0} == logged
    for result in "granted", "denied", "unavailable":
        assert metrics.value(text, "sendpass_attempt_duration_seconds_count", result=result) == sum(
            count for key, count in logged.items() if key[1] == result)

    prometheus.wait_until_ready()
    wait.until(lambda: prometheus.value("sum(sendpass_attempts_total)") == sum(logged.values()), "a scrape")
    for (door, result, reason), count in logged.items():
        labels = f'job="sendpass",door="{door}",result="{result}",reason="{reason}"'
        assert prometheus.value(f"sendpass_attempts_total{{{labels}}}") == count
    assert prometheus.value('sendpass_attempt_duration_seconds_bucket{result="denied",le="+Inf"}') == sum(
        count for (_, result, _), count in logged.items() if result == "denied")
    version = subprocess.run([measured.target.stack.build / "sendpassd", "--version"], check=True, text=True,
                             capture_output=True).stdout.split()[1]
    assert prometheus.value(f'sendpass_build_info{{version="{version}"}}') == 1


# ---- what is shipped for Prometheus and Grafana ----

def _names(expression):
    return set(re.findall(r"\b(?:sendpass|process)_[a-z0-9_]+", expression))


def test_rules_are_sound_and_each_alert_is_tried(measured, prometheus):
    subprocess.run(["promtool", "check", "rules", RULES], check=True, capture_output=True, timeout=60)
    tried = subprocess.run(["promtool", "test", "rules", RULE_TESTS], check=False, capture_output=True, text=True,
                           timeout=60)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    prometheus.wait_until_ready()
    rules = prometheus.ask("rules")["groups"][0]["rules"]
    assert all(rule["health"] != "err" for rule in rules) and len(rules) > 10
    tests = RULE_TESTS.read_text()
    assert all(rule["name"] in tests for rule in rules)
    document = (SOURCE / "docs/metrics.md").read_text()
    assert re.findall(r"^\| `(Sendpass[A-Za-z0-9]+)`", document, re.MULTILINE) == [rule["name"] for rule in rules]
    _try_everything(measured)
    known = {sample.name for sample in metrics.samples(measured.text())}
    for rule in rules:
        assert _names(rule["query"]) <= known, rule["name"]


def test_the_dashboard_asks_for_metrics_that_exist(measured, prometheus):
    _try_everything(measured)
    known = {sample.name for sample in metrics.samples(measured.text())}
    dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(expressions) > 20
    prometheus.wait_until_ready()
    for expression in expressions:
        assert _names(expression) and _names(expression) <= known, expression
        filled = expression.replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*")
        assert "$" not in filled
        prometheus.ask("query", query=filled)
    for variable in dashboard["templating"]["list"][1:]:
        assert _names(variable["query"]["query"]) <= known


def test_each_metric_is_in_the_document(measured):
    _try_everything(measured)
    document = (SOURCE / "docs/metrics.md").read_text()
    described = set(re.findall(r"^\| `([a-z0-9_]+)`", document, re.MULTILINE))
    of_a_replica = set(re.findall(r'"(sendpass_replica_\w+)"', (SOURCE / "daemon/metrics_page.c").read_text()))
    assert of_a_replica and of_a_replica <= described
    told = {sample.name for sample in metrics.samples(measured.text())}
    assert described - of_a_replica == {re.sub(r"_(bucket|sum|count)$", "", name) for name in told}


def test_who_trickles_is_closed_and_nobody_waits_for_him(measured, trickler):
    assert measured.attempt() == "OK"
    wait.until(lambda: not trickler.is_alive(), "the door to lose its patience")
    assert ask(measured.port, "/metrics")[0] == 200
