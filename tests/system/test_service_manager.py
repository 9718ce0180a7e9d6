# SPDX-License-Identifier: BSD-2-Clause
"""What systemd hears of sendpassd: sd_notify(3)."""
import socket

import pytest

TIMEOUT = 10


@pytest.fixture
def manager(tmp_path):
    """The socket of a service manager."""
    tmp_path.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(TIMEOUT)
        yield listening


@pytest.fixture
def daemon(stack, manager):
    """A sendpassd with a manager that wants a sign of life twice within 0.2 s."""
    managed = stack.daemon("managed")
    managed.process.environment = {
        **(managed.process.environment or {}), "NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "200000"}
    managed.configure()
    managed.start()
    yield managed
    managed.stop()


def _hear(manager, first):
    """What comes next, signs of life aside."""
    while True:
        said = manager.recv(200).decode()
        if said != "WATCHDOG=1":
            assert said.startswith(first), said
            return said


def test_the_manager_hears_of_start_reload_refusal_and_end(daemon, manager):
    """A refused configuration, too, ends the reload: the earlier one serves on."""
    _hear(manager, "READY=1")
    for timeout in ("2s", "no time"):
        daemon.configure(ldap_timeout=timeout)
        daemon.reload()
        assert "\nMONOTONIC_USEC=" in _hear(manager, "RELOADING=1")
        _hear(manager, "READY=1")
    daemon.process.signal(15)
    _hear(manager, "STOPPING=1")


def test_a_frozen_daemon_gives_no_sign_of_life(daemon, manager):
    """So that systemd restarts it; one that runs gives them all the time."""
    _hear(manager, "READY=1")
    for _ in range(3):
        assert manager.recv(200) == b"WATCHDOG=1"
    daemon.process.freeze()
    manager.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while True:
            manager.recv(200)
    daemon.process.thaw()
    manager.settimeout(TIMEOUT)
    assert manager.recv(200) == b"WATCHDOG=1"
