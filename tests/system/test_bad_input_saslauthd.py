# SPDX-License-Identifier: BSD-2-Clause
"""What no client of saslauthd would send: refused, logged once, and nobody else's trouble."""
import select
from contextlib import suppress

import pytest

from lab import wait
from lab.saslauthd_client import SaslauthdClient, request
from lab.target import CONTROL_BYTES, SIZES

FIELDS = ("login", "password", "service", "realm", "address")
ADDRESS = "192.0.2.7;1234"


@pytest.fixture(autouse=True)
def _others_are_unharmed(target):
    with target.bystanders():
        yield


@pytest.fixture
def right(target):
    """The fields of a request that is granted."""
    return dict(zip(FIELDS, (target.login, target.password, "smtp", "", ADDRESS), strict=True))


def _answer(target, fields):
    """The reply to a whole request, and what was logged of it."""
    begin = target.daemon.mark()
    with SaslauthdClient(target.mux) as client:
        reply = client.ask(*fields.values())
    return reply, target.lines(begin)


@pytest.mark.parametrize("field", FIELDS)
def test_a_control_byte_is_in_no_field(target, right, field):
    wrong = {}
    for byte in CONTROL_BYTES:
        for place in (0, len(right[field]) // 2, len(right[field])):
            text = right[field][:place] + chr(byte) + right[field][place:]
            expected = ("NO", ["malformed"])
            if field == "address" and byte != 0:
                expected = ("OK", ["ok"])  # it is for the log alone, and just left out there
            answer = _answer(target, {**right, field: text})
            if answer != expected:
                wrong[byte, place] = answer
    assert not wrong


# field: the reason for each of SIZES, which are 0, 1, 255, 256, 257, 1024 and 65535 bytes
REASONS = {
    "login": ("malformed", *4 * ("wrong_owner",), "malformed", "malformed"),
    "password": 7 * ("malformed",),
    "service": ("ok", "ok", *5 * ("malformed",)),
    "realm": ("ok", *4 * ("wrong_owner",), "malformed", "malformed"),
    "address": (*6 * ("ok",), "malformed"),
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("size", SIZES)
def test_a_field_of_any_size_is_answered(target, right, field, size):
    reason = REASONS[field][SIZES.index(size)]
    expected = ("OK" if reason == "ok" else "NO", [reason])
    assert _answer(target, {**right, field: "x" * size}) == expected


@pytest.mark.parametrize("text, ip, port", [
    ("192.0.2.7;1234", "192.0.2.7", "1234"), ("2001:db8::7;25", "2001:db8::7", "25"),
    ("192.0.2.7", "192.0.2.7", None), ("192.0.2.7;", "192.0.2.7", None),
    ("192.0.2.7;65536", "192.0.2.7", None), ("192.0.2.7;x", "192.0.2.7", None),
    ("unknown;25", None, None), (";25", None, None), ("", None, None)])
def test_an_address_is_logged_if_it_is_one(target, right, text, ip, port):
    begin = target.daemon.mark()
    assert _answer(target, {**right, "address": text}) == ("OK", ["ok"])
    fields = target.daemon.events(begin, "auth")[0].fields
    assert (fields.get("ip"), fields.get("port")) == (ip, port)


@pytest.mark.parametrize("fields", [4, 5])
def test_a_request_that_ends_too_early_is_refused(target, right, fields):
    whole = request(*list(right.values())[:fields])
    complete = {len(request(*list(right.values())[:4])), len(whole)}
    wrong = {}
    for length in range(1, len(whole) + 1):
        begin = target.daemon.mark()
        with SaslauthdClient(target.mux) as client:
            client.send(whole[:length])
            client.end()
            answer = client.reply(), target.lines(begin)
        if answer != (("OK", ["ok"]) if length in complete else ("NO", ["malformed"])):
            wrong[length] = answer
    assert not wrong


def test_a_request_that_is_never_finished_is_told_to_try_later(target, right):
    whole = request(*list(right.values())[:4])
    begin = target.daemon.mark()
    clients = [SaslauthdClient(target.mux) for _ in range(len(whole))]
    for length, client in enumerate(clients):
        client.send(whole[:length])
    assert [client.reply() for client in clients] == [""] * len(clients)
    assert target.lines(begin) == ["client_refused"] * len(clients)
    for client in clients:
        client.close()


def test_bytes_may_come_one_at_a_time(target, right):
    begin = target.daemon.mark()
    with SaslauthdClient(target.mux) as client:
        for byte in request(*list(right.values())[:4]):
            client.send(bytes([byte]))
            client.wait_until_read()
        assert client.reply() == "OK"
    assert target.lines(begin) == ["ok"]


def test_who_trickles_gets_no_more_time_than_others(target, right):
    with SaslauthdClient(target.mux) as client:
        with suppress(ConnectionError):  # if it is closed just as a byte is sent
            for byte in request(*right.values()):
                if select.select([client.socket], [], [], 0.1)[0]:
                    break
                client.send(bytes([byte]))
        assert client.reply() == ""


def test_who_was_answered_and_does_not_close_is_dropped(target, right):
    with SaslauthdClient(target.mux) as client:
        assert client.ask(*right.values()) == "OK"

        def dropped():
            try:
                client.send(b"x")
            except ConnectionError:
                return True
            return False
        wait.until(dropped, "the end of the connection")


@pytest.mark.parametrize("fields", [4, 5])
def test_a_connection_is_for_one_request(target, right, fields):
    whole = request(*list(right.values())[:fields])
    begin = target.daemon.mark()
    with SaslauthdClient(target.mux) as client:
        client.send(whole + whole)
        assert client.reply() == "NO"
    assert target.lines(begin) == ["malformed"]


def test_a_large_request_is_read_to_its_end(target):
    """Who is refused early and has more to send must not be stuck with it."""
    begin = target.daemon.mark()
    with SaslauthdClient(target.mux) as client:
        client.send(b"\xff\xff" + b"x" * 1_000_000)
        assert client.reply() == "NO"
    assert target.lines(begin) == ["malformed"]


def test_a_client_that_leaves_is_not_waited_for(target, right):
    begin = target.daemon.mark()
    for _ in range(20):
        with SaslauthdClient(target.mux) as client:
            client.send(request(*right.values()))
    wait.until(lambda: target.lines(begin) == ["ok"] * 20, "all attempts to be judged")
