"""Trains the line model: README.md beside this file says on what, how, and with which result.

    python tests/training/train_line_model.py FOLDER_OF_LABELLED_SETS [--write]

prints what five folds by page reach and, with --write, trains on everything and saves the model.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from labelled_pages import FOLDS, JUNK, NEUTRAL, Page, fold_of, mixed_pages, real_pages, whole_pages
from tree_trainer import Forest, Plan, grow
from vocabulary import Listed, count_weights, list_words, listed, weigh_rows

from pipeline.text.boilerplate import read_page
from pipeline.text.line_batch import score_lines
from pipeline.text.line_context import describe_lines
from pipeline.text.line_guards import can_be_judged, cut_rows, may_be_asked
from pipeline.text.line_ladders import ladders_of
from pipeline.text.line_runs import smooth_scores
from pipeline.text.line_vocabulary import BUCKETS
from pipeline.text.line_words import word_kinds

MODEL = Path(__file__).parents[2] / "pipeline" / "text" / "line_model.npz"
WINDOWS, EXTRACTS, MIXED, WHOLE = range(4)
NAMES = ("windows", "extracts", "mixed pages", "pages by hand")
# What a page counts for, to the trees and to the vocabulary. One page has 22 extracts: together
# they weigh twice as much as its window.
WEIGHTS = np.array([3.0, 0.3, 0.8, 3.0])
WORD_WEIGHTS = np.array([1.0, 0.05, 0.0, 1.0])
# The share of content characters that must stay: sites that are not among the few that were
# labelled lose more than folds show. Pages by hand are made to be hard.
KEPT = {WINDOWS: 0.993, EXTRACTS: 0.9945, WHOLE: 0.975}
FLOORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
# A line of 45 characters must be as likely furniture as not, one of 95 twice as likely.
PER_CHAR = 0.02


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of some pages; arrays of one length, `x` with the features."""

    x: np.ndarray
    labels: np.ndarray
    chars: np.ndarray
    documents: np.ndarray
    folds: np.ndarray
    origin: np.ndarray
    asked: np.ndarray

    @property
    def is_junk(self) -> np.ndarray:
        """1 for furniture, 0 for content, -1 for what counts as nothing. A title is content."""
        neutral = np.isin(self.labels, list(NEUTRAL - {"T"}))
        return np.where(neutral, -1, np.isin(self.labels, list(JUNK)))


def measure(pages: list[Page], origin: int, first_document: int) -> tuple[Lines, list[np.ndarray]]:
    """The lines of pages with their features, as the running pipeline measures them, their words.

    What words weigh is still to be filled in.
    """
    columns: list[list] = [[] for _ in range(6)]
    words: list[np.ndarray] = []
    table, no_weights = word_kinds(), np.zeros(BUCKETS, np.int8)
    for number, page in enumerate(pages, first_document):
        data, rows, hits = read_page("\n".join(page.lines))
        if not len(rows):
            continue
        numbers = rows[:, 0].tolist()
        x = describe_lines(data, rows, hits, (table, no_weights))
        columns[0].append(x)
        columns[1] += [page.labels[k] for k in numbers]
        columns[2] += [len(page.lines[k]) for k in numbers]
        columns[3] += [number] * len(rows)
        columns[4] += [fold_of(page.url or str(number))] * len(rows)
        asked = may_be_asked(data, rows, hits, table) and can_be_judged(x)
        columns[5] += [asked] * len(rows)
        words += list_words(data, rows)
    x = np.concatenate(columns[0])
    columns[5] = np.array(columns[5])
    return Lines(x, *map(np.array, columns[1:5]), np.full(len(x), origin), columns[5]), words


def together(parts: list[Lines]) -> Lines:
    """All parts as one."""
    return Lines(
        *(
            np.concatenate([getattr(part, field) for part in parts])
            for field in Lines.__dataclass_fields__
        )
    )


def load(folder: Path) -> tuple[Lines, Listed]:
    """Everything the model is trained on, and the words of its lines."""
    windows = real_pages(folder, "boilerplate_window", "aeb")
    extracts = real_pages(folder, "boilerplate_extractor", "")
    sets = [windows, extracts, mixed_pages(windows, seed=1), whole_pages()]
    parts, words, first = [], [], 0
    for origin, pages in enumerate(sets):
        part, of_part = measure(pages, origin, first)
        parts.append(part)
        words += of_part
        first += len(pages)
    return together(parts), listed(words)


