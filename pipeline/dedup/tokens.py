"""From UTF-8 bytes to the hashes of a text's words, without making a single string.

Two passes. `normalise` writes the folded words into a buffer with zero bytes between them, 64
characters at a time where the text is plain ASCII; `hash_words` then walks the bit mask of that
buffer and hashes each run. Buffers are longer than their content because both passes read ahead.
"""

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.dedup.characters import NOTHING, SEPARATOR, SPACELESS, TABLE_SIZE, CharacterTable
from pipeline.dedup.vectors import (
    LANES,
    Bytes,
    beyond_ascii_mask,
    fold_ascii,
    load_word,
    occupied_mask,
    trailing_zeros,
)

Hashes = npt.NDArray[np.uint64]


# Planes 2 and 3 hold Chinese characters; what lies above is no text.
RARE_CHINESE_END = 0x40000
# What a buffer needs beyond GROWTH times the longest text.
SLACK = 4 * LANES

SEED = np.uint64(0x2545F4914F6CDD1D)
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
TAIL_MULTIPLIER = np.uint64(0xC2B2AE3D27D4EB4F)
FINISHER = np.uint64(0xD6E8FEB86659FD93)
U8 = np.uint64(8)
U29 = np.uint64(29)
U32 = np.uint64(32)
U63 = np.uint64(63)
ONE = np.uint64(1)
ZERO = np.uint64(0)


@kernel
def finish(h: np.uint64) -> np.uint64:
    """`h` with its bits spread; a bijection."""
    h ^= h >> U32
    h *= FINISHER
    return h ^ (h >> U29)


@kernel
def hash_bytes(buffer: Bytes, start: int, length: int) -> np.uint64:
    """64-bit hash of a run of bytes without zeros; may read 8 bytes where the run is shorter.

    Up to 16 bytes there is no branch: how long the next word is cannot be predicted.
    """
    short = np.uint64(max(0, 8 - length))
    h = (SEED ^ (load_word(buffer, start) << (U8 * short))) * MULTIPLIER
    h ^= h >> U32
    at = 8
    while length - at > 8:
        h = (h ^ load_word(buffer, start + at)) * MULTIPLIER
        h ^= h >> U32
        at += 8
    tail = load_word(buffer, start + max(0, length - 8)) if length > 8 else ZERO
    return finish((h ^ tail) * TAIL_MULTIPLIER ^ np.uint64(length))


@kernel
def decode(data: Bytes, at: int) -> tuple[int, int]:
    """The code point that starts at `at` and how many bytes it has; `data` is valid UTF-8."""
    lead = int(data[at])
    if lead < 0x80:
        return lead, 1
    second = int(data[at + 1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second, 2
    third = int(data[at + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | second << 6 | third, 3
    return (lead & 0x07) << 18 | second << 12 | third << 6 | int(data[at + 3]) & 0x3F, 4


@kernel
def copy_bytes(source: Bytes, start: int, end: int, target: Bytes, place: int) -> int:
    """The place after source[start:end] was copied to target[place:]."""
    for k in range(start, end):
        target[place] = source[k]
        place += 1
    return place


@kernel
def kind_of(point: int, table: CharacterTable) -> int:
    """The kind of a code point, also of those above the table."""
    if point < TABLE_SIZE:
        return int(table.kind[point])
    return SPACELESS if point < RARE_CHINESE_END else SEPARATOR


@kernel
def write_folded(
    data: Bytes, at: int, table: CharacterTable, buffer: Bytes, out: int
) -> tuple[int, int]:
    """Write what the character at data[at] becomes; where the next one starts, and the new end."""
    point, length = decode(data, at)
    if point < TABLE_SIZE:
        out = copy_bytes(table.pool, table.first[point], table.first[point + 1], buffer, out)
    elif point < RARE_CHINESE_END:
        out = copy_bytes(data, at, at + length, buffer, out)
    else:
        buffer[out] = 0
        out += 1
    return at + length, out


@kernel
def write_pairs(  # noqa: PLR0913, PLR0917  compiled code has no object to hold them
    data: Bytes, at: int, end: int, table: CharacterTable, buffer: Bytes, out: int
) -> tuple[int, int]:
    """Write a run of characters without spaces as overlapping pairs; next character, new end."""
    buffer[out] = 0
    out += 1
    count, last, last_end = 0, out, out
    while at < end:
        point, length = decode(data, at)
        sort = kind_of(point, table)
        if sort == NOTHING:
            at += length
            continue
        if sort != SPACELESS:
            break
        if count > 1:
            out = copy_bytes(buffer, last, last_end, buffer, out)
        last = out
        at, out = write_folded(data, at, table, buffer, out)
        last_end = out
        count += 1
        if count > 1:
            buffer[out] = 0
            out += 1
    if count == 1:
        buffer[out] = 0
        out += 1
    return at, out


@kernel
def normalise(data: Bytes, start: int, end: int, table: CharacterTable, buffer: Bytes) -> int:
    """Write the folded words of data[start:end] with zeros between; how many bytes that took.

    The buffer has room for GROWTH times the text and SLACK; zeros follow what was written.
    """
    at, out = start, 0
    while at < end:
        if data[at] < 128 and at + LANES <= data.size:
            high = beyond_ascii_mask(data, at)
            plain = LANES if high == ZERO else trailing_zeros(high)
            plain = min(plain, end - at)
            fold_ascii(data, at, buffer, out)
            at += plain
            out += plain
        elif kind_of(decode(data, at)[0], table) == SPACELESS:
            at, out = write_pairs(data, at, end, table, buffer, out)
        else:
            at, out = write_folded(data, at, table, buffer, out)
    buffer[out : out + 2 * LANES] = 0
    return out


@kernel
def hash_words(buffer: Bytes, length: int, words: Hashes) -> int:
    """Write the hash of every run between zeros in buffer[:length]; how many there are."""
    count, start, base = 0, 0, 0
    carry = ZERO
    inside = False
    while base <= length:
        mask = occupied_mask(buffer, base)
        # A set bit of `turns` is where a word starts or where one has just ended.
        turns = mask ^ (mask << ONE | carry)
        carry = mask >> U63
        while turns != ZERO:
            at = base + trailing_zeros(turns)
            turns &= turns - ONE
            if inside:
                words[count] = hash_bytes(buffer, start, at - start)
                count += 1
            start = at
            inside = not inside
        base += LANES
    return count
