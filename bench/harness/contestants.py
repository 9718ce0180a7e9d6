# SPDX-License-Identifier: BSD-2-Clause
"""The servers that are held against each other, each with its sockets in Postfix's queue directory."""
import os
import pwd
import subprocess
import time

from lab import sasl, wait
from lab.process import Process
from lab.site import Site

from .directory import PEOPLE, READER
from .load import Door
from .rounds import Way

# Where smtpd looks, in its chroot and outside
PRIVATE = "private"


class Contestant:
    """A server process, with others below it, that may be started and stopped again and again.

    own: knows owners' own passwords and no app passwords. caches: so it is warmed before it is measured.
    asks_slapd: slapd computes the hash. holds_directory: has a copy of it.
    """

    own = True
    holds_directory = False
    caches = False
    asks_slapd = False

    def __init__(self, name, what, field):
        self.name = name
        self.what = what
        self.field = field
        self.directory = field.directory / name
        self.private = field.stack.postfix.queue / PRIVATE

    def logins(self, name):
        """The file of logins of that name for this server."""
        own = self.own and name in ("right", "wrong")
        return self.field.slapd.logins / (f"own-{name}" if own else name)

    def sockets(self):
        """The sockets by what is spoken there: auth, saslauthd."""
        raise NotImplementedError

    def ways(self):
        """How a load asks it."""
        return [Way(self, protocol, Door(protocol, str(socket))) for protocol, socket in self.sockets().items()]

    def postfix_services(self):
        """{protocol: options of an smtpd that asks it so}; writes what libsasl2 reads."""
        services = {}
        for protocol, socket in self.sockets().items():
            if protocol == "auth":
                services[protocol] = ("smtpd_sasl_type=dovecot", f"smtpd_sasl_path={PRIVATE}/{socket.name}")
            else:
                inside = f"/{socket.relative_to(self.field.stack.postfix.queue)}"
                services[protocol] = self._sasl_service(protocol, sasl.saslauthd_configuration(inside))
        return services

    def _sasl_service(self, protocol, configuration):
        application = f"{self.name}-{protocol}"
        self.field.stack.postfix.write_sasl_configuration(application, configuration)
        return (f"smtpd_sasl_path={application}",)

    def process(self):
        """The Process, from start to stop."""
        raise NotImplementedError

    def start(self):
        """Start, and wait until it listens."""
        raise NotImplementedError

    def stop(self):
        """Stop it, if it runs."""
        self.process().stop()

    def _forget_sockets(self):
        """An old one would look as if somebody listened."""
        for socket in self.sockets().values():
            socket.unlink(missing_ok=True)

    def _start_and_listen(self, process):
        self.directory.mkdir(exist_ok=True)
        self._forget_sockets()
        process.start(lambda: all(socket.exists() for socket in self.sockets().values()))

    def log_files(self):
        """What grows with each attempt, and is emptied between measurements."""
        return []


class Null(Contestant):
    """Says yes to everybody: the most that a server could reach."""

    def __init__(self, field):
        super().__init__("null", "says yes and does nothing", field)
        sockets = self.sockets()
        self._process = Process([str(field.programs.null), str(sockets["auth"]), str(sockets["saslauthd"])],
                                self.directory / "log", self.directory / "pid")

    def sockets(self):
        return {"auth": self.private / "null", "saslauthd": self.private / "null-mux"}

    def process(self):
        return self._process

    def start(self):
        self._start_and_listen(self._process)


class Ours(Contestant):
    """sendpassd. Throttling is off, as it is for the others: what is asked is what guessing costs."""

    own = False
    caches = True

    def __init__(self, name, what, field, **settings):
        super().__init__(name, what, field)
        sockets = self.sockets()
        self.site = Site(field.stack, name, field.slapd,
                         daemon_auth=[f"{sockets['auth']} 0660 postfix postfix"],
                         daemon_saslauthd=[f"{sockets['saslauthd']} 0660 postfix postfix"],
                         daemon_state_directory=str(self.directory / "state"), **settings)

    def sockets(self):
        return {"auth": self.private / self.name, "saslauthd": self.private / f"{self.name}-mux"}

    def postfix_services(self):
        plugin = sasl.configuration(f"/{PRIVATE}/{self.name}")
        return {"plugin": self._sasl_service("plugin", plugin), **super().postfix_services()}

    def process(self):
        return self.site.daemon.process

    def start(self):
        state = self.directory / "state"
        state.mkdir(parents=True, exist_ok=True)
        owner = pwd.getpwnam("nobody")
        os.chown(state, owner.pw_uid, owner.pw_gid)
        self.site.daemon.configure()
        self.site.daemon.start()

    def log_files(self):
        return [self.site.daemon.log]


