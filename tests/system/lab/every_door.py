# SPDX-License-Identifier: BSD-2-Clause
"""All doors of docs/doors.md, each a real mail server or tool before one sendpassd."""
import os
import subprocess
from contextlib import nullcontext
from typing import NamedTuple

from . import doors_table, private_view, sasl, smtp_client
from .doors import Doors
from .exim import Exim
from .pam_services import PamServices
from .saslauthd import Saslauthd
from .stack import Stack

# Not the servers' own, from which Exim takes everybody for secured
CLIENT_ADDRESS = "127.0.0.2"
# A directory that does not answer is waited for in each attempt: not for long.
LDAP_TIMEOUT = "400ms"


class SmtpDoor(NamedTuple):
    """A mail server's port."""

    port: int

    def begin(self):
        """An SMTP session."""
        return smtp_client.SmtpClient(self.port, source=CLIENT_ADDRESS)

    def offer(self, session, mechanism, login, password):
        """The code that AUTH is answered with."""
        return str(session.auth(mechanism, login, password).code)


class ToolDoor(NamedTuple):
    """A program that asks once. command(login, password) is its command and what is typed to it."""

    command: object
    environment: dict

    def begin(self):
        """Nothing is open between two attempts."""
        return nullcontext()

    def offer(self, _session, _mechanism, login, password):
        """All that it says."""
        command, typed = self.command(login, password)
        environment = dict(os.environ, **self.environment)
        result = subprocess.run(command, input=typed, text=True, check=False, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=60, env=environment)
        return result.stdout.strip()


class EveryDoor:
    """`doors` maps the names of docs/doors.md to doors; those that this host cannot have are missing."""

    def __init__(self, directory, build, exim_program=None, mode="live"):
        self.stack = stack = Stack(directory, build, mode)
        self.exim_program = exim_program
        self.first = Doors(stack, exim_program)
        self.doors = {}
        self.servers = []
        self.pam = PamServices(directory / "pam", build / ".libs/pam_sendpass.so")
        self.mux = stack.sendpassd.directory / "mux"
        self.saslauthd_in_chroot = "/private/sendpass-saslauthd"
        stack.sendpassd.settings["ldap", "timeout"] = LDAP_TIMEOUT
        stack.sendpassd.settings["ldap", "connect_timeout"] = LDAP_TIMEOUT
        stack.sendpassd.settings["daemon", "saslauthd"] = [
            f"{stack.postfix.queue}{self.saslauthd_in_chroot} 0660 postfix postfix",
            f"{self.mux} 0600 root root"]

    @property
    def is_complete(self):
        """Whether this host can have all of them."""
        return self.exim_program is not None and private_view.is_possible()

    def prepare(self):
        """Write every configuration and load the example directory; nothing runs yet."""
        self.stack.prepare()
        self._add_postfix_saslauthd()
        self._add_testsaslauthd()
        if private_view.is_possible():
            self.pam.prepare()
            self._add_saslauthd_with_pam()
            self._add_pamtester()
        if self.exim_program is not None:
            self._add_exim_cyrus_saslauthd()
        if self.is_complete:
            self._add_exim_saslauthd()
            self._add_exim_pam()
        self.first.prepare()  # last, as it writes sendpass.conf with all sockets added so far
        self._name_first_doors()

    def _name_first_doors(self):
        for ours, theirs in (("Postfix, plugin", "postfix-cyrus"), ("Exim, plugin", "exim-cyrus"),
                             ("Postfix, type dovecot", "postfix-dovecot"),
                             ("Exim, driver dovecot", "exim-dovecot")):
            door = self.first.named(theirs)
            if door is not None:
                self.doors[ours] = SmtpDoor(door.port)

    def _add_postfix_service(self, name, sasl_configuration):
        postfix = self.stack.postfix
        postfix.add_service(name, f"smtpd_sasl_path={name}")
        postfix.write_sasl_configuration(name, sasl_configuration)
        return SmtpDoor(postfix.services[name])

    def _add_postfix_saslauthd(self):
        name = "Postfix, pwcheck_method saslauthd"
        configuration = doors_table.snippet(name, "pwcheck_method:")
        assert self.saslauthd_in_chroot in configuration
        self.doors[name] = self._add_postfix_service("saslauthd", configuration)

    def _add_testsaslauthd(self):
        def command(login, password):
            return ["testsaslauthd", "-f", str(self.mux), "-s", "smtp", "-u", login, "-p", password], ""
        self.doors["testsaslauthd"] = ToolDoor(command, {})

    def _add_saslauthd_with_pam(self):
        stack = self.stack
        server = Saslauthd(stack.postfix.queue / "private/saslauthd", stack.directory / "saslauthd",
                           self.pam, stack.sanitizer.host_environment())
        server.prepare()
        self.servers.append(server)
        self.pam.add("smtp", stack.sendpassd.directory / "auth")
        configuration = sasl.saslauthd_configuration("/private/saslauthd/mux")
        self.doors["Postfix, saslauthd -a pam"] = self._add_postfix_service("saslauthd-pam", configuration)

    def _add_pamtester(self):
        def command(login, password):
            return [*self.pam.prefix, "pamtester", "-I", f"rhost={CLIENT_ADDRESS}", "pamtester", login,
                    "authenticate", "acct_mgmt"], password + "\n"
        self.pam.add("pamtester", self.stack.sendpassd.directory / "auth")
        self.doors["pamtester"] = ToolDoor(command, self.stack.sanitizer.host_environment())

    def _add_exim(self, name, **changes):
        stack = self.stack
        exim = Exim(self.exim_program, stack.directory / name, "cyrus_sasl", stack.certificate, stack.plugin,
                    stack.sanitizer, **changes)
        exim.prepare()
        self.servers.append(exim)
        return exim

    def _let_exim_in(self, door, path):
        self.stack.sendpassd.settings["daemon", door].append(f"{path} 0660 root Debian-exim")

    def _add_exim_cyrus_saslauthd(self):
        exim = self._add_exim("exim-cyrus-saslauthd")
        mux = exim.door.parent / "mux"
        exim.write_sasl_configuration(sasl.saslauthd_configuration(mux))
        self._let_exim_in("saslauthd", mux)
        self.doors["Exim, pwcheck_method saslauthd"] = SmtpDoor(exim.port)

    def _add_exim_saslauthd(self):
        directory = self.stack.directory / "exim-saslauthd"
        exim = self._add_exim(
            directory.name, authenticators=_authenticators("Exim, ${if saslauthd}"),
            prefix=private_view.command_prefix(saslauthd_directory=directory / "door"))
        self._let_exim_in("saslauthd", exim.door.parent / "mux")
        self.doors["Exim, ${if saslauthd}"] = SmtpDoor(exim.port)

    def _add_exim_pam(self):
        exim = self._add_exim("exim-pam", authenticators=_authenticators("Exim, ${if pam}"),
                              prefix=self.pam.prefix)
        self._let_exim_in("auth", exim.door)
        self.pam.add("exim", exim.door)
        self.doors["Exim, ${if pam}"] = SmtpDoor(exim.port)

    def start(self):
        """Start all servers."""
        for server in self._all():
            server.start()

    def stop(self):
        """Stop all servers that run."""
        for server in reversed(self._all()):
            server.stop()

    def _all(self):
        return [self.stack.slapd, self.stack.sendpassd, *self.servers, self.first]


def _authenticators(heading):
    """The document's, but without the line that hides AUTH where there is no TLS."""
    lines = doors_table.snippet(heading, "plain_").splitlines(keepends=True)
    return "".join(line for line in lines if "server_advertise_condition" not in line)
