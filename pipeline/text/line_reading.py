"""The words of a line, read off its bytes: the hashes they are known by, and what stands between.

Where words begin and end is asked of 64 bytes at once, and most of what is then done for a word is
done without asking: a wrong guess of the processor costs more than a word.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel, part
from pipeline.text.line_bits import LANES, Bits, Bytes, eight_at, trailing_zeros
from pipeline.text.line_lanes import AS_IS, count_ones, in_range
from pipeline.text.line_words import NUMBER, OFFSET, PRIME

# A line is known by its beginning: of a longer one only the length counts.
READ_BYTES = 400
BLOCKS = READ_BYTES // LANES + 1
# Letters of a word that are hashed whether it has as many or not: nearly all words have no more.
AT_ONCE = 8
SPACE = 32
NO_BREAK_A, NO_BREAK_Z = 0x80, 0x9E
# What blocks are asked: letters with the bit of small ones set, all else as it is.
SMALL, LETTER_A, LETTERS = np.uint8(SPACE), np.uint8(97), np.uint8(26)
DIGIT_0, DIGITS, BEYOND, ONLY = np.uint8(48), np.uint8(10), np.uint8(0x80), np.uint8(1)
ZERO, ONE, LAST = np.uint64(0), np.uint64(1), np.uint64(LANES - 1)
LOWEST, ALL_SMALL = np.uint64(0xFF), np.uint64(0x2020_2020_2020_2020)


class Reading(NamedTuple):
    """Room for what is read of one line, a bit or a number per byte at most.

    `letters` are ASCII letters, `capitals` those of them that are none of the small ones, `others`
    digits and bytes beyond ASCII, `signs` all else but `spaces`. `edges` are where parts begin and
    end in turns: runs of letters and others. Word k has the hash words[k] and sizes[k] letters,
    twice, plus 1 if it begins with a capital of ASCII; part k has the hash parts[k]. `rest` is for
    what is left at the end of all.
    """

    letters: Bits
    others: Bits
    capitals: Bits
    spaces: Bits
    signs: Bits
    rest: Bytes
    edges: NDArray[np.int64]
    words: NDArray[np.uint64]
    sizes: NDArray[np.int64]
    parts: NDArray[np.uint64]


@kernel
def room_to_read() -> Reading:
    """Room for any line."""
    return Reading(
        np.zeros(BLOCKS + 1, np.uint64),
        np.zeros(BLOCKS + 1, np.uint64),
        np.zeros(BLOCKS + 1, np.uint64),
        np.zeros(BLOCKS + 1, np.uint64),
        np.zeros(BLOCKS + 1, np.uint64),
        np.zeros(LANES, np.uint8),
        np.empty(READ_BYTES + 2, np.int64),
        np.empty(READ_BYTES, np.uint64),
        np.empty(READ_BYTES, np.int64),
        np.empty(READ_BYTES, np.uint64),
    )


@part
def read_words(data: Bytes, start: int, end: int, room: Reading) -> tuple[int, int]:
    """How many words and how many parts a line has, whose hashes are then in the room.

    In words capitals of ASCII and Latin-1 count as small; digits and signs end them. Parts are
    told apart by signs of ASCII alone; in their hashes all numbers are one.
    """
    _mark(data, start, end, room)
    edges = _list_edges(room, end - start)
    words = 0
    for edge in range(0, edges, 2):
        begin, stop = start + room.edges[edge], start + room.edges[edge + 1]
        if _is_mixed(room.others, room.edges[edge], stop - begin):
            words, told = _read_mixed(data, begin, stop, room, words)
        else:
            told = _hash_letters(data, begin, stop)
            room.words[words] = told
            room.sizes[words] = 2 * (stop - begin) + (data[begin] < 97)
            words += 1
        room.parts[edge >> 1] = told
    return words, edges >> 1


@part
def _mark(data: Bytes, start: int, end: int, room: Reading) -> None:
    """Fill in the bits of the bytes between, none behind them."""
    blocks = (end - start) // LANES + 1
    for block in range(blocks):
        at = start + block * LANES
        if at + LANES <= data.size:
            _mark_block(data, at, block, room)
        else:
            for lane in range(data.size - at):
                room.rest[lane] = data[at + lane]
            _mark_block(room.rest, 0, block, room)
    within = (ONE << np.uint64((end - start) % LANES)) - ONE
    room.letters[blocks - 1] &= within
    room.others[blocks - 1] &= within
    room.capitals[blocks - 1] &= within
    room.spaces[blocks - 1] &= within
    room.signs[blocks - 1] &= within
    room.others[blocks] = ZERO


@part
def _mark_block(data: Bytes, at: int, block: int, room: Reading) -> None:
    letters = in_range(data, at, SMALL, LETTER_A, LETTERS)
    others = in_range(data, at, AS_IS, DIGIT_0, DIGITS) | in_range(data, at, AS_IS, BEYOND, BEYOND)
    spaces = in_range(data, at, AS_IS, SMALL, ONLY)
    room.letters[block], room.others[block], room.spaces[block] = letters, others, spaces
    room.capitals[block] = letters & ~in_range(data, at, AS_IS, LETTER_A, BEYOND)
    room.signs[block] = ~(letters | others | spaces)


@part
def _list_edges(room: Reading, size: int) -> int:
    """List where parts begin and end; returns how many places that are."""
    count, before = 0, ZERO
    for block in range(size // LANES + 1):
        held = room.letters[block] | room.others[block]
        edges = held ^ (held << ONE | before)
        before = held >> LAST
        while edges != ZERO:
            room.edges[count] = block * LANES + trailing_zeros(edges)
            edges &= edges - ONE
            count += 1
    return count


@part
def _is_mixed(others: Bits, at: int, size: int) -> bool:
    """Whether a part is, or may be, of more than ASCII letters."""
    if size >= LANES:
        return True
    block, lane = at >> 6, np.uint64(at & 63)
    held = others[block] >> lane | (others[block + 1] << ONE) << (LAST - lane)
    return bool(held & ((ONE << np.uint64(size)) - ONE))


@part
def _hash_letters(data: Bytes, begin: int, stop: int) -> np.uint64:
    """The hash of ASCII letters, in lower case."""
    size, value, at, first = np.uint64(stop - begin), OFFSET, ZERO, np.uint64(begin)
    if begin + AT_ONCE <= data.size:
        letters = eight_at(data, begin) | ALL_SMALL
        for k in range(AT_ONCE):
            more = (value ^ (letters >> np.uint64(8 * k) & LOWEST)) * PRIME
            value = more if np.uint64(k) < size else value
        at = np.uint64(AT_ONCE)
    while at < size:
        value = (value ^ np.uint64(data[first + at] | SMALL)) * PRIME
        at += ONE
    return value


@bare_kernel
def _read_mixed(
    data: Bytes, begin: int, stop: int, room: Reading, words: int
) -> tuple[int, np.uint64]:
    """How many words there are with those of a part of letters and others; the part's hash."""
    value, told, size, capital, before, in_number = OFFSET, OFFSET, 0, 0, 0, False
    for at in range(begin, stop):
        byte = int(data[at])
        folded, letter = byte | SPACE, 97 <= byte | SPACE <= 122
        digit = byte < 0x80 and not letter
        if not (digit and in_number):
            sign = NUMBER if digit else np.uint64(folded if letter else byte)
            told = (told ^ sign) * PRIME
        in_number = digit
        if letter or (byte >= 0x80 and _in_letter(byte, before, size)):
            if not letter:
                folded = byte + 32 if _is_high_capital(byte, before) else byte
            if size == 0:
                value, capital = OFFSET, int(letter and byte < 97)
            value = (value ^ np.uint64(folded)) * PRIME
            size += 1
        elif size:
            room.words[words], room.sizes[words] = value, 2 * size + capital
            words, size = words + 1, 0
        before = byte
    if size:
        room.words[words], room.sizes[words] = value, 2 * size + capital
        words += 1
    return words, told


@kernel
def _in_letter(byte: int, before: int, size: int) -> bool:
    """Whether a byte beyond ASCII is part of a letter; signs and punctuation are none."""
    if byte >= 0xC3:
        return byte not in (0xE2, 0xE3) and byte < 0xF0
    return 0x80 <= byte < 0xC0 and size > 0 and before >= 0x80


@kernel
def _is_high_capital(byte: int, before: int) -> bool:
    return before == 0xC3 and NO_BREAK_A <= byte <= NO_BREAK_Z


@part
def longest_run(spaces: Bits, size: int) -> int:
    """The most bytes between two spaces, or a space and an edge, of as many bytes in all."""
    longest = parted = 0
    for block in range(size // LANES + 1):
        held = spaces[block]
        while held != ZERO:
            at = block * LANES + trailing_zeros(held)
            held &= held - ONE
            longest, parted = max(longest, at - parted), at + 1
    return max(longest, size - parted)


@part
def count_bits(bits: Bits, size: int) -> int:
    """How many bits are set, of as many bytes."""
    count = 0
    for block in range(size // LANES + 1):
        count += count_ones(bits[block])
    return count
