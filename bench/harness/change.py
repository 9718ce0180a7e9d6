# SPDX-License-Identifier: BSD-2-Clause
"""An old password right after it was changed or taken away."""
import time
from contextlib import ExitStack, contextmanager

import ldap

from lab.slapd import CREDENTIALS, PEOPLE

LATER = 5.0
OWN = ("userPassword", "description")


class Hand:
    """The directory's root with a connection of its own, so that a change takes as long as slapd takes for it."""

    def __init__(self, slapd):
        self.connection = ldap.initialize(slapd.uri)
        self.connection.sasl_external_bind_s()

    def get(self, dn, *names):
        """{name: values} of an entry."""
        return self.connection.search_s(dn, ldap.SCOPE_BASE, attrlist=list(names))[0][1]

    def put(self, dn, **values):
        """Replace attributes; an empty list takes one away."""
        self.connection.modify_s(dn, [(ldap.MOD_REPLACE, name, value or None) for name, value in values.items()])

    @contextmanager
    def other(self, dn, **values):
        """Within: these attributes have these values."""
        before = self.get(dn, *values)
        self.put(dn, **values)
        try:
            yield
        finally:
            self.put(dn, **{name: before.get(name, []) for name in values})


def owner_dn(login):
    """An owner's entry."""
    return f"uid={login[0]},{PEOPLE}"


def credential_dn(login):
    """The entry of the credential whose app password it is."""
    return f"sendpassId={login[1].replace('-', '')[:8]},{CREDENTIALS}"


def _values(hand, dn, others, names):
    """What makes the known password of an entry wrong: the hashes of another entry."""
    return dn, hand.get(others, *names)


def _accepts(field, way, number):
    own = "own-" if way.contestant.own else ""
    logins = field.slapd.part(f"{own}right", number, number + 1)
    return field.loader.once(way.door, logins, "any").ok == 1


def old_passwords(field, _pace):
    """For each server: does it accept an old password at once after the change, and some seconds later?"""
    hand = Hand(field.slapd)
    number = field.slapd.shape.known - 1
    mine, others = (field.slapd.lines("right")[index] for index in (number, number - 1))
    changes = [_values(hand, owner_dn(mine), owner_dn(others), OWN),
               _values(hand, credential_dn(mine), credential_dn(others), ("sendpassHash",))]
    ways = [contestant.ways()[0] for contestant in field.contestants if contestant.name != "null"]

    def ask():
        return [_accepts(field, way, number) for way in ways]
    before = [ask() for _ in range(2)]
    with ExitStack() as changed:
        for dn, values in changes:
            changed.enter_context(hand.other(dn, **values))
        at_once = ask()
        time.sleep(LATER)
        later = ask()
    for index, way in enumerate(ways):
        yield {"part": "change", "contestant": way.contestant.name, "protocol": way.protocol,
               "accepted_before": all(answers[index] for answers in before), "accepted_at_once": at_once[index],
               "accepted_later": later[index], "later_seconds": LATER}
