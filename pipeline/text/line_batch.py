"""Asks the line model about a text: most are no case for it, and cost little.

One kernel asks, describes, scores and protects, so that its caller only hears of lines that go.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_context import NAMES, Words, compare_lines, is_body, measure_alone
from pipeline.text.line_features import Bytes, Features
from pipeline.text.line_guards import can_be_judged, cut_rows, may_still_be_asked
from pipeline.text.line_ladders import Ladders, leaf_credits, score_row
from pipeline.text.line_model import AMID_BODY, GROUPS, group_of, load_model
from pipeline.text.line_runs import Odds, smooth_scores
from pipeline.text.line_shares import Compared, without_lines


class Judge(NamedTuple):
    """All that a kernel needs of the line model, and what each leaf says for groups of features."""

    words: Words
    ladders: Ladders
    base: float
    floor: float
    per_char: float
    credits: NDArray[np.float64]


class Known(NamedTuple):
    """The features of a page's lines, and what is compared of them; without rows if not known."""

    features: Features
    compared: Compared


@cache
def load_judge() -> Judge:
    """The model that comes with the package; groups are numbered as in GROUPS."""
    model, names = load_model(), tuple(GROUPS)
    groups = np.array([names.index(group_of(name)) for name in NAMES], np.int64)
    said = leaf_credits(model.ladders, groups)
    return Judge(model.words, model.ladders, model.base, model.floor, model.per_char, said)


def find_junk(page: Bytes, lines: NDArray[np.int64], hits: NDArray[np.uint8]) -> dict[int, int]:
    """The rows of a text that the model takes for furniture, and the group that spoke for each.

    `lines` and `hits` as by `read_lines`.
    """
    # The very arguments that other kernels give, so that the kernels compile once.
    rows, known = judge_page(page.copy(), lines, hits, nothing_known(), load_judge())
    x = known.features
    return {row: strongest_group(x[row], load_judge()) for row in rows.tolist()}


@kernel
def nothing_known() -> Known:
    """Of a page that was not looked at yet."""
    none = np.empty(0, np.uint64)
    return Known(np.empty((0, 0), np.float32), Compared(none, np.empty(0, np.int64), none, none))


@kernel
def still_known(known: Known, kept: NDArray[np.int64]) -> Known:
    """What is known of the lines that are kept of a page."""
    if known.features.shape[0] == 0:
        return known
    features, compared = without_lines(known.features, known.compared, kept)
    return Known(features, compared)


@kernel
def judge_page(
    page: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    known: Known,
    judge: Judge,
) -> tuple[NDArray[np.int64], Known]:
    """The rows that the model takes for furniture, and what is known of all rows then."""
    if may_still_be_asked(page, lines, hits, known.features, judge.words[0]):
        if known.features.shape[0] == 0:
            features, compared = measure_alone(page, lines, judge.words)
            known = Known(features, compared)
        x = known.features
        compare_lines(x, known.compared, hits)
        if can_be_judged(x):
            odds = smooth_scores(score_lines(x, judge.base, judge.ladders))
            return cut_rows(x, odds, judge.floor, judge.per_char), known
    return np.empty(0, np.int64), known


@kernel
def score_lines(x: Features, base: float, ladders: Ladders) -> Odds:
    """Log odds of every line by itself to be furniture."""
    scores = np.full(x.shape[0], AMID_BODY)
    room, reached = np.empty(x.shape[1], np.int64), np.empty(ladders.values.shape[0], np.uint64)
    above, own = False, x.shape[0] > 0 and is_body(x[0])
    for row in range(x.shape[0]):
        below = row + 1 < x.shape[0] and is_body(x[row + 1])
        if not (above and own and below):
            scores[row] = base + score_row(x[row], ladders, room, reached)
        above, own = own, below
    return scores


@kernel
def strongest_group(x: NDArray[np.float32], judge: Judge) -> int:
    """The group of features that spoke loudest for cutting a row."""
    room, trees = np.empty(x.size, np.int64), judge.ladders.values.shape[0]
    reached = np.empty(trees, np.uint64)
    score_row(x, judge.ladders, room, reached)
    sums = np.zeros(judge.credits.shape[1])
    for tree in range(trees):
        for group in range(sums.size):
            sums[group] += judge.credits[reached[tree], group]
    return int(np.argmax(sums))
