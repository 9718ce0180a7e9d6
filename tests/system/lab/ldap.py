# SPDX-License-Identifier: BSD-2-Clause
"""Reading and changing a directory with OpenLDAP's own client programs."""
import base64
import subprocess
from typing import NamedTuple

INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS = 50


class Entry(NamedTuple):
    """One entry found: its DN, and its attributes as {name: [bytes]}."""

    dn: str
    attributes: dict


class Ldap:
    """One identity at one server. Without a DN: SASL EXTERNAL over ldapi. What it changes has been seen when
    settle() returns."""

    def __init__(self, uri, dn=None, password=None, settle=lambda: None):
        self.options = ["-H", uri, "-o", "nettimeout=10"]
        self.settle = settle
        self.secret = None
        if dn is None:
            self.options += ["-Q", "-Y", "EXTERNAL"]
        else:
            self.options += ["-x", "-D", dn, "-y", "/dev/stdin"]
            self.secret = password.encode()

    def _run(self, program, *arguments, ldif=None):
        command = [program, *self.options, *arguments]
        given = self.secret
        if ldif is not None and self.secret is not None:
            # stdin carries the password, so the changes come by a file descriptor of their own
            return self._run_with_file(command, ldif)
        if ldif is not None:
            given = ldif.encode()
        return subprocess.run(command, input=given, check=False, capture_output=True, timeout=30)

    def _run_with_file(self, command, ldif):
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
            cat.stdin.write(ldif.encode())
            cat.stdin.close()
            descriptor = cat.stdout.fileno()
            return subprocess.run([*command, "-f", f"/dev/fd/{descriptor}"], input=self.secret, check=False,
                                  capture_output=True, timeout=30, pass_fds=[descriptor])

    def try_modify(self, ldif):
        """Apply LDIF changes; the LDAP result code of the first that fails, else 0."""
        code = self._run("ldapmodify", ldif=ldif).returncode
        self.settle()
        return code

    def modify(self, ldif, adds=False):
        """Apply LDIF changes, which must succeed; entries without a changetype are added if so asked."""
        result = self._run("ldapmodify", *(["-a"] if adds else []), ldif=ldif)
        assert result.returncode == 0, result.stderr.decode()
        self.settle()

    def replace(self, dn, attribute, value):
        """Give the attribute one value, or none for None."""
        lines = [f"dn: {dn}", "changetype: modify", f"replace: {attribute}"]
        if value is not None:
            encoded = base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
            lines.append(f"{attribute}:: {encoded}")
        self.modify("\n".join(lines) + "\n")

    def delete(self, dn):
        """Delete one entry."""
        self.modify(f"dn: {dn}\nchangetype: delete\n")

    def search(self, base, search_filter="(objectClass=*)", *attributes):
        """All entries found below base; none if the base cannot be seen."""
        result = self._run("ldapsearch", "-LLL", "-o", "ldif_wrap=no", "-b", base, search_filter, *attributes)
        no_such_object = 32
        assert result.returncode in (0, no_such_object, INSUFFICIENT_ACCESS), result.stderr.decode()
        return [self._entry(block) for block in result.stdout.decode().split("\n\n") if block.strip()]

    @staticmethod
    def _entry(block):
        dn, attributes = "", {}
        for line in block.strip().splitlines():
            name, _, value = line.partition(":")
            raw = base64.b64decode(value[1:]) if value.startswith(":") else value.strip().encode()
            if name == "dn":
                dn = raw.decode()
            else:
                attributes.setdefault(name, []).append(raw)
        return Entry(dn, attributes)

    def can_bind(self):
        """Whether the server takes this identity."""
        return self._run("ldapwhoami").returncode == 0
