# SPDX-License-Identifier: BSD-2-Clause
"""bench/run at its smallest, so that it does not rot: it measures, and notices wrong answers."""
import json
import subprocess

import pytest

from lab.entries import SOURCE
from lab.process import Process

OFFERED = {"logins": {"right"}, "wrong": {"wrong"}, "refusals": {"right", "unknown", "malformed"}}
OURS = {"live", "replica"}
DOORS = {"auth", "saslauthd"}
SMALL = ["--only", "live", "--owners", "12", "--each", "2", "--known", "4", "--seconds", "0.05", "--rounds", "1",
         "--clients", "2"]


def test_a_small_run_has_every_figure_and_no_wrong_answer(request, tmp_path):
    output = tmp_path / "result.json"
    parts = [word for part in OFFERED for word in ("--part", part)]
    done = subprocess.run([SOURCE / "bench/run", "--build", request.config.getoption("--build"), *SMALL, *parts,
                           "--output", output], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    assert result["wrong"] == 0
    for part, offered in OFFERED.items():
        rows = [row for row in result["rows"] if row["part"] == part]
        assert {(row["contestant"], row["protocol"], row["offered"]) for row in rows} == {
            (ours, door, each) for ours in OURS for door in DOORS for each in offered}
        for row in rows:
            assert row["rate"] > 0 and row["p50_us"] <= row["p99_us"], row
            assert row["temporary"] == row["lost"] == row["wrong"] == 0, row
            assert all(row["share_of"][ours] > 0 for ours in OURS), row


@pytest.fixture(name="yes_man", scope="module")
def _yes_man(request, tmp_path_factory):
    """bench/null, and a function that loads it at one of its doors."""
    build = request.config.getoption("--build").resolve()
    subprocess.run(["make", "--silent", "-C", build, "bench/load", "bench/null"], check=True)
    directory = tmp_path_factory.mktemp("null")
    sockets = {door: directory / door for door in sorted(DOORS)}
    (directory / "logins").write_text("alice\tsecret\nbob\tother\t192.0.2.2\n")
    null = Process([build / "bench/null", sockets["auth"], sockets["saslauthd"]], directory / "log",
                   directory / "pid")

    def load(door, expected):
        return subprocess.run(
            [build / "bench/load", "--protocol", door, "--at", sockets[door], "--logins", directory / "logins",
             "--expect", expected, "--connections", "2", "--once"], capture_output=True, text=True, check=False)
    null.start(lambda: all(socket.exists() for socket in sockets.values()))
    yield load
    null.stop()


@pytest.mark.parametrize(("expected", "status", "wrong"), [("ok", 0, 0), ("any", 0, 0), ("fail", 3, 2)])
@pytest.mark.parametrize("door", sorted(DOORS))
def test_a_load_fails_where_yes_is_the_wrong_answer(yes_man, door, expected, status, wrong):
    done = yes_man(door, expected)
    assert done.returncode == status, done.stderr
    told = json.loads(done.stdout)
    assert (told["ok"], told["wrong"]) == (2, wrong)
