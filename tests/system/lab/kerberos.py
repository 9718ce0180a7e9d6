# SPDX-License-Identifier: BSD-2-Clause
"""Two private Kerberos realms with one KDC on a loopback port. /etc/krb5.conf is not read."""
import shutil
import socket
import subprocess

from . import ports
from .process import Process

# Services are of the first, which trusts the second
REALM, OTHER_REALM = "EXAMPLE.ORG", "EXAMPLE.NET"
TRUST = f"krbtgt/{REALM}@{OTHER_REALM}"

# Names are taken as they are given: nothing is asked of the DNS.
KRB5_CONF = """\
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
ignore_acceptor_hostname = true
udp_preference_limit = 1
[realms]
{realm} = {{
	kdc = {host}:{port}
}}
{other} = {{
	kdc = {host}:{port}
}}
"""

KDC_CONF = """\
[kdcdefaults]
kdc_listen = ""
kdc_tcp_listen = {host}:{port}
[realms]
{realm} = {{
	database_name = {directory}/{realm}
	key_stash_file = {directory}/{realm}.stash
}}
{other} = {{
	database_name = {directory}/{other}
	key_stash_file = {directory}/{other}.stash
}}
[logging]
kdc = STDERR
"""

# For LeakSanitizer: libsasl2's mechanism does not free the ticket, in ldapwhoami neither.
SUPPRESSIONS = "leak:gss_acquire_cred_from\n"


def is_there():
    """Whether a KDC is installed."""
    return all(shutil.which(program) for program in ("krb5kdc", "kadmin.local", "kinit"))


class Kerberos:
    """Knows the services ldap/127.0.0.1 and ldap/ with this host's name, and whom prepare() was given."""

    def __init__(self, directory):
        self.directory = directory
        self.port = ports.free_port()
        self.keytab = directory / "keytab"
        self.environment = {"KRB5_CONFIG": str(directory / "krb5.conf"),
                            "KRB5_KDC_PROFILE": str(directory / "kdc.conf"),
                            "KRB5_KTNAME": str(self.keytab),
                            "KRB5RCACHENAME": f"file2:{directory}/replays",
                            "LSAN_OPTIONS": f"suppressions={directory}/suppressions:print_suppressions=0"}
        self.process = Process(["krb5kdc", "-n", "-r", REALM, "-r", OTHER_REALM], directory / "kdc.log",
                               directory / "pid", self.environment)

    def _run(self, *command, text=""):
        subprocess.run(["env", *(f"{name}={value}" for name, value in self.environment.items()), *command],
                       input=text, text=True, check=True, capture_output=True, timeout=30)

    def _make(self, realm, principals):
        self._run("kdb5_util", "create", "-s", "-r", realm, "-P", "master")
        commands = [f"addprinc -pw trust {TRUST}", *(f"addprinc -randkey {principal}" for principal in principals)]
        if principals:
            commands.append(f"ktadd -k {self.keytab} {' '.join(principals)}")
        self._run("kadmin.local", "-r", realm, text="\n".join(commands) + "\n")

    def prepare(self, *persons):
        """Make the realms, with those persons in them."""
        self.directory.mkdir()
        (self.directory / "suppressions").write_text(SUPPRESSIONS)
        for name, text in ("krb5.conf", KRB5_CONF), ("kdc.conf", KDC_CONF):
            (self.directory / name).write_text(text.format(
                realm=REALM, other=OTHER_REALM, host=ports.HOST, port=self.port, directory=self.directory))
        services = [f"ldap/{host}@{REALM}" for host in (ports.HOST, socket.gethostname())]
        for realm, others in (REALM, services), (OTHER_REALM, []):
            self._make(realm, others + [person for person in persons if person.endswith(f"@{realm}")])

    def start(self):
        """Start the KDC, and wait until it answers."""
        self.process.start(lambda: ports.answers(self.port))

    def stop(self):
        """Stop it."""
        self.process.stop()

    def without_ticket(self):
        """The environment of somebody who has no ticket."""
        return {**self.environment, "KRB5CCNAME": f"FILE:{self.directory}/none"}

    def ticket(self, person):
        """The environment of that person, with a ticket."""
        environment = {**self.environment, "KRB5CCNAME": f"FILE:{self.directory}/ticket-of-{person}"}
        self._run("kinit", "-k", "-t", str(self.keytab), "-c", environment["KRB5CCNAME"], person)
        return environment
