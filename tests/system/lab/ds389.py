# SPDX-License-Identifier: BSD-2-Clause
"""A private 389 Directory Server with the schema of schema/, the rules of examples/389ds and the entries of
examples/openldap.

dscreate would put its files into /etc and /var. So this fills in the template that dscreate takes too, and
starts the server in the foreground.
"""
import re
import shutil
from pathlib import Path
from urllib.parse import quote

from .entries import SOURCE, SUFFIX, Secrets
from .ldap import Ldap
from .process import Process
from .replica import Followers
from .slapd import PEOPLE, SERVICES

PROGRAM = "/usr/sbin/ns-slapd"
TEMPLATE = Path("/usr/share/dirsrv/data/template-dse.ldif")
INSTALLED = Path("/etc/dirsrv")
OWN_DIRECTORIES = ("lock", "tmp", "ldif", "bak", "run", "inst", "log", "db")
BACKEND = f"""\
dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userRoot
nsslapd-suffix: {SUFFIX}

dn: cn="{SUFFIX}",cn=mapping tree,cn=config
objectClass: extensibleObject
objectClass: nsMappingTree
cn: {SUFFIX}
nsslapd-state: backend
nsslapd-backend: userRoot
"""


def is_there():
    """Whether the package 389-ds-base is installed."""
    return Path(PROGRAM).exists() and TEMPLATE.exists()


class Ds389:
    """Every {REPLACE}NAME of the entries gets a random password, which is in the file secret.NAME.

    It listens on ldapi alone.
    """

    def __init__(self, directory, entries):
        self.directory = directory
        self.entries = entries
        self.secrets = Secrets(directory)
        self.configuration = directory / "config"
        self.socket = directory / "ldapi"
        self.uri = "ldapi://" + quote(str(self.socket), safe="")
        self.process = Process([PROGRAM, "-D", str(self.configuration), "-i", str(directory / "ns-slapd.pid"),
                                "-d", "0"], directory / "ns-slapd.log", directory / "pid")
        self.followers = Followers(self)

    def prepare(self):
        """Write the configuration and put our schema into it."""
        for name in OWN_DIRECTORIES:
            (self.directory / name).mkdir(parents=True)
        (self.configuration / "schema").mkdir(parents=True)
        for file in ("slapd-collations.conf", "certmap.conf"):
            shutil.copy(INSTALLED / "config" / file, self.configuration)
        for file in (INSTALLED / "schema").iterdir():
            shutil.copy(file, self.configuration / "schema")
        shutil.copy(SOURCE / "schema/99sendpass.ldif", self.configuration / "schema")
        values = self._values()
        filled = re.sub(r"%(\w+)%", lambda found: values[found[1]], TEMPLATE.read_text())
        # the root of this host is Directory Manager by EXTERNAL, and needs no password
        filled = re.sub(r"(?m)^nsslapd-rootpw:.*\n", "", filled)
        (self.configuration / "dse.ldif").write_text(filled)

    def _values(self):
        values = {f"{name}_dir": str(self.directory / name) for name in OWN_DIRECTORIES}
        values.update(
            config_dir=str(self.configuration), schema_dir=str(self.configuration / "schema"),
            cert_dir=str(self.configuration), db_home_dir=str(self.directory / "db"), db_lib="bdb",
            ds_user="root", ds_suffix=SUFFIX, ds_passwd="", fqdn="localhost", rootdn="cn=Directory Manager",
            ds_port="0", ldapi=str(self.socket), ldapi_enabled="on", ldapi_autobind="on")
        return values

    def be_followed(self, daemon):
        """Nothing: nobody can tell when a replica has its changes, and so its tests are of mode live."""

    def secret_file(self, name):
        """The file with the password of NAME in the entries."""
        return self.secrets.file(name)

    def password(self, name):
        """The password of NAME in the entries."""
        return self.secrets.password(name)

    def root(self):
        """The directory's root, who may do everything."""
        return Ldap(self.uri)

    def as_person(self, name):
        """A person of the entries, with their password."""
        return Ldap(self.uri, f"uid={name},{PEOPLE}", self.password(name))

    def as_service(self, name):
        """verifier or sendpass-admin."""
        return Ldap(self.uri, f"cn={name},{SERVICES}", self.password(name))

    def start(self):
        """Start it and fill it; once."""
        self.start_again()
        root = self.root()
        root.modify(BACKEND, adds=True)
        root.modify(self.secrets.fill(*self.entries), adds=True)
        root.modify((SOURCE / "examples/389ds/aci.ldif").read_text())

    def start_again(self):
        """Start it with what it holds."""
        self.process.start(self.root().can_bind)

    def stop(self):
        """Stop it."""
        self.process.stop()
