# SPDX-License-Identifier: BSD-2-Clause
"""The example directory, with passwords in it."""
import re
import secrets
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
SUFFIX = "dc=example,dc=org"
# Files of examples/openldap
EVERYBODY = ("example.ldif", "departments.ldif")


class Secrets:
    """Passwords of the example directory, each in a file of its own: secret.NAME."""

    def __init__(self, directory):
        self.directory = directory

    def fill(self, *names):
        """Files of examples/openldap as one LDIF, with a random password for each {REPLACE}NAME."""
        entries = "\n".join((SOURCE / "examples/openldap" / name).read_text() for name in names)
        return re.sub(r"\{REPLACE\}(\S+)", lambda found: self._new(found[1]), entries)

    def _new(self, name):
        password = f"directory-{secrets.token_hex(12)}"
        file = self.file(name)
        file.touch(mode=0o600)
        file.write_text(password + "\n")
        return password

    def file(self, name):
        """The file with the password of NAME."""
        return self.directory / f"secret.{name}"

    def password(self, name):
        """The password of NAME."""
        return self.file(name).read_text().strip()
