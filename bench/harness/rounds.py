# SPDX-License-Identifier: BSD-2-Clause
"""Measuring in turns. Speed drifts on a shared machine, so all take a turn in each round, and only figures of the
same round are held against each other."""
import statistics
from typing import NamedTuple

from . import load


class Way(NamedTuple):
    """How a contestant is asked, and what else is different from the other ways of a part."""

    contestant: object
    protocol: str  # auth, saslauthd; plugin through Postfix alone
    door: load.Door
    offered: str = "right"  # the kind of passwords
    attackers: int = 0


class Turn(NamedTuple):
    """One way's turn: what the load told, and the seconds that the server's processes computed, and slapd."""

    result: load.Result
    own: float
    slapd: float


class Pace(NamedTuple):
    """How long a turn is, how many rounds there are, and with how many clients at once they are repeated."""

    seconds: float
    rounds: int
    clients: tuple = (1, 8, 32)

    @property
    def some(self):
        """What is neither one client nor many."""
        return self.clients[len(self.clients) // 2]


def measure(way, drive):
    """One turn of a way; drive(way) loads it."""
    field = way.contestant.field
    field.empty_logs()
    before = field.processor_seconds(way.contestant)
    result = drive(way)
    after = field.processor_seconds(way.contestant)
    return Turn(result, *(new - old for new, old in zip(after, before)))


def interleave(ways, rounds, drive):
    """{way: its turns}, each round in the other order than the last."""
    turns = {way: [] for way in ways}
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            turns[way].append(measure(way, drive))
    return turns


def _per_thousand(way, turns):
    """Processor seconds for 1,000 attempts: the server's own, and slapd's."""
    answers = sum(turn.result.answers for turn in turns)
    # What attackers cost is not the honest client's
    if not answers or way.attackers:
        return {"own_cpu": None, "slapd_cpu": None}
    return {"own_cpu": 1000 * sum(turn.own for turn in turns) / answers,
            "slapd_cpu": 1000 * sum(turn.slapd for turn in turns) / answers}


def ratio(turns, others):
    """The median of what the rates of the same rounds were to each other."""
    shares = [mine.result.rate / theirs.result.rate for mine, theirs in zip(turns, others) if theirs.result.rate]
    return statistics.median(shares) if shares else None


def to_ours(field, ways):
    """For rows(): what a way is held against is each of ours, right passwords at its auth door."""
    bases = {}
    for way in ways:
        if way.contestant.name in field.ours and way.protocol == "auth":
            bases.setdefault(way.contestant.name, way)
    return lambda _way: bases


def rows(turns, bases, **labels):
    """A row for each way: median rate, latencies over all rounds, processor time, and its rate as a share of that of
    other ways: bases(way) is {name: other way}."""
    table = []
    for way, all_turns in turns.items():
        rates = [turn.result.rate for turn in all_turns]
        whole = load.together([turn.result for turn in all_turns])
        table.append({
            **labels, "contestant": way.contestant.name, "protocol": way.protocol, "offered": way.offered,
            "attackers": way.attackers, **way.contestant.field.slapd.shape._asdict(),
            "rate": statistics.median(rates), "rates": rates, **_per_thousand(way, all_turns),
            "p50_us": whole.quantile_us(0.5), "p99_us": whole.quantile_us(0.99), "max_us": whole.quantile_us(1),
            "answers": whole.answers, "temporary": whole.temporary, "lost": whole.lost, "wrong": whole.wrong,
            "share_of": {name: ratio(all_turns, turns[base]) for name, base in bases(way).items()},
        })
    return table
