# SPDX-License-Identifier: BSD-2-Clause
"""The ways into a mail server that a password can be offered at: each a server and how it asks sendpassd."""
from contextlib import contextmanager
from typing import NamedTuple

from . import sasl, smtp_client
from .exim import Exim

NAMES = ("postfix-cyrus", "postfix-dovecot", "exim-cyrus", "exim-dovecot")
MECHANISMS = ("PLAIN", "LOGIN")
GRANTED = 235
DENIED = 535


class Door(NamedTuple):
    """One SMTP port, and the code by which its server says "try later"."""

    name: str
    port: int
    unavailable: int
    server: object

    def connect(self, **options):
        """An SMTP session; the options are SmtpClient's."""
        return smtp_client.SmtpClient(self.port, **options)

    def attempt(self, mechanism, login, password):
        """One AUTH in a connection of its own."""
        return smtp_client.attempt(self.port, mechanism, login, password)


class Doors:
    """Adds services to a stack's Postfix, and two Exims if there is one. Prepare before sendpassd starts."""

    def __init__(self, stack, exim_program=None):
        self.stack = stack
        self.exims = {}
        if exim_program is not None:
            for driver in ("cyrus_sasl", "dovecot"):
                directory = stack.directory / f"exim-{driver}"
                self.exims[driver] = Exim(exim_program, directory, driver, stack.certificate, stack.plugin,
                                          stack.sanitizer)

    def prepare(self):
        """Write the servers' configurations, and sendpassd's anew with a door for each Exim."""
        stack = self.stack
        stack.sendpassd.settings["ldap", "retry_after"] = "200ms"
        stack.postfix.add_service("cyrus")
        stack.postfix.add_service("dovecot", "smtpd_sasl_type=dovecot", "smtpd_sasl_path=private/sendpass")
        stack.postfix.write_sasl_configuration("smtpd", sasl.configuration(stack.postfix.door_in_chroot))
        for exim in self.exims.values():
            exim.prepare()
            exim.write_sasl_configuration(sasl.configuration(exim.door))
            stack.sendpassd.settings["daemon", "auth"].append(f"{exim.door} 0660 root Debian-exim")
        stack.sendpassd.configure()

    def start(self):
        """Start the mail servers."""
        self.stack.postfix.start()
        for exim in self.exims.values():
            exim.start()

    def stop(self):
        """Stop the mail servers."""
        for exim in self.exims.values():
            exim.stop()
        self.stack.postfix.stop()

    def named(self, name):
        """The door of that name, or None where its server is missing."""
        postfix = self.stack.postfix
        if name.startswith("postfix-"):
            return Door(name, postfix.services[name.removeprefix("postfix-")], 454, postfix)
        exim = self.exims.get("cyrus_sasl" if name == "exim-cyrus" else "dovecot")
        return exim and Door(name, exim.port, 435, exim)


@contextmanager
def with_sasl_options(door, **options):
    """Within: a door like `door`, whose libsasl2 reads other options than usual."""
    server = door.server
    if isinstance(server, Exim):
        # each connection reads the file anew
        server.write_sasl_configuration(sasl.configuration(server.door, **options))
        try:
            yield door
        finally:
            server.write_sasl_configuration(sasl.configuration(server.door))
    else:
        # smtpd reads the file once, so this takes a service of its own
        name = f"sasl{len(server.services)}"
        server.write_sasl_configuration(name, sasl.configuration(server.door_in_chroot, **options))
        server.add_service(name, f"smtpd_sasl_path={name}")
        server.reload()
        yield door._replace(port=server.services[name])


@contextmanager
def stopped(server):
    """Within: the server does not run."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server):
    """Within: the server runs but does nothing."""
    server.process.freeze()
    try:
        yield
    finally:
        server.process.thaw()
