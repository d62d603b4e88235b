"""What the line model is not asked about, and what it may not cut whatever it says.

Texts that are no articles are left alone as a whole; titles, quotations and prose between other
lines of the article stay.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel, part
from pipeline.text.line_bits import Bytes
from pipeline.text.line_context import FROM_BODY, GOES_ON, SITE_LINE, TO_BODY, is_body
from pipeline.text.line_features import (
    BRACKETS,
    CHARS,
    COLON,
    DIGITS,
    END,
    IN_BODY,
    QUOTE_START,
    RULE,
    SITE_SHARE,
    START,
    STOP,
    STOPS,
    WORDS,
    Features,
    count_brackets,
    count_site_words,
    end_of,
)
from pipeline.text.line_lanes import count_range
from pipeline.text.line_reading import Reading, room_to_read
from pipeline.text.line_runs import Odds, edge_rows
from pipeline.text.line_words import KindTable

# What a text must be for the model to be asked: some lines of some length, most words of them in
# Latin letters, and as many small words as prose has. Re-run the training before touching these.
FEWEST_LINES, MOST_LINES = 4, 1000
LONG_LINE = 40
LONG_BYTES = 300
FOREIGN_SHARE = 0.1
FOREIGN, ALL_ABOVE, SIGNS, ONLY = np.uint8(0xCE), np.uint8(0x32), np.uint8(0xE2), np.uint8(1)
OPENING, CLOSING_TOO = np.uint8(91), np.uint8(3)
# Texts without any sign of furniture need no second look: in five folds this costs nothing.
WRAPPED_SHARE, SUSPECT_SHARE = 0.1, 0.1
LABEL_BYTES, LINK_BRACKETS = 60, 3
FEWEST_BODIES = 3
STOP_SHARE = 0.15
# Headings that count up, each with text below it: "Artikel 1", "§ Section 2." and the like.
HEADING_BYTES, FEWEST_HEADINGS, FEWEST_LETTERS, MOST_DIGITS = 40, 3, 3, 4
ZERO, NINE, LETTER_A, CLOSING = 48, 57, 65, (41, 46, 58)
# Longer lines are paragraphs, or whole articles without a line feed.
MOST_CHARS = 250
LAST_WORDS = 6
# Log odds that a line needs beyond others: between prose, for headings and lists stand there; in
# a text of few prose lines, which may be a list; where it is prose itself; where it is likely a
# title. A text of few prose lines must show several signs of furniture to be asked about at all.
# In five folds that spares half of the lines that pages without furniture would lose, for less
# than a point. Titles that may go if all speaks for it lose no more of them, for a point more.
INSIDE, LITTLE_BODY, PROSE, TITLE = 0.5, 1.0, 2.0, 3.0
FEWEST_SIGNS = 2
# A title has a few words, few of them a site's, and stands above the body: the more of its longer
# words the body has, the likelier, and likelier where it is the first line or right above the
# body. Among links, further down, only a line that nearly repeats the body is one. A page may have
# two, its own and the article's. In five folds this spares nine in ten of the titles that would
# be cut, and one line of furniture for every three of them.
TITLE_WORDS, MOST_TITLE_WORDS, TITLE_SITE_SHARE, TITLE_DIGITS = 4, 30, 0.34, 0.3
TITLE_SHARE, FIRST_LINE, ABOVE_BODY = 0.3, 0.4, 0.36
NEAR_TOP, TITLE_REACH, FAR_SHARE, SECOND_SHARE = 8, 20, 0.6, 0.8


@kernel
def may_be_asked(
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    table: KindTable,
) -> bool:
    """Whether a text reads like an article and shows any sign of furniture: cheap to ask."""
    unknown = np.empty((0, 0), np.float32)
    return may_still_be_asked(data, lines, hits, unknown, table, room_to_read())


@bare_kernel
def may_still_be_asked(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    x: Features,
    table: KindTable,
    room: Reading,
) -> bool:
    """`may_be_asked` where the lines' own features `x` may be known: if not, it has no rows."""
    if not reads_like_an_article(data, lines) or has_numbered_headings(data, lines):
        return False
    return shows_furniture(data, lines, hits, x, table, room)


