"""Input files to stored RAW batches; what did not change is neither read nor written again.

The surprise: rows are stored as if every record occurred once. Which one of several identical
records is the second depends on all files, so occurrences are counted at the end, and the rare
repeats are copied from the row they repeat.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipeline.errors import InputMissingError, InputShrunkError
from pipeline.settings import IngestSettings
from pipeline.store.arrivals import update_arrivals
from pipeline.store.batches import Corpus
from pipeline.store.formats import read_records
from pipeline.store.records import PassedOver, Record, raw_frame, repeated
from pipeline.store.seen import file_key, load_seen, save_seen
from pipeline.store.shelf import Shelf
from pipeline.store.sources import Inputs, find_inputs

# The batch of a small night costs every later one about 10 ms, however few documents it holds;
# copied into bigger ones all of them go through the stages once more.
SMALL_BATCHES = 64


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came in, and where it lies."""

    corpus: Corpus
    files: int
    files_read: int  # the others had not changed
    documents: int
    errors: int  # documents that are only a reason why there is no text
    ignored: tuple[str, ...]  # paths that were passed over
    passed: int  # what is no document within archives: requests, pictures, redirects


def ingest(  # noqa: PLR0913 - everything a run hands over comes in by name
    source: str,
    *,
    work: Path,
    arrivals_path: Path,
    settings: IngestSettings,
    batch_documents: int,
    batch_bytes: int,
    now: datetime,
) -> Ingested:
    """The documents the input holds now, stored under `work`, with their arrival on record.

    Raises InputMissingError if there is nothing to read, or no record in what there is.
    """
    inputs = find_inputs(source)
    shelf = Shelf(work, batch_documents=batch_documents, batch_bytes=batch_bytes)
    keys = [file_key(file, settings, now) for file in inputs.files]
    rows = load_seen(work, keys)
    unread = sorted(set(range(len(keys))) - set(rows["file"].to_list()))
    files_read = set[int]()
    while True:
        files_read.update(unread)
        rows = _read(rows, inputs, unread, shelf, settings)
        live = _count_occurrences(rows)
        # What is not stored yet can only be the repeats.
        repeats = live.join(shelf.stored, on="row_key", how="anti")
        unread = _lost(repeats, shelf)
        if not unread:
            break
    _store_repeats(repeats, shelf)
    corpus = _compacted(live, shelf)
    if not corpus.documents:
        raise InputMissingError(_no_record(source, len(keys)))
    update_arrivals(arrivals_path, live["doc_id"], now)
    save_seen(work, keys, rows)
    return Ingested(
        corpus=corpus,
        files=len(keys),
        files_read=len(files_read),
        documents=corpus.documents,
        errors=int(live["failed"].sum()),
        ignored=inputs.ignored,
        passed=int(rows.unique("file")["passed"].sum()),
    )


def guard_shrink(previous: int | None, now: int, *, allow: bool) -> None:
    """Raise InputShrunkError if less than half of the `previous` documents are left."""
    if allow or previous is None or 2 * now >= previous:
        return
    message = (
        f"The input holds {now:,} documents; the last run had {previous:,}. Expected at least half "
        "of them: is a folder not mounted, a feed not delivered? If it is meant, run once with "
        "--set ingest.allow_shrink=true."
    )
    raise InputShrunkError(message)


def _read(
    rows: pl.DataFrame,
    inputs: Inputs,
    unread: list[int],
    shelf: Shelf,
    settings: IngestSettings,
) -> pl.DataFrame:
    """`rows` with those of the unread files, whose records are stored on the way."""
    parts = [rows.filter(~pl.col("file").is_in(unread))]
    passed = Counter[int]()
    for frame, numbers in _frames(inputs, unread, settings, shelf, passed):
        shelf.add(frame)
        failed = pl.col("input_error").is_not_null().alias("failed")
        parts.append(frame.select(numbers, "doc_id", "row_key", failed))
    shelf.flush()
    found = pl.concat(parts, how="diagonal")
    empty = sorted(set(unread) - set(found["file"].unique().to_list()))
    nothing = pl.DataFrame({"file": empty}, schema_overrides={"file": pl.UInt32})
    whole = pl.concat([found, nothing], how="diagonal").sort("file", maintain_order=True)
    now = pl.col("file").replace_strict(passed, default=0, return_dtype=pl.UInt32)
    return whole.with_columns(pl.col("passed").fill_null(now))


