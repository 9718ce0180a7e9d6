# SPDX-License-Identifier: BSD-2-Clause
"""Single figures, some of which have a limit."""


def fact(what, value, unit, least=None, most=None):
    """A row; with a limit it is a goal too."""
    return {"part": "facts", "what": what, "value": value, "unit": unit, "least": least, "most": most}
