# SPDX-License-Identifier: BSD-2-Clause
"""Completion in bash, zsh and fish: all that sendpass knows, and nothing else."""
import re
import subprocess

import pytest

from lab import shells


@pytest.fixture(params=shells.NAMES)
def shell(request):
    """Each shell in turn."""
    if not shells.is_there(request.param):
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture
def program(stack):
    """The sendpass that is completed."""
    return stack.tool.program


def help_of(program, *verb):
    return subprocess.run([program, *verb, "--help"], text=True, capture_output=True, check=True).stdout


def verbs_of(program):
    listed = help_of(program).split("\nVerbs:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines()]


def options_of(program, *verb):
    """Every long option that the help shows at the start of a line."""
    lines = re.findall(r"^  ((?:-\w, )?--[a-z-]+(?:, --[a-z-]+)*)", help_of(program, *verb), re.MULTILINE)
    return sorted({option for line in lines for option in re.findall(r"--[a-z-]+", line)} | {"--help"})


def test_every_verb_is_offered(shell, program):
    assert len(verbs_of(program)) > 6
    assert shells.complete(shell, program, "") == sorted(verbs_of(program))
    assert shells.complete(shell, program, "--config", "/x", "-D", "cn=x", "-E", "sch") == ["schema"]


def test_every_option_before_the_verb_is_offered(shell, program):
    assert {"--config", "--bind-dn", "--external", "--sasl", "--help", "--version"} == set(options_of(program))
    assert shells.complete(shell, program, "--") == options_of(program)
    for option in "-Y", "--sasl":
        assert shells.complete(shell, program, option, "") == ["GSSAPI"]
        assert shells.complete(shell, program, option, "GSSAPI", "sch") == ["schema"]


def test_every_option_of_every_verb_is_offered(shell, program):
    for verb in verbs_of(program):
        offered = shells.complete(shell, program, "-f", "x", verb, "--")
        assert offered == options_of(program, verb), verb
        assert "--json" in offered
    assert shells.complete(shell, program, "issue", "alice", "--la") == ["--label"]


@pytest.mark.parametrize("option", ["--format", "--state", "--result"])
def test_every_value_that_is_taken_is_offered(shell, program, option):
    """sendpass tells them when it refuses another one."""
    found = 0
    for verb in verbs_of(program):
        if option not in options_of(program, verb):
            continue
        refused = subprocess.run([program, verb, option, "?"], text=True, capture_output=True, check=False).stderr
        values = re.split(r", | or ", re.search(r"must be (.*) \(see:", refused)[1])
        assert len(values) > 1
        assert shells.complete(shell, program, verb, option, "") == sorted(values), verb
        assert shells.complete(shell, program, verb, option, values[0][:-1]) == [values[0]], verb
        found += 1
    assert found > 0


def test_a_free_value_is_not_taken_for_an_option(shell, program):
    for words in ["issue", "--label", ""], ["issue", "alice", "--expires", "-"], ["-D", ""], ["show", ""]:
        assert shells.complete(shell, program, *words) == []


def test_files_are_offered_where_a_file_is_wanted(shell, program, tmp_path):
    (tmp_path / "a.conf").touch()
    for words in ["-f"], ["--config"], ["verify", "alice", "--socket"], ["doctor", "--postfix-config"], \
            ["doctor", "--exim-config"], ["report", "--log"], ["watch", "--log"], ["trace", "--journal-directory"]:
        assert shells.complete(shell, program, *words, f"{tmp_path}/a.") == [f"{tmp_path}/a.conf"]


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_the_shell_finds_the_file_and_completes_at_the_tab_key(program, tmp_path, name):
    if not shells.is_there(name):
        pytest.skip(f"{name} is not installed")
    shells.install(name, tmp_path)
    terminal = shells.type_tab(name, program, tmp_path, "sendpass sche")
    terminal.wait_for(b"sendpass schema ")
    terminal.type(b"--form\t")
    terminal.wait_for(b"--format ")
    terminal.type(b"389\t")
    terminal.wait_for(b"389ds ")
    terminal.type(b">/dev/null; exit\n")
    terminal.end()


def test_fish_finds_the_file(program, tmp_path):
    if not shells.is_there("fish"):
        pytest.skip("fish is not installed")
    shells.install("fish", tmp_path)
    environment = dict(shells.environment(program), XDG_DATA_DIRS=str(tmp_path), HOME=str(tmp_path))
    result = subprocess.run(["fish", "-c", "complete -C 'sendpass schema --format 389'"], text=True,
                            capture_output=True, check=False, env=environment, timeout=30)
    assert result.stdout.split() == ["389ds"], result.stderr
