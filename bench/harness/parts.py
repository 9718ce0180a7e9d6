# SPDX-License-Identifier: BSD-2-Clause
"""What is measured. Each part yields rows as rounds.rows() makes them."""
from . import meter, rounds
from .facts import fact

ATTACKERS = (0, 8, 64)
# What a load offers, and what every server should say to it
CLASSES = {"right": "ok", "wrong": "fail", "unknown": "fail", "malformed": "fail"}
# Kept apart from all others, by the end of the lists: honest clients never seen before; and so many of them in a
# turn, as each may wait for a second
COLD_SHARE = 4
NEWCOMERS = 8
FIRST_LOGIN_S = 10
IN_PARALLEL = ("dovecot-workers", "saslauthd")


def _offer(field, pace, connections, outstanding=1):
    def drive(way):
        return field.loader.run(way.door, way.contestant.logins(way.offered), CLASSES[way.offered], connections,
                                outstanding, pace.seconds)
    return drive


def _in_turns(field, pace, ways, part, connections, outstanding=1):
    turns = rounds.interleave(ways, pace.rounds, _offer(field, pace, connections, outstanding))
    return rounds.rows(turns, rounds.to_ours(field, ways), part=part, clients=connections)


def logins(field, pace):
    """Right passwords at every server's own socket."""
    for connections in pace.clients:
        yield from _in_turns(field, pace, field.ways(), "logins", connections)


def wrong(field, pace):
    """Wrong passwords of the right form, for ours with the id of an app password of that login."""
    ways = [way._replace(offered="wrong") for way in field.ways() if way.contestant.name != "null"]
    yield from _in_turns(field, pace, ways, "wrong", pace.some)


def refusals(field, pace):
    """What is ours alone: an id that nobody has, and what is no app password; beside right ones."""
    ways = [way._replace(offered=offered) for offered in ("right", "unknown", "malformed") for way in field.ways()
            if way.contestant.name in field.ours]
    yield from _in_turns(field, pace, ways, "refusals", pace.some)


def pipelined(field, pace):
    """One connection with 32 attempts under way, for servers that can be asked so."""
    ways = [way for way in field.ways() if way.protocol == "auth"]
    yield from _in_turns(field, pace, ways, "pipelined", 1, 32)


def sessions(field, pace):
    """Whole SMTP sessions through Postfix: connect, EHLO, AUTH PLAIN, QUIT."""
    for connections in pace.clients:
        yield from _in_turns(field, pace, field.postfix_ways(), "sessions", connections)


def _one_each(field):
    """One way to ask each real server."""
    return [contestant.ways()[0] for contestant in field.contestants if contestant.name != "null"]


def _part(field, way, name, begin, end):
    own = "own-" if way.contestant.own else ""
    return field.slapd.part(f"{own}{name}", begin, end)


def attack(field, pace):
    """One honest client, whose password was verified before, while others guess with ids and logins that exist."""
    known = field.slapd.shape.known
    ways = [way._replace(attackers=attackers) for way in _one_each(field) for attackers in ATTACKERS]

    def drive(way):
        honest = _part(field, way, "right", 0, 1)
        if not way.attackers:
            return field.loader.run(way.door, honest, "ok", seconds=pace.seconds)
        with field.loader.meanwhile(way.door, _part(field, way, "wrong", 1, known), "fail", way.attackers):
            return field.loader.run(way.door, honest, "ok", seconds=pace.seconds)

    def quiet(way):
        return {"its quiet rate": way._replace(attackers=0)}
    turns = rounds.interleave(ways, pace.rounds, drive)
    yield from rounds.rows(turns, quiet, part="attack", clients=1)


def newcomers(field, pace):
    """Honest clients whose passwords were not verified before, one after the other, while 64 others guess with ids
    that exist. Begins with servers that have verified nothing; beside ours, only those that verify in parallel."""
    known = field.slapd.shape.known
    each = max(1, min(NEWCOMERS, known // COLD_SHARE // pace.rounds))
    ways = [way._replace(attackers=64) for way in _one_each(field)
            if way.contestant.name in (*field.ours, *IN_PARALLEL)]
    taken = dict.fromkeys(ways, 0)

    def drive(way):
        begin = known - (taken[way] + 1) * each
        taken[way] += 1
        honest = _part(field, way, "right", begin, begin + each)
        guesses = _part(field, way, "wrong", 0, known - known // COLD_SHARE)
        with field.loader.meanwhile(way.door, guesses, "fail", way.attackers):
            return field.loader.once(way.door, honest, "ok")
    turns = rounds.interleave(ways, pace.rounds, drive)
    yield from rounds.rows(turns, rounds.to_ours(field, ways), part="newcomers", clients=1)


def memory(field, pace):
    """Each contestant alone with a fresh slapd: what all its processes have resident at rest and at the most, and
    how much slapd's own memory grows to, under right passwords and wrong ones from 32 clients."""
    for way in _one_each(field):
        with field.running([way.contestant]):
            yield {"part": "memory", "contestant": way.contestant.name, "protocol": way.protocol,
                   **field.slapd.shape._asdict(), **_memory_of(field, way, pace)}
            if way.contestant.holds_directory:
                yield fact(f"{way.contestant.name}: from its start, with no copy yet, to its first login",
                           way.contestant.first_login, "s", most=FIRST_LOGIN_S)


def _memory_of(field, way, pace):
    own, slapd = field.pids(way.contestant)
    rest = meter.memory_kib(own)
    with meter.Peak(peak_kib=lambda: meter.memory_kib(own), slapd_kib=lambda: meter.own_memory_kib(slapd)) as peak:
        for name in ("right", "wrong"):
            field.loader.run(way.door, way.contestant.logins(name), CLASSES[name], 32, seconds=2 * pace.seconds)
    return {"rest_kib": rest, **peak.most}
