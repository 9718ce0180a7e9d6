# SPDX-License-Identifier: BSD-2-Clause
"""Listening sockets that outlive the server behind them, as a service manager holds them."""
import os
import pwd
import socket

FIRST_FD = 3
BACKLOG = 128


class HeldSockets:
    """A unix socket at each path, for one user, and one on each (address, port); passed on to a server as
    systemd passes them."""

    def __init__(self, places, user):
        owner = pwd.getpwnam(user)
        self.sockets = []
        for place in places:
            if isinstance(place, tuple):
                self.sockets.append(socket.create_server(place, backlog=BACKLOG))
                continue
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(place))
            os.chown(place, owner.pw_uid, owner.pw_gid)
            os.chmod(place, 0o600)
            listening.listen(BACKLOG)
            self.sockets.append(listening)

    def hand_to(self, process):
        """From its next start on the process finds them as its first descriptors."""
        descriptors = [listening.fileno() for listening in self.sockets]
        places = " ".join(f"{FIRST_FD + number}<&{fd}" for number, fd in enumerate(descriptors))
        script = f'LISTEN_PID=$$ LISTEN_FDS={len(descriptors)} exec "$@" {places}'
        process.command = ["bash", "-c", script, "bash", *process.command]
        process.pass_fds = descriptors

    def close(self):
        """Listen no more."""
        for listening in self.sockets:
            listening.close()
