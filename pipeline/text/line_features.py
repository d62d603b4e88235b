"""What a line looks like, in numbers: its words and its signs.

Kernels over UTF-8 bytes that read every byte once. `line_shares` adds what a line has in common
with the others, `line_vocabulary` what its words weigh, `line_context` what stands around it;
`line_model` decides.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel, part
from pipeline.text.line_bits import LANES, Bytes, trailing_zeros
from pipeline.text.line_reading import (
    ONE,
    READ_BYTES,
    SPACE,
    ZERO,
    Reading,
    count_bits,
    longest_run,
    read_words,
)
from pipeline.text.line_words import (
    EDGE,
    FIRST_OF_SITES,
    KindTable,
    bucket_of,
    bucket_of_pair,
    kinds_of,
)

Features = NDArray[np.float32]

# The columns of a line by itself. Shares are of words, unless the name says otherwise.
OWN = (
    "chars", "words", "end", "start", "capitals", "upper_letters", "digit_chars", "stop_words",
    "site_words", "site_share", "narrative", "person", "social", "comment", "promo", "nav",
    "related", "date", "legal", "credit", "byline", "first_kind", "last_kind", "clocks", "years",
    "separators", "addresses", "commas", "sentences_inside", "brackets", "quotes", "repeated",
    "words_elsewhere", "words_in_body", "word_length", "symbol_chars", "exclaims", "copyright",
    "longest_run", "second_capital", "other_script", "first_word_again", "rule",
    "vocabulary", "vocabulary_sum", "vocabulary_most", "vocabulary_least",
)  # fmt: skip
N_KINDS = 12
CHARS, WORDS, END, START, CAPITALS, UPPER, DIGITS, STOPS, SITES, SITE_SHARE = range(10)
FIRST_SHARE, FIRST_KIND, LAST_KIND, CLOCKS = 10, 21, 22, 23
YEARS, SEPARATORS, ADDRESSES, COMMAS, INSIDE, BRACKETS, MARKS, REPEATED = range(24, 32)
ELSEWHERE, IN_BODY, WORD_LENGTH, SYMBOLS, EXCLAIMS, COPYRIGHT, RUN, SECOND, SCRIPT = range(32, 41)
AGAIN, RULE, VOCABULARY = 41, 42, 43
DATE = 17

# Values of `end` and `start`.
LETTER, STOP, COLON, PAUSE, DOTS, DIGIT, OTHER = range(7)
UPPER_START, LOWER_START, DIGIT_START, SIGN_START, QUOTE_START, BRACKET_START = range(6)
OTHER_START, FOREIGN_START = 6, 7

COMPARED_LETTERS = 4
# Of words and pairs of words: a line has at most half as many words, as many pairs and one more.
MOST_BUCKETS = READ_BYTES + 2


@part
def measure_line(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    start: int,
    stop: int,
    table: KindTable,
    x: Features,
    compared: NDArray[np.uint64],
    buckets: NDArray[np.int64],
    room: Reading,
) -> tuple[int, np.uint64, int]:
    """Fill the columns of one line but those of the vocabulary.

    Returns the number of its longer words, whose hashes are stored, the hash of the first word,
    and the number of buckets of its words and pairs of words.
    """
    end = min(stop, start + READ_BYTES)
    words, parts = read_words(data, start, end, room)
    stored = _count_words(room, words, table, x, compared)
    upper, plain = count_bits(room.capitals, end - start), count_bits(room.letters, end - start)
    unseen, lower = _count_others(data, start, end, room, x)
    lower += plain - upper
    x[CHARS] = min(stop - start - unseen, 1500)
    x[RUN] = min(longest_run(room.spaces, end - start), 200)
    x[UPPER] = upper / max(1, upper + lower)
    _finish_signs(x, end - start - unseen, int(data[stop - 1]))
    x[END], x[START] = end_of(data, start, stop), _start_of(data, start, stop)
    return stored, room.words[0] if words else np.uint64(0), _list_buckets(room, parts, buckets)


@part
def _count_words(
    room: Reading, words: int, table: KindTable, x: Features, compared: NDArray[np.uint64]
) -> int:
    """Fill the columns of words; returns how many longer ones are stored."""
    stored = letters = capitals = sites = stops = first = last = 0
    for word in range(words):
        value, size = room.words[word], room.sizes[word] >> 1
        last = kinds_of(table[0], table[1], value)
        letters, capitals = letters + size, capitals + (room.sizes[word] & 1)
        stops += last & 1
        sites += (last >= 1 << FIRST_OF_SITES) & ~last & 1
        if last > 1:  # few words
            _count_kinds(last, x)
        first = last if word == 0 else first
        compared[stored] = value
        stored += (size >= COMPARED_LETTERS) & ~last & 1
    share = np.float32(1 / max(1, words))
    x[WORDS], x[SECOND] = words, room.sizes[1] & 1 if words > 1 else 0
    x[CAPITALS], x[WORD_LENGTH], x[STOPS] = capitals * share, letters * share, stops * share
    x[SITES], x[SITE_SHARE] = min(sites, 20), sites * share
    for kind in range(N_KINDS - 1):
        x[FIRST_SHARE + kind] *= share
    x[FIRST_KIND], x[LAST_KIND] = _kind(first), _kind(last)
    return stored


@part
def count_site_words(
    data: Bytes, start: int, stop: int, table: KindTable, room: Reading
) -> tuple[int, int]:
    """How many words of a line are a site's, and how many words there are."""
    words, _ = read_words(data, start, min(stop, start + READ_BYTES), room)
    sites = 0
    for word in range(words):
        kinds = kinds_of(table[0], table[1], room.words[word])
        sites += (kinds >= 1 << FIRST_OF_SITES) & ~kinds & 1
    return sites, words


