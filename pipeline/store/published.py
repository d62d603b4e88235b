"""The valid documents of a snapshot as they were compared: curated ones first, then duplicates.

They were compared before learned lines were cut, so these are put back. Where such a cut took an
earlier repair with it, what comes back is the line before that: its words may differ a little.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import TitledTexts, titled_texts
from pipeline.stages.fingerprint import fingerprint
from pipeline.stages.order import Longs
from pipeline.store.manifest import Manifest
from pipeline.store.reading import scan_table
from pipeline.text.edits import Edit, apply_edits, read_edit, undo_edits

LEARNED = "learned."
COMPARED = ("doc_id", "raw_sha256", "published_at", "source", "flags", "title", "text")


@dataclass(frozen=True, eq=False)
class Published:
    """Documents by row, file after file; `learned` has all edits of those with learned cuts."""

    files: tuple[Path, ...]
    starts: Longs
    learned: Mapping[str, list[Edit]]

    def fingerprints(self, settings: DedupSettings) -> pl.DataFrame:
        """FINGERPRINTED of every row."""
        return pl.concat([fingerprint(rows, settings) for rows in self._judged()], rechunk=True)

    def _judged(self) -> Iterator[pl.DataFrame]:
        for file in self.files:
            yield self._restored(pl.read_parquet(file, columns=list(COMPARED))).with_columns(
                verdicts=pl.lit([], pl.List(schema.VERDICT)), input_error=pl.lit(None, pl.String)
            )

    def read(self, rows: Longs) -> TitledTexts:
        """Titles and texts of these rows, which ascend."""
        holder = np.searchsorted(self.starts, rows, side="right") - 1
        parts = [
            self._texts(file)[rows[holder == file] - self.starts[file]]
            for file in np.unique(holder).tolist()
        ]
        return titled_texts(pl.concat(parts, rechunk=True))

    # One file is asked for again and again before the next one is.
    @lru_cache(1)  # noqa: B019  lives no longer than the check that made it
    def _texts(self, file: int) -> pl.DataFrame:
        columns = ["doc_id", "title", "text"]
        rows = self._restored(pl.read_parquet(self.files[file], columns=columns))
        return rows.select("title", "text")

    def _restored(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with their learned lines."""
        if not self.learned:
            return rows
        texts = [
            self._with_learned(text, self.learned.get(doc_id))
            for doc_id, text in rows.select("doc_id", "text").iter_rows()
        ]
        return rows.with_columns(pl.Series("text", texts, pl.String))

    @staticmethod
    def _with_learned(text: str, edits: list[Edit] | None) -> str:
        if edits is None:
            return text
        others = [edit for edit in edits if not edit.rule.startswith(LEARNED)]
        return apply_edits(undo_edits(text, edits), others)


def open_published(folder: Path, manifest: Manifest) -> Published:
    """The documents and duplicates of the snapshot."""
    facts = [*manifest.tables["documents"].files, *manifest.tables["duplicates"].files]
    sizes = np.array([file.rows for file in facts], np.int64)
    return Published(
        files=tuple(folder / file.path for file in facts),
        starts=np.cumsum(sizes) - sizes,
        learned=_learned(folder, manifest),
    )


def _learned(folder: Path, manifest: Manifest) -> dict[str, list[Edit]]:
    edits = scan_table(folder, manifest, "edits")
    whose = edits.filter(pl.col("rule").str.starts_with(LEARNED)).select("doc_id").unique()
    found: dict[str, list[Edit]] = {}
    rows = edits.join(whose, on="doc_id", how="semi").sort("doc_id", "seq").collect()
    columns = ("doc_id", *schema.EDIT.to_schema())
    for doc_id, *edit in rows.select(columns).iter_rows():
        found.setdefault(doc_id, []).append(read_edit(tuple(edit)))
    return found
