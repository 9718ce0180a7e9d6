# SPDX-License-Identifier: BSD-2-Clause
"""docs/doors.md as the tests read it: its table of doors, and its pieces of configuration."""
import re
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/doors.md"
SEEN = ["yes", "no", "try later", "sendpassd down"]
HEADER = ["door", "asks", "as user", "our code", "mechanisms", "tells", *SEEN]
FACTS = {"mechanism", "address", "port", "TLS"}


class Row(NamedTuple):
    """One door: what sendpassd is told, and what the SMTP client or the tool's user sees."""

    door: str
    asks: str  # sendpassd's door, as in its log
    user: str  # whose process it is that asks
    our_code: str
    mechanisms: tuple  # one without a name for a tool, which has a login and a password
    tells: frozenset  # of FACTS
    sees: dict  # what there is to see, by the heading of its column
    says_no_for_later: bool  # set in bold there


def _cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _words(cell):
    return tuple(re.findall(r"\w+", cell))


def _row(line):
    raw = dict(zip(HEADER, _cells(line), strict=True))
    plain = {name: re.sub(r"[`*]", "", cell) for name, cell in raw.items()}
    tells = frozenset(_words(plain["tells"]))
    assert tells <= FACTS and plain["our code"] in ("yes", "no"), line
    return Row(plain["door"], plain["asks"], plain["as user"], plain["our code"],
               _words(plain["mechanisms"]) or ("",), tells,
               {name: plain[name] for name in SEEN}, raw["try later"].startswith("**"))


def rows():
    """All rows by the door's name, in order."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| door "))
    assert _cells(lines[start]) == HEADER
    table = lines[start + 2:lines.index("", start)]
    return {row.door: row for row in map(_row, table)}


def snippet(heading, start):
    """The indented block below that heading whose first line starts so, without its indentation."""
    section = DOCUMENT.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = section.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("    " + start))
    block = []
    for line in lines[first:]:
        if line and not line.startswith("    "):
            break
        block.append(line[4:])
    return "\n".join(block).rstrip() + "\n"