@part
def reads_like_an_article(data: Bytes, lines: NDArray[np.int64]) -> bool:
    """Whether a text has some lines of some length, in Latin letters."""
    count = lines.shape[0]
    if count < FEWEST_LINES or count > MOST_LINES:
        return False
    long = 0
    for row in range(count):
        size = lines[row, 2] - lines[row, 1]
        long += size if size >= LONG_LINE else 0
    if long < LONG_BYTES:
        return False
    # All that begins a letter beyond those of Latin and is no sign.
    foreign = count_range(data, 0, data.size, FOREIGN, ALL_ABOVE)
    foreign -= count_range(data, 0, data.size, SIGNS, ONLY)
    return foreign <= FOREIGN_SHARE * data.size / 2


@part
def has_numbered_headings(data: Bytes, lines: NDArray[np.int64]) -> bool:
    """Whether "Article 1", "Article 2", … stand above parts of the text: a law, no page of news."""
    last_name, last_number, last_row, run = np.uint64(0), -2, -2, 0
    for row in range(lines.shape[0]):
        start, stop = lines[row, 1], lines[row, 2]
        if stop - start > HEADING_BYTES:
            continue
        name, number = _heading(data, start, stop)
        if number < 0:
            continue
        follows = name == last_name and number == last_number + 1 and row > last_row + 1
        run = run + 1 if follows else 1
        if run == FEWEST_HEADINGS:
            return True
        last_name, last_number, last_row = name, number, row
    return False


@part
def _heading(data: Bytes, start: int, stop: int) -> tuple[np.uint64, int]:
    """A hash of the word or words before the number that a line ends with, and it; -1 if none."""
    name, number, digits, letters = np.uint64(0), 0, 0, 0
    last = data[stop - 2] if data[stop - 1] in CLOSING and stop - start > 1 else data[stop - 1]
    if not ZERO <= last <= NINE:  # nearly all lines
        return name, -1
    for at in range(start, stop):
        byte = data[at]
        if ZERO <= byte <= NINE and digits < MOST_DIGITS:
            number, digits = number * 10 + byte - ZERO, digits + 1
        elif digits and not (byte in CLOSING and at == stop - 1):
            return name, -1
        else:
            letters += byte >= LETTER_A
            name = (name + np.uint64(byte)) * np.uint64(1099511628211)
    return (name, number) if digits and letters >= FEWEST_LETTERS else (name, -1)


@bare_kernel
def shows_furniture(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    known: Features,
    table: KindTable,
    room: Reading,
) -> bool:
    """Whether any line is a rule's, a label in a site's words or a link, so that more may be.

    In a text wrapped by hand, where lines are no units, a good part of them must be.
    """
    count = lines.shape[0]
    wrapped, suspects, links = 0, 0, 0
    for row in range(1, count):
        wrapped += _goes_on(data, lines, row)
    many = wrapped >= WRAPPED_SHARE * count
    enough = SUSPECT_SHARE * count if many else 1.0
    linked = count_range(data, 0, data.size, OPENING, CLOSING_TOO) >= LINK_BRACKETS
    for row in range(count):
        start, stop = lines[row, 1], lines[row, 2]
        suspects += hits[row] > 0
        links += linked and count_brackets(data, start, stop) >= LINK_BRACKETS
        if stop - start < LABEL_BYTES and end_of(data, start, stop) != STOP:
            tied = row > 0 and _goes_on(data, lines, row)
            if not tied and not (row + 1 < count and _goes_on(data, lines, row + 1)):
                if known.shape[0]:
                    suspects += known[row, SITE_SHARE] >= SITE_LINE
                else:
                    sites, words = count_site_words(data, start, stop, table, room)
                    suspects += np.float32(sites * np.float32(1 / max(1, words))) >= SITE_LINE
        if suspects >= enough or links >= 1 + many:
            return True
    return False


@part
def _goes_on(data: Bytes, lines: NDArray[np.int64], row: int) -> bool:
    """Whether a line goes on with a sentence of the line above."""
    start, stop = lines[row - 1, 1], lines[row - 1, 2]
    if not 97 <= data[lines[row, 1]] <= 122 or stop - start < LONG_LINE:
        return False
    return end_of(data, start, stop) not in (STOP, COLON)


@part
def can_be_judged(x: Features) -> bool:
    """Whether there is enough to go by: a known language, and prose or many signs of furniture."""
    return knows_language(x) and (has_body(x) or count_signs(x) >= FEWEST_SIGNS)


