"""Finding one document of a snapshot by what a person knows of it.

Only ids are scanned, never texts; the row itself is then read from the one file that holds it. So
the question costs about as much at a million documents as at a hundred.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.errors import DocumentNotFoundError
from pipeline.report.passages import bounded, visible
from pipeline.report.tables import table_files
from pipeline.stages.digests import PUBLISHED, Fate

TABLES = {Fate.CURATED: "documents", Fate.DUPLICATE: "duplicates", Fate.QUARANTINED: "quarantine"}
PREFIX_CHARS = 4
LISTED = 5
SUGGESTED = 3
# Suggestions: ids that share most runs of three characters are compared letter by letter.
ASKED_CHARS = 120
RUN_CHARS = 3
COMPARED_IDS = 200
LIKENESS = 0.5
SHOWN_CHARS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where the row of a document lies."""

    doc_id: str
    source_id: str
    fate: Fate
    file: Path


def find_document(snapshot: Path, asked: str) -> Place:
    """The document with this doc_id or source_id, else with this start of the one or end of the
    other.

    Raises DocumentNotFoundError where none or more than one is meant.
    """
    doc_id, source_id = pl.col("doc_id"), pl.col("source_id")
    exact = (doc_id == asked) | (source_id == asked)
    begins = doc_id.str.starts_with(asked) if len(asked) >= PREFIX_CHARS else pl.lit(value=False)
    near = source_id.str.ends_with(asked) if asked else pl.lit(value=False)
    found = _collect(_ids(snapshot).filter(exact | begins | near).with_columns(exact=exact))
    if found["exact"].any():
        found = found.filter("exact")
    if found.height > 1:
        raise _ambiguous(asked, found)
    if found.is_empty():
        raise _missing(snapshot, asked)
    return _places(found)[0]


def find_all(snapshot: Path, doc_ids: list[str]) -> dict[str, Place]:
    """Where each of these documents lies, by doc_id; those the snapshot lacks are left out."""
    found = _collect(_ids(snapshot).filter(pl.col("doc_id").is_in(doc_ids)))
    return {place.doc_id: place for place in _places(found)}


def _ids(snapshot: Path) -> pl.LazyFrame:
    """doc_id, source_id, fate and file of every document."""
    frames = [
        pl.LazyFrame(schema=dict.fromkeys(("doc_id", "source_id", "fate", "file"), pl.String))
    ]
    frames += [
        pl.scan_parquet(
            files, glob=False, schema=PUBLISHED[fate], include_file_paths="file"
        ).select("doc_id", "source_id", pl.lit(fate.value).alias("fate"), "file")
        for fate, table in TABLES.items()
        if (files := table_files(snapshot, table))
    ]
    return pl.concat(frames)


def _collect(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="streaming").sort("source_id", "doc_id")


def _places(found: pl.DataFrame) -> list[Place]:
    rows = found.select("doc_id", "source_id", "fate", "file").iter_rows()
    return [
        Place(doc_id, source_id, Fate(fate), Path(file)) for doc_id, source_id, fate, file in rows
    ]


def _ambiguous(asked: str, found: pl.DataFrame) -> DocumentNotFoundError:
    listed = "; ".join(f"{row[0]} {_shown(row[1])}" for row in found.head(LISTED).iter_rows())
    more = f"; and {found.height - LISTED:,} more" if found.height > LISTED else ""
    message = (
        f"“{_shown(asked)}” may mean {found.height:,} documents: {listed}{more}. Expected a "
        "doc_id, its start or the end of a source_id that only one document has. Give more of it, "
        "or one of these doc_ids."
    )
    return DocumentNotFoundError(message)


def _missing(snapshot: Path, asked: str) -> DocumentNotFoundError:
    nearest = _suggestions(snapshot, asked)
    hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "Nothing in it looks like that."
    message = (
        f"No document of snapshot {snapshot.name} is “{_shown(asked)}”. Expected a doc_id, at "
        f"least {PREFIX_CHARS} characters of its start, a source_id or the end of one. {hint}"
    )
    return DocumentNotFoundError(message)


def _suggestions(snapshot: Path, asked: str) -> list[str]:
    """The documents whose id is spelled most like `asked`, the nearest first."""
    asked = asked[:ASKED_CHARS]
    runs = sorted({asked[at : at + RUN_CHARS] for at in range(len(asked) - RUN_CHARS + 1)})
    if not runs:
        return []
    name = pl.concat_str("doc_id", pl.lit(" "), "source_id")
    shared = pl.sum_horizontal(name.str.contains(run, literal=True) for run in runs)
    candidates = (
        _ids(snapshot)
        .select("doc_id", "source_id", shared=shared)
        .filter(pl.col("shared") > 0)
        .sort(["shared", "source_id", "doc_id"], descending=[True, False, False])
        .head(COMPARED_IDS)
        .collect(engine="streaming")
    )
    spelled: dict[str, str] = {}
    for doc_id, source_id, _ in candidates.iter_rows():
        for spelling in (doc_id[: len(asked)], source_id, source_id[-len(asked) :]):
            spelled.setdefault(spelling, f"{_shown(source_id)} ({doc_id})")
    close = difflib.get_close_matches(asked, spelled, n=3 * SUGGESTED, cutoff=LIKENESS)
    return list(dict.fromkeys(spelled[spelling] for spelling in close))[:SUGGESTED]


def _shown(text: str) -> str:
    return visible(bounded(text, SHOWN_CHARS))
