"""The pages that the line model is trained on, from files and made of one another.

`pages/*.txt` are whole pages written by hand, a letter per line: C content, T title, B furniture,
K comments, R links to other stories, Y byline or date, M caption, A neither.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

PAGES = Path(__file__).with_name("pages")
JUNK, NEUTRAL = frozenset("BKR"), frozenset("TMAN")
FOLDS = 5
# Heads, bodies and tails are mixed this many times per page.
N_MIXED = 4


@dataclass(frozen=True, slots=True)
class Page:
    """Lines and one label per line. Pages of one `url` are in one fold."""

    url: str
    lines: Sequence[str]
    labels: str


def fold_of(url: str) -> int:
    """The fold of a page: the same for all of its extracts."""
    return int(hashlib.md5(url.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def real_pages(folder: Path, name: str, ids: str) -> list[Page]:
    """Labelled pages of one set whose ids begin with `ids`."""
    frame = pl.read_parquet(folder / f"{name}.parquet").filter(pl.col("id").str.starts_with(ids))
    return [Page(*row) for row in frame.select("url", "lines", "labels").iter_rows()]


def whole_pages(folder: Path = PAGES) -> list[Page]:
    """The pages written by hand. A byline or a date is furniture, as in the labelled sets.

    Raises:
        ValueError: for a line without a label.
    """
    return [page for file in sorted(folder.glob("*.txt")) for page in _read(file)]


def _read(file: Path) -> Iterator[Page]:
    for part in re.split(r"(?m)^=== ", file.read_text("utf-8"))[1:]:
        name, *lines = part.rstrip("\n").split("\n")
        if wrong := [line for line in lines if line[1:2] != "|" or line[0] not in "CTBKRYMA"]:
            message = f"{file.name}, {name}: expected a label and a bar, found {wrong[0][:40]!r}"
            raise ValueError(message)
        labels = "".join(line[0] for line in lines).replace("Y", "B")
        yield Page(f"{file.stem} {name}", [line[2:] for line in lines], labels)


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
