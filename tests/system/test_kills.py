# SPDX-License-Identifier: BSD-2-Clause
"""slapd, sendpassd and Postfix are killed at random while people log in and send, and passwords are revoked."""
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import lmdb
import pytest

from lab import wait
from lab.kill_site import KillSite
from lab.slapd import CREDENTIALS
from lab.submission import login

pytestmark = pytest.mark.live_only("it has sites of both modes")
CLIENTS = 4
LONGEST = {True: 3.0, False: 0.8}  # seconds before the kill, whether or not sendpassd is killed
LIMIT = 100
PAUSE = 0.03  # seconds between two attempts, or two messages
KEPT_WITHIN = 1.0  # seconds, as docs/design.md has it
LATENESS = 1.0  # seconds that the machine may be late by
REMEMBERED = 5  # of the revoked ones, those that clients go on trying


class Load:
    """Clients that log in over and over. refused and accepted are credentials, to be changed at any time."""

    def __init__(self, site, accepted, refused):
        self.ways = site.ways()
        self.accepted, self.refused = accepted, refused
        self.counts, self.wrong = Counter(), []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _run(self):
        while not self.over.wait(PAUSE):
            right = random.random() < 0.5
            credential = random.choice(self.accepted if right else self.refused)
            verdict = random.choice(self.ways)(credential.login, credential.password)
            self.counts[right, verdict] += 1
            if verdict not in ("later", "granted" if right else "denied"):
                self.wrong.append((credential, verdict))


class Spender:
    """Somebody who sends, at first without pause, as much as the rate lets him."""

    def __init__(self, site, credential):
        self.site, self.credential = site, credential
        self.times = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._spend, args=(self._session(),))
        self.thread.start()

    def _recipient(self, session):
        return session.command(f"RCPT TO:<r{len(self.times)}@example.net>")

    def _session(self):
        session = login(self.site.door(), self.credential)
        session.command("MAIL FROM:<bob@example.org>")
        return session

    def _spend(self, session):
        with session:
            while not self.over.wait(PAUSE) and self._recipient(session).code == 250:
                self.times.append(time.monotonic())

    def lost(self, killed_at):
        """How many of those before the kill are not counted any more, and the age of the oldest when it came."""
        self.over.set()
        self.thread.join()
        before = list(self.times)
        with self._session() as session:
            while (reply := self._recipient(session)).code == 250:
                self.times.append(time.monotonic())
        assert "sent too much" in reply.text, reply
        lost = len(self.times) - LIMIT
        return lost, killed_at - before[-lost] if 0 < lost <= len(before) else 0.0


@pytest.fixture(scope="module", params=("live", "replica"))
def site(request, stack, lab_directory):
    """slapd, sendpassd and Postfix that nobody else needs."""
    own = KillSite(stack, lab_directory / f"kills-{request.param}", request.param)
    own.prepare()
    yield own
    own.stop()


def _wrong_secret(site):
    right, other = (site.tool.issue("alice") for _ in range(2))
    root = site.server.root()
    root.replace(other.dn, "sendpassHash", root.search(right.dn)[0].attributes["sendpassHash"][0])
    return other


def _revoke_at(site, moment, credential):
    """Return when the directory has it, whatever is killed meanwhile."""
    time.sleep(max(0.0, moment - time.monotonic()))
    wait.until(lambda: site.tool_in_need.run("revoke", credential.id).returncode == 0, "a revocation")


def _file_has_what_slapd_has(site):
    entries = site.server.root().search(CREDENTIALS, "(sendpassId=*)", "entryUUID")
    stored = {entry.attributes["entryUUID"][0].decode().replace("-", "") for entry in entries}
    with lmdb.open(str(site.daemon.replica), subdir=False, readonly=True, max_dbs=8) as environment:
        table = environment.open_db(b"credentials", create=False)
        with environment.begin(table) as transaction:
            return stored == {key.hex() for key, _ in transaction.cursor()}


class Chaos:
    """The rounds, and what came of them."""

    def __init__(self, site, seed):
        self.site = site
        self.random = random.Random(seed)
        self.accepted = [site.tool.issue(name) for name in ("alice", "bob")]
        self.refused = [_wrong_secret(site)]
        self.revoked = []
        self.oldest_lost = 0.0
        self.pool = ThreadPoolExecutor(1)

    def _bring_back(self, victim):
        """sendpassd first: what it says before slapd is back is not a guess."""
        site = self.site
        if victim != "slapd and sendpassd":
            site.start(victim)
            return
        site.start("sendpassd")
        right, late = self.accepted[0], "granted" if site.mode == "replica" else "later"
        assert site.at_the_door(right.login, right.password) == late
        for credential in self.refused[-REMEMBERED:]:
            assert site.at_the_door(credential.login, credential.password) in ("denied", "later")
        site.start("slapd")

    def round(self, victim):
        """One kill."""
        site = self.site
        doomed = site.tool.issue("alice")
        site.wait_until_granted(doomed)
        spender = Spender(site, site.tool.issue("bob", "--rate", f"recipients={LIMIT}/1h"))
        begin, begun = site.daemon.mark(), time.monotonic()
        moments = [begun + self.random.uniform(0, LONGEST["sendpassd" in victim]) for _ in range(2)]
        revoking = self.pool.submit(_revoke_at, site, moments[0], doomed)
        time.sleep(max(0.0, moments[1] - time.monotonic()))
        killed_at = time.monotonic()
        site.kill(victim)
        self._bring_back(victim)
        revoking.result()
        site.server.followers.settle()
        site.wait_until_granted(self.accepted[0])
        assert site.at_the_door(doomed.login, doomed.password) == "denied"
        self.revoked.append(doomed)
        self.refused[1:] = self.revoked[-REMEMBERED:]
        self._judge_rate(spender, victim, killed_at)
        if site.mode == "replica":
            assert not site.daemon.events(begin, "replica_store_reset")
            wait.until(lambda: _file_has_what_slapd_has(site), "the replica to have what slapd has")
        assert not site.daemon.events(begin, "rates_not_kept")

    def _judge_rate(self, spender, victim, killed_at):
        lost, age = spender.lost(killed_at)
        if "sendpassd" in victim:
            self.oldest_lost = max(self.oldest_lost, age)
            assert age <= KEPT_WITHIN + LATENESS, f"{lost} messages of {age:.1f} s were forgotten"
        else:
            assert lost <= 0


def test_no_kill_turns_a_verdict_or_loses_a_revocation_or_more_than_a_second_of_a_rate(site, request):
    rounds = request.config.getoption("--kill-rounds")
    seed = random.randrange(1 << 32)
    chaos = Chaos(site, seed)
    kills = Counter()
    with Load(site, chaos.accepted, chaos.refused) as load:
        while sum(kills.values()) < rounds and not load.wrong:
            victim = site.VICTIMS[sum(kills.values()) % len(site.VICTIMS)]
            chaos.round(victim)
            kills[victim] += 1
            if sum(kills.values()) % 50 == 0:
                print(site.mode, dict(kills), dict(load.counts), f"oldest lost {chaos.oldest_lost:.2f} s", flush=True)
    print(site.mode, f"seed {seed}", dict(kills), dict(load.counts), f"oldest lost {chaos.oldest_lost:.2f} s")
    assert not load.wrong
    assert load.counts[True, "granted"] and load.counts[False, "denied"]
    site.wait_until_granted(chaos.accepted[0])
    still = [each for each in chaos.revoked if site.at_the_door(each.login, each.password) != "denied"]
    assert not still
