"""CPU of decoding and repair, against calling ftfy on every document.

    python tests/bench/bench_repair.py [FOLDER] [--documents N] [--rounds N]

FOLDER holds `volume_en.parquet` and `volume_multilingual.parquet` (texts to repair) and
`encoding_bytes.parquet` (files to decode); it is `../shared/data` beside the repository if left
out. Both sides repair the same texts with the same configuration in turns, a ratio is that of a
round, and the two results are compared document by document. What is done beyond ftfy is the
difference between all of repair and its ftfy part, on texts that ftfy's part has seen.
"""

import argparse
import base64
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ftfy
import polars as pl
from rich.console import Console

from pipeline.stages.repair import fix_encoding, repair
from pipeline.text.decoding import decode_bytes
from pipeline.text.repair import FTFY

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data"
WARM = 200  # documents that compile and fill what is filled once
FEWEST = 5  # rounds of what takes no time
PROVEN = {"utf-8", "utf-8-sig", "utf-16", "utf-32", "hz", "iso2022_jp_ext", "iso2022_kr"}
console = Console()


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def compare_with_ftfy(texts: pl.Series, rounds: int) -> None:
    """One line: how often ours goes into a document-wise ftfy, and whether the results agree."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(cpu_of(lambda: fix_encoding(texts)))
        theirs.append(cpu_of(lambda: [ftfy.fix_text(text, FTFY) for text in texts]))
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    expected = [ftfy.fix_text(text, FTFY) for text in texts]
    equal = sum(a == b for a, b in zip(fix_encoding(texts).text, expected, strict=True))
    console.print(
        f"ftfy's part: 1/{statistics.median(ratios):.1f} of its CPU "
        f"({min(ratios):.1f} to {max(ratios):.1f} in {rounds} rounds), "
        f"{1e6 * statistics.median(ours) / len(texts):.1f} µs against "
        f"{1e6 * statistics.median(theirs) / len(texts):.1f} µs a document, "
        f"{equal:,} of {len(texts):,} results equal"
    )


def measure_additions(name: str, texts: pl.Series, rounds: int) -> None:
    """One line: what is done beyond ftfy, per document."""
    seen = fix_encoding(texts).text
    turns = [
        (cpu_of(lambda: repair(seen)), cpu_of(lambda: fix_encoding(seen))) for _ in range(rounds)
    ]
    spent = statistics.median(whole - part for whole, part in turns)
    characters = int(seen.str.len_chars().sum())
    console.print(
        f"beyond ftfy, {name}: {1e6 * spent / len(seen):.2f} µs a document "
        f"({len(seen):,} of {characters / len(seen):,.0f} characters)"
    )


def measure_decoding(files: pl.Series, rounds: int) -> None:
    """One line for files that prove their encoding, one for those that have to be weighed."""
    raws = [base64.b64decode(coded) for coded in files]
    proven = [raw for raw in raws if decode_bytes(raw).encoding in PROVEN]
    weighed = [raw for raw in raws if decode_bytes(raw).encoding not in PROVEN]
    for name, group in (("proven", proven), ("weighed", weighed)):
        spent = [cpu_of(partial(_decode_all, group)) for _ in range(rounds)]
        size = sum(map(len, group))
        console.print(
            f"decoding, {name}: {1e3 * statistics.median(spent) / size * 1e4:.3f} ms for 10 kB "
            f"({len(group)} files of {size / len(group):,.0f} bytes)"
        )


def _decode_all(raws: list[bytes]) -> None:
    for raw in raws:
        decode_bytes(raw)


def main() -> None:
    """Print one line per figure."""
    parser = argparse.ArgumentParser(description="CPU of decoding and repair, against ftfy's.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--documents", type=int, default=50_000, help="of every file, at most")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    read = [
        pl.read_parquet(given.folder / f"volume_{name}.parquet")["text"].head(given.documents)
        for name in ("en", "multilingual")
    ]
    english, multilingual = read
    for texts in read:
        repair(texts.head(WARM))
    ascii_only = english.filter(english.str.len_bytes() == english.str.len_chars())
    mixed = english.filter(english.str.len_bytes() != english.str.len_chars())
    compare_with_ftfy(english, given.rounds)
    given.rounds = max(given.rounds, FEWEST)
    measure_additions("English", english, given.rounds)
    measure_additions("English beyond ASCII", mixed, given.rounds)
    measure_additions("ASCII", ascii_only, given.rounds)
    measure_additions("sixteen languages", multilingual, given.rounds)
    measure_decoding(pl.read_parquet(given.folder / "encoding_bytes.parquet")["b64"], given.rounds)


if __name__ == "__main__":
    main()
