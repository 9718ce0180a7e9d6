# SPDX-License-Identifier: BSD-2-Clause
"""Whether an attempt costs more where there are more app passwords: in the directory, or of one person."""
from contextlib import ExitStack

from . import rounds
from .directory import Shape
from .field import Field
from .parts import CLASSES

KNOWN = 64
SIZES = [Shape(250, 4, KNOWN), Shape(2_500, 4, KNOWN), Shape(25_000, 4, KNOWN), Shape(250_000, 4, KNOWN)]
EACH = [Shape(100_000, 1, KNOWN), Shape(10_000, 10, KNOWN), Shape(1_000, 100, KNOWN), Shape(100, 1_000, KNOWN)]
CLIENTS = 8


def _series(part, shapes, directory, build, store, pace):
    """All directories at once, each with its own slapd and sendpassd."""
    places = [directory / f"{part}-{number}" for number in range(len(shapes))]
    for place in places:
        place.mkdir(mode=0o755)
    fields = [Field(place, build, shape, store, ["live"]) for place, shape in zip(places, shapes)]
    with ExitStack() as running:
        for field in fields:
            field.prepare()
            running.enter_context(field.running())
            field.warm()
        ways = [way._replace(offered=offered) for offered in ("right", "wrong", "unknown") for field in fields
                for way in field.ways() if way.protocol == "auth"]

        def drive(way):
            loader = way.contestant.field.loader
            return loader.run(way.door, way.contestant.logins(way.offered), CLASSES[way.offered], CLIENTS,
                              seconds=pace.seconds)

        def smallest(way):
            return {"the first": next(other for other in ways if other.offered == way.offered
                                      and other.contestant.name == way.contestant.name)}
        turns = rounds.interleave(ways, pace.rounds, drive)
        yield from rounds.rows(turns, smallest, part=part, clients=CLIENTS)
    if any(field.loader.wrong for field in fields):
        raise RuntimeError("wrong answers")


def flat(directory, build, store, pace):
    """Two series: more and more people, and more and more app passwords of each."""
    yield from _series("sizes", SIZES, directory, build, store, pace)
    yield from _series("each", EACH, directory, build, store, pace)