@part
def _list_buckets(room: Reading, parts: int, buckets: NDArray[np.int64]) -> int:
    """List the buckets of all parts, of their pairs and those with the edges."""
    before = EDGE
    for k in range(parts):
        buckets[2 * k] = bucket_of(room.parts[k])
        buckets[2 * k + 1] = bucket_of_pair(before, room.parts[k])
        before = room.parts[k]
    if parts == 0:
        return 0
    buckets[2 * parts] = bucket_of_pair(before, EDGE)
    return 2 * parts + 1


@part
def _count_others(data: Bytes, start: int, end: int, room: Reading, x: Features) -> tuple[int, int]:
    """Count what is neither an ASCII letter nor a blank.

    Returns the bytes that go on with a character, and the small letters beyond ASCII.
    """
    unseen = lower = number = digits = 0
    last = start - 1  # the last digit
    for block in range((end - start) // LANES + 1):
        held = room.others[block] | room.signs[block]
        while held != ZERO:
            at = start + block * LANES + trailing_zeros(held)
            held &= held - ONE
            byte = int(data[at])
            after = int(data[at + 1]) if at + 1 < end else SPACE
            if 48 <= byte <= 57:
                number, digits = (number, digits) if at == last + 1 else (0, 0)
                number, digits, last = min(number * 10 + byte - 48, 100_000), digits + 1, at
                x[DIGITS] += 1
                x[YEARS] += digits == 4 and 1900 <= number < 2100 and not 48 <= after <= 57
            else:
                unseen += byte & 0xC0 == 0x80
                lower += 0xC3 <= byte < 0xCE
                _count_sign(data, at, end, at > start and 48 <= data[at - 1] <= 57, x)
    return unseen, lower


@part
def _count_kinds(bits: int, x: Features) -> None:
    x[STOPS] += bits & 1
    if bits == 1:  # nearly all listed words
        return
    for kind in range(1, N_KINDS):
        x[FIRST_SHARE + kind - 1] += (bits >> kind) & 1


@kernel
def _kind(bits: int) -> int:
    """The most telling kind of a word, counted from 1; 0 for an unlisted word."""
    kind = 0
    while bits:
        kind += 1
        bits >>= 1
    return kind


@part
def _count_sign(data: Bytes, at: int, end: int, after_digit: bool, x: Features) -> None:
    """Count a byte that is neither letter nor digit nor space, or begins a letter."""
    byte = int(data[at]) if at < end else 32
    after = int(data[at + 1]) if at + 1 < end else 32
    if byte in (39, 44, 46):  # most signs
        x[COMMAS] += byte == 44
        if byte == 46 and after == 32 and at + 2 < end:
            x[INSIDE] += 65 <= data[at + 2] <= 90
    elif byte < 0x80:
        x[SYMBOLS] += 1
        x[CLOCKS] += after_digit and byte == 58 and 48 <= after <= 57
        x[SEPARATORS] += byte in (124, 62, 60, 47)
        x[ADDRESSES] += byte in (64, 95) or (byte == 47 and after == 47)
        x[COMMAS] += byte == 59
        x[BRACKETS] += byte in (91, 93)
        x[MARKS] += byte == 34
        if byte in (33, 63) and after == 32 and at + 2 < end:
            x[INSIDE] += 65 <= data[at + 2] <= 90
    elif byte == 0xC2:
        x[COPYRIGHT] += after == 0xA9
        x[SEPARATORS] += after in (0xBB, 0xAB, 0xB7)
    elif byte == 0xE2 and after == 0x80 and at + 2 < end:
        x[MARKS] += data[at + 2] in (0x9C, 0x9D, 0x9E)
        x[SEPARATORS] += data[at + 2] in (0xB9, 0xBA, 0xA2)
    elif 0xCE <= byte < 0xF0:
        x[SCRIPT] += byte != 0xE2


@bare_kernel
def count_brackets(data: Bytes, start: int, stop: int) -> int:
    """Square brackets, which links in plain text are full of."""
    found = 0
    for byte in data[start:stop]:  # not by index, so that the compiler takes many at once
        found += byte in (91, 93)
    return found


@part
def _finish_signs(x: Features, chars: int, last: int) -> None:
    """Counts become capped counts, and shares of the characters."""
    share = np.float32(1 / max(1, chars))
    x[DIGITS], x[SYMBOLS], x[SCRIPT] = x[DIGITS] * share, x[SYMBOLS] * share, x[SCRIPT] * share
    for column, most in (
        (YEARS, 4), (SEPARATORS, 20), (ADDRESSES, 9), (COMMAS, 30), (INSIDE, 12), (BRACKETS, 20),
        (MARKS, 10),
    ):  # fmt: skip
        x[column] = min(x[column], np.float32(most))
    x[EXCLAIMS] = 1 if last == 63 else 2 if last == 33 else 0


@part
def end_of(data: Bytes, start: int, stop: int) -> int:  # noqa: C901, PLR0911  one case per kind
    """How a line ends, closing quotes, brackets and marks of emphasis aside."""
    at = stop - 1
    while at > start and data[at] in (34, 39, 41, 93, 42, 95):
        at -= 1
    if (
        at - start >= 3
        and data[at - 2] == 0xE2
        and data[at - 1] == 0x80
        and data[at] in (0x99, 0x9D)
    ):
        at -= 3
    byte = int(data[at])
    if byte == 46:
        return DOTS if at - start >= 2 and data[at - 1] == 46 and data[at - 2] == 46 else STOP
    if byte in (33, 63):
        return STOP
    if byte == 58:
        return COLON
    if byte in (44, 59, 45):
        return PAUSE
    if 48 <= byte <= 57:
        return DIGIT
    if 97 <= byte <= 122 or 65 <= byte <= 90:
        return LETTER
    if byte < 0x80 or (at > start and data[at - 1] == 0xC2):
        return OTHER
    if at - start >= 2 and data[at - 2] == 0xE2 and data[at - 1] == 0x80:
        return DOTS if byte == 0xA6 else OTHER
    return LETTER


@part
def _start_of(data: Bytes, start: int, stop: int) -> int:  # noqa: PLR0911  one case per kind
    byte = int(data[start])
    if 65 <= byte <= 90:
        return UPPER_START
    if 97 <= byte <= 122:
        return LOWER_START
    if 48 <= byte <= 57:
        return DIGIT_START
    if byte in (34, 39):
        return QUOTE_START
    if byte in (91, 40):
        return BRACKET_START
    if byte < 0x80 or byte == 0xC2:
        return SIGN_START
    if byte == 0xE2 and start + 2 < stop and data[start + 1] == 0x80:
        return QUOTE_START if data[start + 2] in (0x98, 0x9C, 0x9E) else SIGN_START
    return FOREIGN_START
