# SPDX-License-Identifier: BSD-2-Clause
"""A private slapd with the schema of schema/ and the rules and entries of examples/openldap."""
import subprocess
from urllib.parse import quote

from . import ports
from .entries import SOURCE, SUFFIX, Secrets
from .ldap import Ldap
from .process import Process
from .replica import MODULES, RULES, Followers

CREDENTIALS = f"ou=sendpass,{SUFFIX}"
PEOPLE = f"ou=people,{SUFFIX}"
DEPARTMENTS = f"ou=departments,{SUFFIX}"
SERVICES = f"ou=services,{SUFFIX}"
# Loopback, but no name that the certificate has
MISNAMED_HOST = "127.0.0.2"
ROOT_DN = "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"

# root of this host is the directory's root by EXTERNAL. No syslog, as Debian has it. The rule for employeeType
# is a site's own: what owner_active_filter asks about must be readable to the verifier.
SLAPD_CONF = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {source}/schema/sendpass.schema
modulepath /usr/lib/ldap
moduleload back_mdb
{modules}
pidfile {directory}/slapd.pid
loglevel none
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix {suffix}
directory {directory}/db
index objectClass eq
rootdn "{root}"
access to dn.children="ou=people,{suffix}" attrs=employeeType
	by dn.exact="cn=verifier,ou=services,{suffix}" read
	by * none
{rules}
{includes}
{overlays}
"""


class Slapd:
    """Every {REPLACE}NAME of the entries gets a random password, which is in the file secret.NAME.

    The entries are files of examples/openldap. More for slapd.conf: modules before the database, rules before
    ours, overlays at its end.
    """

    LOG_LEVEL = "stats"
    RULES = ("examples/postfix/acl.conf", "examples/openldap/acl.conf")

    def __init__(self, directory, certificate, entries=("example.ldif",), modules="", rules="", overlays=""):
        self.directory = directory
        self.certificate = certificate
        self.entries = entries
        self.secrets = Secrets(directory)
        self.more = {"modules": modules, "rules": rules, "overlays": overlays}
        self.followers = Followers(self)
        self.socket = directory / "ldapi"
        self.uri = "ldapi://" + quote(str(self.socket), safe="")
        self.port = ports.kept_port(directory / "port")
        self.tls_port = ports.kept_port(directory / "tls-port")
        self.configuration = directory / "slapd.conf"
        self.process = Process(
            ["slapd", "-f", str(self.configuration), "-d", self.LOG_LEVEL,
             "-h", f"{self.uri} ldap://{ports.HOST}:{self.port} ldaps://{ports.HOST}:{self.tls_port}"
             f" ldap://{MISNAMED_HOST}:{self.port}"],
            directory / "slapd.log", directory / "pid")

    def prepare(self):
        """Write the configuration and load the example directory."""
        (self.directory / "db").mkdir(parents=True)
        includes = "\n".join(f"include {SOURCE / name}" for name in self.RULES)
        self.configuration.write_text(SLAPD_CONF.format(
            source=SOURCE, includes=includes, directory=self.directory, suffix=SUFFIX, root=ROOT_DN,
            certificate=self.certificate.certificate, key=self.certificate.key, **self.more))
        self.load()

    def be_followed(self, daemon):
        """Let a sendpassd make a replica of it. Before prepare(), but for all after the first."""
        if not self.followers.daemons:
            self.more["modules"] += f"\n{MODULES}"
            self.more["rules"] += f"\n{RULES}"
        self.followers.daemons.append(daemon)
        daemon.follow(self)

    def load(self):
        """Fill the database that the configuration names."""
        subprocess.run(["slapadd", "-q", "-f", self.configuration], input=self.secrets.fill(*self.entries),
                       text=True, check=True)

    def secret_file(self, name):
        """The file with the password of NAME in the entries."""
        return self.secrets.file(name)

    def password(self, name):
        """The password of NAME in the entries."""
        return self.secrets.password(name)

    def root(self):
        """The directory's root, who may do everything."""
        return Ldap(self.uri, settle=self.followers.settle)

    def as_person(self, name):
        """alice or bob, with their password of the directory."""
        return Ldap(self.uri, f"uid={name},{PEOPLE}", self.password(name), self.followers.settle)

    def as_service(self, name):
        """verifier or sendpass-admin."""
        return Ldap(self.uri, f"cn={name},{SERVICES}", self.password(name), self.followers.settle)

    def start(self):
        """Start, and wait until it answers, and all who follow it do so again."""
        self.process.start(self.root().can_bind)
        self.followers.settle()

    def stop(self):
        """Stop it, frozen or not."""
        self.process.stop()
