"""The documents that became equal when learned lines were cut, found among all that were kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.order import rank_documents
from pipeline.stages.settle import Candidate, Settled, settle
from pipeline.store.batches import Batch, MapStage, load_live
from pipeline.store.cutting import read_cut

NARROW = [name for name in schema.FINGERPRINTED if name not in {"bands", "anchors"}]


@dataclass(frozen=True, slots=True, eq=False)
class Settling:
    """What was settled, and the candidates it was settled among."""

    settled: Settled
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class CutBatches:
    """Every batch of the corpus, where its changed rows lie, and where its fingerprints are."""

    batches: Sequence[tuple[Batch, Path | None]]
    work: Path
    fingerprints: MapStage

    def read(self, columns: list[str]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Per batch these columns of FINGERPRINTED as they were, and of its changed rows."""
        for batch, path in self.batches:
            rows = load_live(batch, work=self.work, stage=self.fingerprints, columns=columns)
            yield rows, read_cut(path, columns)


def settle_corpus(cut: CutBatches, members: pl.DataFrame, settings: DedupSettings) -> Settling:
    """Who is dropped for whom, and whose cuts are undone."""
    nobody = Settling(Settled(frozenset(), {}), ())
    if not any(path for _, path in cut.batches):
        return nobody
    pool = _pool(_keys(cut, members))
    if pool.is_empty():
        return nobody
    narrow = _narrow(cut, pool)
    ranked = rank_documents(narrow, settings)
    size = dict(ranked.frame("doc_id", "n_shingles").iter_rows())
    rank = {doc_id: place for place, doc_id in enumerate(size)}
    copies = _copies(members, pool["doc_id"])
    candidates = [
        Candidate(doc_id, before, after, rank[doc_id], copies.get(doc_id, 0), size[doc_id])
        for doc_id, before, after in pool.iter_rows()
    ]
    return Settling(settle(candidates), candidates)


def _keys(cut: CutBatches, members: pl.DataFrame) -> pl.DataFrame:
    """doc_id, before and after of every document that was kept: the keys of its words."""
    kept = members.filter(pl.col("relation").is_null()).select("doc_id")
    frames = []
    for before, changed in cut.read(["doc_id", "token_key"]):
        after = changed.rename({"token_key": "after"})
        rows = before.rename({"token_key": "before"}).join(after, on="doc_id", how="left")
        frames.append(rows.with_columns(pl.col("after").fill_null(pl.col("before"))))
    return pl.concat(frames).join(kept, on="doc_id", how="semi")


def _pool(keys: pl.DataFrame) -> pl.DataFrame:
    """Those that are equal to another now, or would be to one of these if its cuts were undone."""
    changed = keys.filter(pl.col("before") != pl.col("after"))
    shared = changed.join(
        keys.group_by("after").len().filter(pl.col("len") > 1), on="after", how="semi"
    )
    pool = keys.join(shared, on="after", how="semi")
    while True:
        either = pl.concat([pool["before"], pool["after"]]).unique()
        wider = keys.filter(pl.col("after").is_in(either.implode()))
        if wider.height == pool.height:
            return wider.sort("doc_id")
        pool = wider


def _narrow(cut: CutBatches, pool: pl.DataFrame) -> pl.DataFrame:
    """Narrow FINGERPRINTED rows of the pool, as they are after the cuts."""
    ids = pool.select("doc_id")
    frames = []
    for before, after in cut.read(NARROW):
        changed = after.join(ids, on="doc_id", how="semi")
        same = before.join(ids, on="doc_id", how="semi").join(changed, on="doc_id", how="anti")
        frames += [same, changed]
    return pl.concat(frames)


def _copies(members: pl.DataFrame, ids: pl.Series) -> dict[str, int]:
    """How many documents were dropped for each of these, where there are any."""
    dropped = members.filter(
        pl.col("relation").is_not_null() & pl.col("canonical_id").is_in(ids.implode())
    )
    return dict(dropped.group_by("canonical_id").len().iter_rows())
