# SPDX-License-Identifier: BSD-2-Clause
"""A client of the saslauthd door on plain sockets: the protocol byte by byte, with no code of ours."""
import socket

from . import unread

TIMEOUT = 30.0


def to_bytes(value):
    """Text as UTF-8; bytes as they are."""
    return value.encode() if isinstance(value, str) else value


def request(*fields):
    """Login, password, service, realm, and perhaps "address;port"; each text or bytes."""
    parts = [to_bytes(field) for field in fields]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


class SaslauthdClient:
    """One connection, which is good for one request."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Drop the connection."""
        self.socket.close()

    def send(self, data):
        """Send bytes as they are."""
        self.socket.sendall(data)

    def end(self):
        """Send no more, and listen on."""
        self.socket.shutdown(socket.SHUT_WR)

    def wait_until_read(self):
        """Wait until the door has read all that was sent."""
        unread.wait_until_none(self.socket)

    def reply(self):
        """The one reply there may be: "OK", "NO", "" for "try later"; None if the door closed without."""
        everything = b""
        while True:
            try:
                more = self.socket.recv(4096)
            except ConnectionResetError:  # closed with bytes of ours unread, but the reply was before it
                break
            if not more:
                break
            everything += more
        if not everything:
            return None
        assert int.from_bytes(everything[:2], "big") == len(everything) - 2, everything
        return everything[2:].decode()

    def ask(self, *fields):
        """One whole request; the reply."""
        self.send(request(*fields))
        return self.reply()
