# SPDX-License-Identifier: BSD-2-Clause
"""The policy door on a TCP port of loopback, and nothing else there."""
import socket
import subprocess

import pytest

from lab import ports
from lab.activation import HeldSockets
from lab.policy_client import PolicyClient
from lab.submission import login, send_and_reset


@pytest.fixture(name="own")
def _own(stack):
    daemon = stack.daemon("inet")
    yield daemon
    daemon.stop()


def test_postfix_asks_by_tcp(policy, stack, person):
    policy.reload(policy_ended_session="reject")
    credential = stack.tool.issue(person.login, "--rate", "1/1h")
    with login(policy.door("inet"), credential) as session:
        assert send_and_reset(session, person.mail).code == 250
        assert send_and_reset(session, person.mail).code == 450
        assert send_and_reset(session, "boss@example.org").code == 550
        stack.tool.revoke(credential)
        assert "no longer valid" in send_and_reset(session, person.mail).text


def test_a_restart_takes_the_port_again_under_open_connections(policy):
    with PolicyClient((ports.HOST, policy.port)) as client:
        assert client.ask(protocol_state="RCPT") == "DUNNO"
        policy.restart()
        assert client.action() == ""
        with PolicyClient((ports.HOST, policy.port)) as other:
            assert other.ask(protocol_state="RCPT") == "DUNNO"


def test_ipv6_has_brackets(own):
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
            port = free.getsockname()[1]
    except OSError:
        pytest.skip("no IPv6 here")
    own.configure(daemon_policy=f"inet:[::1]:{port}")
    own.start()
    with PolicyClient(("::1", port)) as client:
        assert client.ask(protocol_state="RCPT") == "DUNNO"


def test_a_port_of_the_service_manager_is_taken_by_its_address(own):
    port = ports.free_port()
    held = HeldSockets([(ports.HOST, port)], "nobody")
    held.hand_to(own.process)
    own.configure(daemon_policy=f"inet:{ports.HOST}:{port}")
    try:
        own.start()
        with PolicyClient((ports.HOST, port)) as client:
            assert client.ask(protocol_state="RCPT") == "DUNNO"
        own.stop()
        assert ports.answers(port)  # it is the service manager's still
    finally:
        held.close()


def test_a_port_in_use_is_no_start(own):
    with socket.create_server((ports.HOST, 0)) as taken:
        place = f"inet:{ports.HOST}:{taken.getsockname()[1]}"
        own.configure(daemon_policy=place)
        result = subprocess.run(own.process.command, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and f"socket {place}: another process listens there" in result.stderr


@pytest.mark.parametrize("door", ("auth", "saslauthd"))
def test_no_password_comes_by_tcp(door, own):
    own.configure(**{f"daemon_{door}": f"inet:{ports.HOST}:{ports.free_port()}"})
    for options in ([], ["--check-config"]):
        result = subprocess.run([*own.process.command, *options], check=False, capture_output=True, text=True,
                                timeout=60)
        assert result.returncode == 1
        assert f"[daemon] {door} must be a unix socket and not inet: TCP does not tell who asks" in result.stderr


def test_print_config_writes_what_can_be_read(own):
    own.configure(daemon_policy=["inet:[0:0::1]:10031", f"inet:{ports.HOST}:10032", "/policy 0600 root root"])
    for _ in range(2):
        result = subprocess.run([*own.process.command, "--print-config"], check=True, capture_output=True, text=True)
        lines = [line for line in result.stdout.splitlines() if line.startswith("policy = ")]
        assert lines == ["policy = inet:[::1]:10031", f"policy = inet:{ports.HOST}:10032",
                         "policy = /policy 0600 root root"]
        own.configuration.write_text(result.stdout)
