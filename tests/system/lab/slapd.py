# SPDX-License-Identifier: BSD-2-Clause
"""A private slapd with the schema of schema/ and the rules and entries of examples/openldap."""
import re
import secrets
import subprocess
from pathlib import Path
from urllib.parse import quote

from . import ports
from .ldap import Ldap
from .process import Process

SOURCE = Path(__file__).resolve().parents[3]
SUFFIX = "dc=example,dc=org"
CREDENTIALS = f"ou=sendpass,{SUFFIX}"
PEOPLE = f"ou=people,{SUFFIX}"
DEPARTMENTS = f"ou=departments,{SUFFIX}"
SERVICES = f"ou=services,{SUFFIX}"
# Loopback, but no name that the certificate has
MISNAMED_HOST = "127.0.0.2"

# root of this host is the directory's root by EXTERNAL. The rule for employeeType
# is a site's own: what owner_active_filter asks about must be readable to the verifier.
SLAPD_CONF = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {source}/schema/sendpass.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {directory}/slapd.pid
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix {suffix}
directory {directory}/db
rootdn "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"
access to dn.children="ou=people,{suffix}" attrs=employeeType
	by dn.exact="cn=verifier,ou=services,{suffix}" read
	by * none
include {source}/examples/openldap/acl.conf
"""


class Slapd:
    """Every {REPLACE}NAME of example.ldif gets a random password, which is in the file secret.NAME."""

    def __init__(self, directory, certificate):
        self.directory = directory
        self.certificate = certificate
        self.socket = directory / "ldapi"
        self.uri = "ldapi://" + quote(str(self.socket), safe="")
        self.port = ports.kept_port(directory / "port")
        self.tls_port = ports.kept_port(directory / "tls-port")
        self.configuration = directory / "slapd.conf"
        self.process = Process(
            ["slapd", "-f", str(self.configuration), "-d", "stats",
             "-h", f"{self.uri} ldap://{ports.HOST}:{self.port} ldaps://{ports.HOST}:{self.tls_port}"
             f" ldap://{MISNAMED_HOST}:{self.port}"],
            directory / "slapd.log", directory / "pid")

    def prepare(self):
        """Write the configuration and load the example directory."""
        (self.directory / "db").mkdir(parents=True)
        self.configuration.write_text(SLAPD_CONF.format(
            source=SOURCE, directory=self.directory, suffix=SUFFIX,
            certificate=self.certificate.certificate, key=self.certificate.key))
        example = (SOURCE / "examples/openldap/example.ldif").read_text()
        ldif = re.sub(r"\{REPLACE\}(\S+)", lambda found: self._new_password(found[1]), example)
        subprocess.run(["slapadd", "-q", "-f", self.configuration], input=ldif, text=True, check=True)

    def _new_password(self, name):
        password = f"directory-{secrets.token_hex(12)}"
        file = self.secret_file(name)
        file.touch(mode=0o600)
        file.write_text(password + "\n")
        hashed = subprocess.run(["slappasswd", "-n", "-T", "/dev/stdin"], input=password,
                                text=True, check=True, capture_output=True)
        return hashed.stdout

    def secret_file(self, name):
        """The file with the password of NAME in example.ldif."""
        return self.directory / f"secret.{name}"

    def password(self, name):
        """The password of NAME in example.ldif."""
        return self.secret_file(name).read_text().strip()

    def root(self):
        """The directory's root, who may do everything."""
        return Ldap(self.uri)

    def as_person(self, name):
        """alice or bob, with their password of the directory."""
        return Ldap(self.uri, f"uid={name},{PEOPLE}", self.password(name))

    def as_service(self, name):
        """verifier or sendpass-admin."""
        return Ldap(self.uri, f"cn={name},{SERVICES}", self.password(name))

    def start(self):
        """Start, and wait until it answers."""
        self.process.start(self.root().can_bind)

    def stop(self):
        """Stop it, frozen or not."""
        self.process.stop()
