# SPDX-License-Identifier: BSD-2-Clause
"""A client of the socketmap door on a plain socket, as Postfix's smtpd is one."""
from .door_client import DoorClient

MAP = "sender-logins"


def netstring(payload):
    """The payload as a netstring."""
    payload = payload.encode() if isinstance(payload, str) else payload
    return str(len(payload)).encode() + b":" + payload + b","


class SocketmapClient(DoorClient):
    """One connection of Postfix."""

    def reply(self):
        """The next reply's word and data; None if the door closed the connection."""
        try:
            length = b""
            while (byte := self.stream.read(1)) != b":":
                if not byte:
                    return None
                length += byte
            payload = self.stream.read(int(length)).decode()
            assert self.stream.read(1) == b","
        except ConnectionError:
            return None
        word, _, data = payload.partition(" ")
        return word, data

    def ask(self, key, name=MAP):
        """One request, and its reply."""
        self.send(netstring(f"{name} {key}"))
        return self.reply()

    def logins(self, sender):
        """The logins of a sender, as a set; none if it is nobody's."""
        word, data = self.ask(sender)
        assert word in ("OK", "NOTFOUND"), (word, data)
        return set(data.split(",")) if word == "OK" else set()
