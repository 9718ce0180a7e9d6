# SPDX-License-Identifier: BSD-2-Clause
"""A connection to a door that is asked again and again, on a plain socket."""
import socket

TIMEOUT = 30.0


class DoorClient:
    """One connection, to a path or to a port of a loopback address: (address, port)."""

    def __init__(self, place):
        if isinstance(place, tuple):
            self.socket = socket.create_connection(place)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(str(place))
        self.socket.settimeout(TIMEOUT)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, data):
        """Send bytes as they are; False if the door has closed."""
        try:
            self.socket.sendall(data)
            return True
        except ConnectionError:
            return False
