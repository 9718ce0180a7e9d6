# SPDX-License-Identifier: BSD-2-Clause
"""A client of the auth door on plain sockets: the Dovecot protocol byte by byte, with no code of ours."""
import base64
import itertools
import socket

from . import unread

TIMEOUT = 30.0

_client_numbers = itertools.count(1)


class AuthClient:
    """One connection. As Postfix and Exim do, it announces minor version 0 unless told otherwise; without
    a hello it says nothing by itself."""

    def __init__(self, path, minor=0, hello=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")
        self.handshake = self._read_handshake()
        if hello:
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

    def end(self):
        """Send no more, and listen on."""
        self.socket.shutdown(socket.SHUT_WR)

    def wait_until_read(self):
        """Wait until the door has read all that was sent."""
        unread.wait_until_none(self.socket)

    def line(self):
        """The next line without its end; empty if the door closed the connection."""
        try:
            return self.stream.readline().decode().rstrip("\n")
        except ConnectionError:
            return ""

    @staticmethod
    def encoded(text):
        """Base64, as all messages of a mechanism are sent."""
        return base64.b64encode(text.encode()).decode()

    def begin_plain(self, number, login, password, address="127.0.0.1", service="smtp"):
        """Send a request and do not wait for its answer."""
        response = self.encoded(f"\0{login}\0{password}")
        self.send(f"AUTH\t{number}\tPLAIN\tservice={service}\tnologin\tlip=127.0.0.1\trip={address}"
                  f"\tresp={response}\n")

    def plain(self, login, password, number=1, address="127.0.0.1"):
        """One attempt; the first word of the answer: OK, FAIL, or "" for a closed connection."""
        self.begin_plain(number, login, password, address)
        return self.line().partition("\t")[0]

    def login(self, login, password, number=1):
        """One attempt by LOGIN; as plain()."""
        self.send(f"AUTH\t{number}\tLOGIN\tservice=smtp\tnologin\tlip=127.0.0.1\trip=127.0.0.1\n")
        for text in (login, password):
            assert self.line().startswith(f"CONT\t{number}\t")
            self.send(f"CONT\t{number}\t{self.encoded(text)}\n")
        return self.line().partition("\t")[0]
