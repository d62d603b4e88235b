"""What a line looks like, in numbers: its words and its signs.

Kernels over UTF-8 bytes that read every byte once. `line_shares` adds what a line has in common
with the others, `line_vocabulary` what its words weigh, `line_context` what stands around it;
`line_model` decides.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_words import (
    EDGE,
    FIRST_OF_SITES,
    NUMBER,
    OFFSET,
    PRIME,
    KindTable,
    bucket_of,
    bucket_of_pair,
    kinds_of,
)

Bytes = NDArray[np.uint8]
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
NO_BREAK_A, NO_BREAK_Z = 0x80, 0x9E
# A line is known by its beginning: of a longer one only the length counts.
READ_BYTES = 400
# Of words and pairs of words: a line has at most half as many words, as many pairs and one more.
MOST_BUCKETS = READ_BYTES + 2


@kernel
def measure_line(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  one pass, a case a byte
    data: Bytes,
    start: int,
    stop: int,
    table: KindTable,
    x: Features,
    compared: NDArray[np.uint64],
    buckets: NDArray[np.int64],
) -> tuple[int, np.uint64, int]:
    """Fill the columns of one line but those of the vocabulary.

    Returns the number of its longer words, whose hashes are stored, the hash of the first word,
    and the number of buckets of its words and pairs of words. For those letters count in lower
    case, whatever is not ASCII is part of a word, and all numbers are one.
    """
    end = min(stop, start + READ_BYTES)
    chars = longest = digit_run = number = plain = 0
    words = capitals = letters = sites = upper = lower = stored = first = last = size = 0
    value, first_value, capital, before = OFFSET, np.uint64(0), False, 0
    # Of a word as the vocabulary has them, which is the same hash unless it is not all letters.
    listed, told, told_before, telling, in_number = 0, OFFSET, EDGE, False, False
    at = parted = start
    while at <= end:
        byte = int(data[at]) if at < end else 32
        if 97 <= byte | 32 <= 122:
            if size == 0:
                value, capital = OFFSET, byte < 97
            from_letter = at
            while at < end and 97 <= data[at] | 32 <= 122:
                before = int(data[at])
                upper += before < 97
                value = (value ^ np.uint64(before | 32)) * PRIME
                at += 1
            if telling:
                for place in range(from_letter, at):
                    told = (told ^ np.uint64(data[place] | 32)) * PRIME
            else:
                told, telling = value, True
            in_number = False
            size += at - from_letter
            plain += at - from_letter
            digit_run = number = 0
            continue
        chars += byte & 0xC0 != 0x80
        digit = 48 <= byte <= 57
        if digit or byte >= 0x80:
            if not (digit and in_number):
                told = (told ^ (NUMBER if digit else np.uint64(byte))) * PRIME
            telling, in_number = True, digit
        elif telling:
            buckets[listed] = bucket_of(told)
            buckets[listed + 1] = bucket_of_pair(told_before, told)
            listed, told_before, told, telling, in_number = listed + 2, told, OFFSET, False, False
        if byte == 32:
            longest = max(longest, at - parted)
            parted = at + 1
        lower += 0xC3 <= byte < 0xCE
        if byte >= 0x80 and _in_letter(byte, before, size):
            if size == 0:
                value, capital = OFFSET, False
            folded = byte + 32 if _is_high_capital(byte, before) else byte
            value = (value ^ np.uint64(folded)) * PRIME
            size += 1
        elif size:
            words += 1
            letters += size
            capitals += capital
            last = kinds_of(table[0], table[1], value)
            if last:
                sites += last >= 1 << FIRST_OF_SITES and not last & 1
                _count_kinds(last, x)
            if words == 1:
                first, first_value = last, value
            elif words == 2:
                x[SECOND] = capital
            if not last & 1 and size >= COMPARED_LETTERS and stored < compared.size:
                compared[stored] = value
                stored += 1
            size = 0
        before = byte
        at += 1
        if digit:
            x[DIGITS] += 1
            digit_run += 1
            number = min(number * 10 + byte - 48, 100_000)
            after = int(data[at]) if at < end else 32
            x[YEARS] += digit_run == 4 and 1900 <= number < 2100 and not 48 <= after <= 57
            continue
        if byte != 32:
            _count_sign(data, at - 1, end, digit_run, x)
        digit_run = number = 0
    if listed:
        buckets[listed] = bucket_of_pair(told_before, EDGE)
        listed += 1
    chars, lower = chars + plain, lower + plain - upper
    chars -= 1  # the blank that ends the last word
    x[CHARS] = min(chars + stop - end, 1500)
    x[WORDS], x[RUN] = words, min(longest, 200)
    x[UPPER] = upper / max(1, upper + lower)
    share = np.float32(1 / max(1, words))
    x[CAPITALS], x[WORD_LENGTH], x[STOPS] = capitals * share, letters * share, x[STOPS] * share
    x[SITES], x[SITE_SHARE] = min(sites, 20), sites * share
    for kind in range(N_KINDS - 1):
        x[FIRST_SHARE + kind] *= share
    x[FIRST_KIND], x[LAST_KIND] = _kind(first), _kind(last)
    _finish_signs(x, chars, int(data[stop - 1]))
    x[END], x[START] = end_of(data, start, stop), _start_of(data, start, stop)
    return stored, first_value, listed


@kernel
def _count_kinds(bits: int, x: Features) -> None:
    x[STOPS] += bits & 1
    if bits == 1:  # nearly all listed words
        return
    for kind in range(1, N_KINDS):
        x[FIRST_SHARE + kind - 1] += (bits >> kind) & 1


@kernel
def _in_letter(byte: int, before: int, size: int) -> bool:
    """Whether a byte beyond ASCII is part of a letter; signs and punctuation are none."""
    if byte >= 0xC3:
        return byte not in (0xE2, 0xE3) and byte < 0xF0
    return 0x80 <= byte < 0xC0 and size > 0 and before >= 0x80


@kernel
def _is_high_capital(byte: int, before: int) -> bool:
    return before == 0xC3 and NO_BREAK_A <= byte <= NO_BREAK_Z


@kernel
def _kind(bits: int) -> int:
    """The most telling kind of a word, counted from 1; 0 for an unlisted word."""
    kind = 0
    while bits:
        kind += 1
        bits >>= 1
    return kind


@kernel
def _count_sign(data: Bytes, at: int, end: int, digit_run: int, x: Features) -> None:
    """Count a byte that is neither letter nor digit nor space, or begins a letter."""
    byte = int(data[at]) if at < end else 32
    after = int(data[at + 1]) if at + 1 < end else 32
    if byte < 0x80:
        x[SYMBOLS] += byte not in (44, 46, 39)
        x[CLOCKS] += digit_run > 0 and byte == 58 and 48 <= after <= 57
        x[SEPARATORS] += byte in (124, 62, 60, 47)
        x[ADDRESSES] += byte in (64, 95) or (byte == 47 and after == 47)
        x[COMMAS] += byte in (44, 59)
        x[BRACKETS] += byte in (91, 93)
        x[MARKS] += byte == 34
        if byte in (46, 33, 63) and after == 32 and at + 2 < end:
            x[INSIDE] += 65 <= data[at + 2] <= 90
    elif byte == 0xC2:
        x[COPYRIGHT] += after == 0xA9
        x[SEPARATORS] += after in (0xBB, 0xAB, 0xB7)
    elif byte == 0xE2 and after == 0x80 and at + 2 < end:
        x[MARKS] += data[at + 2] in (0x9C, 0x9D, 0x9E)
        x[SEPARATORS] += data[at + 2] in (0xB9, 0xBA, 0xA2)
    elif 0xCE <= byte < 0xF0:
        x[SCRIPT] += byte != 0xE2


@kernel
def count_brackets(data: Bytes, start: int, stop: int) -> int:
    """Square brackets, which links in plain text are full of."""
    found = 0
    for byte in data[start:stop]:  # not by index, so that the compiler takes many at once
        found += byte in (91, 93)
    return found


@kernel
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


@kernel
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


@kernel
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