def weigh(lines: Lines, words: Listed, held: int | None) -> tuple[Lines, np.ndarray]:
    """The lines with what their words weigh, and the weights for pages that were not counted.

    Lines of a fold are weighed by the folds that are neither theirs nor `held`.
    """
    x, is_junk, counted = lines.x.copy(), lines.is_junk, WORD_WEIGHTS[lines.origin]

    def weights_without(fold: int | None) -> np.ndarray:
        rows = (lines.folds != fold) & (lines.folds != held) & (counted > 0)
        return count_weights(words, lines.documents, is_junk, counted, rows)

    for fold in range(FOLDS):
        rows = lines.folds == fold
        weigh_rows(x, words.ends, words.buckets, weights_without(fold), rows)
    return replace(lines, x=x), weights_without(None)


def train(lines: Lines, rows: np.ndarray, *, plan: Plan) -> Forest:
    """A forest. A title counts as content, what is neither as nothing."""
    used = rows & (lines.is_junk >= 0)
    is_junk, weights = lines.is_junk[used].astype(float), WEIGHTS[lines.origin[used]]
    return grow(lines.x[used], is_junk, weights, lines.documents[used], plan=plan, seed=0)


def spans(documents: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where the rows of every page begin and end."""
    starts = np.flatnonzero(np.diff(documents, prepend=-1))
    yield from pairwise([*starts.tolist(), len(documents)])


def scores_of(forest: Forest, x: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """Log odds of every row, page by page."""
    ladders = ladders_of((forest.features, forest.limits, forest.values))
    return np.concatenate(
        [score_lines(x[start:stop], forest.base, ladders) for start, stop in spans(documents)]
    )


def cross_validate(lines: Lines, words: Listed, *, plan: Plan) -> np.ndarray:
    """The score of every line by a model that saw no page of its fold."""
    scores = np.zeros(len(lines.x))
    for fold in range(FOLDS):
        held = lines.folds == fold
        weighed, _ = weigh(lines, words, fold)
        forest = train(weighed, ~held, plan=plan)
        scores[held] = scores_of(forest, weighed.x[held], lines.documents[held])
    return scores


def cut_lines(lines: Lines, scores: np.ndarray, floor: float) -> np.ndarray:
    """Which lines the model cuts, page by page."""
    cut = np.zeros(len(lines.x), bool)
    for start, stop in spans(lines.documents):
        if lines.asked[start]:
            odds = smooth_scores(scores[start:stop])
            cut[start + cut_rows(lines.x[start:stop], odds, floor, PER_CHAR)] = True
    return cut


def judge(lines: Lines, cut: np.ndarray, origin: int) -> tuple[float, float, float]:
    """F1 of junk lines, share of content characters kept, share of titles cut."""
    of_set = lines.origin == origin
    titles = of_set & (lines.labels == "T")
    rows = of_set & ~np.isin(lines.labels, list(NEUTRAL))
    junk = np.isin(lines.labels, list(JUNK))
    hits = (cut & junk & rows).sum()
    f1 = 2 * hits / ((cut & rows).sum() + (junk & rows).sum())
    content = rows & ~junk
    lost = lines.chars[cut & content].sum() / lines.chars[content].sum()
    return float(f1), float(1 - lost), float(cut[titles].mean())


def calibrate(lines: Lines, scores: np.ndarray) -> float:
    """The lowest floor that keeps KEPT of the content.

    Raises:
        ValueError: if none does.
    """
    for floor in FLOORS:
        cut = cut_lines(lines, scores, floor)
        if all(judge(lines, cut, origin)[1] >= least for origin, least in KEPT.items()):
            return floor
    message = f"no floor of {FLOORS} keeps {KEPT} of the content: is a set damaged?"
    raise ValueError(message)


def main() -> None:
    """Measure by folds; with --write, train on all and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    plan = Plan()
    lines, words = load(given.folder)
    scores = cross_validate(lines, words, plan=plan)
    floor = calibrate(lines, scores)
    cut = cut_lines(lines, scores, floor)
    say = sys.stdout.write
    say(f"odds: {floor} and {PER_CHAR} per character\n")
    for origin in KEPT:
        f1, kept, titles = judge(lines, cut, origin)
        say(f"{NAMES[origin]}: F1 {f1:.4f}, content kept {kept:.4f}, titles cut {titles:.3f}\n")
    if given.write:
        weighed, weights = weigh(lines, words, None)
        forest = train(weighed, np.ones(len(lines.x), bool), plan=plan)
        odds = np.array([forest.base, floor, PER_CHAR])
        np.savez_compressed(
            MODEL, features=forest.features, limits=forest.limits, values=forest.values,
            odds=odds, words=weights,
        )  # fmt: skip
        say(f"wrote {MODEL} ({MODEL.stat().st_size} bytes)\n")


if __name__ == "__main__":
    main()
