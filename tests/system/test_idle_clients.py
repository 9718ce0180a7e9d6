# SPDX-License-Identifier: BSD-2-Clause
"""Clients that connect and say nothing cost little, and nobody waits for them."""
import select
import time
from contextlib import ExitStack, suppress

import pytest

from lab.auth_client import AuthClient
from lab.saslauthd_client import SaslauthdClient, request
from lab.target import Target

CROWD = 500
AT_ONCE = 2.0  # seconds


@pytest.fixture(scope="module")
def crowded(stack):
    """A sendpassd with the usual patience."""
    place = Target(stack, "crowded")
    place.start()
    yield place
    assert place.daemon.stop() == 0


def _connect(target, door):
    return AuthClient(target.auth) if door == "auth" else SaslauthdClient(target.mux)


def _assert_served(target):
    started = time.monotonic()
    with AuthClient(target.auth) as client:
        assert client.plain(target.login, target.password) == "OK"
    with SaslauthdClient(target.mux) as client:
        assert client.ask(target.login, target.password, "smtp", "") == "OK"
    assert time.monotonic() - started < AT_ONCE


@pytest.mark.parametrize("door", ["auth", "saslauthd"])
def test_an_honest_client_is_served_among_idle_ones(crowded, door):
    for number in range(4):
        with ExitStack() as idle:
            for _ in range(CROWD):
                idle.enter_context(_connect(crowded, door))
            _assert_served(crowded)
        crowded.wait_until_alone()
        if number == 0:
            memory = crowded.memory()
    crowded.assert_same_memory(memory)


def test_who_says_nothing_to_the_auth_door_is_disconnected(target):
    begin = target.daemon.mark()
    with AuthClient(target.auth, hello=False) as client:
        assert client.line() == ""
    assert target.lines(begin) == []


def test_who_trickles_to_the_auth_door_gets_no_more_time_than_others(target):
    with AuthClient(target.auth, hello=False) as client:
        line = iter("VERSION\t1\t0" + "0" * 1000)
        with suppress(ConnectionError):  # if it is closed just as a byte is sent
            while not select.select([client.socket], [], [], 0.1)[0]:
                client.send(next(line))
        assert client.line() == ""


def test_who_says_nothing_to_the_saslauthd_door_is_told_to_try_later(target):
    begin = target.daemon.mark()
    with SaslauthdClient(target.mux) as client:
        assert client.reply() == ""
    assert target.lines(begin) == ["client_refused"]


def test_a_full_door_says_later_and_says_so_once(stack):
    places = 8
    full = Target(stack, "full", daemon_max_connections=places)
    full.start()
    begin = full.daemon.mark()
    with ExitStack() as idle:
        for _ in range(places):
            idle.enter_context(SaslauthdClient(full.mux))
        for _ in range(3):
            with SaslauthdClient(full.mux) as client:
                assert client.reply() == ""
    full.wait_until_alone()
    assert full.lines(begin) == ["connections_full"]
    _assert_served(full)
    assert full.daemon.stop() == 0


def test_who_had_not_finished_asking_when_it_stops_is_told_to_try_later(stack):
    """libsasl2 2.1.28 leaks a descriptor for each connection that is closed without a reply."""
    stopping = Target(stack, "stopping")
    stopping.start()
    with SaslauthdClient(stopping.mux) as client:
        client.send(request(stopping.login, stopping.password))
        client.wait_until_read()
        assert stopping.daemon.stop() == 0
        assert client.reply() == ""
