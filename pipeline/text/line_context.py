"""What stands around a line: body text, other furniture, the edges of the article.

Whatever is counted is capped, so that a long article and a short one look alike near their edges.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part
from pipeline.text.line_bits import Bytes
from pipeline.text.line_features import (
    BRACKETS,
    CAPITALS,
    CHARS,
    COLON,
    DATE,
    END,
    IN_BODY,
    LOWER_START,
    OWN,
    RULE,
    SITE_SHARE,
    START,
    STOP,
    STOPS,
    Features,
)
from pipeline.text.line_shares import Compared, measure_lines, share_lines
from pipeline.text.line_vocabulary import Words

AROUND = (
    "number", "number_from_end", "lines_to_long_body", "lines_from_long_body",
    "lines_to_body", "lines_from_body", "body_below", "body_above", "body_lines_below",
    "chars_1_above", "chars_2_above", "chars_1_below", "chars_2_below",
    "end_1_above", "end_2_above", "end_1_below", "end_2_below",
    "site_share_1_above", "site_share_2_above", "site_share_1_below", "site_share_2_below",
    "date_above", "date_below", "words_in_body_above", "words_in_body_below",
    "stop_words_above", "stop_words_below", "capitals_above", "capitals_below",
    "chars_around", "sentences_around", "site_share_around", "capitals_around",
    "words_in_body_around", "stop_words_around",
    "most_site_share_above", "lines_since_body", "site_lines_above", "site_lines_below",
    "run_of_labels", "start_like_neighbours", "length_unlike_above",
    "rules_above", "lines_below_header", "rules_below", "goes_on",
)  # fmt: skip
NAMES = (*OWN, *AROUND)
BASE = len(OWN)
(
    NUMBER, FROM_END, TO_LONG, FROM_LONG, TO_BODY, FROM_BODY, BODY_BELOW, BODY_ABOVE, BODIES_BELOW,
    CHARS_ABOVE, _, CHARS_BELOW, _, END_ABOVE, _, END_BELOW, _, SITE_ABOVE, _, SITE_BELOW, _,
    DATE_ABOVE, DATE_BELOW, IN_BODY_ABOVE, IN_BODY_BELOW, STOPS_ABOVE, STOPS_BELOW,
    CAPITALS_ABOVE, CAPITALS_BELOW, CHARS_AROUND, SENTENCES_AROUND, SITES_AROUND,
    CAPITALS_AROUND, IN_BODY_AROUND, STOPS_AROUND, MOST_SITE_ABOVE, SINCE_BODY, SITES_ABOVE,
    SITES_BELOW, LABELS, SAME_START, UNLIKE_ABOVE, RULES_ABOVE, BELOW_HEADER, RULES_BELOW,
    GOES_ON,
) = range(BASE, BASE + len(AROUND))  # fmt: skip

BODY_CHARS, LONG_BODY_CHARS = 80, 150
# From this share of site words on a short line counts as furniture.
SITE_LINE, LABEL_CHARS = 0.34, 120
# Texts wrapped by hand break their lines at 60 to 80 characters, rarely below 40.
WRAPPED_CHARS = 40
WINDOW, RUN = 3, 12
FAR, FAR_BELOW = 40, 60
ABSENT = -9
HEADER = 2


@kernel
def describe_lines(
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    words: Words,
) -> Features:
    """All features: float32, (lines, len(NAMES)).

    `hits` says of every line whether a rule matches it (1) or a rule that heads others (2).
    """
    x, compared = measure_lines(data, lines, words, len(NAMES))
    compare_lines(x, compared, hits)
    return x


@kernel
def compare_lines(x: Features, compared: Compared, hits: NDArray[np.uint8]) -> None:
    """Fill in all that `measure_lines` leaves open: what the other lines say of a line."""
    if x.shape[0]:
        share_lines(x, compared)
        x[:, RULE] = hits
        _place(x)
        _look_around(x)
        _count_labels(x)
        _count_above(x)
        _count_rules(x)


@part
def is_body(x: Features) -> bool:
    """Whether a line is a sentence of some length, not in the words of a site, and no rule's."""
    sentence = x[END] == STOP and x[CHARS] >= BODY_CHARS
    return bool(sentence and x[SITE_SHARE] < SITE_LINE and x[RULE] == 0)


@part
def _is_site_line(x: Features) -> bool:
    return bool(x[SITE_SHARE] >= SITE_LINE and x[CHARS] < LABEL_CHARS)


@part
def _is_label(x: Features) -> bool:
    return bool(x[CHARS] < LABEL_CHARS and x[END] != STOP)


@part
def _place(x: Features) -> None:
    """Where a line stands in the text, and how far from its body."""
    count = x.shape[0]
    first = last = first_long = last_long = -1
    for row in range(count):
        if is_body(x[row]):
            first, last = (row if first < 0 else first), row
            if x[row, CHARS] >= LONG_BODY_CHARS:
                first_long, last_long = (row if first_long < 0 else first_long), row
    for row in range(count):
        x[row, NUMBER] = min(row, FAR)
        x[row, FROM_END] = min(count - 1 - row, FAR)
        x[row, TO_LONG] = ABSENT if first_long < 0 else min(max(first_long - row, 0), FAR)
        x[row, FROM_LONG] = ABSENT if first_long < 0 else min(max(row - last_long, 0), FAR_BELOW)
        x[row, TO_BODY] = ABSENT if first < 0 else min(max(first - row, 0), FAR)
        x[row, FROM_BODY] = ABSENT if first < 0 else min(max(row - last, 0), FAR_BELOW)


