"""What a snapshot will consist of, told from narrow columns before anything is written.

A part is named by the rows it will hold, so its file can be recognised in the last snapshot and
need not be written again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from pipeline import schema
from pipeline.stages.digests import Fate, digest_all, digest_rows
from pipeline.store.manifest import Counts, FileFacts, TableFacts
from pipeline.store.parts import cut_parts
from pipeline.store.tables import WRITER

# Tables that lie in a folder of parts, by the fate of their rows.
ROW_TABLES = {"documents": Fate.CURATED, "duplicates": Fate.DUPLICATE}
SCHEMAS = {
    "documents": schema.DOCUMENTS,
    "duplicates": schema.DUPLICATES,
    "edits": schema.EDITS,
    "learned_lines": schema.LEARNED_LINES,
    "clusters": schema.CLUSTERS,
    "pairs": schema.PAIRS,
    "quarantine": schema.QUARANTINE,
}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that are written together: batch and row of each, in published order."""

    path: str
    content: str
    rows: int
    places: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Plan:
    """Parts of the wide tables, rows of the narrow ones, and every table as the manifest lists it,
    but for bytes and checksums. The quarantine is one file, so its parts share a path.
    """

    parts: dict[str, list[Part]]
    narrow: dict[str, pl.DataFrame]
    tables: dict[str, TableFacts]


def plan_snapshot(
    rows: pl.DataFrame, pairs: pl.DataFrame, lines: pl.DataFrame, *, part_rows: int
) -> Plan:
    """The plan for NARROW `rows` in published order, PAIRS and LEARNED_LINES."""
    parts = {
        table: _cut(table, rows.filter(pl.col("fate") == fate.value), part_rows=part_rows)
        for table, fate in ROW_TABLES.items()
    }
    edited = rows.filter(pl.col("n_edits") > 0)
    parts["edits"] = _cut("edits", edited, part_rows=part_rows)
    refused = rows.filter(pl.col("fate") == Fate.QUARANTINED.value)
    parts["quarantine"] = _cut("quarantine", refused, part_rows=part_rows)
    narrow = {
        "learned_lines": schema.check(lines, schema.LEARNED_LINES, stage="learn"),
        "clusters": _clusters(rows),
        "pairs": schema.check(pairs, schema.PAIRS, stage="cluster").sort("left_id", "right_id"),
    }
    files = {name: _files(pieces) for name, pieces in parts.items()}
    files |= {name: [_file(name, frame)] for name, frame in narrow.items()}
    tables = {name: _table(files[name]) for name in SCHEMAS}
    return Plan(parts=parts, narrow=narrow, tables=tables)


def count(
    rows: pl.DataFrame, plan: Plan, *, documents_in: int, uncompared: int, hits: Mapping[str, int]
) -> Counts:
    """The figures of a corpus of NARROW `rows`."""
    fates = _tally(rows["fate"])
    curated = rows.filter(pl.col("fate") == Fate.CURATED.value)
    return Counts(
        documents_in=documents_in,
        curated=fates.get(Fate.CURATED.value, 0),
        duplicates=fates.get(Fate.DUPLICATE.value, 0),
        quarantined=fates.get(Fate.QUARANTINED.value, 0),
        edits=int(rows["n_edits"].cast(pl.Int64).sum()),
        clusters=plan.tables["clusters"].rows,
        pairs=plan.tables["pairs"].rows,
        learned_lines=plan.tables["learned_lines"].rows,
        uncompared_pairs=uncompared,
        characters=int(curated["n_chars"].cast(pl.Int64).sum()),
        words=int(curated["n_words"].cast(pl.Int64).sum()),
        by_reason=_tally(rows["reasons"].explode()),
        by_relation=_tally(rows["relation"]),
        by_rule=dict(sorted(hits.items())),
        flags=_tally(curated["flags"].explode()),
        languages=_tally(curated["language"]),
    )


def table_salt(table: str, *, version: str = schema.VERSION, writer: str = WRITER) -> str:
    """What shapes the bytes of a table beside its rows."""
    return f"{table} {version} {writer}"


def edit_keys(doc_ids: pl.Series, edit_digests: pl.Series) -> pl.Series:
    """One string for each document's edits, to be digested into a part's name."""
    return doc_ids + " " + edit_digests


def _cut(table: str, rows: pl.DataFrame, *, part_rows: int) -> list[Part]:
    """The parts of one table; a table without rows has one without rows, to show its columns."""
    digests = rows["row_sha256"]
    if table == "edits":
        digests = edit_keys(rows["doc_id"], rows["edits_sha256"])
    ranges = cut_parts(rows["doc_id"], mean_rows=part_rows) or [(0, 0)]
    whole = digest_all(digests, salt=table_salt(table)) if table == "quarantine" else None
    parts = []
    for start, stop in ranges:
        piece = rows[start:stop]
        content = whole or digest_all(digests[start:stop], salt=table_salt(table))
        path = f"{table}.parquet" if whole else _path(table, piece["first_seen"].first(), content)
        size = int(piece["n_edits"].sum()) if table == "edits" else piece.height
        parts.append(Part(path, content, size, piece.select("batch", "row")))
    return parts


def _path(table: str, first_seen: object, content: str) -> str:
    since = f"{first_seen:%Y%m%dT%H%M%SZ}" if isinstance(first_seen, datetime) else "empty"
    return f"{table}/part-{since}-{content[:16]}.parquet"


def _clusters(rows: pl.DataFrame) -> pl.DataFrame:
    clusters = (
        rows.filter(pl.col("cluster_id").is_not_null())
        .group_by("cluster_id")
        .agg(pl.len().cast(pl.UInt32).alias("size"))
        .select("cluster_id", pl.col("cluster_id").alias("canonical_id"), "size")
        .sort("cluster_id")
    )
    return schema.check(clusters, schema.CLUSTERS, stage="publish")


def _files(parts: Iterable[Part]) -> list[FileFacts]:
    files: dict[str, FileFacts] = {}
    for part in parts:
        before = files[part.path].rows if part.path in files else 0
        files[part.path] = FileFacts(path=part.path, content=part.content, rows=before + part.rows)
    return list(files.values())


def _file(table: str, frame: pl.DataFrame) -> FileFacts:
    content = digest_rows(frame, salt=table_salt(table))
    return FileFacts(path=f"{table}.parquet", content=content, rows=frame.height)


def _table(files: list[FileFacts]) -> TableFacts:
    return TableFacts(rows=sum(file.rows for file in files), files=tuple(files))


def _tally(values: pl.Series) -> dict[str, int]:
    """How often each value occurs, by value; null is not counted."""
    frame = values.drop_nulls().rename("value").value_counts(name="n").sort("value")
    return dict(frame.iter_rows())
