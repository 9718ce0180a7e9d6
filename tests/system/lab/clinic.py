# SPDX-License-Identifier: BSD-2-Clause
"""A slapd, a sendpassd and mail servers' configurations that a test may break, for `sendpass doctor` to look at."""
import json
import os
import subprocess
from contextlib import contextmanager
from typing import NamedTuple

from . import private_view, sasl
from .exim import Exim
from .postfix import Postfix
from .slapd import Slapd
from .tool import Tool

AUTH = "private/sendpass"
POLICY = "private/sendpass-policy"

# root of this host sees cn=config and the time
OWN_DATABASES = """\
moduleload back_monitor
database monitor
access to dn.subtree="cn=Monitor" by * read
database config
rootdn "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"
database mdb
index uid,mail eq
"""


class Finding(NamedTuple):
    """One line of the doctor."""

    check: str
    result: str
    text: str
    remedy: str


class Findings(list):
    """All of them, and the exit status."""

    status = None

    def of(self, result):
        """Those of one result."""
        return [finding for finding in self if finding.result == result]

    def __getitem__(self, check):
        """The findings of one check."""
        return [finding for finding in self if finding.check == check]


class Clinic:
    """Postfix and Exim are configured and never started: the doctor asks for their settings and tries sockets."""

    def __init__(self, stack, exim_program=None):
        self.stack = stack
        self.directory = stack.directory / "clinic"
        self.slapd = Slapd(self.directory / "slapd", stack.certificate)
        self.postfix = Postfix(self.directory / "postfix", stack.certificate, stack.plugin, stack.sanitizer)
        self.sendpassd = stack.daemon("clinic/sendpassd")
        self.exim = exim_program and Exim(
            exim_program, self.directory / "exim", "dovecot", stack.certificate, stack.plugin, stack.sanitizer,
            policy=self.directory / "exim/door/policy")
        self.state = self.directory / "state"
        self.tool = Tool(stack.build / "sendpass", self.sendpassd.configuration, stack.tool.container,
                         stack.tool.environment)

    def start(self):
        """Everything as it should be, with one app password."""
        self.directory.mkdir(exist_ok=True, mode=0o755)
        self.slapd.prepare()
        text = self.slapd.configuration.read_text()
        self.slapd.configuration.write_text(text.replace("database mdb\n", OWN_DATABASES))
        subprocess.run(["slapindex", "-q", "-f", self.slapd.configuration], check=True, capture_output=True)
        self.slapd.start()
        self.postfix.prepare()
        with open(self.postfix.directory / "etc/main.cf", "a", encoding="utf-8") as main:
            main.write("smtpd_sasl_auth_enable = no\nsmtpd_tls_auth_only = yes\n"
                       f"submission_policy = check_policy_service unix:{POLICY}\n")
        self.postfix.add_service("cyrus", *self.service_options())
        self.postfix.write_sasl_configuration("smtpd", self.sasl())
        self.state.mkdir(mode=0o700)
        os.chown(self.state, 65534, 65534)
        directory = self.sendpassd.directory
        auth = [f"{directory}/auth 0600 root root", f"{self.postfix.queue}/{AUTH} 0660 postfix postfix"]
        policy = [f"{self.postfix.queue}/{POLICY} 0660 postfix postfix"]
        if self.exim:
            self.exim.prepare()
            auth.append(f"{self.exim.door} 0660 root Debian-exim")
            policy.append(f"{self.exim.policy} 0660 root Debian-exim Debian-exim")
        self.sendpassd.settings.update({
            ("daemon", "auth"): auth,
            ("ldap", "uri"): self.slapd.uri,
            ("ldap", "bind_secret_file"): self.slapd.secret_file("verifier"),
            ("admin", "bind_secret_file"): self.slapd.secret_file("sendpass-admin"),
            ("daemon", "policy"): policy,
            ("daemon", "state_directory"): self.state,
            ("admin", "verify_socket"): f"{directory}/auth",
        })
        self.sendpassd.configure()
        self.sendpassd.start()
        self.credential = self.tool.issue("alice")

    @staticmethod
    def service_options(**changes):
        """Of the one service that asks for passwords."""
        options = {"smtpd_sasl_auth_enable": "yes", "smtpd_recipient_restrictions": "$submission_policy", **changes}
        return [f"{name}={value}" for name, value in options.items() if value is not None]

    @staticmethod
    def sasl(**changes):
        """The text of smtpd.conf."""
        return sasl.configuration(f"/{AUTH}", **changes)

    def stop(self):
        """Stop what runs."""
        self.sendpassd.stop()
        self.slapd.stop()

    def examine(self, *options, stdin="", prefix=(), configuration=None):
        """What the doctor finds."""
        command = [*prefix, self.tool.program, "-f", configuration or self.sendpassd.configuration, "doctor",
                   "--json", "--postfix-config", self.postfix.directory / "etc", *options]
        result = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False, timeout=60,
                                env=dict(os.environ, **self.tool.environment))
        assert result.returncode in (0, 1) and result.stderr == "", result.stderr
        found = Findings(Finding(**each) for each in json.loads(result.stdout))
        found.status = result.returncode
        return found

    def examine_with_exim(self, authenticators, edit=lambda text: text):
        """As examine(), with these authenticators in an Exim that only this doctor finds in /usr/local/sbin.
        edit() changes its configuration."""
        script = f"mount -t tmpfs tmpfs /usr/local/sbin; ln -s '{self.exim.program}' /usr/local/sbin/exim4; exec \"$@\""
        self.exim.authenticators = authenticators
        self.exim.write_configuration()
        configuration = self.exim.directory / "exim.conf"
        configuration.write_text(edit(configuration.read_text()))
        return self.examine("--exim-config", self.exim.directory / "exim.conf",
                            prefix=(*private_view.UNSHARE, "sh", "-ec", script, "sh"))

    # ---- one thing broken, and mended again ----

    @contextmanager
    def settings(self, **changes):
        """sendpass.conf with changes that sendpassd has not read."""
        self.sendpassd.configure(**changes)
        try:
            yield
        finally:
            self.sendpassd.configure()

    @contextmanager
    def file(self, path, edit):
        """A file with its text changed by edit(text)."""
        text = path.read_text()
        path.write_text(edit(text))
        try:
            yield
        finally:
            path.write_text(text)

    @contextmanager
    def directory_rules(self, edit):
        """slapd.conf with its text changed, and slapd restarted."""
        with self.file(self.slapd.configuration, edit):
            self.slapd.stop()
            self.slapd.start()
            try:
                yield
            finally:
                self.slapd.stop()
        self.slapd.start()

    @contextmanager
    def stopped(self, server):
        """slapd or sendpassd stopped."""
        server.stop()
        try:
            yield
        finally:
            server.start()

    @contextmanager
    def mode(self, path, mode):
        """Another mode of a file."""
        before = path.stat().st_mode & 0o7777
        path.chmod(mode)
        try:
            yield
        finally:
            path.chmod(before)

    @contextmanager
    def service(self, **changes):
        """The service that asks for passwords, with other options of master.cf."""
        lines = "".join(f"  -o {{{option.replace('=', ' = ', 1)}}}\n" for option in self.service_options(**changes))
        with self.file(self.postfix.directory / "etc/master.cf",
                       lambda text: text[:text.index(" smtpd\n  -o")] + " smtpd\n" + lines):
            yield
