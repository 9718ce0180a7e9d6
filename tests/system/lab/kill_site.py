# SPDX-License-Identifier: BSD-2-Clause
"""slapd, sendpassd and a Postfix of their own, to be killed without warning and started again."""
import os
import shutil
import signal
from pathlib import Path

from . import sasl, smtp_client, wait
from .auth_client import AuthClient
from .doors import DENIED, GRANTED, Door
from .postfix import Postfix
from .site import Site
from .slapd import CREDENTIALS, Slapd
from .tool import Tool

POLICY = "private/policy"
LATER = (0, 421, 450, 451, 454)
VERDICTS = {"OK": "granted", "FAIL": "denied", "": "later"}


def _verdict(code):
    return {GRANTED: "granted", DENIED: "denied"}.get(code, "later" if code in LATER else f"code {code}")


class KillSite:
    """mode is [directory] mode of its sendpassd. VICTIMS are whom kill() takes down; start() brings all back."""

    VICTIMS = ("slapd", "sendpassd", "slapd and sendpassd", "smtpd", "Postfix")

    def __init__(self, stack, directory, mode):
        self.server = Slapd(directory / "slapd", stack.certificate)
        self.postfix = Postfix(directory / "postfix", stack.certificate, stack.plugin, stack.sanitizer)
        self.site = Site(stack, directory.name, self.server, ldap_retry_after="100ms")
        self.daemon = self.site.daemon
        self.tool = self.site.tool
        # waits for no replica: there may be none just now
        self.tool_in_need = Tool(self.tool.program, self.tool.configuration, CREDENTIALS, self.tool.environment)
        self.mode = mode
        state = self.daemon.directory / "state"
        self.daemon.settings["daemon", "auth"].append(f"{self.postfix.door} 0660 postfix postfix")
        self.daemon.settings["daemon", "policy"] = [f"{self.postfix.queue}/{POLICY} 0660 postfix postfix"]
        self.daemon.settings["daemon", "state_directory"] = str(state)
        if mode == "replica":
            self.server.be_followed(self.daemon)
        else:
            state.mkdir(parents=True, mode=0o700)
            shutil.chown(state, "nobody")

    def prepare(self):
        """Make and start all three."""
        postfix = self.postfix
        postfix.prepare()
        postfix.write_sasl_configuration("smtpd", sasl.configuration(postfix.door_in_chroot))
        with open(postfix.directory / "etc/main.cf", "a", encoding="utf-8") as main:
            main.write(f"submission_policy = check_policy_service unix:{POLICY}\n")
        postfix.add_service("cyrus", "smtpd_recipient_restrictions=$submission_policy")
        postfix.add_service("dovecot", "smtpd_sasl_type=dovecot", "smtpd_sasl_path=private/sendpass")
        self.site.start()
        postfix.start()

    def stop(self):
        """Stop all three."""
        self.postfix.stop()
        self.site.stop()

    def kill(self, victim):
        """SIGKILL. What waits for its end is not ended yet when this returns."""
        if "slapd" in victim:
            self.server.process.signal(signal.SIGKILL)
        if "sendpassd" in victim:
            self.daemon.process.signal(signal.SIGKILL)
        if victim == "smtpd":
            _kill_all(self._children("smtpd"))
        if victim == "Postfix":
            _kill_all([self._master(), *self._children()])

    def start(self, victim):
        """Have what was killed back."""
        if "sendpassd" in victim:
            self.daemon.process.wait()
            self.daemon.start()
        if "slapd" in victim:
            self.server.process.wait()
            self.server.start()
        if victim == "Postfix":
            self.postfix.start()

    def _master(self):
        return int((self.postfix.queue / "pid/master.pid").read_text())

    def _children(self, name=None):
        master = str(self._master())
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, _, rest = stat.read_text().partition(" (")
            except OSError:  # it has ended
                continue
            comm, _, rest = rest.rpartition(") ")
            if rest.split()[1] == master and name in (None, comm):
                found.append(int(pid))
        return found

    def ways(self):
        """What a client can ask: functions from login and password to granted, denied or later."""
        return [self.at_the_door, *(self._way(name) for name in ("cyrus", "dovecot"))]

    def at_the_door(self, login, password):
        """Without a mail server."""
        try:
            with AuthClient(self.site.auth) as client:
                word = client.plain(login, password)
        except TimeoutError:
            return "no answer"
        except (AssertionError, OSError):  # it went while it was greeting, or is not there
            word = ""
        return VERDICTS.get(word, word)

    def _way(self, service):
        port = self.postfix.services[service]

        def attempt(login, password):
            try:
                return _verdict(smtp_client.attempt(port, "PLAIN", login, password).code)
            except TimeoutError:
                return "no answer"
            except (OSError, AssertionError):
                return "later"
        return attempt

    def door(self):
        """Postfix with our plugin and the policy door."""
        return Door("cyrus", self.postfix.services["cyrus"], 454, self.postfix)

    def wait_until_granted(self, credential):
        """Wait until every way lets the right password in."""
        for way in self.ways():
            wait.until(lambda way=way: way(credential.login, credential.password) == "granted",
                       "the right password to be accepted again")


def _kill_all(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
