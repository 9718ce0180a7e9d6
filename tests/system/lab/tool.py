# SPDX-License-Identifier: BSD-2-Clause
"""The sendpass tool, run as an admin runs it."""
import json
import os
import subprocess
from typing import NamedTuple


class Credential(NamedTuple):
    """What `sendpass issue` told."""

    login: str
    id: str
    password: str
    dn: str


class Tool:
    """sendpass with one configuration file. Remembers every password that it was given. What it changes has been
    seen when settle() returns."""

    def __init__(self, program, configuration, container, environment, settle=lambda: None):
        self.program = program
        self.configuration = configuration
        self.container = container
        self.environment = environment
        self.settle = settle
        self.passwords = []

    def run(self, *arguments, stdin="", options=()):
        """Run one verb; the finished process, with its output as text."""
        result = subprocess.run(
            [self.program, "-f", self.configuration, *options, *arguments], input=stdin, text=True,
            capture_output=True, check=False, timeout=60, env=dict(os.environ, **self.environment))
        self.settle()
        return result

    def json(self, *arguments):
        """Run one verb with --json, which must succeed; what it printed."""
        result = self.run(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def issue(self, login, *options):
        """Issue an app password to the login's owner."""
        issued = self.json("issue", login, "--label", f"{login}'s test", *options)
        self.passwords.append(issued["password"])
        dn = f"sendpassId={issued['id']},{self.container}"
        return Credential(login, issued["id"], issued["password"], dn)

    def import_hash(self, login, password):
        """Import an Argon2 hash of a whole password, made by the argon2 program; the credential's id."""
        encoded = subprocess.run(["argon2", "saltsaltsalt", "-id", "-t", "1", "-k", "64", "-p", "1", "-e"],
                                 input=password, text=True, capture_output=True, check=True).stdout.strip()
        result = self.run("import", "--from", "dovecot-passwd", "--json", "-",
                          stdin=f"{login}:{{ARGON2ID}}{encoded}\n")
        assert result.returncode == 0, result.stderr + result.stdout
        return json.loads(result.stdout)[0]["id"]

    def revoke(self, credential, *options):
        """Revoke it."""
        result = self.run("revoke", credential.id, *options)
        assert result.returncode == 0, result.stderr
