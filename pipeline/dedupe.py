"""Near-duplicate removal alone: Parquet or JSON lines in, the documents worth keeping out.

The engine behind `winnow dedupe`. Unless its input is small it is read three times, as a stream
each time (for the fingerprints, for the texts of candidate pairs, and to copy what is kept), so
that memory grows with the number of documents and not with their length. Decisions are those of the
pipeline's own stages; cleaning, measuring and validating are left out.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import OutputUnwritableError
from pipeline.schema import TIME
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import TitledTexts, arrow_numbers, empty_strings, strings_of
from pipeline.stages.choose import Choice, choose
from pipeline.stages.fingerprint import add_sketches, ends_early
from pipeline.stages.order import Longs
from pipeline.store.one_table import Columns, OneTable, open_table

__all__ = ["Columns", "DedupeResult", "dedupe"]

Progress = Callable[[str, int, int], None]

OUT_ROWS = 16_384
ZSTD_LEVEL = 1


@dataclass(frozen=True, slots=True)
class DedupeResult:
    """Counts: `documents` = `kept` + `duplicates`; a row without a text is always kept."""

    documents: int
    kept: int
    duplicates: int
    candidates: int
    verified: int
    uncompared: int


def dedupe(
    source: Path,
    target: Path,
    *,
    settings: DedupSettings,
    columns: Columns | None = None,
    progress: Progress | None = None,
) -> DedupeResult:
    """Write target/out.parquet (kept rows, all columns) and target/clusters.parquet.

    `clusters.parquet` has `id` and `cluster`, the id of the document kept in its place. Ids that
    occur twice are two documents. Raises InputMissingError and OutputUnwritableError.
    """
    columns, progress = columns or Columns(), progress or _say_nothing
    # Arrow's own pool keeps asking the system for pages it has just given back: a second of CPU.
    pa.set_memory_pool(pa.system_memory_pool())
    _make_folder(target)
    with ExitStack() as stack:
        table = open_table(source, columns, target, stack)
        fingerprints = _fingerprint(table, settings, progress)
        reader = TextReader(table)
        choice = choose(fingerprints, reader.read, settings)
        canonical = _canonical_rows(choice, table.rows)
        ids = fingerprints["doc_id"]
        del fingerprints
        kept = canonical == np.arange(table.rows)
        _write_kept(table, kept, target / "out.parquet", progress)
        _write_clusters(table, ids, canonical, target / "clusters.parquet")
    n_kept = int(kept.sum())
    return DedupeResult(
        documents=table.rows,
        kept=n_kept,
        duplicates=table.rows - n_kept,
        candidates=len(choice.overlaps.left),
        verified=choice.verified,
        uncompared=choice.uncompared,
    )


class TextReader:
    """Gives titles and texts by row number; cheap as long as the rows asked for ascend."""

    def __init__(self, table: OneTable) -> None:
        self._table = table
        self._names = _text_columns(table)
        self._start()

    def _start(self) -> None:
        self._batches = self._table.batches(self._names)
        self._batch = next(self._batches)
        self._first = 0

    def read(self, rows: Longs) -> TitledTexts:
        """Titles and texts of these rows, in ascending order as they were asked for."""
        if len(rows) and rows[0] < self._first:
            self._start()
        parts = []
        while len(rows):
            within = int(np.searchsorted(rows, self._first + self._batch.num_rows))
            if within:
                parts.append(self._batch.take(arrow_numbers(rows[:within] - self._first)))
                rows = rows[within:]
            if len(rows):
                self._first += self._batch.num_rows
                self._batch = next(self._batches)
        return _titles_and_texts(pa.concat_batches(parts), self._table)


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _make_folder(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"Cannot write to {target}: {error.strerror}. Name a folder that can be made."
        raise OutputUnwritableError(message) from error


def _text_columns(table: OneTable) -> list[str]:
    names = table.columns
    return [name for name in (names.text, names.title) if table.has(name)]


def _titles_and_texts(rows: pa.RecordBatch, table: OneTable) -> TitledTexts:
    texts = strings_of(rows.column(table.columns.text))
    if not table.has(table.columns.title):
        return TitledTexts(empty_strings(rows.num_rows), texts)
    return TitledTexts(strings_of(rows.column(table.columns.title)), texts)


def _fingerprint(table: OneTable, settings: DedupSettings, progress: Progress) -> pl.DataFrame:
    """FINGERPRINTED for every row; two batches are read ahead of the kernel at most."""
    names = _text_columns(table)
    if table.has(table.columns.id):
        names = [table.columns.id, *(name for name in names if name != table.columns.id)]
    done: list[pl.DataFrame] = []
    waiting: list[Future[pl.DataFrame]] = []
    with ThreadPoolExecutor(1) as pool:
        first = 0
        for batch in table.batches(names):
            waiting.append(pool.submit(_fingerprint_batch, batch, first, table, settings))
            first += batch.num_rows
            if len(waiting) > 2:
                done.append(waiting.pop(0).result())
                progress("fingerprint", first, table.rows)
        done.extend(future.result() for future in waiting)
    return pl.concat(done)


def _fingerprint_batch(
    batch: pa.RecordBatch, first: int, table: OneTable, settings: DedupSettings
) -> pl.DataFrame:
    if table.has(table.columns.id):
        ids = pl.Series("doc_id", batch.column(table.columns.id)).cast(pl.String)
    else:
        ids = pl.Series("doc_id", range(first, first + batch.num_rows)).cast(pl.String)
    text = pl.Series("text", batch.column(table.columns.text))
    facts = pl.DataFrame([ids, text]).select(
        "doc_id",
        raw_key=pl.lit(None, pl.UInt64),
        published_at=pl.lit(None, TIME),
        source=pl.lit(None, pl.String),
        valid=pl.col("text").is_not_null(),
        truncated=ends_early("text"),
        n_defects=pl.lit(0, pl.UInt32),
    )
    return add_sketches(facts, _titles_and_texts(batch, table), settings)


def _canonical_rows(choice: Choice, rows: int) -> Longs:
    """For every row of the input the row that is kept in its place."""
    canonical = np.arange(rows)
    ranked = choice.ranked
    canonical[ranked.rows] = choice.distinct.rows[choice.canonical_places()[ranked.places]]
    return canonical


def _write_kept(table: OneTable, kept: np.ndarray, path: Path, progress: Progress) -> None:
    with pq.ParquetWriter(
        path, table.schema, compression="zstd", compression_level=ZSTD_LEVEL, use_dictionary=False
    ) as writer:
        waiting: list[pa.RecordBatch] = []
        first = 0
        for batch in table.batches(table.schema.names):
            chosen = np.flatnonzero(kept[first : first + batch.num_rows])
            waiting.append(batch.take(arrow_numbers(chosen)))
            first += batch.num_rows
            if first == table.rows or sum(part.num_rows for part in waiting) >= OUT_ROWS:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting = []
                progress("write", first, table.rows)


def _write_clusters(table: OneTable, ids: pl.Series, canonical: Longs, path: Path) -> None:
    """The id of every row and of the row kept in its place, of the type that the input has."""
    own = ids
    if table.has(table.columns.id):
        own = ids.cast(pl.Series(pa.nulls(0, table.schema.field(table.columns.id).type)).dtype)
    clusters = pl.DataFrame({"id": own, "cluster": own[canonical]})
    pq.write_table(clusters.to_arrow(), path, compression="zstd")
