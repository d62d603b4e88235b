"""The clustering of a corpus, stored under what it was computed from.

A corpus that changed is clustered anew, but by way of an index of the last one, so that it costs
what changed. The counts are written last, so a folder that has them is complete.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.settings import DedupSettings
from pipeline.stages.choose import decide
from pipeline.stages.cluster import describe
from pipeline.stages.evidence import describe_members, name_pairs
from pipeline.stages.order import Longs, distinct_documents, rank_documents
from pipeline.store.batches import (
    Corpus,
    MapStage,
    digest,
    is_stored,
    load_live,
    read_frame,
)
from pipeline.store.durable import write_bytes
from pipeline.store.index import Index, index_key
from pipeline.store.narrow import live_rows, read_narrow, write_arrow
from pipeline.store.remembered import Origins
from pipeline.store.rows import RowReader
from pipeline.store.tidying import mark_used
from pipeline.store.versions import code_digest

COUNTS = "counts.json"
TABLES = ("ids", "company", "pairs")


@dataclass(frozen=True, slots=True)
class Clusters:
    """Where members and pairs lie, and how many pairs it took to find them.

    Of the candidates `measured` were measured in the run that wrote this, the others had been
    before; `index` says in words what that run could build upon.
    """

    folder: Path
    candidates: int
    verified: int
    uncompared: int
    measured: int
    index: str

    def members(self) -> pl.DataFrame:
        """CLUSTERED rows of all valid documents."""
        return describe_members(self._ids(), read_frame(_table(self.folder, "company")))

    def pairs(self) -> pl.DataFrame:
        """PAIRS rows: the evidence for every duplicate, and pairs to review."""
        return name_pairs(self._ids(), read_frame(_table(self.folder, "pairs")))

    def _ids(self) -> pl.Series:
        return read_frame(_table(self.folder, "ids"))["doc_id"]


def cluster_corpus(
    corpus: Corpus, *, work: Path, fingerprints: MapStage, settings: DedupSettings
) -> Clusters:
    """The clusters of all live documents, computed anew if the corpus or the settings changed.

    Row order and batches do not matter to the result, so a re-batched corpus only costs time.
    """
    folder = work / "clusters" / _key(corpus, fingerprints, settings)
    clusters = _stored(folder)
    if clusters is None:
        clusters = _cluster(folder, corpus, work=work, fingerprints=fingerprints, settings=settings)
    mark_used(folder)
    return clusters


def _cluster(
    folder: Path, corpus: Corpus, *, work: Path, fingerprints: MapStage, settings: DedupSettings
) -> Clusters:
    """The clusters, computed and stored in the folder."""
    index = Index(work / "index" / index_key(fingerprints), settings)
    narrow = read_narrow(corpus, work=work, stage=fingerprints, folder=index.folder)
    ranked = rank_documents(narrow, settings)
    distinct = distinct_documents(ranked)
    updated = index.update(
        _origins(corpus),
        distinct,
        columns=partial(_columns, corpus=corpus, work=work, stage=fingerprints),
        texts=RowReader(corpus, work=work, stage=fingerprints),
    )
    choice = decide(ranked, distinct, updated.overlaps, settings, uncompared=updated.uncompared)
    found = describe(choice, settings)
    for name, table in zip(
        TABLES, (found.ids.to_frame(), found.company, found.listed), strict=True
    ):
        write_arrow(_table(folder, name), table)
    clusters = Clusters(
        folder,
        candidates=found.candidates,
        verified=found.verified,
        uncompared=found.uncompared,
        measured=updated.measured,
        index=updated.told,
    )
    counts = {name: told for name, told in asdict(clusters).items() if name != "folder"}
    write_bytes(folder / COUNTS, json.dumps(counts).encode())
    mark_used(index.folder)
    return clusters


def _stored(folder: Path) -> Clusters | None:
    """The clusters in the folder, if they are complete."""
    try:
        counts = json.loads((folder / COUNTS).read_bytes())
    except (OSError, ValueError):
        return None
    whole = all(is_stored(_table(folder, name)) for name in TABLES)
    return Clusters(folder=folder, **counts) if whole else None


def _columns(
    rows: Longs, names: Sequence[str], *, corpus: Corpus, work: Path, stage: MapStage
) -> pl.DataFrame:
    """These columns of live rows of the corpus, which ascend."""
    frames = []
    start = 0
    for batch in corpus.batches:
        end = start + batch.rows - len(batch.dead)
        here = rows[slice(*np.searchsorted(rows, [start, end]))] - start
        if len(here):
            frames.append(load_live(batch, work=work, stage=stage, columns=names)[here])
        start = end
    return pl.concat(frames, rechunk=True)


def _origins(corpus: Corpus) -> Origins:
    """Where the live rows lie."""
    alive = [live_rows(batch) for batch in corpus.batches]
    holder = np.repeat(np.arange(len(alive)), [len(there) for there in alive])
    names = tuple(batch.key for batch in corpus.batches)
    return Origins(names, holder, np.concatenate(alive))


def _table(folder: Path, name: str) -> Path:
    return folder / f"{name}.arrow"


def _key(corpus: Corpus, fingerprints: MapStage, settings: DedupSettings) -> str:
    batches = sorted(f"{batch.key} {batch.dead}" for batch in corpus.batches)
    code = code_digest("pipeline.stages.cluster", "pipeline.stages.index")
    return digest(code, fingerprints.key, settings.model_dump_json(), *batches)
