# SPDX-License-Identifier: BSD-2-Clause
"""Metrics as text, read without code of ours or of Prometheus."""
import re
from typing import NamedTuple

SAMPLE = re.compile(r'([a-z_0-9]+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"(?:,|$)')


class Sample(NamedTuple):
    """One line."""

    name: str
    labels: dict
    value: float


def samples(text):
    """All samples; each line is one, or a comment."""
    found = []
    for line in text.splitlines():
        if not line.startswith("# "):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            found.append(Sample(name, dict(LABEL.findall(labels or "")), float(value)))
    return found


def value(text, name, **labels):
    """The sum of the samples of that name that have these labels."""
    return sum(sample.value for sample in samples(text)
               if sample.name == name and labels.items() <= sample.labels.items())


def types(text):
    """The type of each family, by its name as its comment has it."""
    return dict(line.split()[2:] for line in text.splitlines() if line.startswith("# TYPE "))
