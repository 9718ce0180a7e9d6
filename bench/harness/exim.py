# SPDX-License-Identifier: BSD-2-Clause
"""What our plugin costs in Exim, which loads libsasl2 and all its plugins anew in each connection."""
from lab import sasl
from lab.exim import Exim

from . import rounds
from .facts import fact
from .load import Door

BARE = """\
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = true
  server_set_id = $auth2
"""
MOST_MS = 1


class EximWay:
    """One Exim, before a contestant: its plugin, or its own client of Dovecot's protocol, or nothing at all."""

    def __init__(self, field, program, name, **how):
        stack = field.stack
        self.name = name
        self.exim = Exim(program, field.directory / f"exim-{name}", how.get("driver", "cyrus_sasl"),
                         stack.certificate, stack.plugin, stack.sanitizer, authenticators=how.get("authenticators"))

    def prepare(self, ours):
        """Write its configuration, and give it a door of ours."""
        self.exim.prepare()
        self.exim.write_sasl_configuration(sasl.configuration(self.exim.door))
        ours.site.daemon.settings["daemon", "auth"].append(f"{self.exim.door} 0660 root Debian-exim")


def exim(field, program, pace):
    """Whole SMTP sessions through Exims that differ in how they authenticate, before the first of ours."""
    ours = field.ours_alone()[0]
    exims = [EximWay(field, program, "nothing", authenticators=BARE), EximWay(field, program, "plugin"),
             EximWay(field, program, "dovecot", driver="dovecot")]
    for each in exims:
        each.prepare(ours)
    with field.running([ours]):
        started = []
        try:
            for each in exims:
                each.exim.start()
                started.append(each.exim)
            field.warm([ours])
            yield from _rows(field, ours, exims, pace)
        finally:
            for server in started:
                server.stop()


def _rows(field, ours, exims, pace):
    ways = [rounds.Way(ours, each.name, Door("smtp", str(each.exim.port))) for each in exims]

    def drive(way):
        return field.loader.run(way.door, ours.logins("right"), "ok", seconds=pace.seconds)

    def bare(_way):
        return {"nothing": ways[0]}
    rows = rounds.rows(rounds.interleave(ways, pace.rounds, drive), bare, part="exim", clients=1)
    yield from rows
    nothing, plugin = (row["p50_us"] for row in rows[:2])
    yield fact("Exim: a session with the plugin and its login beside one with neither, medians",
               (plugin - nothing) / 1000, "ms", most=MOST_MS)
