# SPDX-License-Identifier: BSD-2-Clause
"""A client of the auth door on plain sockets: the Dovecot protocol byte by byte, with no code of ours."""
import base64
import itertools
import socket

TIMEOUT = 30.0

_client_numbers = itertools.count(1)


class AuthClient:
    """One connection. As Postfix and Exim do, it announces minor version 0 unless told otherwise."""

    def __init__(self, path, minor=0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")
        self.handshake = self._read_handshake()
        self.send(f"VERSION\t1\t{minor}\nCPID\t{next(_client_numbers)}\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Drop the connection."""
        self.stream.close()
        self.socket.close()

    def _read_handshake(self):
        lines = []
        while not lines or lines[-1] != "DONE":
            line = self.line()
            assert line, "the door closed within its handshake"
            lines.append(line)
        return lines

    def send(self, text):
        """Send text as it is."""
        self.socket.sendall(text.encode())

    def line(self):
        """The next line without its end; empty if the door closed the connection."""
        try:
            return self.stream.readline().decode().rstrip("\n")
        except ConnectionError:
            return ""

    def begin_plain(self, number, login, password, address="127.0.0.1"):
        """Send a request and do not wait for its answer."""
        response = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        self.send(f"AUTH\t{number}\tPLAIN\tservice=smtp\tnologin\tlip=127.0.0.1\trip={address}"
                  f"\tresp={response}\n")

    def plain(self, login, password, number=1, address="127.0.0.1"):
        """One attempt; the first word of the answer: OK, FAIL, or "" for a closed connection."""
        self.begin_plain(number, login, password, address)
        return self.line().partition("\t")[0]
