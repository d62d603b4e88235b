"""Finished batches: every live document with its fate, stored under what decided it.

A batch is finished anew only if a document of it changed its cluster or its learned lines, arrived
or left.
"""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.engine import Engine
from pipeline.stages.cut_lines import UNDONE, Cutting, add_flag
from pipeline.stages.finish import finish
from pipeline.stages.settle import list_dropped, settle_members
from pipeline.store.batches import (
    Batch,
    Corpus,
    MapStage,
    digest,
    is_stored,
    load_live,
    write_frame,
)
from pipeline.store.chain import Chain
from pipeline.store.clusters import Clusters
from pipeline.store.cutting import LEFT_BEHIND, Cutter, load_judged, read_cut
from pipeline.store.finished import FinishedFiles
from pipeline.store.settling import CutBatches, settle_corpus
from pipeline.store.tidying import mark_used
from pipeline.store.versions import code_digest


@dataclass(frozen=True, slots=True)
class Finisher:
    """Finishes one batch at a time with what is known of all documents, by doc_id in order.

    `cut` says by batch where its changed rows lie; those of the documents in `undone` stay as they
    were.
    """

    work: Path
    judged: MapStage
    members: pl.DataFrame
    arrivals: pl.DataFrame
    cut: Mapping[str, Path] = field(default_factory=dict)
    undone: Collection[str] = ()

    def __call__(self, batch: Batch) -> Path:
        """Where the finished rows of the batch lie."""
        cut = self.cut.get(batch.key)
        ids = load_live(batch, work=self.work, stage=self.judged, columns=["doc_id"])["doc_id"]
        members, arrivals = find_rows(self.members, ids), find_rows(self.arrivals, ids)
        undone = sorted(set(self.undone).intersection(ids)) if self.undone else []
        key = digest(
            code_digest("pipeline.stages.finish"),
            self.judged.key,
            ",".join(map(str, batch.dead)),
            _bytes_of(members),
            _bytes_of(arrivals),
            *([cut.name, *undone] if cut else []),
        )
        path = self.work / "finished" / f"{batch.key}-{key}.parquet"
        if not is_stored(path):
            judged = load_judged(batch, work=self.work, stage=self.judged)
            rows = _with_cuts(judged, read_cut(cut), undone) if cut else judged
            write_frame(path, finish(rows, members, arrivals).drop(LEFT_BEHIND))
        mark_used(path)
        return path


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of the documents: how they are cut, their clusters, lines and arrivals."""

    cutting: Cutting
    clusters: Clusters
    lines: pl.DataFrame
    arrivals: pl.DataFrame


def finish_corpus(
    corpus: Corpus, given: Given, *, work: Path, stages: Chain, engine: Engine
) -> FinishedFiles:
    """Every document with its fate, in the text that is published."""
    members = given.clusters.members()
    paths: list[Path | None] = [None] * len(corpus.batches)
    if given.lines.height:
        cutter = Cutter(work, stages, given.lines, members["doc_id"], given.cutting)
        paths = engine.map(cutter, corpus.batches, step="learned lines")
    found = tuple(zip(corpus.batches, paths, strict=True))
    cut = CutBatches(found, work, stages.fingerprint)
    settling = settle_corpus(cut, members, given.cutting.settings.dedup)
    finisher = Finisher(
        work=work,
        judged=stages.judge,
        members=settle_members(members, settling.settled),
        arrivals=given.arrivals,
        cut={batch.key: path for batch, path in found if path},
        undone=settling.settled.undone,
    )
    dropped = list_dropped(settling.settled, settling.candidates)
    finished = tuple(engine.map(finisher, corpus.batches, step="finished"))
    return FinishedFiles(finished, dropped=_store(work, dropped))


def _store(work: Path, dropped: pl.DataFrame) -> Path | None:
    """Where the rows lie, None where there are none."""
    if dropped.is_empty():
        return None
    path = work / "settled" / f"{digest(_bytes_of(dropped))}.parquet"
    if not is_stored(path):
        write_frame(path, dropped)
    mark_used(path)
    return path


def _with_cuts(judged: pl.DataFrame, cut: pl.DataFrame, undone: list[str]) -> pl.DataFrame:
    """JUDGED rows with the changed ones in their places."""
    keep = pl.col("doc_id").is_in(pl.Series(undone, dtype=pl.String).implode())
    absent = [pl.lit(None, schema.JUDGED[name]).alias(name) for name in LEFT_BEHIND]
    changed = pl.concat(
        [
            cut.filter(~keep).with_columns(absent).select(schema.JUDGED.names()),
            add_flag(judged.filter(keep), UNDONE),
        ]
    )
    order = judged.select("doc_id").with_row_index("place")
    same = judged.join(changed, on="doc_id", how="anti")
    rows = pl.concat([same, changed]).join(order, on="doc_id", how="left")
    return rows.sort("place").drop("place")


def find_rows(table: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The rows of a table in order of doc_id that have these ids, in the order of `ids`.

    A join would hash the whole table for every batch: at a million documents that took 70 ms a
    batch, this takes 1 to 30.
    """
    places = table["doc_id"].search_sorted(ids)
    asked = pl.DataFrame({"place": places, "id": ids}).filter(pl.col("place") < table.height)
    rows = table[asked["place"]]
    return rows.filter(rows["doc_id"] == asked["id"])


def _bytes_of(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Arrow's plain strings: views would carry the buffers of the table they were taken from.
    frame.write_ipc(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()
