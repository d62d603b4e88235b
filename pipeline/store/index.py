"""The index of buckets and measured pairs under `work/index`, carried from night to night.

It only ever saves time: whatever it holds, the clusters are those of a build from nothing. Files
get new names and count from the moment `state.json` names them, so a kill leaves the last state.
What no longer fits is dropped piece by piece: other fingerprints or another way to measure overlap
have a folder of their own, other rules of pairing keep what was measured, and other vetoes ask
again only about the short texts that they are about.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.dedup.buckets import Entries
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import numbers_of
from pipeline.stages.index import (
    Move,
    Tally,
    candidates_of,
    forget_counts,
    forget_measured,
    recount,
    with_measured,
)
from pipeline.stages.order import Distinct, Longs
from pipeline.stages.overlaps import Measure, measure_by_reading
from pipeline.stages.verify import UNKNOWN, Overlaps, verify_pairs, without_vetoes
from pipeline.store.batches import MapStage, digest, is_stored
from pipeline.store.mapped import MappedTexts, make_batch, write_texts
from pipeline.store.remembered import (
    Origins,
    Remembered,
    State,
    find_again,
    nothing,
    recall,
    remember,
)
from pipeline.store.shards import (
    ANCHORS,
    BANDS,
    Kind,
    cut_shards,
    merge_runs,
    read_shards,
    write_segment,
)
from pipeline.store.versions import code_digest

KINDS = (BANDS, ANCHORS)
# Each night with news adds a segment and each segment is opened every night: 1 ms apiece.
MOST_SEGMENTS = 32
# Documents whose entries, and whose texts, are held at once where many are new.
PORTION = 100_000
TEXT_ROWS = 16_384

STORED_CODE = (
    "pipeline.stages.overlaps",
    "pipeline.store.mapped",
    "pipeline.store.shards",
    "pipeline.store.narrow",
)
PAIRING_CODE = ("pipeline.stages.index", "pipeline.stages.order")
VETO_CODE = ("pipeline.stages.verify",)
VETO_SETTINGS = {
    "number_veto",
    "number_veto_words",
    "telling_veto",
    "telling_veto_words",
    "jaccard",
    "contained",
    "containment",
    "containment_shingles",
    "containment_ratio",
}
ReadRows = Callable[[Longs], pl.DataFrame]
ReadColumns = Callable[[Longs, Sequence[str]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Updated:
    """The overlap of every candidate pair, how many of them were measured just now, and why."""

    overlaps: Overlaps
    uncompared: int
    measured: int
    told: str


@dataclass(frozen=True)
class Index:
    """The index of one set of fingerprints, in a folder of its own."""

    folder: Path
    settings: DedupSettings

    @cached_property
    def pairing(self) -> str:
        """Digest of what decides which documents of a bucket are compared."""
        rules = self.settings.bucket_head, *self.settings.preferred_sources
        return digest(code_digest(*PAIRING_CODE), *map(str, rules))

    @cached_property
    def vetoes(self) -> str:
        """Digest of what decides which pairs are vetoed."""
        rules = self.settings.model_dump_json(include=VETO_SETTINGS)
        return digest(code_digest(*VETO_CODE), rules)

    def update(
        self, origins: Origins, distinct: Distinct, columns: ReadColumns, texts: ReadRows
    ) -> Updated:
        """The overlaps of all candidate pairs; the index then knows these documents and no others.

        `origins` says where every live document lies, by row. `columns` gives row keys, bands and
        anchors of rows, `texts` their titles and texts; rows ascend, and only those of documents
        are asked for that may be new.
        """
        known = self._read()
        state = known.state
        move, new = self._renumber(known, origins, distinct.rows, columns)
        added = self._add(state, distinct, new, move.now[new], columns, texts)
        stored, tally, told = list(state.segments), known.tally, ""
        if state.pairing != self.pairing:
            told = "paired anew under other rules" if state.tables else self._why_anew()
            stored, added, tally = [], stored + added, forget_counts(tally)
            move = replace(move, before=move.before[:0])
        bands, anchors = (
            read_shards(self._paths(stored, kind), self._paths(added, kind), kind) for kind in KINDS
        )
        tally = recount(tally, bands, anchors, move, self.settings.bucket_head)
        candidates, measured, rows = candidates_of(tally, move, distinct, self.settings)
        if state.vetoes != self.vetoes:
            told = told or "vetoes asked anew"
            measured = without_vetoes(measured, candidates, distinct, self.settings)
            tally = forget_measured(tally)
        measure = self._measure([*stored, *added], distinct, move)
        overlaps = verify_pairs(candidates, distinct, measure, self.settings, measured)
        here = Origins(origins.batches, origins.batch[distinct.rows], origins.row[distinct.rows])
        self._write(state, [*stored, *added], here, move, with_measured(tally, rows, overlaps))
        fresh = int((measured.shared == UNKNOWN).sum())
        gone = len(known.numbers) - len(distinct) + len(new)
        told = told or f"index updated: {len(new):,} distinct texts came, {gone:,} left"
        return Updated(overlaps, candidates.uncompared, fresh, told)

    def _read(self) -> Remembered:
        """What the index holds; nothing, if it is not whole."""
        known = recall(self.folder)
        segments = list(known.state.segments)
        paths = [path for kind in KINDS for path in self._paths(segments, kind)]
        whole = all(map(is_stored, [*paths, *self._text_paths(segments)]))
        return known if whole else nothing()

    def _renumber(
        self, known: Remembered, origins: Origins, rows: Longs, columns: ReadColumns
    ) -> tuple[Move, Longs]:
        """The numbers of the documents before and now, and the places of the new ones, by row.

        `origins` are those of all documents, by row; `rows` those of the distinct ones.
        """
        lies = find_again(known.origins, known.numbers, origins)
        size = known.state.size
        gone = np.zeros(size + 1, np.bool_)
        gone[known.numbers] = True
        gone[lies] = False  # a new one's -1 marks the last, which is nobody's number
        now = lies[rows]
        new = np.flatnonzero(now < 0)
        new = new[np.argsort(rows[new])]
        if len(new) and gone.any():
            keys = columns(rows[new], ["row_key"])
            now[new] = self._find_moved(known.state, np.flatnonzero(gone), keys)
            new = new[now[new] < 0]
        now[new] = np.arange(size, size + len(new))
        gone = np.append(gone[:size], np.zeros(len(new), np.bool_))
        gone[now] = False
        return Move(known.numbers, now, size + len(new), gone), new

    def _find_moved(self, state: State, gone: Longs, keys: pl.DataFrame) -> Longs:
        """The numbers of those of `keys` that lay elsewhere before; -1 for the others."""
        before = MappedTexts(self._text_paths(list(state.segments))).keys(gone)
        numbers = pl.DataFrame({"row_key": before, "number": gone})
        found = keys.join(numbers, on="row_key", how="left", maintain_order="left")
        return np.array(found["number"].fill_null(-1).to_numpy(), np.int64)

    def _why_anew(self) -> str:
        others = [path for path in self.folder.parent.glob("*") if path != self.folder]
        return "built anew: fingerprints are made in another way now" if others else "built anew"

    def _add(  # noqa: PLR0913, PLR0917
        self,
        state: State,
        distinct: Distinct,
        new: Longs,
        numbers: Longs,
        columns: ReadColumns,
        texts: ReadRows,
    ) -> list[str]:
        """The names of new segments, with entries and sets of the documents at these places."""
        names: list[str] = []
        for first in range(0, len(new), PORTION):
            chosen = slice(first, first + PORTION)
            name = f"{state.files + 1 + len(names):08}"
            rows = distinct.rows[new[chosen]]
            frame = columns(rows, ("row_key", *(kind.name for kind in KINDS)))
            for kind in KINDS:
                keys, offsets = numbers_of(frame[kind.name])
                owners = np.repeat(numbers[chosen].astype(np.uint32), np.diff(offsets))
                path = self._paths([name], kind)[0]
                write_segment(path, cut_shards(Entries(keys, owners)), kind)
            batches = (
                make_batch(numbers[chosen][part], frame["row_key"][part], texts(rows[part]))
                for part in _parts(len(rows))
            )
            write_texts(self._text_paths([name])[0], batches)
            names.append(name)
        return names

    def _measure(self, segments: list[str], distinct: Distinct, move: Move) -> Measure:
        """Measures pairs on the texts kept here; documents go by number, as the files do."""
        mapped = MappedTexts(self._text_paths(segments))
        by_number = replace(distinct, rows=move.now)
        return measure_by_reading(by_number, mapped.read, shingle_words=self.settings.shingle_words)

    def _write(
        self, before: State, segments: list[str], origins: Origins, move: Move, tally: Tally
    ) -> None:
        """Everything as it is now; what is of no more use is removed."""
        files = max(before.files, *map(int, segments), 0) if segments else before.files
        if len(segments) > MOST_SEGMENTS:
            files += 1
            segments = [self._merge(segments, f"{files:08}", move)]
        state = State(
            segments=tuple(segments),
            batches=origins.batches,
            tables=f"{files + 1:08}",
            files=files + 1,
            size=move.size,
            uncompared=tally.uncompared,
            pairing=self.pairing,
            vetoes=self.vetoes,
        )
        remember(self.folder, Remembered(state, origins, move.now, tally))
        used = {state.tables, *segments, *origins.batches}
        for path in self.folder.glob("*-*"):
            if path.stem.partition("-")[2] not in used:
                path.unlink()

    def _merge(self, segments: list[str], name: str, move: Move) -> str:
        """The name of one segment for all, without the entries of documents that left."""
        alive = move.places()[1] >= 0
        for kind in KINDS:
            shards = read_shards(self._paths(segments, kind), [], kind)
            merged = (merge_runs(shard.stored, alive) for shard in shards)
            write_segment(self._paths([name], kind)[0], merged, kind)
        mapped = MappedTexts(self._text_paths(segments))
        write_texts(self._text_paths([name])[0], mapped.kept(alive))
        return name

    def _paths(self, names: list[str], kind: Kind) -> list[Path]:
        return [self.folder / f"{kind.name}-{name}.parquet" for name in names]

    def _text_paths(self, names: list[str]) -> list[Path]:
        return [self.folder / f"texts-{name}.arrow" for name in names]


def index_key(fingerprints: MapStage) -> str:
    """The key of an index over these fingerprints."""
    return digest(
        fingerprints.key,
        code_digest(*STORED_CODE),
    )


def _parts(count: int) -> Iterator[slice]:
    for start in range(0, count, TEXT_ROWS):
        yield slice(start, start + TEXT_ROWS)
