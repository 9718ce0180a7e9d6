# SPDX-License-Identifier: BSD-2-Clause
"""What no client of the auth door would send: refused, logged once, and nobody else's trouble."""
import base64

import pytest

from lab import wait
from lab.auth_client import AuthClient
from lab.target import CONTROL_BYTES, SIZES

# A question that is answered at once: what a line before it had to be told is told by then
SENTINEL = "AUTH\t99\tLOGIN\tservice=smtp\n"
ESCAPE, TAB, LF = 0x01, 0x09, 0x0a
NEVER_RAW = (0x00, 0x0d, ESCAPE)

# What a line comes to: the answer's first word, and what is logged
OK = ("OK", ["ok"])
FAIL = ("FAIL", ["malformed"])
WRONG_OWNER = ("FAIL", ["wrong_owner"])
CLOSED = ("", ["client_refused"])
IGNORED = ("nothing", [])
ASKED_ON = ("CONT", [])


@pytest.fixture(autouse=True)
def _others_are_unharmed(target):
    with target.bystanders():
        yield


def _plain(login, password):
    return base64.b64encode(f"\0{login}\0{password}".encode()).decode()


@pytest.fixture
def right(target):
    """The values of a request that is granted."""
    return {"command": "AUTH", "id": "17", "mechanism": "PLAIN", "service": "smtp", "flag": "nologin",
            "lip": "192.0.2.1", "rip": "192.0.2.7", "rport": "1234",
            "resp": _plain(target.login, target.password)}


def _line(values):
    keyed = ("service", "lip", "rip", "rport", "resp")
    return "\t".join(f"{name}={value}" if name in keyed else value for name, value in values.items())


def _outcome(target, values, expected):
    begin = target.daemon.mark()
    with AuthClient(target.auth) as client:
        client.send(_line(values) + "\n")
        if expected == IGNORED:
            client.send(SENTINEL)
        answer = client.line()
    word = "nothing" if answer.startswith("CONT\t99\t") else answer.partition("\t")[0]
    return word, target.lines(begin)


# What becomes of a control byte in a field. One in an address or a port, which are for the log, leaves
# these out; lines of other commands, and flags that are not known, are ignored.
CONTROLS = {"command": IGNORED, "id": CLOSED, "mechanism": FAIL, "service": FAIL, "flag": OK, "lip": OK,
            "rip": OK, "rport": OK, "resp": FAIL}


def _expected(field, byte):
    if byte not in NEVER_RAW:
        return CONTROLS[field]
    # the whole line is bad: refused by its id, where that can be read
    return CLOSED if field in ("command", "id") else FAIL


