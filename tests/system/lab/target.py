# SPDX-License-Identifier: BSD-2-Clause
"""A sendpassd to be misused, and what it is to be like afterwards."""
import os
import re
from contextlib import contextmanager

from . import wait
from .auth_client import AuthClient
from .people import Person
from .saslauthd_client import SaslauthdClient

CONTROL_BYTES = [*range(0x20), 0x7f]
SIZES = (0, 1, 255, 256, 257, 1024, 65535)
GROWTH_KIB = 1024
NEWS_OF_USES = ("first_use", "first_use_from_network")


class Target:
    """Its doors are `auth` and `mux`; login and password are right, and their hash costs next to nothing."""

    def __init__(self, stack, name, **settings):
        self.stack = stack
        self.daemon = stack.daemon(name)
        self.auth = self.daemon.directory / "auth"
        self.mux = self.daemon.directory / "mux"
        self.daemon.settings["daemon", "saslauthd"] = [f"{self.mux} 0600 root root"]
        settings = {"argon2_memory": 8, "argon2_passes": 1, "daemon_directory_workers": 1,
                    "policy_throttle_address": 0, "policy_throttle_login": 0, **settings}
        for setting, value in settings.items():
            self.daemon.settings[tuple(setting.split("_", 1))] = value
        self.daemon.configure()
        self.idle = 0  # descriptors that are open without any client
        person = Person(stack.slapd.root())
        self.login = person.login
        self.mail = person.mail
        self.password = self.issue(person.login)

    def issue(self, login):
        """An app password that costs next to nothing."""
        tool = self.stack.tool
        usual, tool.configuration = tool.configuration, self.daemon.configuration
        try:
            return tool.issue(login).password
        finally:
            tool.configuration = usual

    def start(self):
        """Start it, and have it open its two connections to the directory: one to read, one to write
        what was last used."""
        self.daemon.start()
        self.idle = self.descriptors() + 2
        with SaslauthdClient(self.mux) as client:
            assert client.ask(self.login, self.password, "smtp", "") == "OK"
        self.wait_until_alone()

    def lines(self, begin):
        """What was logged since a mark, an attempt by its reason and anything else by its event; but not that
        a granted one was the first from its network."""
        return [event.fields.get("reason", event.fields["event"]) for event in self.daemon.events(begin)
                if event.fields["event"] not in NEWS_OF_USES]

    def descriptors(self):
        """How many files and sockets it has open."""
        return len(os.listdir(self.daemon.process.pid_directory() / "fd"))

    def memory(self):
        """What it has resident, in KiB."""
        status = (self.daemon.process.pid_directory() / "status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1])

    def assert_same_memory(self, before):
        """Does not count with AddressSanitizer, which frees late."""
        if not self.stack.sanitizer.active:
            assert self.memory() <= before + GROWTH_KIB

    @contextmanager
    def bystanders(self):
        """Within: others are in the middle of their sessions. They go on afterwards as if nothing had been,
        and nothing is left of what was done within."""
        with AuthClient(self.auth) as session:
            session.send("AUTH\t1\tLOGIN\tservice=smtp\n")
            assert session.line().startswith("CONT\t1\t")
            yield
            session.send(f"CONT\t1\t{session.encoded(self.login)}\n")
            assert session.line().startswith("CONT\t1\t")
            session.send(f"CONT\t1\t{session.encoded(self.password)}\n")
            assert session.line() == f"OK\t1\tuser={self.login}"
        with SaslauthdClient(self.mux) as client:
            assert client.ask(self.login, self.password, "smtp", "") == "OK"
        self.wait_until_alone()

    def wait_until_alone(self):
        """Wait until no client is connected and nothing of one is left."""
        wait.until(lambda: self.descriptors() == self.idle, "all connections to be closed")
