"""What stands around a line: body text, other furniture, the edges of the article.

Whatever is counted is capped, so that a long article and a short one look alike near their edges.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_features import (
    CAPITALS,
    CHARS,
    DATE,
    END,
    IN_BODY,
    OWN,
    SITE_SHARE,
    START,
    STOP,
    STOPS,
    Bytes,
    Features,
)
from pipeline.text.line_shares import measure_lines

AROUND = (
    "number", "number_from_end", "lines", "lines_to_long_body", "lines_from_long_body",
    "lines_to_body", "lines_from_body", "body_below", "body_above",
    "chars_1_above", "chars_2_above", "chars_1_below", "chars_2_below",
    "end_1_above", "end_1_below", "end_2_above", "end_2_below",
    "site_share_1_above", "site_share_1_below", "site_share_2_above", "site_share_2_below",
    "chars_around", "sentences_around", "site_share_around", "capitals_around",
    "words_in_body_around", "stop_words_around",
    "most_site_share_above", "lines_since_body", "chars_of_all", "sentences_of_all",
    "site_lines_of_all", "short_lines_of_all", "stop_words_of_all", "run_of_labels",
    "start_like_neighbours", "length_unlike_above", "date_above", "date_below",
    "words_in_body_above", "words_in_body_below", "site_lines_above", "site_lines_below",
    "stop_words_above", "stop_words_below", "capitals_above", "capitals_below",
    "body_lines_below", "length_of_mean",
    "rule", "rules_above", "lines_below_header", "rules_below", "rules_of_all",
)  # fmt: skip
NAMES = (*OWN, *AROUND)
BASE = len(OWN)
TO_BODY, FROM_BODY, RULES = BASE + 5, BASE + 6, BASE + 49

BODY_CHARS, LONG_BODY_CHARS = 80, 150
# From this share of site words on a short line counts as furniture.
SITE_LINE, LABEL_CHARS = 0.34, 120
WINDOW, RUN = 3, 12
FAR = 40
ABSENT = -9
HEADER = 2


@kernel
def describe_lines(
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    kinds: NDArray[np.uint16],
) -> Features:
    """All features: float32, (lines, len(NAMES)).

    `hits` says of every line whether a rule matches it (1) or a rule that heads others (2).
    """
    x = measure_lines(data, lines, hashes, kinds, len(NAMES))
    if x.shape[0]:
        _place(x)
        _look_around(x)
        _sum_up(x)
        _count_above(x)
        _count_rules(x, hits)
    return x


@kernel
def is_body(x: Features) -> bool:
    """Whether a line is a sentence of some length, and not in the words of a site."""
    return bool(x[END] == STOP and x[CHARS] >= BODY_CHARS and x[SITE_SHARE] < SITE_LINE)


@kernel
def _is_site_line(x: Features) -> bool:
    return bool(x[SITE_SHARE] >= SITE_LINE and x[CHARS] < LABEL_CHARS)


@kernel
def _is_label(x: Features) -> bool:
    return bool(x[CHARS] < LABEL_CHARS and x[END] != STOP)


@kernel
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
        x[row, BASE] = min(row, FAR)
        x[row, BASE + 1] = min(count - 1 - row, FAR)
        x[row, BASE + 2] = min(count, 200)
        x[row, BASE + 3] = ABSENT if first_long < 0 else min(max(first_long - row, 0), FAR)
        x[row, BASE + 4] = ABSENT if first_long < 0 else min(max(row - last_long, 0), 60)
        x[row, BASE + 5] = ABSENT if first < 0 else min(max(first - row, 0), FAR)
        x[row, BASE + 6] = ABSENT if first < 0 else min(max(row - last, 0), 60)


@kernel
def _look_around(x: Features) -> None:
    count = x.shape[0]
    for row in range(count):
        for step in range(1, 3):
            above, below = row - step, row + step
            x[row, BASE + 8 + step] = x[above, CHARS] if above >= 0 else -1
            x[row, BASE + 10 + step] = x[below, CHARS] if below < count else -1
            x[row, BASE + 11 + 2 * step] = x[above, END] if above >= 0 else -1
            x[row, BASE + 12 + 2 * step] = x[below, END] if below < count else -1
            x[row, BASE + 15 + 2 * step] = x[above, SITE_SHARE] if above >= 0 else -1
            x[row, BASE + 16 + 2 * step] = x[below, SITE_SHARE] if below < count else -1
        above, below = row - 1, row + 1
        for column, source in ((37, DATE), (39, IN_BODY), (43, STOPS), (45, CAPITALS)):
            x[row, BASE + column] = x[above, source] if above >= 0 else -2
            x[row, BASE + column + 1] = x[below, source] if below < count else -2
        same = above >= 0 and x[above, START] == x[row, START]
        x[row, BASE + 35] = same + (below < count and x[below, START] == x[row, START])
        unlike = abs(x[above, CHARS] - x[row, CHARS]) if above >= 0 else np.float32(99)
        x[row, BASE + 36] = unlike / (x[row, CHARS] + 1)
        _average(x, row)


@kernel
def _average(x: Features, row: int) -> None:
    """Means over the lines within reach, the line itself aside."""
    first, end = max(0, row - WINDOW), min(x.shape[0], row + WINDOW + 1)
    count = max(1, end - first - 1)
    for near in range(first, end):
        if near != row:
            x[row, BASE + 21] += min(x[near, CHARS], np.float32(300)) / count
            x[row, BASE + 22] += (x[near, END] == STOP) / count
            x[row, BASE + 23] += x[near, SITE_SHARE] / count
            x[row, BASE + 24] += x[near, CAPITALS] / count
            x[row, BASE + 25] += max(x[near, IN_BODY], np.float32(0)) / count
            x[row, BASE + 26] += x[near, STOPS] / count


@kernel
def _sum_up(x: Features) -> None:
    """What the text as a whole is like, the same for all of its lines; runs of labels."""
    count = x.shape[0]
    chars = sentences = sites = short = stops = 0.0
    for row in range(count):
        chars += x[row, CHARS]
        sentences += x[row, END] == STOP
        sites += x[row, SITE_SHARE] >= SITE_LINE
        short += x[row, CHARS] < BODY_CHARS
        stops += x[row, STOPS]
    above = 0
    for row in range(count):
        x[row, BASE + 29] = min(chars / count, 600)
        x[row, BASE + 30] = sentences / count
        x[row, BASE + 31] = sites / count
        x[row, BASE + 32] = short / count
        x[row, BASE + 33] = stops / count
        x[row, BASE + 48] = x[row, CHARS] / max(1.0, chars / count)
        x[row, BASE + 34] = min(above, RUN)
        above = above + 1 if _is_label(x[row]) else 0
    below = 0
    for row in range(count - 1, -1, -1):
        run = x[row, BASE + 34] + min(below, RUN)
        x[row, BASE + 34] = run if _is_label(x[row]) else -run
        below = below + 1 if _is_label(x[row]) else 0


@kernel
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
        x[row, BASE + 8] = above / max(1.0, total)
        above += float(x[row, CHARS]) if body else 0.0
        x[row, BASE + 7] = (total - above) / max(1.0, total)
        bodies -= body
        x[row, BASE + 47] = min(bodies, 20)
        x[row, BASE + 27], x[row, BASE + 28], x[row, BASE + 41] = (
            most,
            min(since, FAR),
            min(sites, FAR),
        )
        since = 0 if body else since + 1
        sites = 0 if body else sites + _is_site_line(x[row])
        most = (
            0.0 if body else max(most, x[row, SITE_SHARE] if x[row, CHARS] < LABEL_CHARS else 0.0)
        )
    sites = 0
    for row in range(count - 1, -1, -1):
        x[row, BASE + 42] = min(sites, FAR)
        sites = 0 if is_body(x[row]) else sites + _is_site_line(x[row])


@kernel
def _count_rules(x: Features, hits: NDArray[np.uint8]) -> None:
    """Lines that rules match: this one, those since the last body line, those below."""
    count = x.shape[0]
    above, header, every = 0, FAR, 0
    for row in range(count):
        x[row, RULES], x[row, RULES + 1], x[row, RULES + 2] = hits[row], min(above, 9), header
        if hits[row]:
            above += 1
            every += 1
        elif is_body(x[row]):
            above, header = 0, FAR
        header = 0 if hits[row] == HEADER else min(header + 1, FAR)
    below = 0
    for row in range(count - 1, -1, -1):
        x[row, RULES + 3], x[row, RULES + 4] = min(below, 9), every / count
        if hits[row]:
            below += 1
        elif is_body(x[row]):
            below = 0
