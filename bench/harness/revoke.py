# SPDX-License-Identifier: BSD-2-Clause
"""How long a password is still accepted after slapd has confirmed that it is revoked."""
import time

from lab.auth_client import AuthClient

from .change import Hand, credential_dn
from .facts import fact

REVOKED = b"20260101000000Z"
PATIENCE = 10.0


def _until(client, login, wanted):
    """Try again and again; the seconds until the first answer that is wanted."""
    begin = time.monotonic()
    number = 0
    while True:
        number += 1
        answer = client.plain(login[0], login[1], number)
        took = time.monotonic() - begin
        if answer == wanted:
            return took
        if answer not in ("OK", "FAIL") or took > PATIENCE:
            raise RuntimeError(f"{login[0]} was answered {answer!r} after {took:.1f} s, not {wanted}")


def _trials(contestant, hand, logins, trials):
    refused, granted = [], []
    with AuthClient(contestant.sockets()["auth"]) as client:
        for trial in range(trials):
            login = logins[trial % len(logins)]
            dn = credential_dn(login)
            _until(client, login, "OK")
            hand.put(dn, sendpassRevoked=[REVOKED])
            refused.append(1000 * _until(client, login, "FAIL"))
            hand.put(dn, sendpassRevoked=[])
            granted.append(1000 * _until(client, login, "OK"))
    return sorted(refused), sorted(granted)


def revocations(field, trials):
    """For each of ours."""
    hand = Hand(field.slapd)
    logins = field.slapd.lines("right")
    for contestant in field.ours_alone():
        refused, granted = _trials(contestant, hand, logins, trials)
        what = f"{contestant.name}: from revoked to refused, {trials:,} trials"
        yield fact(f"{what}, median", refused[len(refused) // 2], "ms")
        yield fact(f"{what}, 99 of 100", refused[int(0.99 * (len(refused) - 1))], "ms", most=100)
        yield fact(f"{what}, the longest", refused[-1], "ms", most=1000)
        yield fact(f"{contestant.name}: from restored to granted, the longest", granted[-1], "ms")
