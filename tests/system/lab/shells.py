# SPDX-License-Identifier: BSD-2-Clause
"""Shells that complete a command line with sendpass' completion files."""
import os
import shlex
import shutil
import subprocess

from .slapd import SOURCE
from .terminal import Terminal

FILES = SOURCE / "tool/completion"
NAMES = ("bash", "zsh", "fish")

# Completes the words that are its arguments; what a user sees of the candidates, a line each.
_COMPLETE = {
    "bash": r'''
        source {file}
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        _sendpass
        printf '%s\n' "${{COMPREPLY[@]}}"
    ''',
    # compadd and its like work inside of a line editor alone, which test_a_tab_key() has
    "zsh": r'''
        compadd() {{ while [[ $1 == -* && $1 != --?* ]]; do [[ $1 == -- ]] && {{ shift; break }}; shift; done
            print -l -- ${{(M)@:#$PREFIX*}} }}
        compset() {{ PREFIX=${{PREFIX#--*=}} }}
        _describe() {{ local list=(${{(P)${{@[-1]}}}}); print -l -- ${{(M)${{list%%:*}}:#$PREFIX*}} }}
        _files() {{ print -l -- $PREFIX*(N) }}
        words=("$@") CURRENT=$# PREFIX=${{@[-1]}}
        functions[complete_it]=$(< {file})
        complete_it
    ''',
    "fish": r'''
        source {file}
        complete -C (string join ' ' -- $argv) | string replace -r '\t.*' ""
    ''',
}
_FILE = {"bash": "sendpass", "zsh": "_sendpass", "fish": "sendpass.fish"}
_COMMAND = {"bash": ["bash", "--norc", "-c"], "zsh": ["zsh", "-f", "-c"], "fish": ["fish", "--no-config", "-c"]}


def is_there(shell):
    """Whether the shell is installed."""
    return shutil.which(shell) is not None


def complete(shell, program, *words):
    """What the shell offers for the last of the words behind the program."""
    script = _COMPLETE[shell].format(file=shlex.quote(str(FILES / _FILE[shell])))
    name = [] if shell == "fish" else [shell]
    result = subprocess.run([*_COMMAND[shell], script, *name, str(program), *words], text=True,
                            capture_output=True, check=False, timeout=30, env=environment(program))
    assert result.stderr == "", result.stderr
    return sorted({line.strip() for line in result.stdout.splitlines()} - {""})


def environment(program):
    """In which `sendpass` is the program, and nothing comes from the user's home. LeakSanitizer never ends
    in a child of zsh; other tests run the same verbs under it."""
    return dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}", HOME="/nonexistent", TERM="dumb",
                LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=0")


def install(shell, data):
    """Put the file where the shell looks for it below the data directory, under its name there."""
    place = {"bash": "bash-completion/completions/sendpass", "zsh": "zsh/site-functions/_sendpass",
             "fish": "fish/vendor_completions.d/sendpass.fish"}[shell]
    target = data / place
    target.parent.mkdir(parents=True)
    shutil.copy(FILES / _FILE[shell], target)
    return target


def type_tab(shell, program, data, typed):
    """A terminal on which the shell, which found the file by itself, was given the text and a TAB."""
    start = {
        "bash": ["bash", "--noprofile", "--rcfile", "/usr/share/bash-completion/bash_completion", "-i"],
        "zsh": ["zsh", "-f", "-i"],
    }[shell]
    terminal = Terminal(start, dict(environment(program), XDG_DATA_DIRS=f"{data}:/usr/share"))
    terminal.type(b"PS1='rea''dy> '\n")
    terminal.wait_for(b"ready> ")
    if shell == "zsh":
        terminal.type(f"fpath=({data}/zsh/site-functions $fpath); autoload -U compinit; "
                      "compinit -u -D; print is-$((40 + 2))\n".encode())
        terminal.wait_for(b"is-42")
    terminal.type(typed.encode() + b"\t")
    return terminal
