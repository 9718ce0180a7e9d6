# SPDX-License-Identifier: BSD-2-Clause
"""Everything that can become of a right-looking attempt, each brought about for all doors at once."""
import re
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import wait
from .auth_client import AuthClient
from .doors import frozen, stopped
from .every_door import CLIENT_ADDRESS
from .people import Person

VERDICT_H = Path(__file__).resolve().parents[3] / "include/sendpass/verdict.h"
UNLISTED_PEER = "games"
MAILBOX_PASSWORD = "correct horse battery staple"
FILLER = "filler"  # the service of attempts that are there to be in the way
# An attempt that keeps the one Argon2 slot busy for longer than anybody waits
ENDLESS_HASH = "$argon2id$v=19$m=65536,t=1000,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43
UNUSABLE_HASH = "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43


class Outcome(NamedTuple):
    """Within arrange(every_door, person, credential), which gives login and password, all doors show what
    their table has in `column`; but those without `needs`, another outcome."""

    arrange: object
    column: str
    reasons: tuple = ()  # one of them is in the log; none: sendpassd does not judge the attempt
    needs: str = ""  # what the door must tell sendpassd
    otherwise: str = "granted"
    refuses_peers: bool = False

    def at(self, row):
        """What it comes to at one door. Root's processes are refused nowhere."""
        if self.needs and self.needs not in row.tells or self.refuses_peers and row.user == "root":
            return OUTCOMES[self.otherwise]
        return self


def reasons():
    """Each reason that this version of sendpassd knows, with its result."""
    found = re.findall(r'X\(\w+, "(\w+)", SP_(\w+)\)', VERDICT_H.read_text(encoding="utf-8"))
    return {reason: result.lower() for reason, result in found}


def _changed(change):
    """An arrangement that changes the directory and nothing else."""
    @contextmanager
    def arrange(every_door, person, credential):
        offered = change(every_door.stack, person, credential)
        yield offered or (credential.login, credential.password)
    return arrange


def _set(attribute, value):
    return _changed(lambda stack, person, credential:
                    stack.slapd.root().replace(credential.dn, attribute, value))


def _offer_anothers(stack, person, _credential):
    somebody = Person(stack.slapd.root())
    return person.login, stack.tool.issue(somebody.login).password


def _take_anothers_hash(stack, person, credential):
    other = stack.tool.issue(person.login)
    found = stack.slapd.root().search(other.dn, "(objectClass=*)", "sendpassHash")
    stack.slapd.root().replace(credential.dn, "sendpassHash", found[0].attributes["sendpassHash"][0])


def _with_server(during):
    """An arrangement that does something to a server."""
    @contextmanager
    def arrange(every_door, _person, credential):
        with during(every_door.stack):
            yield credential.login, credential.password
    return arrange


@contextmanager
def _configured(sendpassd, **changes):
    """Within: sendpassd runs with another configuration."""
    sendpassd.configure(**changes)
    sendpassd.stop()
    sendpassd.start()
    try:
        yield
    finally:
        sendpassd.configure()
        sendpassd.stop()
        sendpassd.start()


@contextmanager
def _closed_to_mail_servers(every_door, _person, credential):
    """Every socket is for the processes of a user that none of them runs as; and for root's, as always."""
    sendpassd = every_door.stack.sendpassd
    closed = {f"daemon_{door}": [f"{line} {UNLISTED_PEER}" for line in sendpassd.settings["daemon", door]]
              for door in ("auth", "saslauthd")}
    with _configured(sendpassd, **closed):
        yield credential.login, credential.password


@contextmanager
def _too_old(every_door, _person, credential):
    """The directory is down for longer than a replica may serve alone."""
    sendpassd = every_door.stack.sendpassd
    begin = sendpassd.mark()
    with stopped(every_door.stack.slapd), _configured(sendpassd, directory_replica_max_age="1s"):
        sendpassd.wait_for(begin, "replica_stale")
        yield credential.login, credential.password


@contextmanager
def _throttled(every_door, person, credential):
    """Somebody at the client's address has guessed too often."""
    sendpassd = every_door.stack.sendpassd
    guesses = 3
    with _configured(sendpassd, policy_throttle_exempt="192.0.2.0/24", policy_throttle_login=guesses,
                     policy_throttle_period="1h"):
        with AuthClient(sendpassd.directory / "auth") as client:
            for number in range(guesses):
                assert client.plain(person.login, f"guess {number}", number, CLIENT_ADDRESS) == "FAIL"
        yield credential.login, credential.password


@contextmanager
def _migrating(every_door, person, _credential):
    """Mailbox passwords pass for a while, and somebody still uses theirs."""
    stack = every_door.stack
    stack.slapd.root().replace(person.dn, "userPassword", MAILBOX_PASSWORD)
    with _configured(stack.sendpassd, migration_mailbox_passwords_until="2099-01-01"):
        yield person.login, MAILBOX_PASSWORD


@contextmanager
def _imported(every_door, person, _credential):
    """The password is not ours, but its hash was imported."""
    stack = every_door.stack
    with _configured(stack.sendpassd, policy_max_imported=2):
        stack.tool.import_hash(person.login, MAILBOX_PASSWORD)
        yield person.login, MAILBOX_PASSWORD


