"""Everything a snapshot tells of one document: from raw bytes through every edit to its fate.

It is told from the published tables alone, so it holds for any snapshot, wherever it was made. The
decoded original is not stored anywhere: it is rebuilt from the text and its edits, and the digest
tells whether that worked.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import polars as pl

from pipeline.report.learned import learned_meanings
from pipeline.report.lookup import Place, find_all, find_document
from pipeline.report.meanings import flag_meanings, quarantine_meanings
from pipeline.report.passages import COMPARED_CHARS, Comparison, Passage, changed_passages, compare
from pipeline.report.reasons import cut_reasons
from pipeline.report.shared import Shared, find_shared_passage
from pipeline.report.tables import Tables, open_tables
from pipeline.stages.digests import Fate
from pipeline.text.catalogue import rule_reasons
from pipeline.text.edits import Edit, read_edit, undo_edits

# A text can have a hundred thousand edits. Passages are told until each of their rules had enough.
PASSAGES_PER_RULE = 20
DIFFERENCES = 12
RELATIVES = 20
# Signals that are nothing in a healthy article, from this value on; the rest would only be noise.
NOTABLE: Mapping[str, float] = {
    "cut_char_share": 0.0005,
    "glued_per_1000_words": 0.5,
    "replacement_chars": 1,
    "symbol_word_ratio": 0.01,
    "ellipsis_line_share": 0.01,
    "bullet_line_share": 0.01,
    "short_line_share": 0.5,
    "upper_word_share": 0.1,
    "duplicate_line_share": 0.01,
    "duplicate_paragraph_share": 0.01,
    "duplicate_5gram_char_share": 0.05,
}
FILTERS = ("c4_pass", "gopher_pass", "fineweb_pass")
LISTS = ("flags", "reasons")


@dataclass(frozen=True, slots=True)
class Document:
    """The document's own row; what its fate has no column for is None or empty."""

    doc_id: str
    source_id: str
    first_seen: datetime
    raw_sha256: str | None
    source: str | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    language: str | None = None
    language_confidence: float | None = None
    published_at: datetime | None = None
    n_chars: int | None = None
    n_words: int | None = None
    encoding: str | None = None
    flags: Sequence[str] = ()
    signals: Mapping[str, float | bool | None] | None = None
    decoded_sha256: str | None = None
    text_sha256: str | None = None
    cluster_id: str | None = None
    canonical_id: str | None = None
    relation: str | None = None
    reason: str | None = None
    stage: str | None = None
    reasons: Sequence[str] = ()
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A passage of the decoded text and the edits in it; `first` numbers them from 1."""

    first: int
    edits: tuple[Edit, ...]
    passage: Passage


@dataclass(frozen=True, slots=True)
class Relative:
    """Another document and how like the two are, seen from the one the story is about."""

    doc_id: str
    source_id: str
    relation: str
    jaccard: float
    containment: float  # share of this document's shingles that the other has too
    containment_back: float  # share of the other's shingles that this one has too
    shared_shingles: int


@dataclass(frozen=True, slots=True)
class Story:
    """All of it. `rebuilt` is None where there is no text to rebuild the original from.

    `kept` is the canonical of a duplicate and `differences` what tells the two apart: REMOVED is
    only in the kept one; `shared` is the longest passage of both. `members` are the duplicates of
    a canonical, the most alike first; there may be more than are listed.
    """

    document: Document
    fate: Fate
    decoded_chars: int | None
    rebuilt: bool | None
    rules: Mapping[str, int]
    meanings: Mapping[str, str]  # of its rules, flags and reasons of quarantine, by name
    changes: tuple[Change, ...]
    decided: Mapping[int, str]  # by start of a cut of the line model: what spoke for it
    edits_left_out: int
    kept: Relative | None
    differences: Comparison | None
    shared: Shared | None
    members: tuple[Relative, ...]
    cluster_size: int
    reviews: tuple[Relative, ...]


def explain(snapshot: Path, doc: str) -> Story:
    """The story of the document that `doc` names: a doc_id or its start, a source_id or its end.

    Raises DocumentNotFoundError where no document is meant, or more than one.
    """
    place = find_document(snapshot, doc)
    tables = open_tables(snapshot)
    document = _read(place)
    edits = _edits(tables, place.doc_id)
    decoded = None if document.text is None else undo_edits(document.text, edits)
    changes = _changes(decoded or "", edits)
    pairs = _pairs(tables, place.doc_id)
    relatives = find_all(snapshot, pairs["doc_id"].to_list())
    merged = _relatives(pairs.filter(decision="merge"), relatives)
    is_duplicate = place.fate is Fate.DUPLICATE
    kept_text = _kept_text(document, relatives) if is_duplicate else None
    return Story(
        document=document,
        fate=place.fate,
        decoded_chars=None if decoded is None else len(decoded),
        rebuilt=None if decoded is None else _sha256(decoded) == document.decoded_sha256,
        rules=dict(Counter(edit.rule for edit in edits).most_common()),
        meanings=_meanings(document, edits) | learned_meanings(tables, {e.rule for e in edits}),
        changes=changes,
        decided=cut_reasons(decoded or "", [e for change in changes for e in change.edits]),
        edits_left_out=len(edits) - sum(len(change.edits) for change in changes),
        kept=merged[0] if is_duplicate and merged else None,
        differences=_differences(document, kept_text),
        shared=_shared(document, kept_text),
        members=() if is_duplicate else merged,
        cluster_size=_cluster_size(tables, document),
        reviews=_relatives(pairs.filter(decision="review"), relatives),
    )


def _read(place: Place) -> Document:
    row = pl.scan_parquet(place.file, glob=False).filter(doc_id=place.doc_id).collect()
    known = [one.name for one in fields(Document) if one.name in row.columns]
    values = row.select(pl.col(name).fill_null([]) if name in LISTS else name for name in known)
    return Document(**values.row(0, named=True))


def _edits(tables: Tables, doc_id: str) -> list[Edit]:
    rows = tables.edits.filter(doc_id=doc_id).sort("seq").select(Edit._fields).collect()
    return list(map(read_edit, rows.iter_rows()))


def _changes(decoded: str, edits: Sequence[Edit]) -> tuple[Change, ...]:
    """The passages with edits, but those that only show what their rules have shown enough."""
    shown: Counter[str] = Counter()
    chosen: list[Change] = []
    first = 1
    for passage, held in changed_passages(decoded, edits):
        rules = {edit.rule for edit in held}
        if any(shown[rule] < PASSAGES_PER_RULE for rule in rules):
            chosen.append(Change(first, tuple(held), passage))
            shown.update(rules)
        first += len(held)
    return tuple(chosen)


def _pairs(tables: Tables, doc_id: str) -> pl.DataFrame:
    """Measured pairs of the document, the other one's side turned to the left, most alike first.

    At most RELATIVES of each decision.
    """
    left, right = (
        tables.pairs.filter(pl.col(ours) == doc_id).select(
            pl.col(theirs).alias("doc_id"),
            "relation",
            "jaccard",
            pl.col(inside).alias("containment"),
            pl.col(back).alias("containment_back"),
            "shared_shingles",
            "decision",
        )
        for ours, theirs, inside, back in (
            ("left_id", "right_id", "containment_left", "containment_right"),
            ("right_id", "left_id", "containment_right", "containment_left"),
        )
    )
    order = ["jaccard", "containment", "doc_id"]
    pairs = pl.concat([left, right]).collect().sort(order, descending=[True, True, False])
    return pairs.group_by("decision", maintain_order=True).head(RELATIVES)


def _relatives(pairs: pl.DataFrame, places: Mapping[str, Place]) -> tuple[Relative, ...]:
    figures = ["jaccard", "containment", "containment_back", "shared_shingles"]
    rows = pairs.select("doc_id", "relation", *figures).iter_rows()
    return tuple(
        Relative(doc_id, places[doc_id].source_id, relation, *rest)
        for doc_id, relation, *rest in rows
        if doc_id in places
    )


def _kept_text(document: Document, places: Mapping[str, Place]) -> str | None:
    """As much of the canonical's text as is compared."""
    place = places.get(document.canonical_id or "")
    if place is None:
        return None
    kept = pl.scan_parquet(place.file, glob=False).filter(doc_id=place.doc_id)
    return kept.select(pl.col("text").str.head(COMPARED_CHARS)).collect().item() or ""


def _differences(document: Document, kept: str | None) -> Comparison | None:
    return None if kept is None else compare(kept, document.text or "", passages=DIFFERENCES)


def _shared(document: Document, kept: str | None) -> Shared | None:
    return None if kept is None else find_shared_passage(kept, document.text or "")


def _cluster_size(tables: Tables, document: Document) -> int:
    """Documents of its cluster; 0 for one that was never clustered."""
    if document.cluster_id is None:
        return 0
    sizes = tables.clusters.filter(cluster_id=document.cluster_id).select("size").collect()
    return int(sizes.item()) if sizes.height else 0


def _meanings(document: Document, edits: Sequence[Edit]) -> dict[str, str]:
    """What its rules, flags and reasons of quarantine say, as far as that is known."""
    known = rule_reasons() | {**flag_meanings(), **quarantine_meanings()}
    names = {edit.rule for edit in edits}.union(document.flags, document.reasons)
    return {name: known[name] for name in sorted(names & known.keys())}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
