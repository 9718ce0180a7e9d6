# SPDX-License-Identifier: BSD-2-Clause
"""A private Postfix: chrooted smtpd services on loopback, STARTTLS, a mailbox that takes every message."""
import os
import pwd
import subprocess

from . import ports, wait
from .sasl import copy_plugins

# Postfix may die of a missing authentication server; the default of a minute would hold up its return.
MAIN_CF = """\
compatibility_level = 3.6
myhostname = mail.example.org
mydestination =
mynetworks =
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = no
alias_maps =
maillog_file = {directory}/mail.log
maillog_file_prefixes = {directory}
service_throttle_time = 1s
import_environment = MAIL_CONFIG LANG=C SASL_PATH={directory}/plugins{environment}

smtpd_peername_lookup = no
smtpd_client_event_limit_exceptions = 127.0.0.1
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}

virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:inbox/
virtual_mailbox_base = {directory}/mail
virtual_uid_maps = static:{mail_uid}
virtual_gid_maps = static:{mail_gid}
"""

MASTER_CF = """\
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
flush    unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq    unix n - n - - showq
error    unix - - n - - error
retry    unix - - n - - error
smtp     unix - - n - - smtp
virtual  unix - n n - - virtual
anvil    unix - - n - 1 anvil
postlog  unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Call prepare() before sendpassd starts: it makes the queue directory, where sendpassd puts a door."""

    def __init__(self, directory, certificate, plugin, sanitizer):
        self.directory = directory
        self.certificate = certificate
        self.plugin = plugin
        self.sanitizer = sanitizer
        self.queue = directory / "queue"
        self.door = self.queue / "private" / "sendpass"
        self.door_in_chroot = "/private/sendpass"
        self.log = directory / "mail.log"
        self.services = {file.suffix[1:]: ports.kept_port(file) for file in directory.glob("port.*")}

    def prepare(self):
        """Make the directories, owned as Postfix demands."""
        owner = pwd.getpwnam("postfix")
        mail = pwd.getpwnam("nobody")
        for name, user, mode in (("etc/sasl", None, 0o755), ("plugins", None, 0o755),
                                 ("queue", None, 0o755), ("queue/private", owner, 0o700),
                                 ("data", owner, 0o700), ("mail", mail, 0o755)):
            path = self.directory / name
            path.mkdir(parents=True, exist_ok=True, mode=mode)
            if user is not None:
                os.chown(path, user.pw_uid, user.pw_gid)
        copy_plugins(self.directory / "plugins", self.plugin)
        self.sanitizer.add_chroot(self.queue)
        self._write_main_cf(mail)
        (self.directory / "etc/master.cf").write_text(MASTER_CF)

    def _write_main_cf(self, mail):
        environment = "".join(
            f" {name}={value}" for name, value in self.sanitizer.host_environment().items())
        (self.directory / "etc/main.cf").write_text(MAIN_CF.format(
            directory=self.directory, environment=environment, mail_uid=mail.pw_uid, mail_gid=mail.pw_gid,
            certificate=self.certificate.certificate, key=self.certificate.key))

    def add_service(self, name, *options):
        """One more chrooted smtpd, on a port of its own; options are NAME=VALUE of main.cf."""
        port = self.services[name] = ports.kept_port(self.directory / f"port.{name}")
        with open(self.directory / "etc/master.cf", "a", encoding="utf-8") as master:
            master.write(f"127.0.0.1:{port} inet n - y - - smtpd\n")
            master.writelines(f"  -o {option}\n" for option in options)

    def write_sasl_configuration(self, application, text):
        """What libsasl2 reads in a service with smtpd_sasl_path = APPLICATION."""
        (self.directory / f"etc/sasl/{application}.conf").write_text(text)

    def _run(self, command):
        result = subprocess.run(["postfix", "-c", self.directory / "etc", command],
                                check=False, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr + self.text()

    def start(self):
        """Start, and wait until every service takes connections."""
        self._run("start")
        self._wait_for_services()

    def reload(self):
        """Take up added services."""
        self._run("reload")
        self._wait_for_services()

    def _wait_for_services(self):
        for name, port in self.services.items():
            wait.until(lambda port=port: ports.answers(port), f"Postfix's service {name}")

    def stop(self):
        """Stop, if it runs."""
        if (self.queue / "pid/master.pid").exists():
            self._run("stop")

    def text(self):
        """All of mail.log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def messages(self):
        """The texts of all messages delivered."""
        return [file.read_text(errors="replace") for file in (self.directory / "mail/inbox/new").glob("*")]
