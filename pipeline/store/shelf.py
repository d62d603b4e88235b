"""RAW rows on disk: which are there, how new ones are cut into batches, which of them are live.

A row is stored once, under its row key, and stays in the batch it was first written to. What
changes from run to run is only which rows of a batch still count.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.schema import RAW
from pipeline.store.batches import Batch, Corpus, load, stored_bytes, stored_rows, write_raw


class Shelf:
    """The stored rows under `work`, and the batch that is being filled."""

    def __init__(self, work: Path, *, batch_documents: int, batch_bytes: int) -> None:
        """`batch_bytes` counts the record's bytes; one longer document is a batch of its own."""
        self._work = work
        self.batch_documents, self.batch_bytes = batch_documents, batch_bytes
        self._waiting = pl.DataFrame(schema=RAW)
        self.stored = stored_rows(work)

    def add(self, rows: pl.DataFrame) -> None:
        """Store those rows that are not there yet; the last ones wait for `flush`."""
        rows = rows.unique(subset="row_key", keep="first", maintain_order=True)
        known = pl.concat([self._matching(rows["row_key"]), self._waiting["row_key"]])
        self._append(rows.filter(~pl.col("row_key").is_in(known.implode())))

    def flush(self) -> None:
        """Write what waits, as a smaller batch."""
        if self._waiting.height:
            self._write(self._waiting)
            self._waiting = self._waiting.clear()

    def copy(self, rows: pl.DataFrame) -> None:
        """Store rows (batch, row) anew, under the doc_id and row_key given with them."""
        self.flush()
        for (key,), group in rows.group_by("batch", maintain_order=True):
            batch = Batch(key=str(key), rows=0)
            frame = load(batch, work=self._work, stage=None, columns=RAW.names())
            # Thousands of rows may be copies of one: gathered bit by bit, never all at once.
            for part in group.iter_slices(1_000):
                taken = frame[part["row"].cast(pl.Int64)]
                self._append(taken.with_columns(part["doc_id"], part["row_key"]))
        self.flush()

    def live(self, row_keys: pl.Series) -> Corpus:
        """The batches that hold these rows, in the order the rows are given in; each row once.

        A row that lies in several batches counts in the one with the greatest share of live rows,
        so that a batch which was copied out of stays left behind.
        """
        wanted = row_keys.alias("row_key").to_frame().with_row_index("place")
        sizes = self.stored.group_by("batch").len("rows")
        found = self.stored.join(wanted, on="row_key").join(sizes, on="batch")
        if found.height > wanted.height:
            share = pl.len().over("batch") / pl.col("rows")
            found = (
                found.with_columns(share.alias("share"))
                .sort("share", "rows", "batch", descending=[True, True, False])
                .unique(subset="row_key", keep="first", maintain_order=True)
            )
        batches = found.group_by("batch").agg(
            pl.col("row"), pl.col("rows").first(), pl.col("place").min()
        )
        ordered = batches.sort("place").select("batch", "rows", "row").iter_rows()
        return Corpus(tuple(_batch(key, rows, set(alive)) for key, rows, alive in ordered))

    def is_small(self, batch: Batch) -> bool:
        """Whether twenty like it would not fill a batch, by documents or by bytes on the disk."""
        live, size = batch.rows - len(batch.dead), stored_bytes(self._work, batch)
        return 20 * live < self.batch_documents and 20 * size < self.batch_bytes

    def _matching(self, row_keys: pl.Series) -> pl.Series:
        # The other way round (an anti join) would hash all that is stored, for every batch read.
        return self.stored.filter(pl.col("row_key").is_in(row_keys.implode()))["row_key"]

    def _append(self, rows: pl.DataFrame) -> None:
        waiting = pl.concat([self._waiting, rows])
        start = 0
        for end in self._cuts(waiting):
            self._write(waiting[start:end])
            start = end
        self._waiting = waiting[start:]

    def _cuts(self, rows: pl.DataFrame) -> Iterator[int]:
        """The row after each full batch."""
        documents = size = 0
        for n, more in enumerate(row_bytes(rows)):
            if documents and (documents == self.batch_documents or size + more > self.batch_bytes):
                yield n
                documents = size = 0
            documents += 1
            size += more
        if documents == self.batch_documents:
            yield rows.height

    def _write(self, rows: pl.DataFrame) -> None:
        batch = write_raw(self._work, rows)
        if (self.stored["batch"] == batch.key).any():
            return
        place = pl.DataFrame({"row_key": rows["row_key"]}).with_columns(
            pl.lit(batch.key).alias("batch"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
        )
        self.stored = pl.concat([self.stored, place])


def row_bytes(rows: pl.DataFrame) -> list[int]:
    """Bytes of each row's record, its text and its fields."""
    strings = [name for name, kind in RAW.items() if kind == pl.String]
    sizes = [pl.col(name).str.len_bytes().fill_null(0) for name in strings]
    sizes.append(pl.col("raw").bin.size().cast(pl.UInt32).fill_null(0))
    sizes_of: list[int] = rows.select(pl.sum_horizontal(sizes)).to_series().to_list()
    return sizes_of


def _batch(key: str, rows: int, alive: set[int]) -> Batch:
    return Batch(key=key, rows=rows, dead=tuple(n for n in range(rows) if n not in alive))
