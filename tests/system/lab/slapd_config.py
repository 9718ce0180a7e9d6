# SPDX-License-Identifier: BSD-2-Clause
"""A private slapd with cn=config, as Debian has it, and our schema and rules put in by LDIF."""
import subprocess

from .entries import SOURCE, SUFFIX
from .process import Process
from .slapd import ROOT_DN, Slapd

BARE_CONF = f"""\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database config
rootdn "{ROOT_DN}"
database mdb
suffix {SUFFIX}
directory {{directory}}/db
rootdn "{ROOT_DN}"
"""


class SlapdConfig(Slapd):
    """Listens on ldapi alone."""

    def __init__(self, directory, entries):
        super().__init__(directory, None, entries)
        self.process = Process(["slapd", "-F", str(directory / "config"), "-d", "stats", "-h", self.uri],
                               directory / "slapd.log", directory / "pid")

    def prepare(self):
        """Load the entries, and make cn=config of a slapd.conf that knows nothing of ours."""
        (self.directory / "db").mkdir(parents=True)
        (self.directory / "config").mkdir()
        self.configuration.write_text(BARE_CONF.format(directory=self.directory))
        self.load()
        subprocess.run(["slaptest", "-f", self.configuration, "-F", self.directory / "config"],
                       check=True, capture_output=True)

    def start(self):
        """Start it and give it ours; once."""
        super().start()
        root = self.root()
        root.modify((SOURCE / "schema/sendpass.ldif").read_text(), adds=True)
        root.modify((SOURCE / "examples/openldap/acl.ldif").read_text())
