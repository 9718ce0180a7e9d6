# SPDX-License-Identifier: BSD-2-Clause
"""App passwords whose check symbols are right and whose id or secret is not."""
from itertools import combinations

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID, SYMBOLS = 8, 28
# (x - 2)(x - 4) over GF(32), as in lib/password/check_symbols.h. The code is linear: a word plus this,
# shifted by any number of symbols, is a word of the code.
GENERATOR = (1, 6, 8)


def _changed(word, places):
    symbols = [ALPHABET.index(symbol) for symbol in word]
    for place in places:
        for offset, value in enumerate(GENERATOR):
            symbols[place + offset] ^= value
    return "".join(ALPHABET[symbol] for symbol in symbols)


def _others(password, places, count):
    word = password.replace("-", "")
    assert len(word) == SYMBOLS
    chosen = [choice for size in (1, 2, 3) for choice in combinations(places, size)]
    assert count <= len(chosen)
    return [_changed(word, choice) for choice in chosen[:count]]


def wrong_secrets(password, count):
    """So many others with the same id."""
    return _others(password, range(ID, SYMBOLS - len(GENERATOR) + 1), count)


def wrong_ids(password, count):
    """So many others, each with an id of its own that nobody has, most likely."""
    return _others(password, range(ID - len(GENERATOR) + 1), count)