@part
def count_signs(x: Features) -> int:
    """Lines that a rule matches, and labels in a site's words."""
    signs = 0
    for row in range(x.shape[0]):
        short = x[row, CHARS] < LABEL_BYTES and x[row, END] != STOP
        signs += x[row, RULE] > 0 or (short and x[row, SITE_SHARE] >= SITE_LINE)
    return signs


@part
def knows_language(x: Features) -> bool:
    """Whether the small words that the model counts are those of the text."""
    words = small = 0.0
    for row in range(x.shape[0]):
        if x[row, CHARS] >= LONG_LINE:
            words += x[row, WORDS]
            small += x[row, WORDS] * x[row, STOPS]
    return small >= STOP_SHARE * words


@part
def has_body(x: Features) -> bool:
    """Whether there is prose to tell furniture from: what consists of short lines may be a list.

    Texts wrapped by hand and pages with links have no long lines, whatever they are.
    """
    bodies = wrapped = links = 0
    for row in range(x.shape[0]):
        bodies += is_body(x[row])
        wrapped += x[row, GOES_ON] > 0
        links += x[row, BRACKETS] >= LINK_BRACKETS
    return bool(bodies >= FEWEST_BODIES or wrapped >= WRAPPED_SHARE * x.shape[0] or links > 1)


@kernel
def cut_rows(x: Features, odds: Odds, floor: float, per_char: float) -> NDArray[np.int64]:
    """The rows whose log odds suffice, more for a long line, but those that are protected.

    Prose, quotations and parts of a sentence stay but at the ends of a text, beyond all lines that
    are more likely the article's; where there is little prose, so does every line. A likely title
    and a short sentence below the prose stay nearly always.
    """
    rows = np.empty(x.shape[0], np.int64)
    count, titles = 0, likely_titles(x)
    first, last = edge_rows(odds)
    little = not has_body(x)
    for row in range(x.shape[0]):
        inside = x[row, TO_BODY] == 0 and x[row, FROM_BODY] == 0
        prose = is_body(x[row]) or x[row, CHARS] > MOST_CHARS or x[row, START] == QUOTE_START
        title = row in titles or (row == 0 and _may_be_title(x[0]))
        more = little * LITTLE_BODY + inside * INSIDE + prose * PROSE + title * TITLE
        enough = odds[row] > np.log(floor + per_char * x[row, CHARS]) + more
        amid = (little or prose or x[row, GOES_ON] > 0) and first <= row <= last
        if enough and not (amid or _last_words(x[row])):
            rows[count] = row
            count += 1
    return rows[:count]


@part
def _last_words(x: Features) -> bool:
    """Whether a line is a short sentence right below the last prose: an article often ends so."""
    ends = x[END] == STOP and x[WORDS] >= LAST_WORDS and x[CHARS] >= LONG_LINE
    return bool(ends and x[FROM_BODY] == 1 and x[SITE_SHARE] < TITLE_SITE_SHARE and x[RULE] == 0)


@part
def likely_titles(x: Features) -> tuple[int, int]:
    """The rows above the body that read most like titles, best first, -1 where none does."""
    best, second, title, other = TITLE_SHARE, SECOND_SHARE, -1, -1
    to_body = int(x[0, TO_BODY])
    for row in range(min(to_body if to_body >= 0 else x.shape[0], TITLE_REACH)):
        shared = x[row, IN_BODY]
        if not _may_be_title(x[row]) or (row >= NEAR_TOP and shared < FAR_SHARE):
            continue
        share = shared + FIRST_LINE * (row == 0) + ABOVE_BODY * (row == to_body - 1)
        if share > best:
            if title >= 0 and x[title, IN_BODY] >= SECOND_SHARE:
                other, second = title, best
            best, title = share, row
        elif share > second and shared >= SECOND_SHARE:
            second, other = share, row
    return title, other


@part
def _may_be_title(x: Features) -> bool:
    words = TITLE_WORDS <= x[WORDS] <= MOST_TITLE_WORDS
    plain = x[SITE_SHARE] < TITLE_SITE_SHARE and x[DIGITS] <= TITLE_DIGITS
    return bool(words and plain and x[RULE] == 0)
