"""A seeded corpus of made-up news for the benchmark: docs-*.parquet with id, source and text.

    python tests/bench/news_corpus.py DOCUMENTS FOLDER [--plant template|identical]

Words are made of syllables and drawn by Zipf's law, so that the texts compress, tokenise and share
stock phrases about as news does; 27% are variants of earlier documents (planted.parquet says of
which and how). `--plant template` makes one form with a word changed in each copy, `identical`
the same document over and over: what must not take quadratic time.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu an er in on st tr".split()  # noqa: SIM905
VOCABULARY = 30_000
PART = 25_000
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
        self.words = [
            "".join(SYLLABLES[s] for s in row[:length])
            for row, length in zip(draws, lengths, strict=True)
        ]
        weights = 1 / np.arange(2, VOCABULARY + 2)
        self.cumulative = np.cumsum(weights / weights.sum())

    def draw(self, count: int) -> list[str]:
        """Words by Zipf's law, and now and then a figure."""
        places = np.searchsorted(self.cumulative, self.random.random(count))
        drawn = [self.words[min(place, VOCABULARY - 1)] for place in places]
        for at in np.flatnonzero(self.random.random(count) < 0.02):
            drawn[at] = str(self.random.integers(2, 2_000))
        return drawn

    def sentence(self) -> str:
        words = self.draw(int(self.random.integers(6, 30)))
        words[0] = words[0].capitalize()
        if self.random.random() < 0.15:
            words[len(words) // 2] = f"“{words[len(words) // 2]}”"
        if self.random.random() < 0.4:
            words[len(words) // 3] += ","
        return " ".join(words) + "."

    def article(self) -> str:
        """Paragraphs of a few sentences; about 2.7 KB on average."""
        size = int(np.clip(self.random.lognormal(3.05, 0.55), 3, 200))
        sentences = [self.sentence() for _ in range(size)]
        lines = [" ".join(self.draw(8)).title()]
        while sentences:
            count = int(self.random.integers(1, 5))
            lines.append(" ".join(sentences[:count]))
            del sentences[:count]
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
            return "\n".join([*lines, self.sentence()])
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


def repeats(count: int, seed: int, *, change: bool) -> list[str]:
    """One article over and over, with one word of its own in each if `change`."""
    writer = Writer(seed)
    words = writer.article().split(" ")[:120]
    middle = len(words) // 2
    return [
        " ".join([*words[:middle], f"copy{number}" if change else "copy", *words[middle:]])
        for number in range(count)
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
    if options.plant == "news":
        texts, planted = news(options.documents, options.seed)
    else:
        texts = repeats(options.documents, options.seed, change=options.plant == "template")
    for first in range(0, len(texts), PART):
        part = texts[first : first + PART]
        numbers = range(first, first + len(part))
        pl.DataFrame(
            {
                "id": [f"d{number:08}" for number in numbers],
                "source": [f"site{number % 400}.test" for number in numbers],
                "text": part,
            }
        ).write_parquet(options.folder / f"docs-{first // PART:05}.parquet")
    pl.DataFrame(
        [(f"d{number:08}", f"d{base:08}", kind) for number, base, kind in planted],
        schema={"id": pl.String, "base_id": pl.String, "kind": pl.String},
        orient="row",
    ).write_parquet(options.folder / "planted.parquet")


if __name__ == "__main__":
    main()
