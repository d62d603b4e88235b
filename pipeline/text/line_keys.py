"""What words say of the line they stand in, and how kernels look them up.

A word is its first letters as one number: they are read at once, and no string is made. Nearly
all words say nothing; two small tables of bits tell that without a look into the large one.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel
from pipeline.text.line_bits import Bits, Bytes, eight_at

# Letters of a word that are compared: enough to tell words apart, and they fit one integer.
KEY_LETTERS = 6
# Keys of two words are beyond nearly always.
PAIRS = 1 << 8 * KEY_LETTERS
# What a word says of its line: as the first (two words count as one), or wherever it stands; that
# it must be the only one, or that a letter beyond ASCII must come next.
BEGINS_RULE, NEEDED_BY_LINE, NEEDED_BY_SENTENCE = 1, 2, 4
ASKS_SECOND, STANDS_ALONE, GOES_BEYOND = 8, 16, 32
# Flags of a line; one that goes on with a sentence of the line above is none for line rules.
FOR_LINES, FOR_SENTENCES, WRAPPED = 1, 2, 4
NEEDED = NEEDED_BY_LINE | NEEDED_BY_SENTENCE

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SHIFT, FIRST_BITS, NEEDED_BITS = np.uint64(40), 15, 12
FIRST_SHIFT, NEEDED_SHIFT = np.uint64(64 - FIRST_BITS), np.uint64(64 - NEEDED_BITS)
ONE, SIX, LANE = np.uint64(1), np.uint64(6), np.uint64(63)
# Makes small letters of capitals, in eight bytes at once.
SMALL = np.uint64(0x2020_2020_2020_2020)


class Triggers(NamedTuple):
    """What words say, by open addressing: keys and meanings.

    `firsts` has a bit set for words that say something where they stand first, `needed` for those
    that do wherever they stand, which begin with one of the letters of `initials` (bit k is set
    for the k-th of the alphabet).
    """

    keys: NDArray[np.uint64]
    meanings: NDArray[np.uint8]
    firsts: Bits
    needed: Bits
    initials: np.uint32


def word_key(word: str) -> int:
    """The first letters of an ASCII word, or of two, as one integer."""
    first, _, second = word.partition(" ")
    key = int.from_bytes(first.lower().encode("ascii")[:KEY_LETTERS], "little")
    return int(pair_key(np.uint64(key), np.uint64(word_key(second)))) if second else key


def word_table(meanings: Iterable[tuple[str, int]]) -> Triggers:
    """Words that share a key share their meanings."""
    found: dict[int, int] = {}
    for word, meaning in meanings:
        found[word_key(word)] = found.get(word_key(word), 0) | meaning
    size = 1 << max(4, (4 * len(found)).bit_length())
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    firsts, needed = (np.zeros(1 << (bits - 6), np.uint64) for bits in (FIRST_BITS, NEEDED_BITS))
    initials = 0
    for key, meaning in sorted(found.items()):
        mixed = int(_mixed(np.uint64(key)))
        at = mixed >> int(SHIFT) & (size - 1)
        while keys[at]:
            at = (at + 1) & (size - 1)
        keys[at], values[at] = key, meaning
        if meaning & ~(NEEDED | STANDS_ALONE) and key < PAIRS:
            place = mixed >> int(FIRST_SHIFT)
            firsts[place >> 6] |= np.uint64(1 << (place & 63))
        if meaning & NEEDED:
            place = mixed >> int(NEEDED_SHIFT)
            needed[place >> 6] |= np.uint64(1 << (place & 63))
            initials |= 1 << (key & 31)
    return Triggers(keys, values, firsts, needed, np.uint32(initials))


@bare_kernel
def _mixed(key: np.uint64) -> np.uint64:
    return key * MULTIPLIER


@bare_kernel
def pair_key(first: np.uint64, second: np.uint64) -> np.uint64:
    """The key of two words that follow each other."""
    return (first * MULTIPLIER) ^ second


@bare_kernel
def key_at(data: Bytes, at: int, letters: int) -> np.uint64:
    """`word_key` of the letters that begin there, of which only so many count."""
    key, place = np.uint64(0), np.uint64(at)
    if at + 8 <= data.size:
        key = eight_at(data, at)
    else:
        for k in range(letters):
            key |= np.uint64(data[place + np.uint64(k)]) << np.uint64(8 * k)
    return (key | SMALL) & ((ONE << np.uint64(8 * letters)) - ONE)


@bare_kernel
def may_be_first(triggers: Triggers, key: np.uint64) -> bool:
    """Whether a word, or two, may say something where they stand first."""
    place = _mixed(key) >> FIRST_SHIFT
    return bool((triggers.firsts[place >> SIX] >> (place & LANE)) & ONE)


@bare_kernel
def may_be_needed(triggers: Triggers, key: np.uint64) -> bool:
    """Whether a word may say something wherever it stands."""
    place = _mixed(key) >> NEEDED_SHIFT
    return bool((triggers.needed[place >> SIX] >> (place & LANE)) & ONE)


@bare_kernel
def meaning_of(triggers: Triggers, key: np.uint64) -> int:
    """What a word says."""
    mask = np.uint64(triggers.keys.size - 1)
    at = (_mixed(key) >> SHIFT) & mask
    while triggers.keys[at] != np.uint64(0):
        if triggers.keys[at] == key:
            return int(triggers.meanings[at])
        at = (at + ONE) & mask
    return 0
