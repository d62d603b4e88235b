"""A seeded corpus of made-up news for the benchmark: docs-*.parquet with id, source and text.

    python tests/bench/news_corpus.py DOCUMENTS FOLDER [--plant template|identical]

Words are made of syllables and drawn by Zipf's law, so that the texts compress, tokenise and share
stock phrases about as news does; 27% are variants of earlier documents (planted.parquet says of
which and how). `--plant template` makes one form with a word changed in each copy, `identical`
the same document over and over: what must not take quadratic time.
"""

import argparse
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu an er in on st tr".split()  # noqa: SIM905
VOCABULARY = 30_000
PART = 25_000
BLOCK = 100_000  # documents that share a vocabulary; variants are of documents of their block
VARIANT_SHARE = 0.27
KINDS = ("exact", "spacing", "byline", "edit1", "edit3", "update", "truncated", "half")
BYLINES = (
    "Sign up for our morning briefing.",
    "Follow us for more stories like this one.",
    "All rights reserved by the publisher.",
)


class Writer:
    """Writes articles, one after the other, all from one stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        lengths = self.random.integers(1, 5, VOCABULARY)
        draws = self.random.integers(0, len(SYLLABLES), (VOCABULARY, 4))
        words = [
            "".join(SYLLABLES[s] for s in row[:length])
            for row, length in zip(draws.tolist(), lengths.tolist(), strict=True)
        ]
        self.words = np.array(words, np.object_)
        weights = 1 / np.arange(2, VOCABULARY + 2)
        self.cumulative = np.cumsum(weights / weights.sum())

    def draw(self, count: int) -> list[str]:
        """Words by Zipf's law, and now and then a figure."""
        places = np.searchsorted(self.cumulative, self.random.random(count))
        drawn = self.words[np.minimum(places, VOCABULARY - 1)]
        figures = np.flatnonzero(self.random.random(count) < 0.02)
        drawn[figures] = [str(n) for n in self.random.integers(2, 2_000, len(figures)).tolist()]
        return cast("list[str]", drawn.tolist())

    def sentences(self, count: int) -> list[str]:
        """Sentences, some of them with a quotation or a comma."""
        lengths = self.random.integers(6, 30, count)
        words = self.draw(int(lengths.sum()))
        chances = self.random.random((count, 2)).tolist()
        made, start = [], 0
        for length, (quotes, pauses) in zip(lengths.tolist(), chances, strict=True):
            sentence = words[start : start + length]
            start += length
            sentence[0] = sentence[0].capitalize()
            if quotes < 0.15:
                sentence[length // 2] = f"“{sentence[length // 2]}”"
            if pauses < 0.4:
                sentence[length // 3] += ","
            made.append(" ".join(sentence) + ".")
        return made

    def article(self) -> str:
        """Paragraphs of a few sentences; about 2.7 KB on average."""
        size = int(np.clip(self.random.lognormal(3.05, 0.55), 3, 200))
        sentences = self.sentences(size)
        lines = [" ".join(self.draw(8)).title()]
        steps = self.random.integers(1, 5, size).tolist()
        start = 0
        while start < size:
            count = steps.pop()
            lines.append(" ".join(sentences[start : start + count]))
            start += count
        return "\n".join(lines)

    def edit(self, text: str, share: float) -> str:
        """The text with this share of its words replaced."""
        words = text.split(" ")
        for at in np.flatnonzero(self.random.random(len(words)) < share):
            words[at] = self.draw(1)[0]
        return " ".join(words)

    def variant(self, text: str, kind: str) -> str:  # noqa: PLR0911  a list of kinds
        """What another site made of the text."""
        lines = text.split("\n")
        if kind == "spacing":
            return "\n\n".join(line.replace("“", '"').replace("”", '"') for line in lines)
        if kind == "byline":
            return "\n".join([*lines, BYLINES[int(self.random.integers(len(BYLINES)))]])
        if kind == "edit1":
            return self.edit(text, 0.01)
        if kind == "edit3":
            return self.edit(text, 0.03)
        if kind == "update":
            return "\n".join([*lines, *self.sentences(1)])
        if kind == "truncated":
            return "\n".join(lines[: max(2, 2 * len(lines) // 3)])
        if kind == "half":
            return "\n".join([*lines[: len(lines) // 2], *self.article().split("\n")])
        return text


def news(count: int, seed: int) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Texts, and of each planted variant its number, that of its base, and the kind."""
    writer = Writer(seed)
    texts: list[str] = []
    planted = []
    for number in range(count):
        if number > 10 and writer.random.random() < VARIANT_SHARE:
            base = int(writer.random.integers(number))
            kind = KINDS[int(writer.random.integers(len(KINDS)))]
            planted.append((number, base, kind))
            texts.append(writer.variant(texts[base], kind))
        else:
            texts.append(writer.article())
    return texts, planted


def repeats(count: int, seed: int, *, first: int, change: bool) -> list[str]:
    """One article over and over, with one word of its own in each if `change`."""
    writer = Writer(seed)
    words = writer.article().split(" ")[:120]
    middle = len(words) // 2
    return [
        " ".join([*words[:middle], f"copy{number}" if change else "copy", *words[middle:]])
        for number in range(first, first + count)
    ]


def main() -> None:
    """Write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", choices=["news", "template", "identical"], default="news")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    planted: list[tuple[int, int, str]] = []
    for block, first in enumerate(range(0, options.documents, BLOCK)):
        count, seed = min(BLOCK, options.documents - first), options.seed + block
        if options.plant == "news":
            texts, variants = news(count, seed)
            planted += [(first + number, first + base, kind) for number, base, kind in variants]
        else:
            texts = repeats(count, options.seed, first=first, change=options.plant == "template")
        write_parts(options.folder, texts, first)
    pl.DataFrame(
        [(f"d{number:08}", f"d{base:08}", kind) for number, base, kind in planted],
        schema={"id": pl.String, "base_id": pl.String, "kind": pl.String},
        orient="row",
    ).write_parquet(options.folder / "planted.parquet")


def write_parts(folder: Path, texts: list[str], first: int) -> None:
    """The texts as files; `first` is the number of the first one."""
    for start in range(0, len(texts), PART):
        part = texts[start : start + PART]
        numbers = range(first + start, first + start + len(part))
        pl.DataFrame(
            {
                "id": [f"d{number:08}" for number in numbers],
                "source": [f"site{number % 400}.test" for number in numbers],
                "text": part,
            }
        ).write_parquet(folder / f"docs-{(first + start) // PART:05}.parquet")


if __name__ == "__main__":
    main()
