"""One document after the other, from the bytes of its title and text to all that dedup needs.

Title and text are one sequence of words; a title with which the text begins anyway is not
repeated. Everything works on Arrow's layout: one array of UTF-8 bytes and one of offsets.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.dedup.characters import GROWTH, CharacterTable, character_table
from pipeline.dedup.shingles import Shingles, chain, hash_windows, keep_distinct, sample_anchors
from pipeline.dedup.signatures import BLOCK, hash_bands, mix, permutations, sign
from pipeline.dedup.tokens import (
    SLACK,
    Hashes,
    copy_bytes,
    hash_bytes,
    hash_words,
    normalise,
)
from pipeline.dedup.vectors import Bytes

Offsets = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint32]


class Strings(NamedTuple):
    """Strings as Arrow keeps them: string k is data[offsets[k]:offsets[k + 1]], UTF-8."""

    data: Bytes
    offsets: Offsets


class Scheme(NamedTuple):
    """How documents are fingerprinted; anchor_share 0 takes no anchors."""

    shingle_words: int
    bands: int
    rows: int
    anchor_words: int
    anchor_share: int


class Sketches(NamedTuple):
    """One row per document; anchors[anchor_ends[k]:anchor_ends[k + 1]] are those of document k."""

    token_key: Hashes
    title_key: Hashes
    n_tokens: Counts
    n_shingles: Counts
    bands: Hashes
    anchors: Shingles
    anchor_ends: Offsets


class ShingleSets(NamedTuple):
    """Distinct shingles, ascending: those of document k are shingles[starts[k]:ends[k]]."""

    shingles: Shingles
    starts: Offsets
    ends: Offsets


class Workspace(NamedTuple):
    """Arrays that every document of a batch writes over."""

    buffer: Bytes
    words: Hashes
    windows: Hashes
    table: Hashes
    shingles: Shingles
    mixed: Shingles
    signature: Shingles


def sketch(titles: Strings, texts: Strings, scheme: Scheme) -> Sketches:
    """What is known of each document without comparing it to another."""
    permuted = permutations(scheme.bands * scheme.rows)
    return sketch_batch(titles, texts, scheme, permuted, character_table())


def shingle_sets(titles: Strings, texts: Strings, shingle_words: int) -> ShingleSets:
    """The shingles of each document, for exact comparison."""
    return shingle_batch(titles, texts, shingle_words, character_table())


@kernel
def longest(strings: Strings) -> int:
    """Bytes of the longest string."""
    most = 0
    for k in range(strings.offsets.size - 1):
        most = max(most, strings.offsets[k + 1] - strings.offsets[k])
    return most


@kernel
def make_workspace(titles: Strings, texts: Strings, signature_size: int) -> Workspace:
    """Room for the longest title and the longest text together."""
    most = longest(titles) + longest(texts)
    # A word takes a byte and a separator, a pair of spaceless characters six: half the bytes.
    most_words = most + 2
    slots = 4
    while slots < 4 * most_words:
        slots *= 2
    return Workspace(
        np.zeros(GROWTH * most + SLACK, np.uint8),
        np.empty(most_words, np.uint64),
        np.empty(most_words, np.uint64),
        np.zeros(slots, np.uint64),
        np.empty(most_words, np.uint32),
        np.empty(most_words + BLOCK, np.uint32),
        np.empty(signature_size, np.uint32),
    )


@kernel
def hash_document(
    titles: Strings, texts: Strings, k: int, table: CharacterTable, room: Workspace
) -> tuple[int, int, int]:
    """Write the words of document k; where they start, how many they are, and of the title alone.

    Where the text begins with the title's words, the words start behind those of the title.
    """
    start, end = titles.offsets[k], titles.offsets[k + 1]
    length = normalise(titles.data, start, end, table, room.buffer)
    of_title = hash_words(room.buffer, length, room.words)
    start, end = texts.offsets[k], texts.offsets[k + 1]
    length = normalise(texts.data, start, end, table, room.buffer)
    of_text = hash_words(room.buffer, length, room.words[of_title:])
    if of_title > of_text:
        return 0, of_title + of_text, of_title
    for w in range(of_title):
        if room.words[w] != room.words[of_title + w]:
            return 0, of_title + of_text, of_title
    return of_title, of_text, of_title


@kernel
def wordless_key(texts: Strings, k: int, room: Workspace) -> np.uint64:
    """What stands in for the words where there are none: a hash of the text's bytes."""
    end = copy_bytes(texts.data, texts.offsets[k], texts.offsets[k + 1], room.buffer, 0)
    room.buffer[end : end + 8] = 0
    return ~hash_bytes(room.buffer, 0, end)


