# SPDX-License-Identifier: BSD-2-Clause
"""slapd, sendpassd and Postfix side by side in one directory, and the files that join them."""
from . import slapd as directory_server
from .certificate import Certificate
from .postfix import Postfix
from .sanitizer import Sanitizer
from .sendpassd import Sendpassd
from .slapd import Slapd
from .tool import Tool


class Stack:
    """build is a build directory of sendpass; directory must be reachable for every user; mode is [directory] mode
    of whatever follows no 389 Directory Server."""

    def __init__(self, directory, build, mode="live"):
        self.directory = directory
        self.mode = mode
        self.build = build
        self.plugin = build / ".libs/libsendpass.so"
        self.sanitizer = Sanitizer(build / "sendpassd", directory / "sanitizer")
        self.certificate = Certificate(directory / "certificate")
        self.slapd = Slapd(directory / "slapd", self.certificate)
        self.postfix = Postfix(directory / "postfix", self.certificate, self.plugin, self.sanitizer)
        self.sendpassd = self.daemon("sendpassd", f"{self.postfix.door} 0660 postfix postfix")
        self.tool = Tool(build / "sendpass", self.sendpassd.configuration, directory_server.CREDENTIALS,
                         self.sanitizer.program_environment(), self.slapd.followers.settle)

    def prepare(self):
        """Write every configuration and load the example directory; nothing runs yet."""
        self.slapd.prepare()
        self.postfix.prepare()
        self.sendpassd.configure()

    def daemon(self, name, *doors, server=None):
        """A sendpassd in a directory of that name, with a door for root there and the doors given. It follows the
        server, or ours, in replica mode."""
        directory = self.directory / name
        daemon = Sendpassd(self.build / "sendpassd", directory, self._settings(directory, doors),
                           self.sanitizer.program_environment())
        if self.mode == "replica":
            (server or self.slapd).be_followed(daemon)
        return daemon

    def _settings(self, directory, doors):
        services = directory_server.SERVICES
        return {
            ("ldap", "uri"): self.slapd.uri,
            ("ldap", "bind_dn"): f"cn=verifier,{services}",
            ("ldap", "bind_secret_file"): self.slapd.secret_file("verifier"),
            ("directory", "credential_base"): directory_server.CREDENTIALS,
            ("directory", "credential_container"): directory_server.CREDENTIALS,
            ("directory", "owner_base"): directory_server.SUFFIX,
            ("directory", "owner_active_filter"): "(!(employeeType=disabled))",
            ("daemon", "auth"): [f"{directory}/auth 0600 root root", *doors],
            ("daemon", "user"): "nobody",
            ("log", "target"): "stderr",
            # tests count the lines of attempts that differ in nothing
            ("log", "fold_repeats"): "no",
            ("log", "refused_per_second"): 0,
            ("admin", "bind_dn"): f"cn=sendpass-admin,{services}",
            ("admin", "bind_secret_file"): self.slapd.secret_file("sendpass-admin"),
            ("admin", "verify_socket"): f"{directory}/auth",
        }
