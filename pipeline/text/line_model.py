"""A small model for the lines that rules and structure leave: is this line the article's own?

It is a sum of small trees over the features of `line_context`, trained by
tests/training/train_line_model.py, which also describes the data. Only texts like those it was
calibrated on are asked about: prose in paragraphs, in Latin letters, in a language whose small
words it knows. Everything else it leaves alone.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pipeline.text.line_context import (
    BASE,
    BODIES_BELOW,
    NAMES,
    NUMBER,
    describe_lines,
)
from pipeline.text.line_features import Features
from pipeline.text.line_guards import may_be_asked
from pipeline.text.line_ladders import Ladders, credit_row, ladders_of
from pipeline.text.line_vocabulary import Words
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
    "vocabulary",
    "vocabulary_sum",
    "vocabulary_most",
    "vocabulary_least",
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
    """Trees, what words weigh, the log odds they start from, and the odds that a line must reach.

    `floor`, and `per_char` more for every character of the line.
    """

    ladders: Ladders
    words: Words
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
        words = word_kinds(), kept["words"]
    return LineModel(ladders_of(trees), words, base, floor, per_char)


def explain_lines(
    data: Bytes,
    lines: NDArray[np.int64],
    hits: NDArray[np.uint8],
    wanted: Iterable[int],
    *,
    most: int,
) -> dict[int, list[Reason]]:
    """By number of a wanted line: at most `most` features that spoke for cutting it, loudest first.

    Given as by `read_page`; nothing where the model is not asked about the text.
    """
    model = load_model()
    if not may_be_asked(data, lines, hits, model.words[0]):
        return {}
    x = describe_lines(data, lines, hits, model.words)
    rows = {number: row for row, number in enumerate(lines[:, 0].tolist())}
    found = {k: explain_line(x, rows[k], model, most=2 * most) for k in wanted if k in rows}
    return {k: [why for why in reasons if why.weight > 0][:most] for k, reasons in found.items()}


def explain_line(x: Features, row: int, model: LineModel, *, most: int = 5) -> list[Reason]:
    """The features that spoke loudest for or against cutting a line, loudest first."""
    credit = credit_row(x[row], model.ladders)
    loudest = np.argsort(-np.abs(credit), kind="stable")[:most]
    return [Reason(NAMES[k], float(x[row, k]), float(credit[k])) for k in loudest if credit[k]]
