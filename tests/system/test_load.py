# SPDX-License-Identifier: BSD-2-Clause
"""A flood with right ids and wrong secrets: bounded memory, and never a wrong answer."""
from collections import Counter

import pytest

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
    own.configure(daemon_argon2_slots=SLOTS)
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
    answers = all_at_once(daemon.directory / "auth", guesses + honest)

    peak = daemon.peak_memory()
    print(f"idle {idle} KiB, peak {peak} KiB, {Counter(answers)}")
    assert peak <= idle + SLOTS * MEMORY_KIB + BOUND_KIB
    assert set(answers[:GUESSES]) <= {"FAIL", ""}, "a wrong secret was accepted"
    assert set(answers[GUESSES:]) <= {"OK", ""}, "a right secret was called wrong"
    assert "FAIL" in answers and "OK" in answers, "nobody was served"


def test_it_serves_all_when_the_flood_is_over(daemon, person, credential):
    path = daemon.directory / "auth"
    all_at_once(path, [(person.login, credential.password)] * GUESSES)
    assert all_at_once(path, [(person.login, credential.password)] * 4) == ["OK"] * 4