@contextmanager
def _overloaded(every_door, person, credential):
    """One slot, busy, and a queue of two places, taken: by attempts for this login with the client's address
    and without, as doors tell it or not. So whoever comes finds as many of his own waiting as anybody has,
    and nobody has to give way to him."""
    stack = every_door.stack
    endless = stack.tool.issue(Person(stack.slapd.root()).login)
    stack.slapd.root().replace(endless.dn, "sendpassHash", ENDLESS_HASH)
    with _configured(stack.sendpassd, daemon_argon2_slots=1, daemon_argon2_queue=2,
                     daemon_attempt_timeout="9s", argon2_max_passes=1000), \
            AuthClient(stack.sendpassd.directory / "auth", minor=2) as client:
        try:
            _fill(stack.sendpassd, client, endless, credential)
            yield person.login, credential.password
        finally:
            # it would compute to the end before it obeys a SIGTERM
            stack.sendpassd.process.signal(signal.SIGKILL)
            stack.sendpassd.process.wait()


def _fill(sendpassd, client, endless, credential):
    begin = sendpassd.mark()
    before = sendpassd.processor_time()
    client.begin_plain(1, endless.login, endless.password, service=FILLER)
    wait.until(lambda: sendpassd.processor_time() > before + 2, "the endless attempt to be computed")
    addresses = (CLIENT_ADDRESS, "")
    for number, address in enumerate(2 * addresses, start=2):
        client.begin_plain(number, credential.login, credential.password, address, FILLER)
    wait.until(lambda: len(sendpassd.events(begin, "auth")) == len(addresses), "a full queue")


OUTCOMES = {
    "granted": Outcome(_changed(lambda stack, person, credential: None), "yes", ("ok",)),
    # libsasl2 takes the domain off for saslauthd, and it must be found on again
    "mail address": Outcome(_changed(lambda stack, person, credential: (person.mail, credential.password)),
                            "yes", ("ok",)),
    "mailbox password": Outcome(_migrating, "yes", ("legacy",)),
    "imported": Outcome(_imported, "yes", ("ok",)),
    "malformed": Outcome(_changed(lambda stack, person, credential: (person.login, "hunter2")), "no",
                         ("malformed",)),
    "no credential": Outcome(_changed(lambda stack, person, credential:
                                      stack.slapd.root().delete(credential.dn)), "no", ("no_credential",)),
    "wrong owner": Outcome(_changed(_offer_anothers), "no", ("wrong_owner",)),
    "bad secret": Outcome(_changed(_take_anothers_hash), "no", ("bad_secret",)),
    "revoked": Outcome(_changed(lambda stack, person, credential: stack.tool.revoke(credential)), "no",
                       ("revoked",)),
    "suspended": Outcome(_set("sendpassSuspended", "TRUE"), "no", ("suspended",)),
    "expired": Outcome(_set("sendpassExpires", "20200101000000Z"), "no", ("expired",)),
    "not yet valid": Outcome(_set("sendpassNotBefore", "20990101000000Z"), "no", ("not_yet_valid",)),
    "owner inactive": Outcome(_changed(lambda stack, person, credential: person.disable()), "no",
                              ("owner_inactive",)),
    "other service": Outcome(_set("sendpassService", "imap"), "no", ("service_denied",)),
    "other network": Outcome(_set("sendpassNetwork", "192.0.2.0/24"), "no", ("network_denied",)),
    # who cannot tell where a client is cannot let in whom only that place lets in
    "right network": Outcome(_set("sendpassNetwork", CLIENT_ADDRESS), "yes", ("ok",), needs="address",
                             otherwise="other network"),
    "without TLS": Outcome(_set("sendpassRequireTLS", "TRUE"), "no", ("tls_required",), needs="TLS"),
    "throttled": Outcome(_throttled, "try later", ("throttled",), needs="address"),
    "unusable hash": Outcome(_set("sendpassHash", UNUSABLE_HASH), "try later", ("internal",)),
    "directory down": Outcome(_with_server(lambda stack: stopped(stack.slapd)), "try later",
                              ("directory_down",)),
    # the first who asks finds out, and some after him need not
    "directory frozen": Outcome(_with_server(lambda stack: frozen(stack.slapd)), "try later",
                                ("directory_timeout", "directory_down")),
    "overloaded": Outcome(_overloaded, "try later", ("overloaded",)),
    "peer refused": Outcome(_closed_to_mail_servers, "try later", refuses_peers=True),
    "sendpassd down": Outcome(_with_server(lambda stack: stopped(stack.sendpassd)), "sendpassd down"),
}

# What comes of it otherwise, and what beside, where sendpassd answers from a replica
OF_A_REPLICA = {
    "directory down": Outcome(_with_server(lambda stack: stopped(stack.slapd)), "yes", ("ok",)),
    "directory frozen": Outcome(_with_server(lambda stack: frozen(stack.slapd)), "yes", ("ok",)),
    "replica too old": Outcome(_too_old, "try later", ("directory_down",)),
}


def of(mode):
    """Those of a [directory] mode, by name."""
    return {**OUTCOMES, **(OF_A_REPLICA if mode == "replica" else {})}
