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
from pipeline.text.line_context import BASE, FROM_BODY, NAMES, TO_BODY, describe_lines, is_body
from pipeline.text.line_features import (
    CHARS,
    END,
    IN_BODY,
    QUOTE_START,
    SITE_SHARE,
    START,
    STOP,
    STOPS,
    WORDS,
    Features,
)
from pipeline.text.line_trees import Trees, credit_features, score_rows
from pipeline.text.line_words import word_kinds

Bytes = NDArray[np.uint8]

# What a text must be for the model to be asked: some lines of some length, most words of them in
# Latin letters, and as many small words as prose has. Re-run the training before touching these.
FEWEST_LINES, MOST_LINES = 4, 1000
LONG_LINE = 40
LONG_BYTES = 300
FOREIGN_SHARE = 0.1
STOP_SHARE = 0.15
# Log odds that a line inside of the body needs beyond others: headings stand there. In five folds
# 1 costs half a point of F1, 3 costs three.
INSIDE = 1.0
# A title has a few words, most of its longer ones stand in the body too, few are a site's.
TITLE_WORDS, TITLE_SHARE, TITLE_SITE_SHARE = 3, 0.5, 0.34

# What a cut is named after: the group of features that spoke most for it.
GROUPS = {
    "words": "The line's own words are a site's: buttons, sections, dates, notices.",
    "form": "The line has the form of a label: its length, capitals, signs or end.",
    "place": "The line stands outside of the article's body, at an edge of the text.",
    "neighbours": "The line stands among labels, links and other lines that are no prose.",
    "rules": "Rules cut lines above or below this one.",
    "text": "The text is one in which such lines are furniture.",
}
_WORDS = set(NAMES[7:23]) - {"digit_chars"} | {
    "clocks",
    "years",
    "words_elsewhere",
    "words_in_body",
}
_PLACE = set(NAMES[BASE : BASE + 9]) | {"body_lines_below", "lines_since_body"}
_TEXT = {name for name in NAMES if name.endswith("_of_all")} | {"lines", "length_of_mean"}


def group_of(feature: str) -> str:
    """The group a feature belongs to: see GROUPS."""
    if "rule" in feature or feature == "lines_below_header":
        return "rules"
    for group, names in (("text", _TEXT), ("place", _PLACE), ("words", _WORDS)):
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
    if not reads_like_an_article(data, lines):
        return {}
    model = model or load_model()
    x = describe_lines(data, lines, hits, *word_kinds())
    if not knows_language(x):
        return {}
    rows = askable(x)
    scores = model.base + score_rows(x, rows, *model.trees)
    cut = rows[scores > least_scores(x, rows, model.floor, model.per_char)]
    return {int(lines[row, 0]): _strongest_group(x, int(row), model) for row in cut}


def least_scores(
    x: Features, rows: NDArray[np.int64], floor: float, per_char: float
) -> NDArray[np.float64]:
    """The log odds from which a row is cut: more for a long line, more inside of the body."""
    inside = (x[rows, TO_BODY] == 0) & (x[rows, FROM_BODY] == 0)
    return np.asarray(np.log(floor + per_char * x[rows, CHARS]) + inside * INSIDE, np.float64)


@kernel
def askable(x: Features) -> NDArray[np.int64]:
    """The rows that the model may cut: no quotation, no prose inside of the article, no title."""
    rows = np.empty(x.shape[0], np.int64)
    count, title = 0, likely_title(x)
    for row in range(x.shape[0]):
        inside = x[row, TO_BODY] == 0 and x[row, FROM_BODY] == 0
        if row != title and x[row, START] != QUOTE_START and not (inside and is_body(x[row])):
            rows[count] = row
            count += 1
    return rows[:count]


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
    if not reads_like_an_article(data, lines):
        return {}
    x, model = describe_lines(data, lines, hits, *word_kinds()), load_model()
    rows = {number: row for row, number in enumerate(lines[:, 0].tolist())}
    found = {k: explain_line(x, rows[k], model, most=2 * most) for k in wanted if k in rows}
    return {k: [why for why in reasons if why.weight > 0][:most] for k, reasons in found.items()}


def explain_line(x: Features, row: int, model: LineModel, *, most: int = 5) -> list[Reason]:
    """The features that spoke loudest for or against cutting a line, loudest first."""
    credit = credit_features(x, row, *model.trees)
    loudest = np.argsort(-np.abs(credit), kind="stable")[:most]
    return [Reason(NAMES[k], float(x[row, k]), float(credit[k])) for k in loudest if credit[k]]


def _strongest_group(x: Features, row: int, model: LineModel) -> str:
    names, group_numbers = _groups()
    sums = np.bincount(group_numbers, credit_features(x, row, *model.trees), len(names))
    return names[int(sums.argmax())]


@cache
def _groups() -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The groups, and the number of the group that each feature belongs to."""
    names = tuple(GROUPS)
    return names, np.array([names.index(group_of(name)) for name in NAMES], np.int64)


@kernel
def likely_title(x: Features) -> int:
    """The row above the body that shares most words with it, -1 if none shares enough.

    In a text without a body line (wrapped by hand) it is the first, if that reads like one.
    """
    if x[0, TO_BODY] < 0:
        return 0 if x[0, WORDS] >= TITLE_WORDS and x[0, SITE_SHARE] < TITLE_SITE_SHARE else -1
    best, title = TITLE_SHARE, -1
    for row in range(x.shape[0]):
        if x[row, TO_BODY] <= 0:
            break
        in_words = x[row, WORDS] >= TITLE_WORDS and x[row, SITE_SHARE] < TITLE_SITE_SHARE
        if in_words and x[row, END] != STOP and x[row, IN_BODY] >= best:
            best, title = x[row, IN_BODY], row
    return title


def knows_language(x: Features) -> bool:
    """Whether the small words that the model counts are those of the text."""
    weights = np.where(x[:, CHARS] >= LONG_LINE, x[:, WORDS], 0)
    return bool((x[:, STOPS] * weights).sum() >= STOP_SHARE * weights.sum())


@kernel
def reads_like_an_article(data: Bytes, lines: NDArray[np.int64]) -> bool:
    """Whether a text has some lines of some length, in Latin letters."""
    count = lines.shape[0]
    if count < FEWEST_LINES or count > MOST_LINES:
        return False
    long = foreign = 0
    for row in range(count):
        size = lines[row, 2] - lines[row, 1]
        long += size if size >= LONG_LINE else 0
    for at in range(data.size):
        foreign += data[at] >= 0xCE and data[at] != 0xE2
    return long >= LONG_BYTES and foreign <= FOREIGN_SHARE * data.size / 2
