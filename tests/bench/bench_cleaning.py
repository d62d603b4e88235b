"""What cleaning costs: CPU of each means per kilobyte of text, and whether it grows with the text.

    python tests/bench/bench_cleaning.py TEXTS.parquet [--rounds N] [--ftfy]

TEXTS has a column `text`. Everything runs on one thread and once before it counts, so that kernels
are compiled and rules loaded. The cheapest of the rounds counts: what disturbs a process only ever
adds. `--ftfy` adds what the repair asks of ftfy, against `ftfy.fix_text` per text in one run.
"""

import argparse
import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import ftfy
import polars as pl
from rich.console import Console
from rich.table import Table

from pipeline import schema
from pipeline.settings import CleanSettings
from pipeline.stages.buffers import strings_of
from pipeline.stages.clean import clean
from pipeline.stages.repair import fix_encoding
from pipeline.text.garbage import no_cycles
from pipeline.text.repair import FTFY
from pipeline.text.settle import settle_lines
from pipeline.text.suspects import Means
from pipeline.text.tidy import Draft, tidy_all

MEANS = {
    "rules": Means(structure=False),
    "rules and structure": Means(),
    "rules, structure and model": Means(model=True),
}
PROSE = "It rained on the valley all night, and by morning the road to the mill was closed. "
MEGABYTE = 1_000_000
CAP = CleanSettings().max_cut_share
BATCH = 20_000
# Megabytes; the last one only for texts that cost next to nothing.
SIZES = (1, 2, 4, 8, 50)
ENDLESS = {"one line of aaaa", "lines of one character", "one line of prose"}
console = Console()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ftfy", action="store_true")
    given = parser.parse_args()
    texts = pl.read_parquet(given.texts, columns=["text"])["text"]
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    kilobytes = texts.str.len_bytes().sum() / 1000
    console.print(f"{len(texts):,} texts, {kilobytes / 1000:.1f} MB")
    _print_means(batches, kilobytes, given.rounds)
    if given.ftfy:
        _print_ftfy(batches, given.rounds)
    _print_growth()


@no_cycles()
def cut(texts: pl.Series, means: Means) -> int:
    """The texts as the clean stage cuts them, until nothing more is found; edits made."""
    settled = settle_lines(*strings_of(texts), [None] * len(texts), means=means, max_cut_share=CAP)
    drafts = [Draft(texts[k], None, glued=False) for k in settled.left]
    rest = tidy_all(drafts, means=means, max_cut_share=CAP)
    return sum(len(done.edits) for done in (*settled.done.values(), *rest))


def raw_frame(texts: pl.Series) -> pl.DataFrame:
    """The texts as raw rows."""
    raws = [text.encode() for text in texts]
    known = {
        "doc_id": [f"{number:032x}" for number in range(len(raws))],
        "raw": raws,
        "raw_sha256": [hashlib.sha256(raw).hexdigest() for raw in raws],
    }
    absent = [None] * len(raws)
    return pl.DataFrame(
        {name: known.get(name, absent) for name in schema.RAW.names()}, schema=schema.RAW
    )


def cpu_seconds(step: Callable[[], object], rounds: int) -> float:
    """The cheapest of the rounds, after one that does not count."""
    found = []
    for _ in range(rounds + 1):
        before = time.process_time()
        step()
        found.append(time.process_time() - before)
    return min(found[1:])


def _print_means(batches: Sequence[pl.Series], kilobytes: float, rounds: int) -> None:
    table = Table("CPU, us per KB", "", title="Cutting, and the whole stage")
    for name, means in MEANS.items():
        spent = cpu_seconds(lambda m=means: [cut(batch, m) for batch in batches], rounds)
        table.add_row(name, f"{spent * 1e6 / kilobytes:.2f}")
    raw = [raw_frame(batch) for batch in batches]
    for name, on in (("the stage without the model", False), ("the stage with it", True)):
        settings = CleanSettings(model=on)
        spent = cpu_seconds(lambda s=settings: [clean(frame, s) for frame in raw], rounds)
        table.add_row(name, f"{spent * 1e6 / kilobytes:.2f}")
    console.print(table)


def _print_ftfy(batches: Sequence[pl.Series], rounds: int) -> None:
    ours = cpu_seconds(lambda: [fix_encoding(batch) for batch in batches], rounds)
    theirs = cpu_seconds(
        lambda: [[ftfy.fix_text(text, FTFY) for text in batch] for batch in batches], 1
    )
    console.print(f"ftfy's part {ours:.2f} s, ftfy per text {theirs:.2f} s: 1/{theirs / ours:.1f}")


def _print_growth() -> None:
    """Texts made to be slow, at doubling sizes: the cost per kilobyte stays."""
    shapes = {
        "one line of aaaa": lambda size: "a" * size,
        "lines of one character": lambda size: "a\n" * (size // 2),
        "blank lines": lambda size: "\n" * size,
        "one line of prose": lambda size: PROSE * (size // len(PROSE)),
        "lines of furniture": lambda size: "Follow us\n" * (size // 10) + PROSE,
        "sentences of furniture": lambda size: "Share your comments below. " * (size // 27),
    }
    table = Table("CPU, us per KB", *(f"{size} MB" for size in SIZES), title="Growth, all means")
    for name, made in shapes.items():
        sizes = SIZES if name in ENDLESS else SIZES[:-1]
        spent = [_alone(made(size * MEGABYTE)) * 1e3 / size for size in sizes]
        table.add_row(name, *(f"{per_kb:.2f}" for per_kb in spent))
    console.print(table)


def _alone(text: str) -> float:
    texts = pl.Series([text])
    return cpu_seconds(lambda: cut(texts, Means(model=True)), 1)


if __name__ == "__main__":
    main()
