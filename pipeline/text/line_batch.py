"""Asks the line model about many texts in one call: most are no case for it, and cost little.

One kernel asks, describes, scores and protects text after text, so that Python only hears of the
lines that go.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_context import NAMES, describe_lines, is_body
from pipeline.text.line_features import Bytes, Features
from pipeline.text.line_guards import cut_rows, has_body, knows_language, may_be_asked
from pipeline.text.line_ladders import Ladders, credit_row, score_row
from pipeline.text.line_model import AMID_BODY, GROUPS, group_of, load_model
from pipeline.text.line_runs import Odds, smooth_scores
from pipeline.text.line_words import word_kinds


def find_junk_rows(
    data: Bytes,
    offsets: NDArray[np.int64],
    lines: NDArray[np.int64],
    ends: NDArray[np.int64],
    hits: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], list[str]]:
    """The rows of `lines` that the model takes for furniture, and the groups that spoke for it.

    Text k is data[offsets[k]:offsets[k + 1]], and its lines are lines[ends[k]:ends[k + 1]], as by
    `scan_texts`; `hits` per line: 1 where a rule matches, 2 where it heads others.
    """
    model, (names, numbers) = load_model(), _groups()
    odds = (model.base, model.floor, model.per_char)
    rows, groups = _judge_texts(
        data, offsets, lines, ends, hits, word_kinds(), model.ladders, odds, numbers
    )
    return rows, [names[group] for group in groups.tolist()]


@cache
def _groups() -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The groups, and the number of the group that each feature belongs to."""
    names = tuple(GROUPS)
    return names, np.array([names.index(group_of(name)) for name in NAMES], np.int64)


@kernel
def _judge_texts(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    offsets: NDArray[np.int64],
    lines: NDArray[np.int64],
    ends: NDArray[np.int64],
    hits: NDArray[np.uint8],
    words: tuple[NDArray[np.uint64], NDArray[np.uint16]],
    ladders: Ladders,
    odds: tuple[float, float, float],
    numbers: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    found, named = np.empty(lines.shape[0], np.int64), np.empty(lines.shape[0], np.int64)
    count = 0
    for text in range(offsets.size - 1):
        first, end = ends[text], ends[text + 1]
        page = data[offsets[text] : offsets[text + 1]]
        if not may_be_asked(page, lines[first:end], hits[first:end], words[0], words[1]):
            continue
        x = describe_lines(page, lines[first:end], hits[first:end], words[0], words[1])
        if not (knows_language(x) and has_body(x)):
            continue
        odds_of_lines = smooth_scores(score_lines(x, odds[0], ladders))
        for row in cut_rows(x, odds_of_lines, odds[1], odds[2]):
            found[count], named[count] = first + row, _strongest_group(x[row], ladders, numbers)
            count += 1
    return found[:count].copy(), named[:count].copy()


@kernel
def score_lines(x: Features, base: float, ladders: Ladders) -> Odds:
    """Log odds of every line by itself to be furniture."""
    scores = np.full(x.shape[0], AMID_BODY)
    room = np.empty(x.shape[1], np.int32)
    above, own = False, x.shape[0] > 0 and is_body(x[0])
    for row in range(x.shape[0]):
        below = row + 1 < x.shape[0] and is_body(x[row + 1])
        if not (above and own and below):
            scores[row] = base + score_row(x[row], ladders, room)
        above, own = own, below
    return scores


@kernel
def _strongest_group(x: Features, ladders: Ladders, numbers: NDArray[np.int64]) -> int:
    """The group of features that spoke loudest for cutting a row."""
    credit = credit_row(x, ladders)
    sums = np.zeros(numbers.max() + 1)
    for feature in range(credit.size):
        sums[numbers[feature]] += credit[feature]
    return int(np.argmax(sums))
