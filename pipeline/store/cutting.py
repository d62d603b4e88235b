"""Learned lines cut out of the documents that have them, batch by batch.

Only such documents are read, and a batch only if its documents or the lines in them changed.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.stages.cut_lines import Cutting, cut_lines
from pipeline.stages.fingerprint import fingerprint
from pipeline.store.batches import (
    Batch,
    MapStage,
    digest,
    is_stored,
    load_live,
    read_frame,
    write_frame,
)
from pipeline.store.chain import Chain
from pipeline.store.tidying import mark_used
from pipeline.store.versions import code_digest

LEFT_BEHIND = ("raw", "row_key")  # big, or of no use to anyone after this
# What tells whether a document without its lines is another one.
TELLING = tuple(name for name in schema.FINGERPRINTED if name not in schema.JUDGED)
CUT = pl.Schema(
    [
        *((name, kind) for name, kind in schema.JUDGED.items() if name not in LEFT_BEHIND),
        *((name, schema.FINGERPRINTED[name]) for name in TELLING),
    ]
)


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts one batch at a time. `valid` are the doc_ids, in order, of documents that may be cut."""

    work: Path
    stages: Chain
    lines: pl.DataFrame
    valid: pl.Series
    cutting: Cutting

    def __call__(self, batch: Batch) -> Path | None:
        """Where the changed rows of the batch lie, None where no document has a learned line."""
        found = self._find(batch)
        if found.is_empty():
            return None
        settings = self.cutting.settings
        key = digest(
            code_digest("pipeline.stages.cut_lines"),
            self.stages.fingerprint.key,
            settings.clean.model_dump_json(),
            ",".join(map(str, batch.dead)),
            *(f"{row} {rule}" for row, rule in found.select("row", "rule").iter_rows()),
        )
        path = self.work / "cut" / f"{batch.key}-{key}.parquet"
        if not is_stored(path):
            write_frame(path, self._cut(batch, found))
        mark_used(path)
        return path

    def _find(self, batch: Batch) -> pl.DataFrame:
        """row, rule and line of every learned line at the edge of a valid document."""
        names = ["doc_id", "source", "edge_lines"]
        rows = load_live(batch, work=self.work, stage=self.stages.edges, columns=names)
        here = self.lines.filter(pl.col("source").is_in(rows["source"].unique().implode()))
        if here.is_empty():
            return pl.DataFrame(schema={"row": pl.UInt32, "rule": pl.String, "line": pl.String})
        at = self.valid.search_sorted(rows["doc_id"]).clip(upper_bound=self.valid.len() - 1)
        is_valid = self.valid[at] == rows["doc_id"]
        return (
            rows.with_row_index("row")
            .filter(is_valid)
            .explode("edge_lines", empty_as_null=False, keep_nulls=False)
            .join(
                here,
                left_on=["source", "edge_lines"],
                right_on=["source", "line_hash"],
                how="inner",
            )
            .select("row", "rule", "line")
            .unique()
            .sort("row", "rule")
        )

    def _cut(self, batch: Batch, found: pl.DataFrame) -> pl.DataFrame:
        """The changed rows, as they are to be published and as they would be told apart."""
        known: dict[int, dict[str, str]] = {}
        for row, rule, line in found.iter_rows():
            known.setdefault(row, {})[line] = rule
        rows = list(known)
        judged = load_judged(batch, work=self.work, stage=self.stages.judge)[rows]
        flags = load_live(batch, work=self.work, stage=self.stages.clean, columns=["flags"])
        before = flags["flags"][rows].to_list()
        changed = cut_lines(judged, before, list(known.values()), self.cutting)
        telling = fingerprint(changed, self.cutting.settings.dedup).select(TELLING)
        return pl.concat([changed, telling], how="horizontal").select(CUT.names())


def load_judged(batch: Batch, *, work: Path, stage: MapStage) -> pl.DataFrame:
    """JUDGED rows, with nulls in the columns that are not published."""
    columns = [name for name in schema.JUDGED if name not in LEFT_BEHIND]
    rows = load_live(batch, work=work, stage=stage, columns=columns)
    absent = [pl.lit(None, schema.JUDGED[name]).alias(name) for name in LEFT_BEHIND]
    return rows.with_columns(absent).select(schema.JUDGED.names())


def read_cut(path: Path | None, columns: list[str] | None = None) -> pl.DataFrame:
    """The changed rows of a batch, none where there is no path."""
    if path is None:
        return pl.DataFrame(schema=CUT).select(columns or CUT.names())
    return read_frame(path, columns)
