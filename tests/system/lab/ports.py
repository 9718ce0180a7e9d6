# SPDX-License-Identifier: BSD-2-Clause
"""TCP ports on loopback."""
import socket

HOST = "127.0.0.1"


def free_port():
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def kept_port(file):
    """The port that the file names; a free one, and the file made, if there is no file yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{free_port()}\n")
    return int(file.read_text())


def answers(port):
    """Whether somebody accepts connections on the port."""
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True
