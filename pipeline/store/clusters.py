"""The clustering of a corpus, stored under what it was computed from.

The counts are written last, so a folder that has them is complete.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.cluster import cluster
from pipeline.store.batches import (
    Corpus,
    MapStage,
    digest,
    is_stored,
    load_live,
    read_frame,
    write_frame,
)
from pipeline.store.durable import write_bytes
from pipeline.store.rows import RowReader
from pipeline.store.tidying import mark_used
from pipeline.store.versions import code_digest

COUNTS = "counts.json"
LONG = ("bands", "anchors")  # two thirds of what is known of a document here


@dataclass(frozen=True, slots=True)
class Clusters:
    """Where members and pairs lie, and how many pairs it took to find them."""

    folder: Path
    candidates: int
    verified: int
    uncompared: int

    def members(self) -> pl.DataFrame:
        """CLUSTERED rows of all valid documents."""
        return read_frame(_tables(self.folder)[0])

    def pairs(self) -> pl.DataFrame:
        """PAIRS rows: the evidence for every duplicate, and pairs to review."""
        return read_frame(_tables(self.folder)[1])


def cluster_corpus(
    corpus: Corpus, *, work: Path, fingerprints: MapStage, settings: DedupSettings
) -> Clusters:
    """The clusters of all live documents, computed anew if the corpus or the settings changed.

    Row order and batches do not matter to the result, so a re-batched corpus only costs time.
    """
    folder = work / "clusters" / _key(corpus, fingerprints, settings)
    clusters = _stored(folder)
    if clusters is None:
        texts = RowReader(corpus, work=work, stage=fingerprints)
        found = cluster(_fingerprints(corpus, work=work, stage=fingerprints), texts, settings)
        clusters = Clusters(folder, found.candidates, found.verified, found.uncompared)
        for path, table in zip(_tables(folder), (found.members, found.pairs), strict=True):
            write_frame(path, table)
        counts = {"candidates": found.candidates, "verified": found.verified}
        counts["uncompared"] = found.uncompared
        write_bytes(folder / COUNTS, json.dumps(counts).encode())
    mark_used(folder)
    return clusters


def _stored(folder: Path) -> Clusters | None:
    """The clusters in the folder, if they are complete."""
    try:
        counts = json.loads((folder / COUNTS).read_bytes())
    except (OSError, ValueError):
        return None
    whole = all(map(is_stored, _tables(folder)))
    return Clusters(folder=folder, **counts) if whole else None


def _fingerprints(corpus: Corpus, *, work: Path, stage: MapStage) -> pl.DataFrame:
    """FINGERPRINTED rows of all live documents, in one piece.

    The long columns one by one: all at once they would lie in memory twice while they are joined.
    """
    narrow = [name for name in schema.FINGERPRINTED if name not in LONG]
    parts = [
        pl.concat(
            [load_live(batch, work=work, stage=stage, columns=names) for batch in corpus.batches],
            rechunk=True,
        )
        for names in (narrow, *([name] for name in LONG))
    ]
    return pl.concat(parts, how="horizontal").select(schema.FINGERPRINTED.names())


def _tables(folder: Path) -> tuple[Path, Path]:
    return folder / "members.parquet", folder / "pairs.parquet"


def _key(corpus: Corpus, fingerprints: MapStage, settings: DedupSettings) -> str:
    batches = sorted(f"{batch.key} {batch.dead}" for batch in corpus.batches)
    code = code_digest("pipeline.stages.cluster")
    return digest(code, fingerprints.key, settings.model_dump_json(), *batches)
