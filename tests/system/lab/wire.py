# SPDX-License-Identifier: BSD-2-Clause
"""A wire to slapd that is cut when a request of some kind comes."""
import select
import socket
import threading

from .wait import TimedOut

# Tags of LDAP's protocolOp (RFC 4511, appendix B)
MODIFY, ADD, DELETE = 0x66, 0x68, 0x4a


def _operation(message):
    """The tag of a message's protocolOp: behind SEQUENCE, its length, and the id. libldap sends one at a time."""
    at = 2 + (message[1] & 0x7f if message[1] & 0x80 else 0)
    return message[at + 2 + message[at + 1]]


class Wire:
    """A socket at path that hands on to the socket target what one client says, and the answers.

    Of the first request with the tag the client sees no answer, but the wire cut; the request itself gets
    through, unless it is to be lost. When it comes, on_request() is called first. With on_gone the wire is not
    cut: the client waits, and when it has given up on_gone() is called.
    """

    def __init__(self, path, target, tag, **how):
        self.target = target
        self.tag = tag
        self.lose_request = how.get("lose_request", False)
        self.on_request = how.get("on_request")
        self.on_gone = how.get("on_gone")
        self.was_cut = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(20)
        self.listener.close()
        if not self.was_cut:
            raise TimedOut("the request to be cut off did not come")

    def _serve(self):
        client, _ = self.listener.accept()
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self.target))
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    message = ready.recv(65536)
                    if not message:
                        return
                    if ready is client and _operation(message) == self.tag:
                        self._cut(client, server, message)
                        return
                    (server if ready is client else client).sendall(message)

    def _cut(self, client, server, message):
        self.was_cut = True
        if self.on_request is not None:
            self.on_request()
        if not self.lose_request:
            server.sendall(message)
        if self.on_gone is not None:
            client.recv(1)
            self.on_gone()
        if not self.lose_request:
            server.recv(65536)
