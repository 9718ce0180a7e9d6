# SPDX-License-Identifier: BSD-2-Clause
"""A client of the policy door on plain sockets, as Postfix's smtpd is one."""
from .door_client import DoorClient


def request(**attributes):
    """The bytes of one request."""
    lines = [f"{name}={value}" for name, value in {"request": "smtpd_access_policy", **attributes}.items()]
    return ("\n".join(lines) + "\n\n").encode()


class PolicyClient(DoorClient):
    """One connection of Postfix, or of sendpass-milter."""

    def action(self):
        """The next answer's action; empty if the door closed the connection."""
        try:
            line = self.stream.readline().decode().rstrip("\n")
            if line:
                assert self.stream.readline() == b"\n"
        except ConnectionError:
            return ""
        return line.removeprefix("action=")

    def answer(self):
        """The next answer's lines, by name; none if the door closed the connection."""
        lines = {}
        for line in self.stream:
            if line == b"\n":
                break
            name, _, value = line.decode().rstrip("\n").partition("=")
            lines[name] = value
        return lines

    def ask_about_header(self, **attributes):
        """A request as sendpass-milter makes it, and its answer as answer() has it."""
        self.send(request(**{"request": "sendpass_header_sender", "sendpass_header": "From",
                             "client_address": "127.0.0.1", **attributes}))
        return self.answer()

    def ask(self, **attributes):
        """One request, and its answer."""
        self.send(request(**attributes))
        return self.action()
