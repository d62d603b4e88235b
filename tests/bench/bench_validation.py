"""CPU and memory of judging and validating, against Great Expectations' own pandas engine.

    python tests/bench/bench_validation.py [ROWS] [--rounds N] [--alone]

Bodies have 3 KB and one document in fifty breaks each limit. Ours is all that a run does: the
outermost lines measured, verdicts and flags by the judge, facts of every suite, the suites. The
baseline is only the suites: the same rules on the same rows by the stock pandas engine, in
Arrow-backed frames that hold the bodies, as anyone would hand them over, beside facts that cost it
nothing; it sorts nothing out. Both sides have run once on a few rows, then they alternate, and a
ratio is that of a round. `--alone` leaves the baseline out: at a million rows it wants over 10 GB.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import polars as pl
from rich.console import Console

from pipeline.schema import DUPLICATES, MEASURED, SIGNALS
from pipeline.stages.judge import judge
from pipeline.stages.measure import outermost_lines
from pipeline.validation.drift import Comparison
from pipeline.validation.expectations import (
    RESULT_FORMAT,
    _configuration,
    run_suites,
)
from pipeline.validation.facts import CURATED, DROPPED, NUMBERS, facts
from pipeline.validation.limits import compile_limits
from pipeline.validation.parameters import NAMES
from pipeline.validation.suites import DRIFT, JUDGING, load_suites

BATCH = 20_000
BODY = 3_000
BROKEN = 0.02
# A value on the wrong side of the limit, for each signal that has one.
WRONG = {
    "symbol_word_ratio": 0.3,
    "alpha_word_share": 0.3,
    "digit_char_share": 0.4,
    "duplicate_line_char_share": 0.5,
    "duplicate_10gram_char_share": 0.4,
    "short_line_share": 0.9,
    "glued_per_1000_words": 30.0,
    "replacement_chars": 400,
}
SUITES = load_suites()
LIMITS = compile_limits(SUITES)
STEADY = Comparison(
    numbers=pl.DataFrame([dict.fromkeys(NUMBERS, 1)], schema=NUMBERS),
    parameters=dict.fromkeys(NAMES, 1.0),
    previous="before",
)
console = Console()


def make_batch(random: np.random.Generator, pool: str, start: int, rows: int) -> pl.DataFrame:
    """MEASURED rows with bodies cut out of a pool of made-up words."""
    places = random.integers(0, len(pool) - BODY, rows)
    texts = pl.Series(
        [
            f"Headline {i}\n{pool[at : at + BODY]}\nThe end of story {i}."
            for i, at in enumerate(places)
        ]
    )
    ids = pl.Series([f"{i:032x}" for i in range(start, start + rows)])

    def mostly(usual: float, wrong: float) -> pl.Series:
        drawn = random.uniform(0.9, 1.0, rows) * usual
        return pl.Series(np.where(random.random(rows) < BROKEN, wrong, drawn))

    signals = pl.DataFrame(
        {
            field.name: mostly(
                1 if field.name == "alpha_word_share" else 0, WRONG.get(field.name, 0)
            ).cast(field.dtype)
            for field in SIGNALS.fields
        }
    )
    known = pl.DataFrame(
        {
            "doc_id": ids,
            "source_id": ids,
            "url": "https://news.example/" + ids,
            "text": texts,
            "raw": texts.cast(pl.Binary),
            "raw_bytes": texts.str.len_bytes(),
            "raw_sha256": ids + ids,
            "decoded_sha256": ids + ids,
            "text_sha256": ids + ids,
            "language": pl.Series(random.choice(["en", "de", "fr"], rows)),
            "language_confidence": mostly(1.0, 0.3),
            "n_chars": texts.str.len_chars(),
            "n_words": mostly(500, 0),
            "signals": signals.to_struct(),
            "flags": pl.Series([[]] * rows, dtype=pl.List(pl.String)),
        }
    )
    return known.select(
        (pl.col(name) if name in known.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in MEASURED.items()
    )


def make_batches(rows: int) -> list[pl.DataFrame]:
    random = np.random.default_rng(7)
    letters = random.choice(list("aabcdeeefghiiklmnoooprsttuvw    "), 3_000_000)
    pool = "".join(letters)
    return [
        make_batch(random, pool, start, min(BATCH, rows - start)) for start in range(0, rows, BATCH)
    ]


def published(judged: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Valid documents as the published tables hold them; one in ten is a duplicate."""
    valid = judged.filter(pl.col("verdicts").list.len() == 0)
    rows = valid.with_columns(
        cluster_id="doc_id",
        canonical_id="doc_id",
        first_seen=pl.lit(None, DUPLICATES["first_seen"]),
        relation=pl.lit("near_copy"),
        jaccard=pl.lit(0.9, pl.Float32),
        containment=pl.lit(0.9, pl.Float32),
        reason=pl.lit("near"),
        has_verified_copy=pl.lit(value=False),
        is_curated_too=pl.lit(value=False),
        canonical_is_curated=pl.lit(value=True),
        has_evidence=pl.lit(value=True),
    )
    cut = rows.height // 10
    return rows[cut:].select(CURATED.names()), rows[:cut].select(DROPPED.names())