@kernel
def sketch_batch(
    titles: Strings,
    texts: Strings,
    scheme: Scheme,
    permuted: tuple[Shingles, Shingles],
    table: CharacterTable,
) -> Sketches:
    """`sketch`, compiled."""
    count = texts.offsets.size - 1
    room = make_workspace(titles, texts, permuted[0].size)
    token_key = np.empty(count, np.uint64)
    title_key = np.zeros(count, np.uint64)
    n_tokens = np.empty(count, np.uint32)
    n_shingles = np.zeros(count, np.uint32)
    bands = np.zeros((count, scheme.bands), np.uint64)
    anchors = np.empty(room.words.size + 16 * count, np.uint32)
    anchor_ends = np.zeros(count + 1, np.int64)
    for k in range(count):
        start, size, of_title = hash_document(titles, texts, k, table, room)
        words = room.words[start : start + size]
        n_tokens[k] = size
        if of_title > 0:
            title_key[k] = chain(room.words, of_title)
        used = anchor_ends[k]
        anchor_ends[k + 1] = used
        if size == 0:
            token_key[k] = wordless_key(texts, k, room)
            continue
        token_key[k] = chain(words, size)
        windows = hash_windows(words, size, scheme.shingle_words, room.windows)
        stamp = np.uint64(k + 1)
        distinct = keep_distinct(room.windows, windows, room.table, stamp, room.shingles)
        n_shingles[k] = distinct
        padded = mix(room.shingles, distinct, room.mixed)
        sign(room.mixed, padded, permuted[0], permuted[1], room.signature)
        hash_bands(room.signature, scheme.rows, bands[k])
        if scheme.anchor_share > 0 and size >= scheme.anchor_words:
            windows = hash_windows(words, size, scheme.anchor_words, room.windows)
            if used + windows > anchors.size:
                grown = np.empty(2 * anchors.size + windows, np.uint32)
                grown[:used] = anchors[:used]
                anchors = grown
            found = sample_anchors(room.windows, windows, scheme.anchor_share, anchors[used:])
            anchor_ends[k + 1] = used + found
    used = anchor_ends[count]
    return Sketches(
        token_key, title_key, n_tokens, n_shingles, bands, anchors[:used].copy(), anchor_ends
    )


@kernel
def sort_hashes(values: Shingles, count: int, spare: Shingles, starts: Offsets) -> None:
    """Sort values[:count] in place; quick because hashes are spread evenly.

    `starts` has at least 2 * count + 2 elements. Each value goes to the bucket that its height
    suggests, which leaves insertion sort next to nothing to do.
    """
    buckets = max(1, count)
    starts[: buckets + 1] = 0
    for k in range(count):
        starts[1 + ((np.int64(values[k]) * buckets) >> 32)] += 1
    for b in range(buckets):
        starts[b + 1] += starts[b]
    for k in range(count):
        bucket = (np.int64(values[k]) * buckets) >> 32
        spare[starts[bucket]] = values[k]
        starts[bucket] += 1
    for k in range(count):
        value = spare[k]
        at = k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@kernel
def shingle_batch(
    titles: Strings, texts: Strings, shingle_words: int, table: CharacterTable
) -> ShingleSets:
    """`shingle_sets`, compiled."""
    count = texts.offsets.size - 1
    room = make_workspace(titles, texts, 1)
    starts = np.empty(room.words.size + 2, np.int64)
    total = titles.offsets[-1] - titles.offsets[0] + texts.offsets[-1] - texts.offsets[0]
    flat = np.empty(total // 2 + 8 * count + 8, np.uint32)
    offsets = np.zeros(count + 1, np.int64)
    for k in range(count):
        start, size, _ = hash_document(titles, texts, k, table, room)
        words = room.words[start : start + size]
        windows = hash_windows(words, size, shingle_words, room.windows)
        stamp = np.uint64(k + 1)
        found = keep_distinct(room.windows, windows, room.table, stamp, room.shingles)
        sort_hashes(room.shingles, found, room.mixed, starts)
        used = offsets[k]
        flat[used : used + found] = room.shingles[:found]
        offsets[k + 1] = used + found
    return ShingleSets(flat[: offsets[count]], offsets[:-1], offsets[1:])
