"""What words say of a line: the vocabulary of sites, and the one of telling.

`line_words.toml` lists them by kind. A word is known by a 64-bit hash of its folded UTF-8 bytes,
so that a kernel can look it up without making a string.
"""

import tomllib
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part

# A word may be of several kinds; from SOCIAL on they are kinds of site furniture.
KINDS = (
    "stop", "narrative", "person", "social", "comment", "promo", "nav", "related",
    "date", "legal", "credit", "byline",
)  # fmt: skip
STOP = 0
FIRST_OF_SITES = 3

# Hashes of words and their kinds, one bit each.
KindTable = tuple[NDArray[np.uint64], NDArray[np.uint16]]

OFFSET = np.uint64(14695981039346656037)
PRIME = np.uint64(1099511628211)
ZERO, ONE = np.uint64(0), np.uint64(1)

# Buckets of words and of pairs; all numbers are one word.
BUCKET_BITS = 15
DROPPED, NUMBER = np.uint64(64 - BUCKET_BITS), np.uint64(35)
# What a pair is hashed with, and what the edges of a line are taken for.
PAIR, EDGE = np.uint64(31), np.uint64(0x9E3779B97F4A7C15)


def hash_word(word: str) -> int:
    """FNV-1a of the UTF-8 bytes, which Fowler, Noll and Vo gave away."""
    value = int(OFFSET)
    for byte in word.encode():
        value = ((value ^ byte) * int(PRIME)) & 0xFFFF_FFFF_FFFF_FFFF
    return value


@cache
def word_kinds() -> KindTable:
    """Hashes and kinds (one bit each) of all listed words, by open addressing."""
    listed = tomllib.loads(
        resources.files(__package__).joinpath("line_words.toml").read_text("utf-8")
    )
    found: dict[int, int] = {}
    for number, kind in enumerate(KINDS):
        for word in listed[kind].split():
            found[hash_word(word)] = found.get(hash_word(word), 0) | 1 << number
    size = 1 << (4 * len(found)).bit_length()
    hashes, kinds = np.zeros(size, np.uint64), np.zeros(size, np.uint16)
    for value, bits in sorted(found.items()):
        at = value & (size - 1)
        while hashes[at]:
            at = (at + 1) & (size - 1)
        hashes[at], kinds[at] = value, bits
    return hashes, kinds


@kernel
def bucket_of(word: np.uint64) -> np.int64:
    """The bucket of a word by its hash."""
    return np.int64((word * EDGE) >> DROPPED)


@kernel
def bucket_of_pair(first: np.uint64, second: np.uint64) -> np.int64:
    """The bucket of two words that follow each other, or of one and EDGE."""
    return bucket_of((first * PAIR ^ second) * PRIME)


@part
def kinds_of(hashes: NDArray[np.uint64], kinds: NDArray[np.uint16], word: np.uint64) -> int:
    """The kinds of a word by its hash, 0 if it is not listed."""
    mask = np.uint64(hashes.size - 1)
    at = word & mask
    while hashes[at] != ZERO and hashes[at] != word:
        at = (at + ONE) & mask
    return int(kinds[at])
