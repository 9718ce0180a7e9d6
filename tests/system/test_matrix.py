# SPDX-License-Identifier: BSD-2-Clause
"""The outcome matrix: every door of docs/doors.md, by every mechanism, with everything that can become of
an attempt. The servers are put into each state once, all doors are tried, and then the cells are judged."""
import time
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from lab import doors_table, outcomes, wait
from lab.auth_client import AuthClient
from lab.every_door import CLIENT_ADDRESS, EveryDoor
from lab.outcomes import FILLER, OF_A_REPLICA, OUTCOMES
from lab.people import Person

DEADLINE = 10.0  # after which Postfix gives up
REASONS_OF_MESSAGES = {"sender_denied", "rate_limited"}  # the policy door's, after a login was granted

ROWS = doors_table.rows()
CELLS = [(door, mechanism) for door, row in ROWS.items() for mechanism in row.mechanisms]


class Seen(NamedTuple):
    """What one attempt showed to its client, how long it took, and what sendpassd logged of it."""

    login: str
    text: str
    seconds: float
    verdicts: list
    refused_at: list  # doors that did not listen to the peer


@pytest.fixture(scope="module")
def every_door(request, lab_directory):
    """All doors, before one sendpassd of their own."""
    directory = lab_directory / "every-door"
    directory.mkdir(mode=0o755)
    options = request.config
    every = EveryDoor(directory, options.getoption("--build").resolve(), options.getoption("--exim"),
                      options.getoption("--directory-mode"))
    every.prepare()
    try:
        every.start()
        yield every
    finally:
        every.stop()
    assert not every.stack.sanitizer.reports()


def _attempt(every_door, door, session, mechanism, offered):
    sendpassd = every_door.stack.sendpassd
    begin, started = sendpassd.mark(), time.monotonic()
    text = every_door.doors[door].offer(session, mechanism, *offered)
    seconds = time.monotonic() - started
    verdicts = [event.fields for event in sendpassd.events(begin, "auth")
                if event.fields.get("service") != FILLER]
    refused = [event.fields["door"] for event in sendpassd.events(begin, "peer_refused")]
    return Seen(offered[0], text, seconds, verdicts, refused)


def pytest_generate_tests(metafunc):
    """The outcomes that there are with this --directory-mode."""
    if "outcome" in metafunc.fixturenames:
        every = outcomes.of(metafunc.config.getoption("--directory-mode"))
        metafunc.parametrize("outcome", every.values(), ids=every, indirect=True, scope="module")


@pytest.fixture(scope="module")
def outcome(request):
    """Each outcome in turn."""
    return request.param


@pytest.fixture(scope="module")
def matrix(every_door, outcome):
    """{(door, mechanism): Seen} of one outcome. Sessions are open before the servers get into its state."""
    stack = every_door.stack
    person = Person(stack.slapd.root())
    credential = stack.tool.issue(person.login)
    with ExitStack() as open_sessions:
        sessions = {(door, mechanism): open_sessions.enter_context(every_door.doors[door].begin())
                    for door, mechanism in CELLS if door in every_door.doors}
        with outcome.arrange(every_door, person, credential) as offered:
            seen = {(door, mechanism): _attempt(every_door, door, session, mechanism, offered)
                    for (door, mechanism), session in sessions.items()}
    _wait_for_recovery(stack)
    return seen


def _wait_for_recovery(stack):
    credential = stack.tool.issue("alice")

    def granted():
        with AuthClient(stack.sendpassd.directory / "auth") as client:
            return client.plain(credential.login, credential.password) == "OK"
    wait.until(granted, "sendpassd to know again")


@pytest.fixture(params=CELLS, ids=lambda cell: " ".join(cell).strip())
def cell(request, matrix):
    """Each door and mechanism in turn: its row, its mechanism and what was seen."""
    if request.param not in matrix:
        pytest.skip("no Exim, or nobody may make mount namespaces here")
    door, mechanism = request.param
    return ROWS[door], mechanism, matrix[request.param]


def _shows(row, column, text):
    expected = row.sees[column]
    return text == expected if expected.isdigit() else expected in text


def test_the_client_sees_what_the_table_says(outcome, cell):
    row, _, seen = cell
    assert _shows(row, outcome.at(row).column, seen.text), seen.text
    assert seen.seconds < DEADLINE


def test_the_log_has_one_line_with_the_reason(outcome, cell):
    row, _, seen = cell
    here = outcome.at(row)
    assert set(seen.refused_at) == ({row.asks} if here.refuses_peers else set())
    assert len(seen.verdicts) == (1 if here.reasons else 0)
    for verdict in seen.verdicts:
        assert verdict["reason"] in here.reasons
        assert verdict["result"] == outcomes.reasons()[verdict["reason"]]
        assert verdict["door"] == row.asks


def test_the_log_has_what_the_door_tells(outcome, cell):
    row, mechanism, seen = cell
    for verdict in seen.verdicts:
        assert verdict.get("ip") == (CLIENT_ADDRESS if "address" in row.tells else None)
        assert ("port" in verdict) == ("port" in row.tells)
        assert "mechanism" not in row.tells or verdict["mech"] == mechanism
        assert verdict["service"]
        assert verdict["login"] == seen.login


def test_no_two_doors_disagree(outcome, matrix):
    alike = [(ROWS[door], seen) for (door, _), seen in matrix.items() if outcome.at(ROWS[door]) is outcome]
    assert len({_shows(row, "yes", seen.text) for row, seen in alike}) == 1
    assert len({_shows(row, "no", seen.text) for row, seen in alike if not row.says_no_for_later}) == 1
    assert len({verdict["result"] for _, seen in alike for verdict in seen.verdicts}) <= 1


def test_every_reason_has_an_outcome():
    known = {reason for outcome in (*OUTCOMES.values(), *OF_A_REPLICA.values()) for reason in outcome.reasons}
    assert known | REASONS_OF_MESSAGES == set(outcomes.reasons())


def test_every_door_of_the_table_is_there(every_door):
    assert set(every_door.doors) <= set(ROWS)
    assert not every_door.is_complete or set(every_door.doors) == set(ROWS)


@pytest.mark.parametrize("door", ROWS)
def test_the_table_has_in_bold_what_says_no_for_later(door):
    sees = ROWS[door].sees
    assert ROWS[door].says_no_for_later == (sees["try later"] == sees["no"])
