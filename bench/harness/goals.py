# SPDX-License-Identifier: BSD-2-Clause
"""What a run should show, each as a ratio within the run or a limit."""


def _find(rows, part, contestant, protocol=None, **labels):
    for row in rows:
        if (row["part"] == part and row["contestant"] == contestant and protocol in (None, row["protocol"])
                and all(row.get(name) == value for name, value in labels.items())):
            return row
    return None


class Goals:
    """Collects those that the rows can tell about."""

    def __init__(self, rows):
        self.rows = rows
        self.reached = []

    def _add(self, goal, value, least=None, most=None):
        met = value >= least if least is not None else value <= most
        wanted = f"at least {least:g}" if least is not None else f"at most {most:g}"
        self.reached.append({"goal": goal, "wanted": wanted, "value": value, "met": met})

    def _times(self, goal, ours, others, least):
        """How many times the rate of a row of others' our own is."""
        row = _find(self.rows, **others)
        if row is not None and row["share_of"].get(ours):
            self._add(goal, 1 / row["share_of"][ours], least=least)

    def _share(self, goal, name, base, least):
        """A row's share of what it is held against by that name."""
        row = _find(self.rows, **name)
        if row is not None and row["share_of"].get(base) is not None:
            self._add(goal, row["share_of"][base], least=least)

    def _limit(self, goal, name, field, scale, most):
        row = _find(self.rows, **name)
        if row is not None:
            self._add(goal, row[field] / scale, most=most)

    def against_others(self):
        """Logins at the sockets, held against those of others."""
        for clients in (8, 32):
            shared = {"part": "logins", "clients": clients}
            self._times(f"live, right, {clients} clients: times Dovecot with Argon2 in workers", "live",
                        {**shared, "contestant": "dovecot-workers"}, 150)
            self._times(f"replica, right, {clients} clients: times Dovecot that binds and caches", "replica",
                        {**shared, "contestant": "dovecot-bind-cache"}, 2)

    def refusals(self):
        """What guessing costs us."""
        for name, least in (("unknown", 0.9), ("malformed", 2)):
            self._share(f"live, {name} passwords: share of the rate of right ones",
                        {"part": "refusals", "contestant": "live", "protocol": "auth", "offered": name}, "live", least)

    def sessions(self):
        """Postfix, with no server at all behind it."""
        for ours, least in (("live", 0.85), ("replica", 0.97)):
            for clients in (8, 32):
                shared = {"part": "sessions", "clients": clients, "protocol": "auth"}
                self._times(f"{ours}, SMTP sessions, {clients} clients: share of those with the null server", ours,
                            {**shared, "contestant": "null"}, least)

    def attack(self):
        """Honest clients among guessers."""
        for ours in ("live", "replica"):
            honest = {"part": "attack", "contestant": ours}
            for attackers in (8, 64):
                self._share(f"{ours}, honest among {attackers}: share of its quiet rate",
                            {**honest, "attackers": attackers}, "its quiet rate", 0.8)
                self._limit(f"{ours}, honest among {attackers}: p99, ms", {**honest, "attackers": attackers},
                            "p99_us", 1000, 5)
            self._limit(f"{ours}, honest and not seen before, among 64: p99, ms",
                        {"part": "newcomers", "contestant": ours}, "p99_us", 1000, 500)

    def correctness(self):
        """Passwords are accepted until they change, and no longer."""
        for ours in ("live", "replica"):
            row = _find(self.rows, "change", ours)
            if row is not None:
                wrong = row["accepted_at_once"] + row["accepted_later"] + (not row["accepted_before"])
                self._add(f"{ours}: wrong answers around a change", wrong, most=0)

    def memory(self):
        """What a copy of the directory takes, with all the daemon around it."""
        row = _find(self.rows, "memory", "replica")
        if row is not None:
            credentials = row["owners"] * row["each"]
            self._limit(f"replica, {credentials:,} app passwords: memory at the most, MiB",
                        {"part": "memory", "contestant": "replica"}, "peak_kib", 1024,
                        60 if credentials <= 100_000 else 400)

    def limits(self):
        """Figures that have one."""
        for row in self.rows:
            if row["part"] == "facts" and (row["least"] is not None or row["most"] is not None):
                self._add(f"{row['what']}, {row['unit']}", row["value"], row["least"], row["most"])

    def flat(self):
        """An attempt costs the same wherever it is made."""
        for part, what in (("sizes", "people"), ("each", "app passwords of each")):
            for name in ("right", "wrong", "unknown"):
                shares = [row["share_of"]["the first"] for row in self.rows
                          if row["part"] == part and row["offered"] == name and row["share_of"]["the first"]]
                if shares:
                    self._add(f"{name} passwords, more {what}: the least share of the first rate", min(shares),
                              least=0.8)


def reached(rows):
    """[{goal, wanted, value, met}]"""
    found = Goals(rows)
    for judge in (found.against_others, found.refusals, found.sessions, found.attack, found.correctness, found.memory,
                  found.limits, found.flat):
        judge()
    return found.reached
