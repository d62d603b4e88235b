"""The lines that sources repeat, learned from a clustered corpus and stored under what taught them.

Every batch is read twice, hashes only: first for what occurs often enough to be worth counting,
then to count that. Of the texts only those are read in which a line is seen for the first time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.settings import LearnSettings
from pipeline.stages.edges import MAX_CHARS
from pipeline.stages.learn import (
    Hashes,
    choose_lines,
    count_clusters,
    describe_lines,
    find_places,
    find_seen,
    frequent_lines,
    list_sources,
)
from pipeline.store.batches import (
    Batch,
    Corpus,
    MapStage,
    digest,
    is_stored,
    load_live,
    read_frame,
    write_frame,
)
from pipeline.store.clusters import Clusters
from pipeline.store.tidying import mark_used
from pipeline.store.versions import code_digest
from pipeline.text.edge_lines import hash_lines


@dataclass(frozen=True, slots=True)
class Learned:
    """Where the learned lines lie."""

    path: Path

    def lines(self) -> pl.DataFrame:
        """KNOWN_LINES, by source and line."""
        return read_frame(self.path)


def learn_corpus(
    corpus: Corpus, clusters: Clusters, *, work: Path, edges: MapStage, settings: LearnSettings
) -> Learned:
    """The lines of all live documents, learned anew if the corpus or the settings changed."""
    code = code_digest("pipeline.stages.learn")
    batches = sorted(f"{batch.key} {batch.dead}" for batch in corpus.batches)
    key = digest(code, edges.key, settings.model_dump_json(), clusters.folder.name, *batches)
    path = work / "learned" / f"{key}.parquet"
    if not is_stored(path):
        members = clusters.members()
        reading = _Reading(corpus, work, edges, members)
        lines = reading.learn(settings) if settings.lines else _no_lines()
        write_frame(path, lines)
    mark_used(path)
    return Learned(path)


def _no_lines() -> pl.DataFrame:
    return pl.DataFrame(schema=schema.KNOWN_LINES)


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """One corpus, read batch by batch."""

    corpus: Corpus
    work: Path
    edges: MapStage
    members: pl.DataFrame

    def learn(self, settings: LearnSettings) -> pl.DataFrame:
        """KNOWN_LINES of the corpus."""
        sources = list_sources(rows["source"] for _, rows in self._rows(["source"]))
        places = {batch: self._places(rows, sources) for batch, rows in self._documents()}
        lists = (
            rows["edge_lines"][places[batch]["row"]] for batch, rows in self._rows(["edge_lines"])
        )
        frequent = frequent_lines(lists, least=settings.least_clusters)
        if len(frequent) == 0:
            return _no_lines()
        seen = (
            find_seen(rows, places[batch], frequent)
            for batch, rows in self._rows(schema.EDGES.names())
        )
        clusters = count_clusters(iter(places.values()))
        chosen = choose_lines(seen, clusters, settings)
        texts = self._texts(chosen, places)
        doc_ids = self.members["doc_id"]
        return describe_lines(chosen, texts, sources=sources, doc_ids=doc_ids, settings=settings)

    def _rows(self, columns: list[str]) -> Iterator[tuple[Batch, pl.DataFrame]]:
        for batch in self.corpus.batches:
            yield batch, load_live(batch, work=self.work, stage=self.edges, columns=columns)

    def _documents(self) -> Iterator[tuple[Batch, pl.DataFrame]]:
        return self._rows(["doc_id", "source"])

    def _places(self, documents: pl.DataFrame, sources: pl.Series) -> pl.DataFrame:
        return find_places(documents, self.members, sources)

    def _texts(self, chosen: pl.DataFrame, places: dict[Batch, pl.DataFrame]) -> dict[int, str]:
        """The line for each hash, read where it was seen first."""
        first = chosen.select("line_hash", document=pl.col("documents").list.first())
        texts: dict[int, str] = {}
        for batch, rows in places.items():
            asked = rows.join(first, on="document", how="inner", maintain_order="left")
            if asked.height:
                columns = load_live(batch, work=self.work, stage=self.edges, columns=["text"])
                texts |= _find_lines(columns["text"], asked)
        return texts


def _find_lines(column: pl.Series, asked: pl.DataFrame) -> dict[int, str]:
    """The lines with the asked `line_hash` in the texts of the rows they are asked for."""
    found: dict[int, str] = {}
    wanted: dict[int, set[int]] = {}
    for row, line_hash in asked.select("row", "line_hash").iter_rows():
        wanted.setdefault(row, set()).add(line_hash)
    for row, hashes in wanted.items():
        text = column[row]
        known: Hashes = hash_lines(text, max_chars=MAX_CHARS)
        for line, value in zip(text.split("\n"), known.tolist(), strict=True):
            if value in hashes:
                found[value] = line.strip()
    return found
