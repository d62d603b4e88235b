"""Trains the line model: README.md beside this file says on what, how, and with which result.

    python tests/training/train_line_model.py FOLDER_OF_LABELLED_SETS [--write]

prints what five folds by page reach and, with --write, trains on everything and saves the model.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

from tree_trainer import Forest, Plan, grow
from written_pages import Page, written_pages

from pipeline.text.boilerplate import read_page
from pipeline.text.line_batch import score_lines
from pipeline.text.line_context import describe_lines
from pipeline.text.line_guards import cut_rows, has_body, knows_language, may_be_asked
from pipeline.text.line_ladders import ladders_of
from pipeline.text.line_runs import smooth_scores
from pipeline.text.line_words import word_kinds

MODEL = Path(__file__).parents[2] / "pipeline" / "text" / "line_model.npz"
JUNK, NEUTRAL = frozenset("BKR"), frozenset("TMAN")
FOLDS, SEEDS = 5, (0,)
WINDOWS, EXTRACTS, WRITTEN, MIXED = range(4)
# One page has 22 extracts: together they weigh twice as much as its window.
WEIGHTS = np.array([1.0, 0.1, 0.1, 0.4])
N_WRITTEN, N_MIXED = 2500, 4
# Sites that are not among the few that were labelled lose more than folds show: half of what
# may be lost at most is left for them.
KEPT = 0.996
FLOORS = (0.1, 0.3, 0.6, 1.0, 2.0)
PER_CHAR = (0.005, 0.01, 0.02, 0.04)


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


def fold_of(url: str) -> int:
    """The fold of a page: the same for all of its extracts."""
    return int(hashlib.md5(url.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def real_pages(folder: Path, name: str, ids: str) -> list[Page]:
    """Labelled pages of one set whose ids begin with `ids`."""
    frame = pl.read_parquet(folder / f"{name}.parquet").filter(pl.col("id").str.starts_with(ids))
    return [Page(*row) for row in frame.select("url", "lines", "labels").iter_rows()]


def mixed_pages(pages: list[Page], seed: int) -> list[Page]:
    """Heads, bodies and tails of different pages of one fold; and every page without its junk."""
    chance = np.random.default_rng(seed)
    made = []
    for fold in range(FOLDS):
        members = [page for page in pages if fold_of(page.url) == fold and "C" in page.labels]
        for _ in range(N_MIXED * len(members)):
            head, body, tail = (members[k] for k in chance.integers(0, len(members), 3))
            first, last = body.labels.index("C"), body.labels.rindex("C") + 1
            h, t = head.labels.index("C"), tail.labels.rindex("C") + 1
            made.append(
                Page(
                    body.url,
                    [*head.lines[:h], *body.lines[first:last], *tail.lines[t:]],
                    head.labels[:h] + body.labels[first:last] + tail.labels[t:],
                )
            )
        made += [_without_junk(page) for page in members]
    return made


def _without_junk(page: Page) -> Page:
    kept = [k for k, label in enumerate(page.labels) if label not in JUNK]
    return Page(page.url, [page.lines[k] for k in kept], "".join(page.labels[k] for k in kept))


def measure(pages: list[Page], origin: int, first_document: int) -> Lines:
    """The lines of pages with their features, as the running pipeline measures them."""
    columns: list[list] = [[] for _ in range(6)]
    for number, page in enumerate(pages, first_document):
        data, rows, hits = read_page("\n".join(page.lines))
        if not len(rows):
            continue
        numbers = rows[:, 0].tolist()
        x = describe_lines(data, rows, hits, *word_kinds())
        columns[0].append(x)
        columns[1] += [page.labels[k] for k in numbers]
        columns[2] += [len(page.lines[k]) for k in numbers]
        columns[3] += [number] * len(rows)
        columns[4] += [fold_of(page.url or str(number))] * len(rows)
        asked = may_be_asked(data, rows, hits, *word_kinds())
        asked = asked and knows_language(x) and has_body(x)
        columns[5] += [asked] * len(rows)
    x = np.concatenate(columns[0])
    return Lines(x, *map(np.array, columns[1:5]), np.full(len(x), origin), np.array(columns[5]))


def together(parts: list[Lines]) -> Lines:
    """All parts as one."""
    return Lines(
        *(
            np.concatenate([getattr(part, field) for part in parts])
            for field in Lines.__dataclass_fields__
        )
    )


def load(folder: Path) -> Lines:
    """Everything the model is trained on."""
    windows = real_pages(folder, "boilerplate_window", "aeb")
    extracts = real_pages(folder, "boilerplate_extractor", "")
    bodies = [
        (
            page.url,
            [line for line, label in zip(page.lines, page.labels, strict=True) if label == "C"],
        )
        for page in windows
    ]
    bodies = [(url, body) for url, body in bodies if len(body) > 2]
    written = list(written_pages(bodies, N_WRITTEN, seed=0))
    parts, first = [], 0
    for origin, pages in enumerate([windows, extracts, written, mixed_pages(windows, seed=1)]):
        parts.append(measure(pages, origin, first))
        first += len(pages)
    return together(parts)


def train(lines: Lines, rows: np.ndarray, *, plan: Plan) -> list[Forest]:
    """Forests of several seeds. A title counts as content, what is neither as nothing."""
    used = rows & ~np.isin(lines.labels, list(NEUTRAL - {"T"}))
    is_junk = np.isin(lines.labels[used], list(JUNK)).astype(float)
    weights = WEIGHTS[lines.origin[used]]
    return [
        grow(lines.x[used], is_junk, weights, lines.documents[used], plan=plan, seed=seed)
        for seed in SEEDS
    ]


def joined(forests: list[Forest]) -> Forest:
    """The mean of forests as one forest."""
    return Forest(
        np.concatenate([f.features for f in forests]),
        np.concatenate([f.limits for f in forests]),
        np.concatenate([f.values for f in forests]) / np.float32(len(forests)),
        float(np.mean([f.base for f in forests])),
    )


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


def cross_validate(lines: Lines, *, plan: Plan) -> np.ndarray:
    """The score of every line by a model that saw no page of its fold."""
    scores = np.zeros(len(lines.x))
    for fold in range(FOLDS):
        held = lines.folds == fold
        forest = joined(train(lines, ~held, plan=plan))
        scores[held] = scores_of(forest, lines.x[held], lines.documents[held])
    return scores


def cut_lines(lines: Lines, scores: np.ndarray, floor: float, per_char: float) -> np.ndarray:
    """Which lines the model cuts, page by page."""
    cut = np.zeros(len(lines.x), bool)
    for start, stop in spans(lines.documents):
        if lines.asked[start]:
            odds = smooth_scores(scores[start:stop])
            cut[start + cut_rows(lines.x[start:stop], odds, floor, per_char)] = True
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


def calibrate(lines: Lines, scores: np.ndarray) -> tuple[float, float]:
    """Floor and price per character with the best mean F1 of the real sets that keep KEPT."""
    best, found = -1.0, (FLOORS[0], PER_CHAR[0])
    for floor in FLOORS:
        for per_char in PER_CHAR:
            cut = cut_lines(lines, scores, floor, per_char)
            results = [judge(lines, cut, origin) for origin in (WINDOWS, EXTRACTS)]
            mean = sum(f1 for f1, *_ in results) / len(results)
            if min(kept for _, kept, _ in results) >= KEPT and mean > best:
                best, found = mean, (floor, per_char)
    return found


def main() -> None:
    """Measure by folds; with --write, train on all and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    plan = Plan()
    lines = load(given.folder)
    scores = cross_validate(lines, plan=plan)
    floor, per_char = calibrate(lines, scores)
    cut = cut_lines(lines, scores, floor, per_char)
    say = sys.stdout.write
    say(f"odds: {floor} and {per_char} per character\n")
    for name, origin in (("windows", WINDOWS), ("extracts", EXTRACTS), ("written", WRITTEN)):
        f1, kept, titles = judge(lines, cut, origin)
        say(f"{name}: F1 {f1:.4f}, content kept {kept:.4f}, titles cut {titles:.3f}\n")
    if given.write:
        forest = joined(train(lines, np.ones(len(lines.x), bool), plan=plan))
        odds = np.array([forest.base, floor, per_char])
        np.savez_compressed(
            MODEL, features=forest.features, limits=forest.limits, values=forest.values, odds=odds
        )
        say(f"wrote {MODEL} ({MODEL.stat().st_size} bytes)\n")


if __name__ == "__main__":
    main()