class Stopwatch:
    """CPU seconds by name, of this process and all its threads."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    def told(self) -> str:
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in self.seconds.items())
        return f"{self.total:.2f} CPU s ({parts})"

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0) + time.process_time() - began


def ours(batches: list[pl.DataFrame], watch: Stopwatch) -> dict[str, pl.DataFrame]:
    """The facts of every suite; the suites have run over them."""
    parts: dict[str, list[pl.DataFrame]] = {
        name: [] for name in (*JUDGING, "curated", "duplicates")
    }
    for batch in batches:
        with watch.over("lines"):  # all that is measured for the suites' sake alone
            batch = batch.with_columns(**outermost_lines())  # noqa: PLW2901
        with watch.over("judge"):
            judged = judge(batch, LIMITS)
        curated, dropped = published(judged)
        with watch.over("facts"):
            valid = judged.lazy().filter(pl.col("verdicts").list.len() == 0)
            for name in JUDGING:
                parts[name].append(_facts(valid, name))
            parts["curated"].append(_facts(curated.lazy(), "curated"))
            parts["duplicates"].append(_facts(dropped.lazy(), "duplicates"))
    with watch.over("facts"):
        frames = {name: pl.concat(found) for name, found in parts.items()}
    with watch.over("suites"):
        validation = run_suites(SUITES, frames, STEADY)
    broken = [outcome.name for outcome in validation.outcomes if outcome.exception]
    assert not broken, broken
    assert not validation.through_pandas
    return frames


def _facts(rows: pl.LazyFrame, suite: str) -> pl.DataFrame:
    return facts(rows, SUITES[suite].columns).collect()


def baseline(
    frames: Mapping[str, pl.DataFrame], batches: list[pl.DataFrame], watch: Stopwatch
) -> None:
    """The same suites by the stock engine, on the same facts and the bodies."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    texts = pl.concat([batch.select("doc_id", "text") for batch in batches])
    bodies = {
        name: frame.join(texts, on="doc_id", how="left", maintain_order="left")
        for name, frame in frames.items()
    }
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for name, frame in {**bodies, DRIFT: STEADY.numbers}.items():
        pandas = frame.to_pandas(use_pyarrow_extension_array=True)
        rules = [_configuration(rule).to_domain_obj() for rule in SUITES[name].rules]
        asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
        whole = asset.add_batch_definition_whole_dataframe("whole")
        batch = whole.get_batch({"dataframe": pandas})
        with watch.over(name):
            batch.validate(
                gx.ExpectationSuite(name=name, expectations=rules),
                expectation_parameters=dict(STEADY.parameters),
                result_format=dict(RESULT_FORMAT),
            )


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true")
    chosen = parser.parse_args()
    few = make_batches(100)
    warm = ours(few, Stopwatch())  # imports, and whatever else happens only once
    if not chosen.alone:
        baseline(warm, few, Stopwatch())
    batches = make_batches(chosen.rows)
    # `raw` shares its buffers with `text`.
    size = sum(batch.drop("raw").estimated_size("mb") for batch in batches)
    ratios = []
    for number in range(chosen.rounds):
        before, watch, other = peak_mb(), Stopwatch(), Stopwatch()
        frames = ours(batches, watch)
        if number == 0:
            grown = peak_mb() - before
            narrow = sum(frame.estimated_size("mb") for frame in frames.values())
            console.print(f"{chosen.rows:,} rows, frame {size:,.0f} MB, facts {narrow:,.0f} MB")
            console.print(f"peak: {grown:,.0f} MB more, {grown / size:.1%} of the frame")
        console.print(f"ours: {watch.told()}")
        if not chosen.alone:
            baseline(frames, batches, other)
            console.print(f"Great Expectations on pandas, Arrow dtypes: {other.told()}")
            ratios.append(other.total / watch.total)
    if ratios:
        told = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        console.print(f"ratios: {told}; median {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    main()
