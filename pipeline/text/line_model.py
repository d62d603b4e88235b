"""A small model for the lines that rules and structure leave: is this line the article's own?

It is a sum of small trees over the features of `line_context`, trained by
tests/training/train_line_model.py, which also describes the data. Only texts like those it was
calibrated on are asked about: prose in paragraphs, in Latin letters, in a language whose small
words it knows. Everything else it leaves alone.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_context import (
    BASE,
    BODIES_BELOW,
    NAMES,
    NUMBER,
    describe_lines,
    is_body,
)
from pipeline.text.line_features import Features
from pipeline.text.line_guards import cut_rows, has_body, knows_language, may_be_asked
from pipeline.text.line_runs import Odds, smooth_scores
from pipeline.text.line_trees import Trees, credit_features, score_row
from pipeline.text.line_words import word_kinds

Bytes = NDArray[np.uint8]

# The log odds of a line of the body between two others: trees give it no more, and few lines of
# an article need be asked about.
AMID_BODY = -5.0

# What a cut is named after: the group of features that spoke most for it.
GROUPS = {
    "words": "The line's own words are a site's: buttons, sections, dates, notices.",
    "form": "The line has the form of a label: its length, capitals, signs or end.",
    "place": "The line stands outside of the article's body, at an edge of the text.",
    "neighbours": "The line stands among labels, links and other lines that are no prose.",
    "rules": "Rules cut lines above or below this one.",
}
_WORDS = set(NAMES[7:23]) - {"digit_chars"} | {
    "clocks",
    "years",
    "words_elsewhere",
    "words_in_body",
}
_PLACE = set(NAMES[NUMBER : BODIES_BELOW + 1]) | {"lines_since_body"}


def group_of(feature: str) -> str:
    """The group a feature belongs to: see GROUPS."""
    if "rule" in feature or feature == "lines_below_header":
        return "rules"
    for group, names in (("place", _PLACE), ("words", _WORDS)):
        if feature in names:
            return group
    return "form" if NAMES.index(feature) < BASE else "neighbours"


@dataclass(frozen=True, slots=True)
class LineModel:
    """Trees, and the odds a line must reach: `floor` and more for every character of the line."""

    trees: Trees
    base: float
    floor: float
    per_char: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature, its value, and what it added to the log odds that a line is furniture."""

    feature: str
    value: float
    weight: float


@cache
def load_model() -> LineModel:
    """The model that comes with the package."""
    packed = resources.files(__package__).joinpath("line_model.npz").read_bytes()
    with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
        trees = kept["features"], kept["limits"], kept["values"]
        base, floor, per_char = kept["odds"].tolist()
    return LineModel(trees, base, floor, per_char)


def find_junk(
    data: Bytes, lines: NDArray[np.int64], hits: NDArray[np.uint8], model: LineModel | None = None
) -> Mapping[int, str]:
    """Numbers of the lines that the model takes for furniture, and the group that spoke for it.

    `lines` as by `scan_lines`; `hits` per line: 1 where a rule matches, 2 where it heads others.
    """
    words = word_kinds()
    if not may_be_asked(data, lines, hits, *words):
        return {}
    model = model or load_model()
    x = describe_lines(data, lines, hits, *words)
    if not (knows_language(x) and has_body(x)):
        return {}
    cut = cut_rows(x, smooth_scores(score_lines(x, model)), model.floor, model.per_char)
    names, numbers = _groups()
    groups = _strongest_groups(x, cut, model.trees, numbers, len(names))
    return {
        number: names[group]
        for number, group in zip(lines[cut, 0].tolist(), groups.tolist(), strict=True)
    }


def score_lines(x: Features, model: LineModel) -> Odds:
    """Log odds of every line by itself to be furniture."""
    return _score_lines(x, model.base, *model.trees)


@kernel
def _score_lines(
    x: Features,
    base: float,
    features: NDArray[np.int16],
    limits: NDArray[np.float32],
    values: NDArray[np.float32],
) -> Odds:
    scores = np.full(x.shape[0], AMID_BODY)
    above, own = False, x.shape[0] > 0 and is_body(x[0])
    for row in range(x.shape[0]):
        below = row + 1 < x.shape[0] and is_body(x[row + 1])
        if not (above and own and below):
            scores[row] = base + score_row(x[row], features, limits, values)
        above, own = own, below
    return scores


def explain_lines(
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    wanted: Iterable[int],
    *,
    most: int,
) -> dict[int, list[Reason]]:
    """By number of a wanted line: at most `most` features that spoke for cutting it, loudest first.

    Given as to `find_junk`; nothing where the model is not asked about the text.
    """
    words = word_kinds()
    if not may_be_asked(data, lines, hits, *words):
        return {}
    x, model = describe_lines(data, lines, hits, *words), load_model()
    rows = {number: row for row, number in enumerate(lines[:, 0].tolist())}
    found = {k: explain_line(x, rows[k], model, most=2 * most) for k in wanted if k in rows}
    return {k: [why for why in reasons if why.weight > 0][:most] for k, reasons in found.items()}


def explain_line(x: Features, row: int, model: LineModel, *, most: int = 5) -> list[Reason]:
    """The features that spoke loudest for or against cutting a line, loudest first."""
    credit = credit_features(x[row], *model.trees)
    loudest = np.argsort(-np.abs(credit), kind="stable")[:most]
    return [Reason(NAMES[k], float(x[row, k]), float(credit[k])) for k in loudest if credit[k]]


@kernel
def _strongest_groups(
    x: Features, rows: NDArray[np.int64], trees: Trees, numbers: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """The group of features that spoke loudest for cutting, for every row."""
    strongest = np.empty(rows.size, np.int64)
    for k in range(rows.size):
        sums = np.zeros(count)
        credit = credit_features(x[rows[k]], trees[0], trees[1], trees[2])
        for feature in range(credit.size):
            sums[numbers[feature]] += credit[feature]
        strongest[k] = np.argmax(sums)
    return strongest


@cache
def _groups() -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The groups, and the number of the group that each feature belongs to."""
    names = tuple(GROUPS)
    return names, np.array([names.index(group_of(name)) for name in NAMES], np.int64)