@pytest.mark.parametrize("field", CONTROLS)
def test_a_control_byte_is_in_no_field(target, right, field):
    wrong = {}
    value = right[field]
    for byte in set(CONTROL_BYTES) - {TAB, LF}:
        # with a letter behind it the escape may be a good one
        for place in (len(value),) if byte == ESCAPE else (0, len(value) // 2, len(value)):
            expected = _expected(field, byte)
            changed = {**right, field: value[:place] + chr(byte) + value[place:]}
            outcome = _outcome(target, changed, expected)
            if outcome != expected:
                wrong[byte, place] = outcome
    assert not wrong


# field: what comes of each of SIZES, which are 0, 1, 255, 256, 257, 1024 and 65535 bytes
OUTCOMES = {
    "command": (*6 * (IGNORED,), CLOSED),
    "id": (CLOSED, OK, *5 * (CLOSED,)),
    "mechanism": 7 * (FAIL,),
    "service": (OK, OK, *5 * (FAIL,)),
    "flag": (*6 * (OK,), FAIL),
    "lip": (OK, OK, *5 * (FAIL,)),
    "rip": (OK, OK, *5 * (FAIL,)),
    "rport": (*6 * (OK,), FAIL),
    "resp": (ASKED_ON, *6 * (FAIL,)),
    "login": (FAIL, *4 * (WRONG_OWNER,), FAIL, FAIL),
    "password": 7 * (FAIL,),
}


@pytest.mark.parametrize("field", OUTCOMES)
@pytest.mark.parametrize("size", SIZES)
def test_a_field_of_any_size_is_answered(target, right, field, size):
    text = "1" * size
    if field == "login":
        changed = {**right, "resp": _plain(text, target.password)}
    elif field == "password":
        changed = {**right, "resp": _plain(target.login, text)}
    else:
        changed = {**right, field: text}
    expected = OUTCOMES[field][SIZES.index(size)]
    assert _outcome(target, changed, expected) == expected


@pytest.mark.parametrize("field, expected", {**CONTROLS, "id": FAIL, "service": OK}.items())
def test_a_tab_is_the_end_of_a_field(target, right, field, expected):
    """What is behind it is another field; and so the last part of an id is a mechanism nobody has."""
    middle = len(right[field]) // 2
    changed = {**right, field: right[field][:middle] + "\t" + right[field][middle:]}
    assert _outcome(target, changed, expected) == expected


def _answers_until_sentinel(client):
    answers = []
    while (answer := client.line()) and not answer.startswith("CONT\t99\t"):
        answers.append(answer)
    return answers


@pytest.mark.parametrize("broken_by", ["\n", "\n\n", "\r\n", "\0"], ids=repr)
def test_a_line_that_breaks_anywhere_is_one_attempt_at_most(target, right, broken_by):
    whole = _line(right)
    wrong = {}
    for place in range(1, len(whole)):
        begin = target.daemon.mark()
        with AuthClient(target.auth) as client:
            client.send(f"{whole[:place]}{broken_by}{whole[place:]}\n{SENTINEL}")
            answers = _answers_until_sentinel(client)
        lines = target.lines(begin)
        if len(answers) > 1 or len(lines) > 1 or "ok" in lines:
            wrong[place] = answers, lines
    assert not wrong


def test_a_client_that_leaves_in_the_middle_is_logged(target, right):
    whole = _line(right)
    wrong = {}
    for length in range(1, len(whole) + 1):
        begin = target.daemon.mark()
        with AuthClient(target.auth) as client:
            client.send(whole[:length])
            client.end()
            answer = client.line(), target.lines(begin)
        if answer != CLOSED:
            wrong[length] = answer
    assert not wrong


def test_bytes_may_come_one_at_a_time(target, right):
    begin = target.daemon.mark()
    with AuthClient(target.auth) as client:
        for byte in _line(right) + "\n":
            client.send(byte)
            client.wait_until_read()
        assert client.line().startswith("OK\t17\t")
    assert target.lines(begin) == ["ok"]


def test_requests_may_come_together(target, right):
    begin = target.daemon.mark()
    ids = [str(number) for number in range(1, 33)]
    with AuthClient(target.auth) as client:
        client.send("".join(_line({**right, "id": number}) + "\n" for number in ids))
        answers = [client.line().split("\t")[:2] for _ in ids]
    assert sorted(answers) == sorted(["OK", number] for number in ids)
    assert target.lines(begin) == ["ok"] * len(ids)


@pytest.mark.parametrize("ids, judged", [(["1", "1"], 1), (list(map(str, range(1, 35))), 32)],
                         ids=["one id twice", "too many"])
def test_who_asks_too_much_at_once_is_disconnected(target, right, ids, judged):
    begin = target.daemon.mark()
    with AuthClient(target.auth) as client:
        client.send("".join(_line({**right, "id": number}) + "\n" for number in ids))
        assert client.line() == ""
    wait.until(lambda: sorted(target.lines(begin)) == ["client_refused"] + judged * ["ok"],
               "what was taken up to be judged")


def test_a_line_without_end_is_refused_once_and_read_no_further(target):
    begin = target.daemon.mark()
    with AuthClient(target.auth) as client:
        client.send("AUTH\t17\tPLAIN\tresp=" + "x" * 1_000_000 + "\n" + SENTINEL)
        assert client.line().startswith("FAIL\t17")
        assert client.line().startswith("CONT\t99\t")
    assert target.lines(begin) == ["malformed"]
