# SPDX-License-Identifier: BSD-2-Clause
"""bench/run at its smallest, so that it does not rot: it measures, and sees no wrong answer."""
import json
import subprocess

from lab.entries import SOURCE

OFFERED = {"logins": {"right"}, "wrong": {"wrong"}, "refusals": {"right", "unknown", "malformed"}}
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
        assert {(row["protocol"], row["offered"]) for row in rows if row["contestant"] == "live"} == {
            (door, each) for door in DOORS for each in offered}
        for row in rows:
            assert row["rate"] > 0 and row["p50_us"] <= row["p99_us"], row
            assert row["temporary"] == row["lost"] == row["wrong"] == 0, row
            assert row["share_of"]["live"] > 0, row
