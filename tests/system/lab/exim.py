# SPDX-License-Identifier: BSD-2-Clause
"""A private Exim, run from its unpacked package, that asks either libsasl2 or sendpassd itself."""
import os
import pwd
import shutil
from pathlib import Path

from . import ports
from .process import Process
from .sasl import copy_plugins

EXIM_CONF = """\
primary_hostname = mail.example.org
exim_path = {program}
exim_user = Debian-exim
exim_group = Debian-exim
deliver_drop_privilege = true
spool_directory = {directory}/spool
log_file_path = {directory}/log/%s
pid_file_path = {directory}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
keep_environment = SASL_PATH : SASL_CONF_PATH : LD_PRELOAD : ASAN_OPTIONS : UBSAN_OPTIONS
host_lookup =
rfc1413_query_timeout = 0s
smtp_enforce_sync = false
smtp_accept_max = 100
smtp_accept_max_nonmail = 1000
log_selector = +smtp_protocol_error +smtp_syntax_error
auth_advertise_hosts = *
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
{acls}
begin routers

everyone:
  driver = accept
  transport = inbox

begin transports

inbox:
  driver = appendfile
  maildir_format
  directory = {directory}/inbox
  create_directory
  user = Debian-exim

begin authenticators

{authenticators}"""

ACLS = """\
acl_smtp_rcpt = rcpt
acl_smtp_data = accept

begin acl

rcpt:
  accept authenticated = *
  deny message = authentication required
"""

# As docs/exim.md has it
ACLS_WITH_POLICY = """\
SENDPASS_POLICY = {socket}
acl_smtp_mail = acl_check_mail
acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data

begin acl

.include {example}

acl_check_mail:
  require acl = sendpass_policy MAIL
  accept

acl_check_rcpt:
  require acl = sendpass_policy RCPT
  accept authenticated = *
  deny message = authentication required

acl_check_data:
  require acl = sendpass_policy END-OF-MESSAGE
  accept
"""
# As docs/exim.md has it, too
HEADER_LINES = """\
  require acl = sendpass_header From   ${addresses:$rh_From:}
  require acl = sendpass_header Sender ${addresses:$rh_Sender:}
"""
EXAMPLE = Path(__file__).resolve().parents[3] / "examples/exim/policy.conf"
HEADER_EXAMPLE = EXAMPLE.with_name("header-from.conf")

AUTHENTICATOR = """\
{name}_sendpass:
  driver = {driver}
  public_name = {mechanism}
  server_set_id = $auth1
"""

MECHANISMS = ("PLAIN", "LOGIN")


class Exim:
    """driver is cyrus_sasl or dovecot: Exim has one authenticator for a mechanism.
    Its SASL configuration is directory/sasl/exim.conf; its door of sendpassd is directory/door/auth.
    With a text of authenticators these take the place of the driver's; prefix comes before its command.
    With policy, a socket, it asks that policy door as docs/exim.md says; with headers, about headers too."""

    def __init__(self, program, directory, driver, certificate, plugin, sanitizer, *, authenticators=None,
                 prefix=(), policy=None, headers=False):
        self.directory = directory
        self.certificate = certificate
        self.plugin = plugin
        self.door = directory / "door" / "auth"
        self.program = program
        self.driver = driver
        self.authenticators = authenticators
        self.policy = policy
        self.headers = headers
        self.port = ports.free_port()
        environment = dict(
            sanitizer.host_environment(),
            SASL_PATH=str(directory / "plugins"), SASL_CONF_PATH=str(directory / "sasl"))
        self.process = Process([*prefix, str(program), "-C", str(directory / "exim.conf"), "-bdf"],
                               directory / "exim.out", directory / "pid", environment)

    def prepare(self):
        """Make the directories and write the configuration; before sendpassd starts."""
        user = pwd.getpwnam("Debian-exim")
        for name, owned in (("sasl", False), ("plugins", False), ("door", False),
                            ("spool", True), ("log", True), ("inbox", True)):
            path = self.directory / name
            path.mkdir(parents=True)
            if owned:
                os.chown(path, user.pw_uid, user.pw_gid)
        copy_plugins(self.directory / "plugins", self.plugin)
        key = self.directory / "key.pem"
        shutil.copy(self.certificate.key, key)
        os.chown(key, user.pw_uid, user.pw_gid)
        self.write_configuration()

    def write_configuration(self):
        """Write exim.conf, with the authenticators as they are now."""
        (self.directory / "exim.conf").write_text(EXIM_CONF.format(
            program=self.program, directory=self.directory, port=self.port,
            certificate=self.certificate.certificate, key=self.directory / "key.pem", acls=self._acls(),
            authenticators=self.authenticators or self._drivers_authenticators()))

    def _acls(self):
        if not self.policy:
            return ACLS
        acls = ACLS_WITH_POLICY.format(socket=self.policy, example=EXAMPLE)
        if self.headers:
            acls = acls.replace(f".include {EXAMPLE}\n", f".include {EXAMPLE}\n.include {HEADER_EXAMPLE}\n")
            acls = acls.replace("acl_check_data:\n", f"acl_check_data:\n{HEADER_LINES}")
        return acls

    def _drivers_authenticators(self):
        socket = f"  server_socket = {self.door}\n" if self.driver == "dovecot" else ""
        return "".join(AUTHENTICATOR.format(name=mechanism.lower(), driver=self.driver, mechanism=mechanism) + socket
                       for mechanism in MECHANISMS)

    def write_sasl_configuration(self, text):
        """What libsasl2 reads; each connection reads it anew."""
        (self.directory / "sasl/exim.conf").write_text(text)

    def start(self):
        """Start, and wait until it takes connections."""
        self.process.start(lambda: ports.answers(self.port))

    def stop(self):
        """Stop it."""
        self.process.stop()

    def text(self):
        """All it wrote to its logs so far."""
        files = [self.directory / "exim.out", *sorted((self.directory / "log").glob("*"))]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def messages(self):
        """The texts of all messages delivered."""
        return [file.read_text(errors="replace") for file in (self.directory / "inbox/new").glob("*")]