class Replica(Ours):
    """sendpassd with a copy of the directory: it starts when it has all of it."""

    holds_directory = True
    FIRST_REFRESH = 120.0

    def __init__(self, name, what, field):
        super().__init__(name, what, field, directory_mode="replica", directory_replica_size=4096)
        self.first_login = None

    def start(self):
        begin = time.monotonic()
        super().start()
        door, logins = self.ways()[0].door, self.field.slapd.part("right", 0, 1)
        wait.until(lambda: self.field.loader.once(door, logins, "any").ok, "a login from the replica",
                   self.FIRST_REFRESH)
        self.first_login = time.monotonic() - begin

    def stop(self):
        super().stop()
        # The next start is a first one again
        (self.directory / "state/replica.lmdb").unlink(missing_ok=True)


DOVECOT_CONF = """\
protocols =
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
passdb {{
  driver = ldap
  args = {directory}/ldap.conf
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  client_limit = 4096
  unix_listener {socket} {{
    mode = 0666
  }}
}}
# One guesser would stall everybody else
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}
"""
DOVECOT_LDAP_CONF = """\
uris = {uri}
dn = {reader}
dnpass = {secret}
base = {people}
scope = subtree
pass_filter = (uid=%n)
pass_attrs = {attributes}
auth_bind = {auth_bind}
blocking = {blocking}
"""


class Dovecot(Contestant):
    """Dovecot's authentication server, from the directory."""

    def __init__(self, name, what, field, **how):
        super().__init__(name, what, field)
        self.asks_slapd = how.get("auth_bind", False)
        self.caches = how.get("cache", False) and self.asks_slapd
        self.how = how
        self._process = Process(["dovecot", "-F", "-c", str(self.directory / "dovecot.conf")],
                                self.directory / "log", self.directory / "pid")

    def sockets(self):
        return {"auth": self.private / self.name}

    def process(self):
        return self._process

    def start(self):
        for name in ("run", "state"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        how, slapd = self.how, self.field.slapd
        more = "auth_cache_size = 64M\n" if how.get("cache") else ""
        (self.directory / "dovecot.conf").write_text(DOVECOT_CONF.format(
            directory=self.directory, socket=self.sockets()["auth"], more=more))
        secret = self.directory / "ldap.conf"
        secret.touch(mode=0o600)
        secret.write_text(DOVECOT_LDAP_CONF.format(
            uri=slapd.uri, reader=READER, secret=slapd.password("reader"), people=PEOPLE,
            attributes="uid=user" if self.asks_slapd else "uid=user,description=password",
            auth_bind="yes" if self.asks_slapd else "no", blocking="yes" if how.get("workers") else "no"))
        self._start_and_listen(self._process)


SASLAUTHD_CONF = """\
ldap_servers: {uri}
ldap_bind_dn: {reader}
ldap_bind_pw: {secret}
ldap_search_base: {people}
ldap_filter: (uid=%U)
ldap_auth_method: bind
"""


class Saslauthd(Contestant):
    """Cyrus saslauthd, which lets slapd verify by a bind."""

    asks_slapd = True

    def __init__(self, name, what, field, *options):
        super().__init__(name, what, field)
        self.caches = "-c" in options
        self.folder = self.private / name
        self.command = ["saslauthd", "-a", "ldap", "-m", str(self.folder),
                        "-O", str(self.directory / "saslauthd.conf"), *options]
        self._process = Process(self.command, self.directory / "log", self.folder / "saslauthd.pid")

    def sockets(self):
        return {"saslauthd": self.folder / "mux"}

    def process(self):
        return self._process

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self._forget_sockets()
        self.directory.mkdir(exist_ok=True)
        secret = self.directory / "saslauthd.conf"
        secret.touch(mode=0o600)
        secret.write_text(SASLAUTHD_CONF.format(
            uri=self.field.slapd.uri, reader=READER, secret=self.field.slapd.password("reader"), people=PEOPLE))
        # In the foreground it would log each step, so it goes away, and its pid file tells where
        subprocess.run(self.command, check=True)
        wait.until(lambda: self._process.pid and self.sockets()["saslauthd"].exists(), "saslauthd")


def everybody(field):
    """All contestants by name, ours first."""
    found = [
        Ours("live", "sendpassd, reading the directory at each attempt", field),
        Replica("replica", "sendpassd, with a copy of the directory that follows it", field),
        Null(field),
        Dovecot("dovecot", "Dovecot, hash from LDAP, no cache (its default)", field),
        Dovecot("dovecot-cache", "the same with auth_cache_size = 64M", field, cache=True),
        Dovecot("dovecot-workers", "the same without cache, Argon2 in worker processes", field, workers=True),
        Dovecot("dovecot-bind-cache", "Dovecot, auth_bind = yes and auth_cache_size = 64M", field, auth_bind=True,
                cache=True),
        Saslauthd("saslauthd", "saslauthd -a ldap", field),
        Saslauthd("saslauthd-cache", "saslauthd -a ldap -c", field, "-c", "-s", "8192", "-t", "3600"),
    ]
    return {contestant.name: contestant for contestant in found}


