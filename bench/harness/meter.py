# SPDX-License-Identifier: BSD-2-Clause
"""What processes use: processor time and memory, from /proc."""
import os
import re
import threading
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def _stat(pid):
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def tree(*roots):
    """These processes and all below them."""
    children = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int(_stat(entry.name)[1]), []).append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, new = [], list(roots)
    while new:
        found += new
        new = [child for parent in new for child in children.get(parent, ())]
    return found


def processor_seconds(*roots):
    """What they and all below them computed so far, with those that have ended."""
    ticks = 0
    for pid in tree(*roots):
        try:
            ticks += sum(map(int, _stat(pid)[11:15]))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return ticks * TICK


def _rollup(pid, name):
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0


def memory_kib(*roots):
    """What they and all below them have resident; pages that several share are counted once."""
    return sum(_rollup(pid, "Pss") for pid in tree(*roots))


def own_memory_kib(pid):
    """What the process has resident without files that it maps, such as a database."""
    return _rollup(pid, "Pss_Anon")


def resident_kib(pid):
    """The process's resident memory."""
    return int(re.search(r"^VmRSS:\s+(\d+) kB", (PROC / str(pid) / "status").read_text(), re.MULTILINE)[1])


class Peak:
    """Within: samples functions; `most` has the highest value of each."""

    INTERVAL = 0.1

    def __init__(self, **functions):
        self.functions = functions
        self.most = dict.fromkeys(functions, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _sample(self):
        over = False
        while not over:
            over = self._over.wait(self.INTERVAL)
            for name, function in self.functions.items():
                self.most[name] = max(self.most[name], function())


def cores():
    """How many processors there are."""
    return os.cpu_count()
