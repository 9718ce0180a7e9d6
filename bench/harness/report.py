# SPDX-License-Identifier: BSD-2-Clause
"""Rows as tables that read well in a terminal and in Markdown."""

RATES = {
    "logins": "Right passwords at each server's own socket, {clients} clients",
    "wrong": "Wrong passwords of the right form, {clients} clients",
    "refusals": "What is no app password, and what is nobody's, {clients} clients",
    "pipelined": "Right passwords, 32 at a time on one connection",
    "sessions": "SMTP sessions through Postfix, {clients} clients",
    "attack": "One honest client among {attackers} who guess",
    "sizes": "More people, {clients} clients",
    "each": "More app passwords of each, {clients} clients",
    "exim": "SMTP sessions through Exim, {clients} clients",
    "newcomers": "Honest clients not seen before, one by one, among {attackers} who guess",
}


def _number(value, digits=3):
    """With that many digits that count, and no exponent."""
    if value is None:
        return "-"
    if value < 0:
        return "-" + _number(-value, digits)
    if value >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}" if value >= 0.001 else "0"


def _milliseconds(microseconds):
    return _number(microseconds / 1000)


def _table(header, lines):
    cells = [header, *([str(cell) for cell in line] for line in lines)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    aligned = ["| " + " | ".join(cell.ljust(width) if number == 0 else cell.rjust(width)
                                 for number, (cell, width) in enumerate(zip(row, widths))) + " |" for row in cells]
    rule = "|" + "|".join("-" * (width + 2) if number == 0 else "-" * (width + 1) + ":"
                          for number, width in enumerate(widths)) + "|"
    return "\n".join([aligned[0], rule, *aligned[1:]])


def _who(row):
    if row["part"] in ("sizes", "each"):
        return f"{row['owners']:,} with {row['each']:,} each, {row['offered']}"
    offered = f", {row['offered']}" if row["part"] == "refusals" else ""
    return f"{row['contestant']} ({row['protocol']}{offered})"


def _rates(rows):
    bases = list(rows[0]["share_of"])
    header = ["", "a second", "p50 ms", "p99 ms", "CPU s per 1,000", "slapd's", *(f"share of {name}" for name in bases)]
    lines = [[_who(row), _number(row["rate"]), _milliseconds(row["p50_us"]), _milliseconds(row["p99_us"]),
              _number(row["own_cpu"]), _number(row["slapd_cpu"]), *(_number(row["share_of"][name]) for name in bases)]
             for row in rows]
    return _table(header, lines)


def _mebibytes(kibibytes):
    return _number(kibibytes / 1024)


def _memory(rows):
    return _table(["MiB of all processes", "at rest", "at the most", "slapd's own, at the most"],
                  [[_who(row), *(_mebibytes(row[name]) for name in ("rest_kib", "peak_kib", "slapd_kib"))]
                   for row in rows])


def _change(rows):
    def said(accepted):
        return "accepted" if accepted else "refused"
    later = f"{rows[0]['later_seconds']:g} s later"
    return _table(["a password", "before its change", "at once after it", later],
                  [[_who(row), *(said(row[f"accepted_{when}"]) for when in ("before", "at_once", "later"))]
                   for row in rows])


def _facts(rows):
    return _table(["", "measured", "unit"], [[row["what"], _number(row["value"]), row["unit"]] for row in rows])


OTHERS = {"facts": ("Figures", _facts), "memory": ("Memory", _memory), "change": ("Revocation", _change)}


def tables(rows):
    """[(heading, table)] in the order of the rows."""
    groups = {}
    for row in rows:
        if row["part"] in RATES:
            heading = RATES[row["part"]].format(**row)
            heading = heading.replace(", 1 clients", ", 1 client").replace("among 0 who guess", "alone")
            groups.setdefault((heading, _rates), []).append(row)
        else:
            groups.setdefault(OTHERS[row["part"]], []).append(row)
    return [(heading, show(members)) for (heading, show), members in groups.items()]


def goals(reached):
    """The goals as a table."""
    return _table(["goal", "wanted", "measured", "met"],
                  [[goal["goal"], goal["wanted"], _number(goal["value"]), "yes" if goal["met"] else "no"]
                   for goal in reached])


def _busy(load):
    return ": other work\nwas going on, and the ratios are rough" if load > 1 else ""


def whole(result):
    """Machine, tables and goals as Markdown."""
    made, shape, pace = result["machine"], result["directory"], result["pace"]
    packages = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    blocks = [f"{made['cpu']} ({', '.join(made['vectors'])}), {made['cores']} cores, "
              f"{made['memory_kib'] / 1024 ** 2:.0f} GiB, {made['system']}, Linux {made['kernel']}; {packages}. "
              f"Load average before: {made['load_before']:.1f}{_busy(made['load_before'])}.",
              f"{shape['owners']:,} people with {shape['each']} app passwords each; {pace['rounds']} rounds of "
              f"{pace['seconds']:g} s."]
    for heading, table in tables(result["rows"]):
        blocks += [f"### {heading}", table]
    if "argon2" in result:
        blocks += ["### Argon2", "```\n" + result["argon2"].rstrip() + "\n```"]
    if result["goals"]:
        blocks += ["### Goals", goals(result["goals"])]
    return "\n\n".join(blocks)


BEGIN, END = "<!-- bench/run --publish ", "<!-- end of the run -->"


def publish(result, page):
    """Put it into a page, between the line that begins with BEGIN and the line END."""
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    line, _, rest = rest.partition("\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"bench: {page}: there is no place for the tables: a line {BEGIN}... and a line {END}")
    page.write_text(f"{before}{begin}{line}\n\n{whole(result)}\n\n{end}{after}")
