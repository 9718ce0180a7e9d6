# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP client that sends exactly the AUTH bytes it is told to."""
import base64
import re
import socket
import ssl
import time
from typing import NamedTuple

from . import ports

TIMEOUT = 30.0


class Reply(NamedTuple):
    """What the server said. Code 0: it closed the connection instead."""

    code: int
    text: str
    seconds: float = 0.0


CLOSED = Reply(0, "connection closed")


def to_bytes(value):
    """Text as UTF-8; bytes as they are."""
    return value.encode() if isinstance(value, str) else value


def encoded(value):
    """Base64."""
    return base64.b64encode(to_bytes(value))


def initial_response(value):
    """Base64, with '=' for an empty initial response (RFC 4954, section 4)."""
    return encoded(value) or b"="


class SmtpClient:
    """One SMTP session, past EHLO unless the server closes it before."""

    def __init__(self, port, starttls=False, source=ports.HOST):
        self.socket = socket.create_connection((ports.HOST, port), TIMEOUT, (source, 0))
        self.stream = self.socket.makefile("rb")
        self.capabilities = ""
        self.greeting = self._read()
        if self.greeting.code == 220:
            self._hello()
        if starttls:
            self._start_tls()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Drop the connection."""
        self.stream.close()
        self.socket.close()

    def _hello(self):
        self.capabilities = self.command("EHLO client.example.org").text

    def _start_tls(self):
        reply = self.command("STARTTLS")
        assert reply.code == 220, reply
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.stream.close()
        self.socket = context.wrap_socket(self.socket)
        self.stream = self.socket.makefile("rb")
        self._hello()

    def _read(self):
        lines = []
        try:
            for line in self.stream:
                lines.append(line.decode(errors="replace").rstrip("\r\n"))
                if not re.match(r"\d{3}-", lines[-1]):
                    return Reply(int(lines[-1][:3]), "\n".join(lines))
        except ConnectionError:
            pass
        return CLOSED

    def command(self, line):
        """Send one line; the reply, and how long it took."""
        started = time.monotonic()
        try:
            self.socket.sendall(to_bytes(line) + b"\r\n")
        except ConnectionError:
            return CLOSED
        return self._read()._replace(seconds=time.monotonic() - started)

    def pipeline(self, *lines):
        """Send all lines at once (RFC 2920); the codes of the replies, up to the end of the connection."""
        self.socket.sendall(b"".join(to_bytes(line) + b"\r\n" for line in lines))
        codes = []
        while len(codes) < len(lines) and codes[-1:] != [CLOSED.code]:
            codes.append(self._read().code)
        return codes

    def _answers(self, first, answers):
        """Send a command, then one answer for each 334."""
        started = time.monotonic()
        reply = self.command(first)
        for answer in answers:
            if reply.code != 334:
                break
            reply = self.command(answer)
        return reply._replace(seconds=time.monotonic() - started)

    def auth_plain(self, login, password, initial=True, authzid=b""):
        """AUTH PLAIN, with its initial response or after a 334."""
        message = encoded(b"\0".join([to_bytes(authzid), to_bytes(login), to_bytes(password)]))
        if initial:
            return self.command(b"AUTH PLAIN " + message)
        return self._answers(b"AUTH PLAIN", [message])

    def auth_login(self, login, password, initial=False):
        """AUTH LOGIN, the login as initial response or after a 334."""
        if initial:
            return self._answers(b"AUTH LOGIN " + initial_response(login), [encoded(password)])
        return self._answers(b"AUTH LOGIN", [encoded(login), encoded(password)])

    def auth(self, mechanism, login, password):
        """AUTH in the mechanism's most common form."""
        if mechanism == "PLAIN":
            return self.auth_plain(login, password)
        return self.auth_login(login, password)

    def send(self, sender, recipient, subject):
        """Submit a short message; the reply to its end."""
        for line, wanted in ((f"MAIL FROM:<{sender}>", 250), (f"RCPT TO:<{recipient}>", 250), ("DATA", 354)):
            reply = self.command(line)
            if reply.code != wanted:
                return reply
        return self.command(f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\n\r\nHello.\r\n.")


def attempt(port, mechanism, login, password, starttls=False):
    """One AUTH in a connection of its own. A session the server refuses altogether is CLOSED
    or carries the code of its greeting."""
    with SmtpClient(port, starttls) as client:
        if client.greeting.code != 220:
            return client.greeting
        return client.auth(mechanism, login, password)
