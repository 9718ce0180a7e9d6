# SPDX-License-Identifier: BSD-2-Clause
"""`sendpass tune` proposes settings that sendpassd takes, and none that are weaker than OWASP's least."""
import re
import subprocess

import pytest

OK, USAGE, FAILED = 0, 2, 5
# so that it is quick: the least that there is
QUICK = ("--target", "1ms", "--memory-max", "7168")
LEAST = {19456: 2, 12288: 3, 9216: 4, 7168: 5}


def test_it_prints_settings_that_sendpassd_takes(stack, tmp_path):
    result = stack.tool.run("tune", *QUICK, "--slots", "3")
    assert result.returncode == OK, result.stderr
    assert re.match(r"# One hash takes \d+\.\d ms here; 1 ms are wanted\.\n# That is too long, [^\n]*\n"
                    r"# Argon2 is for first logins: at most \d+ a second, in at most 192 MiB\.\n\[argon2\]\n",
                    result.stdout)
    configuration = tmp_path / "sendpass.conf"
    configuration.write_text(result.stdout)
    taken = subprocess.run([stack.build / "sendpassd", "-f", configuration, "--print-config"],
                           capture_output=True, text=True, check=True).stdout
    for line in ("memory = 7168", "passes = 5", "lanes = 1", "argon2_slots = 3", "max_memory = 65536"):
        assert f"\n{line}\n" in taken


def test_caps_that_are_too_low_are_raised_with_it(stack, tmp_path):
    configuration = tmp_path / "sendpass.conf"
    configuration.write_text("[argon2]\nmax_memory = 8192\nmemory = 8192\nmax_passes = 2\n")
    printed = subprocess.run([stack.tool.program, "-f", configuration, "tune", *QUICK[:2], "--memory-max", "9216"],
                             capture_output=True, text=True, check=True).stdout
    assert "\nmax_memory = 9216\nmax_passes = 4\n" in printed
    configuration.write_text(printed)
    subprocess.run([stack.build / "sendpassd", "-f", configuration, "--print-config"], check=True, capture_output=True)


@pytest.mark.parametrize("memory", [7168, 9300, 12288])
def test_it_keeps_within_its_bounds(stack, memory):
    told = stack.tool.json("tune", "--target", "1ms", "--memory-max", str(memory), "--slots", "2")
    assert told["memory"] <= memory and told["passes"] == LEAST[told["memory"]] and told["lanes"] == 1
    assert told["argon2_slots"] == 2 and told["target_ms"] == 1
    assert told["fits"] == (told["ms"] <= 1)
    assert told["logins_per_second"] == pytest.approx(2000 / told["ms"], rel=0.01)


@pytest.mark.parametrize("arguments, told", [
    (("--target", "50"), "--target must be a time from 1ms to 4s"),
    (("--target", "5s"), "--target must be a time"),
    (("--memory-max", "7167"), "--memory-max must be a number of KiB from 7168"),
    (("--slots", "0"), "--slots must be a number from 1"),
    (("extra",), "too many arguments"),
])
def test_what_it_cannot_take_is_told(stack, arguments, told):
    result = stack.tool.run("tune", *arguments)
    assert (result.returncode, result.stdout) == (USAGE, "") and told in result.stderr


def test_too_little_memory_in_the_configuration_is_told(stack, tmp_path):
    configuration = tmp_path / "sendpass.conf"
    configuration.write_text("[argon2]\nmax_memory = 4096\nmemory = 4096\n")
    result = subprocess.run([stack.tool.program, "-f", configuration, "tune"], capture_output=True, text=True,
                            check=False)
    assert result.returncode == FAILED and "[argon2] max_memory is below 7168" in result.stderr
