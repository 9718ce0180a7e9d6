# SPDX-License-Identifier: BSD-2-Clause
"""TCP ports on loopback."""
import random
import socket

HOST = "127.0.0.1"
# Below those that Linux gives to outgoing connections, of which a test has many
RANGE = range(20000, 32768)

_given = set()


def free_port():
    """A port that nobody listens on just now, another one each time."""
    while True:
        port = random.choice(RANGE)
        if port not in _given and not _is_taken(port):
            _given.add(port)
            return port


def _is_taken(port):
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


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
