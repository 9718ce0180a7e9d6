# SPDX-License-Identifier: BSD-2-Clause
"""A slapd with many owners and app passwords, loaded once and copied for each run."""
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from lab.entries import SOURCE
from lab.slapd import PEOPLE, SERVICES, Slapd

READER = f"cn=reader,{SERVICES}"
HERE = Path(__file__).resolve().parent

MODULES = """\
moduleload syncprov
moduleload argon2
"""
# Our own rules say nothing about a reader of owners' passwords, which servers without app passwords need.
READER_RULES = f"""\
maxsize 17179869184
index uid,mail eq
access to dn.children="{PEOPLE}" attrs=userPassword,description
	by dn.exact="{READER}" read
	by anonymous auth
	by * none
access to dn.subtree="{PEOPLE}"
	by dn.exact="{READER}" read
	by * break
"""
LISTS = ("right", "wrong", "unknown", "own-right", "own-wrong")
# What nobody issued: a word that people choose
MALFORMED = "summer-of-69"


class Shape(NamedTuple):
    """How many owners, how many credentials each has, and of how many owners a password is known."""

    owners: int
    each: int
    known: int

    def __str__(self):
        return f"{self.owners}x{self.each}"


class Directory(Slapd):
    """Its lists of logins are files: logins/NAME, NAME one of LISTS or "malformed"."""

    LOG_LEVEL = "0"
    RULES = ("examples/openldap/replica.conf", "examples/openldap/acl.conf")

    def __init__(self, directory, certificate, shape, programs, store):
        super().__init__(directory, certificate, modules=MODULES, rules=READER_RULES)
        self.shape = shape
        self.programs = programs
        self.store = store
        self.logins = directory / "logins"

    def load(self):
        """Copy the database from the store, which gets one first if it has none like this."""
        kept = self.store / f"{self.shape}-{self.shape.known}-{self._stamp()}"
        if not kept.exists():
            self.logins.mkdir()
            self._fill()
            unfinished = kept.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            self._copy(self.directory, unfinished)
            unfinished.rename(kept)
        else:
            self._copy(kept, self.directory)

    def _stamp(self):
        """Differs for databases that were filled differently."""
        parts = [(SOURCE / name).read_bytes() for name in (
            "bench/people.c", "schema/sendpass.schema", "examples/openldap/example.ldif", *self.RULES)]
        parts += [(HERE / "reader.ldif").read_bytes(), READER_RULES.encode()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]

    @staticmethod
    def _copy(source, target):
        names = ["db", "logins", *(path.name for path in source.glob("secret.*"))]
        subprocess.run(["cp", "-a", "--sparse=always", *(source / name for name in names), target], check=True)

    def _fill(self):
        shape = self.shape
        base = self.secrets.fill("example.ldif", HERE / "reader.ldif")
        with subprocess.Popen(["slapadd", "-q", "-f", self.configuration], stdin=subprocess.PIPE) as slapadd:
            slapadd.stdin.write(base.encode() + b"\n")
            slapadd.stdin.flush()
            subprocess.run([self.programs.people, str(shape.owners), str(shape.each), str(shape.known), self.logins],
                           stdout=slapadd.stdin, check=True)
            slapadd.stdin.close()
        if slapadd.returncode != 0:
            raise RuntimeError(f"slapadd ended with status {slapadd.returncode}")
        lines = (self.logins / "own-wrong").read_text().splitlines()
        (self.logins / "malformed").write_text("".join(
            "\t".join((login, MALFORMED, address)) + "\n"
            for login, _, address in (line.split("\t") for line in lines)))

    def lines(self, name):
        """The logins of a list, as [login, password, address]."""
        return [line.split("\t") for line in (self.logins / name).read_text().splitlines()]

    def part(self, name, begin, end):
        """A file with some lines of a list."""
        file = self.logins / f"{name}.{begin}-{end}"
        lines = (self.logins / name).read_text().splitlines(keepends=True)[begin:end]
        file.write_text("".join(lines))
        return file