@part
def _look_around(x: Features) -> None:
    count = x.shape[0]
    for row in range(count):
        for step in range(2):
            above, below = row - step - 1, row + step + 1
            x[row, CHARS_ABOVE + step] = x[above, CHARS] if above >= 0 else -1
            x[row, CHARS_BELOW + step] = x[below, CHARS] if below < count else -1
            x[row, END_ABOVE + step] = x[above, END] if above >= 0 else -1
            x[row, END_BELOW + step] = x[below, END] if below < count else -1
            x[row, SITE_ABOVE + step] = x[above, SITE_SHARE] if above >= 0 else -1
            x[row, SITE_BELOW + step] = x[below, SITE_SHARE] if below < count else -1
        above, below = row - 1, row + 1
        for column, source in (
            (DATE_ABOVE, DATE),
            (IN_BODY_ABOVE, IN_BODY),
            (STOPS_ABOVE, STOPS),
            (CAPITALS_ABOVE, CAPITALS),
        ):
            x[row, column] = x[above, source] if above >= 0 else -2
            x[row, column + 1] = x[below, source] if below < count else -2
        same = above >= 0 and x[above, START] == x[row, START]
        x[row, SAME_START] = same + (below < count and x[below, START] == x[row, START])
        unlike = abs(x[above, CHARS] - x[row, CHARS]) if above >= 0 else np.float32(99)
        x[row, UNLIKE_ABOVE] = unlike / (x[row, CHARS] + 1)
        x[row, GOES_ON] = goes_on(x, row) + 2 * (below < count and goes_on(x, below))
        _average(x, row)


@part
def goes_on(x: Features, row: int) -> bool:
    """Whether a line goes on with a sentence of the line above: broken by hand, or by a link."""
    if row == 0 or x[row, START] != LOWER_START or x[row - 1, END] in (STOP, COLON):
        return False
    if x[row, BRACKETS] or x[row - 1, BRACKETS]:  # the targets of links are broken anywhere
        return False
    return bool(x[row - 1, CHARS] >= WRAPPED_CHARS or x[row, CHARS] >= BODY_CHARS)


@part
def _average(x: Features, row: int) -> None:
    """Means over the lines within reach, the line itself aside."""
    first, end = max(0, row - WINDOW), min(x.shape[0], row + WINDOW + 1)
    share = np.float32(1 / max(1, end - first - 1))
    for near in range(first, end):
        if near != row:
            x[row, CHARS_AROUND] += min(x[near, CHARS], np.float32(300)) * share
            x[row, SENTENCES_AROUND] += (x[near, END] == STOP) * share
            x[row, SITES_AROUND] += x[near, SITE_SHARE] * share
            x[row, CAPITALS_AROUND] += x[near, CAPITALS] * share
            x[row, IN_BODY_AROUND] += max(x[near, IN_BODY], np.float32(0)) * share
            x[row, STOPS_AROUND] += x[near, STOPS] * share


@part
def _count_labels(x: Features) -> None:
    """How many labels a line stands among; less than 0 for one that is none itself."""
    above = 0
    for row in range(x.shape[0]):
        x[row, LABELS] = min(above, RUN)
        above = above + 1 if _is_label(x[row]) else 0
    below = 0
    for row in range(x.shape[0] - 1, -1, -1):
        run = x[row, LABELS] + min(below, RUN)
        x[row, LABELS] = run if _is_label(x[row]) else -run
        below = below + 1 if _is_label(x[row]) else 0


@part
def _count_above(x: Features) -> None:
    """What was seen since the last body line; how much body is above and below."""
    count = x.shape[0]
    total = most = 0.0
    bodies = 0
    for row in range(count):
        if is_body(x[row]):
            total += x[row, CHARS]
            bodies += 1
    above, since, sites = 0.0, 0, 0
    for row in range(count):
        body = is_body(x[row])
        x[row, BODY_ABOVE] = above / max(1.0, total)
        above += float(x[row, CHARS]) if body else 0.0
        x[row, BODY_BELOW] = (total - above) / max(1.0, total)
        bodies -= body
        x[row, BODIES_BELOW] = min(bodies, 20)
        x[row, MOST_SITE_ABOVE], x[row, SINCE_BODY] = most, min(since, FAR)
        x[row, SITES_ABOVE] = min(sites, FAR)
        since = 0 if body else since + 1
        sites = 0 if body else sites + _is_site_line(x[row])
        share = float(x[row, SITE_SHARE]) if x[row, CHARS] < LABEL_CHARS else 0.0
        most = 0.0 if body else max(most, share)
    sites = 0
    for row in range(count - 1, -1, -1):
        x[row, SITES_BELOW] = min(sites, FAR)
        sites = 0 if is_body(x[row]) else sites + _is_site_line(x[row])


@part
def _count_rules(x: Features) -> None:
    """Lines that rules match: those since the last body line, those below."""
    above, header = 0, FAR
    for row in range(x.shape[0]):
        x[row, RULES_ABOVE], x[row, BELOW_HEADER] = min(above, 9), header
        if x[row, RULE]:
            above += 1
        elif is_body(x[row]):
            above, header = 0, FAR
        header = 0 if x[row, RULE] == HEADER else min(header + 1, FAR)
    below = 0
    for row in range(x.shape[0] - 1, -1, -1):
        x[row, RULES_BELOW] = min(below, 9)
        if x[row, RULE]:
            below += 1
        elif is_body(x[row]):
            below = 0
