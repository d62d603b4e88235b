"""Asks the line model about a text: most are no case for it, and cost little.

One kernel asks, describes, scores and protects, so that its caller only hears of lines that go.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part
from pipeline.text.line_bits import Bytes
from pipeline.text.line_context import NAMES, compare_lines, is_body
from pipeline.text.line_features import Features
from pipeline.text.line_guards import can_be_judged, cut_rows, may_be_asked
from pipeline.text.line_ladders import (
    Ladders,
    leaf_credits,
    loudest_group,
    room_to_climb,
    score_row,
)
from pipeline.text.line_model import AMID_BODY, GROUPS, group_of, load_model
from pipeline.text.line_runs import Odds, smooth_scores
from pipeline.text.line_shares import Compared, measure_lines, without_lines
from pipeline.text.line_vocabulary import Words


class Judge(NamedTuple):
    """All that a kernel needs of the line model, and what each leaf says for groups of features."""

    words: Words
    ladders: Ladders
    base: float
    floor: float
    per_char: float
    credits: NDArray[np.float64]


class Votes(NamedTuple):
    """By line of a page as it was when first asked about: its log odds, the leaves it reached.

    The odds are those of the line by itself, nan where the last round did not climb the trees.
    """

    scores: Odds
    leaves: NDArray[np.uint32]


class Known(NamedTuple):
    """The features of a page's lines, and what is compared of them; without rows if not known.

    Row k of them was row kept[k] of `before`, the features of the last round, if there was one; it
    is row origins[k] of the votes.
    """

    features: Features
    compared: Compared
    votes: Votes
    origins: NDArray[np.int64]
    before: Features
    kept: NDArray[np.int64]


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
    judge = load_judge()
    page, asked = page.copy(), may_be_asked(page, lines, hits, judge.words[0])
    rows, known = judge_page(page, lines, hits, nothing_known(), asked, judge)
    return dict(zip(rows.tolist(), strongest_groups(known, rows, judge).tolist(), strict=True))


@kernel
def nothing_known() -> Known:
    """Of a page that was not looked at yet."""
    none, rows = np.empty(0, np.uint64), np.empty(0, np.int64)
    return _just_known(np.empty((0, 0), np.float32), Compared(none, rows, none, none), 0)


@kernel
def _just_known(features: Features, compared: Compared, trees: int) -> Known:
    """What is known of a page whose lines have been measured but not judged."""
    count = features.shape[0]
    votes = Votes(np.full(count, np.nan), np.empty((count, trees), np.uint32))
    none = np.empty((0, 0), np.float32)
    return Known(features, compared, votes, np.arange(count), none, np.arange(0))


@kernel
def still_known(known: Known, kept: NDArray[np.int64]) -> Known:
    """What is known of the lines that are kept of a page."""
    if known.features.shape[0] == 0:
        return known
    features, compared = without_lines(known.features, known.compared, kept)
    return Known(features, compared, known.votes, known.origins[kept], known.features, kept)


@kernel
def judge_page(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    page: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    known: Known,
    asked: bool,
    judge: Judge,
) -> tuple[NDArray[np.int64], Known]:
    """The rows that the model takes for furniture, and what is known of all rows then.

    `asked` says whether the model may be asked about the page.
    """
    if asked:
        if known.features.shape[0] == 0:
            features, compared = measure_lines(page, lines, judge.words, len(NAMES))
            known = _just_known(features, compared, judge.ladders.values.shape[0])
        x = known.features
        compare_lines(x, known.compared, hits)
        if can_be_judged(x):
            odds = smooth_scores(_score_known(known, judge.base, judge.ladders))
            return cut_rows(x, odds, judge.floor, judge.per_char), known
    known.votes.scores[:] = np.nan
    return np.empty(0, np.int64), known


@kernel
def score_lines(x: Features, base: float, ladders: Ladders) -> Odds:
    """Log odds of every line by itself to be furniture."""
    known = _just_known(x, nothing_known().compared, ladders.values.shape[0])
    return _score_known(known, base, ladders)


@kernel
def _score_known(known: Known, base: float, ladders: Ladders) -> Odds:
    """`score_lines`, without climbing again for lines whose features are those of the last round.

    Fills in the votes.
    """
    scores, room = np.full(known.features.shape[0], AMID_BODY), room_to_climb(known.features)
    _fill_scores(known, base, ladders, scores, room)
    return scores


@part
def _fill_scores(
    known: Known, base: float, ladders: Ladders, scores: Odds, room: NDArray[np.int32]
) -> None:
    x, votes = known.features, known.votes
    above, own = False, x.shape[0] > 0 and is_body(x[0])
    for row in range(x.shape[0]):
        below = row + 1 < x.shape[0] and is_body(x[row + 1])
        origin = known.origins[row]
        if above and own and below:
            votes.scores[origin] = np.nan
        else:
            last = votes.scores[origin]
            if np.isnan(last) or not _is_same(x[row], known.before[known.kept[row]]):
                leaves = votes.leaves[origin]
                votes.scores[origin] = base + score_row(x[row], ladders, room, leaves)
            scores[row] = votes.scores[origin]
        above, own = own, below


@part
def _is_same(x: NDArray[np.float32], y: NDArray[np.float32]) -> bool:
    """Whether two rows of features are equal."""
    same = True
    for column in range(x.size):
        same &= x[column] == y[column]
    return same


@kernel
def strongest_groups(known: Known, rows: NDArray[np.int64], judge: Judge) -> NDArray[np.int64]:
    """The groups of features that spoke loudest for cutting rows of a page that was judged.

    Nothing of a row below 0.
    """
    groups, room = np.empty(rows.size, np.int64), room_to_climb(known.features)
    _fill_groups(known, rows, judge, room, groups)
    return groups


@part
def _fill_groups(
    known: Known,
    rows: NDArray[np.int64],
    judge: Judge,
    room: NDArray[np.int32],
    groups: NDArray[np.int64],
) -> None:
    for k in range(rows.size):
        if rows[k] < 0:
            continue
        origin = known.origins[rows[k]]
        leaves = known.votes.leaves[origin]
        if np.isnan(known.votes.scores[origin]):
            score_row(known.features[rows[k]], judge.ladders, room, leaves)
        groups[k] = loudest_group(judge.credits, leaves)
