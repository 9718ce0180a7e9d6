# SPDX-License-Identifier: BSD-2-Clause
"""A flood with right ids and wrong secrets: bounded memory, and never a wrong answer."""
from collections import Counter
from itertools import chain

import pytest

from lab import wait
from lab.load import all_at_once

GUESSES = 200
SLOTS = 2
MEMORY_KIB = 19456
# What 200 connections, their requests and the searches may take beside Argon2
BOUND_KIB = 16 * 1024


@pytest.fixture
def daemon(stack):
    """A sendpassd of its own, whose memory nobody else has used."""
    own = stack.daemon("flooded")
    own.configure(daemon_argon2_slots=SLOTS, daemon_attempt_timeout="9s")
    own.start()
    yield own
    own.stop()


def test_a_flood_of_wrong_secrets_stays_within_its_slots(stack, daemon, person, credential):
    root = stack.slapd.root()
    wrong = stack.tool.issue(person.login)
    others_hash = root.search(credential.dn)[0].attributes["sendpassHash"][0]
    root.replace(wrong.dn, "sendpassHash", others_hash)
    idle = daemon.peak_memory()

    guesses = [(person.login, wrong.password)] * GUESSES
    honest = [(person.login, credential.password)] * (GUESSES // 10)
    answers = []

    def somebody_of_each_was_answered():
        """Who is told to try later does so: on a slow machine one flood may be over before the honest have a turn."""
        answers.append(all_at_once(daemon.directory / "auth", guesses + honest))
        return {"FAIL", "OK"} <= set(chain.from_iterable(answers))

    wait.until(somebody_of_each_was_answered, "a guess and an honest login to be answered", timeout=60)
    peak = daemon.peak_memory()
    guessed = {answer for flood in answers for answer in flood[:GUESSES]}
    served = {answer for flood in answers for answer in flood[GUESSES:]}
    print(f"idle {idle} KiB, peak {peak} KiB, {[Counter(flood) for flood in answers]}")
    assert peak <= idle + SLOTS * MEMORY_KIB + BOUND_KIB
    assert guessed <= {"FAIL", ""}, "a wrong secret was accepted"
    assert served <= {"OK", ""}, "a right secret was called wrong"


def test_it_serves_all_when_the_flood_is_over(daemon, person, credential):
    path = daemon.directory / "auth"
    all_at_once(path, [(person.login, credential.password)] * GUESSES)
    assert all_at_once(path, [(person.login, credential.password)] * 4) == ["OK"] * 4