def _frames(
    inputs: Inputs,
    unread: Iterable[int],
    settings: IngestSettings,
    shelf: Shelf,
    passed: Counter[int],
) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """RAW rows of the files and which file each is from, a quarter of a batch at a time.

    However many files that takes: a frame costs more than the one row of a text file. What is no
    document is counted in `passed`, by file.
    """
    numbers, records, size = list[int](), list[tuple[str, Record]](), 0
    for number in unread:
        file = inputs.files[number]
        for record in read_records(inputs.filesystem, file, settings):
            if isinstance(record, PassedOver):
                passed[number] += 1
                continue
            numbers.append(number)
            records.append((file.relpath, record))
            size += record.size
            if 4 * len(records) >= shelf.batch_documents or 4 * size >= shelf.batch_bytes:
                frame = raw_frame(records)
                records, size = [], 0
                yield frame, pl.Series("file", numbers, pl.UInt32)
                numbers = []
    if records:
        yield raw_frame(records), pl.Series("file", numbers, pl.UInt32)


def _count_occurrences(rows: pl.DataFrame) -> pl.DataFrame:
    """The documents with their own ids, first occurrences first; `first_key` is the stored row."""
    counted = rows.filter(pl.col("doc_id").is_not_null()).with_columns(
        pl.col("row_key").alias("first_key"),
        pl.int_range(pl.len()).over("doc_id").alias("occurrence"),
    )
    once = counted.filter(pl.col("occurrence") == 0)
    again = counted.filter(pl.col("occurrence") > 0)
    numbers = again["occurrence"].to_list()
    renamed = [
        pl.Series(name, list(map(repeated, again[name].to_list(), numbers)), pl.String)
        for name in ("doc_id", "row_key")
    ]
    return pl.concat([once, again.with_columns(renamed)]).drop("occurrence")


def _lost(repeats: pl.DataFrame, shelf: Shelf) -> list[int]:
    """Files with a row that cannot be copied either: someone tidied up under `work`."""
    lost = repeats.join(shelf.stored, left_on="first_key", right_on="row_key", how="anti")
    return lost["file"].unique().sort().to_list()


def _store_repeats(repeats: pl.DataFrame, shelf: Shelf) -> None:
    wanted = repeats["first_key"].unique().implode()
    first = shelf.stored.filter(pl.col("row_key").is_in(wanted))
    first = first.unique(subset="row_key", keep="first", maintain_order=True)
    shelf.copy(repeats.join(first, left_on="first_key", right_on="row_key", maintain_order="left"))


def _compacted(live: pl.DataFrame, shelf: Shelf) -> Corpus:
    """The batches of the live rows, after what was mostly dead or too small has been copied out."""
    corpus = shelf.live(live["row_key"])
    left = {batch for batch in corpus.batches if 2 * len(batch.dead) > batch.rows}
    small = {batch for batch in corpus.batches if shelf.is_small(batch)}
    left |= small if len(small) > SMALL_BATCHES else set()
    if not left:
        return corpus
    ids = live.select("doc_id", "row_key")
    parts = [
        shelf.stored.filter(pl.col("batch") == batch.key, ~pl.col("row").is_in(batch.dead))
        for batch in corpus.batches
        if batch in left
    ]
    shelf.copy(pl.concat(parts).join(ids, on="row_key", maintain_order="left"))
    return shelf.live(live["row_key"])


def _no_record(source: str, files: int) -> str:
    return (
        f"The input {source} has {files:,} readable files, and not one record in them. Expected at "
        "least one document. Check that the files are complete, or name another input."
    )
