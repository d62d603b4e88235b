"""The clustering of a corpus, stored under what it was computed from."""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.errors import WorkMissingError
from pipeline.settings import DedupSettings
from pipeline.stages.cluster import cluster
from pipeline.store.batches import Corpus, MapStage, digest, load_live, write_frame
from pipeline.store.rows import RowReader
from pipeline.store.versions import code_digest


@dataclass(frozen=True, slots=True)
class Clusters:
    """Where members and pairs lie, and how many pairs it took to find them."""

    folder: Path
    candidates: int
    verified: int
    uncompared: int

    def members(self) -> pl.DataFrame:
        """CLUSTERED rows of all valid documents."""
        return _read(self.folder / "members.parquet")

    def pairs(self) -> pl.DataFrame:
        """PAIRS rows: the evidence for every duplicate, and pairs to review."""
        return _read(self.folder / "pairs.parquet")


def cluster_corpus(
    corpus: Corpus, *, work: Path, fingerprints: MapStage, settings: DedupSettings
) -> Clusters:
    """The clusters of all live documents, computed anew if the corpus or the settings changed.

    Row order and batches do not matter to the result, so a re-batched corpus only costs time.
    """
    folder = work / "clusters" / _key(corpus, fingerprints, settings)
    counts = folder / "counts.json"
    if not counts.exists():
        columns = schema.FINGERPRINTED.names()
        frames = [
            load_live(batch, work=work, stage=fingerprints, columns=columns)
            for batch in corpus.batches
        ]
        texts = RowReader(corpus, work=work, stage=fingerprints)
        found = cluster(pl.concat(frames), texts, settings)
        write_frame(folder / "members.parquet", found.members)
        write_frame(folder / "pairs.parquet", found.pairs)
        facts = {
            "candidates": found.candidates,
            "verified": found.verified,
            "uncompared": found.uncompared,
        }
        counts.write_text(json.dumps(facts))
    return Clusters(folder=folder, **json.loads(counts.read_text("utf-8")))


def _key(corpus: Corpus, fingerprints: MapStage, settings: DedupSettings) -> str:
    batches = sorted(f"{batch.key} {batch.dead}" for batch in corpus.batches)
    code = code_digest("pipeline.stages.cluster")
    return digest(code, fingerprints.key, settings.model_dump_json(), *batches)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except FileNotFoundError as error:
        message = (
            f"The stored clusters {path} are gone. Expected every earlier step's output to be "
            "there. Run the whole pipeline again: what is missing is computed anew."
        )
        raise WorkMissingError(message) from error
