"""What an asset reports: numbers that plot over nights, columns, lineage and a few rows.

Texts never go into the event log; rows shown there are ids, counts and names.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import polars as pl

from pipeline import schema
from pipeline.curate import Outcome, Run
from pipeline.glossary import DESCRIPTIONS
from pipeline.store.batches import Corpus, MapStage, load_live
from pipeline.store.clusters import Clusters
from pipeline.store.ingest import Ingested
from pipeline.store.manifest import Counts, Manifest
from pipeline.validation.gathering import count_reasons

Metadata = dict[str, dg.MetadataValue | str | int | float | dg.TableSchema | dg.TableColumnLineage]

SHOWN = 10
# Where a column comes from, for the columns that a later asset computes from an earlier one's.
LINEAGE = {
    "cleaned_documents": {"text": "raw", "edits": "raw", "encoding": "raw", "flags": "raw"},
    "measured_documents": {"language": "text", "signals": "text", "n_words": "text"},
    "judged_documents": {"verdicts": "signals", "flags": "flags"},
    "fingerprints": {"bands": "text", "token_key": "text"},
}


@contextmanager
def clock() -> Iterator[Callable[[], float]]:
    """Seconds since the block began; at its end they stop."""
    start, end = time.perf_counter(), list[float]()
    yield lambda: (end[0] if end else time.perf_counter()) - start
    end.append(time.perf_counter())


def told(done: str, documents: int, seconds: float) -> str:
    """The one line a stage leaves in the log."""
    return f"{done} {documents:,} documents, {seconds:.1f} s"


def told_of_ingest(ingested: Ingested) -> str:
    """The line that reading the input leaves in the log."""
    return (
        f"ingested {ingested.documents:,} documents from {ingested.files:,} files, "
        f"{ingested.files_read:,} of them read"
    )


def told_of_clusters(clusters: Clusters, seconds: float) -> str:
    """The line that clustering leaves in the log."""
    pairs = f"{clusters.verified:,} of {clusters.candidates:,} candidate pairs"
    return f"verified {pairs}, {seconds:.1f} s"


def told_of_outcome(outcome: Outcome) -> str:
    """The line that publishing leaves in the log."""
    done = "published" if outcome.published else "unchanged, nothing published:"
    return f"{done} snapshot {outcome.snapshot}, {outcome.counts.curated:,} documents"


def of_rows(corpus: Corpus, columns: pl.Schema, seconds: float) -> Metadata:
    """Rows, columns and speed of a map stage."""
    return {
        "dagster/row_count": corpus.documents,
        "dagster/column_schema": table_schema(columns),
        "batches": len(corpus.batches),
        "documents_per_second": round(corpus.documents / max(seconds, 1e-3), 1),
        "seconds": round(seconds, 2),
    }


def of_ingest(ingested: Ingested) -> Metadata:
    """Files and records, and what could not be read of them."""
    return {
        "dagster/row_count": ingested.documents,
        "dagster/column_schema": table_schema(schema.RAW),
        "files": ingested.files,
        "files_read": ingested.files_read,
        "unreadable_records": ingested.errors,
        "ignored_paths": len(ingested.ignored),
        "batches": len(ingested.corpus.batches),
    }


def of_cleaning(run: Run, cleaned: Corpus, seconds: float) -> Metadata:
    """How much was cut and repaired, and by which rules."""
    rules = _explode(run, cleaned, run.stages.clean, "edits").unnest("edits")
    cut = rules.filter(pl.col("action").str.starts_with("drop_"))
    by_rule = rules.group_by("rule").len("edits").sort("edits", "rule", descending=[True, False])
    return of_rows(cleaned, schema.CLEANED, seconds) | {
        "dagster/column_lineage": _lineage("cleaned_documents", "raw_documents"),
        "edits": rules.height,
        "cuts": cut.height,
        "cut_characters": int(cut["removed"].str.len_chars().sum()),
        "edits_by_rule": _table(by_rule),
    }


def of_measuring(run: Run, measured: Corpus, seconds: float) -> Metadata:
    """Languages and lengths."""
    columns = ["language", "n_chars", "n_words"]
    frame = pl.concat(_frames(run, measured, run.stages.measure, columns))
    languages = (
        frame.group_by("language")
        .len("documents")
        .sort("documents", "language", descending=[True, False])
    )
    return of_rows(measured, schema.MEASURED, seconds) | {
        "dagster/column_lineage": _lineage("measured_documents", "cleaned_documents"),
        "characters": int(frame["n_chars"].sum()),
        "words": int(frame["n_words"].sum()),
        "languages": _table(languages),
    }


def of_judging(run: Run, judged: Corpus, seconds: float) -> Metadata:
    """Who is kept out, and why."""
    reasons = count_reasons(judged, work=run.workspace.work, judged=run.stages.judge)
    return of_rows(judged, schema.JUDGED, seconds) | {
        "dagster/column_lineage": _lineage("judged_documents", "measured_documents"),
        "quarantined": reasons.quarantined,
        "quarantine_rate": _share(reasons.quarantined, judged.documents),
        "quarantine_by_reason": _counted(reasons.by_rule),
    }


def of_clusters(clusters: Clusters, seconds: float) -> Metadata:
    """Duplicates, what they are to their canonicals, and what it took to find them."""
    members = clusters.members()
    duplicates = members.filter(pl.col("relation").is_not_null())
    relations = duplicates.group_by("relation").len("documents").sort("relation")
    return {
        "dagster/row_count": members.height,
        "dagster/column_schema": table_schema(schema.CLUSTERED),
        "duplicates": duplicates.height,
        "duplicate_rate": _share(duplicates.height, members.height),
        "duplicates_by_relation": _table(relations),
        "candidate_pairs": clusters.candidates,
        "verified_pairs": clusters.verified,
        "uncompared_pairs": clusters.uncompared,
        "seconds": round(seconds, 2),
    }


def of_snapshot(manifest: Manifest, folder: Path) -> Metadata:
    """The ledger, and where the tables lie."""
    tables = {name: facts.rows for name, facts in manifest.tables.items()}
    return of_counts(manifest.counts) | {
        "dagster/uri": folder.resolve().as_uri(),
        "dagster/column_schema": table_schema(schema.DOCUMENTS),
        "snapshot": manifest.snapshot,
        "rows_by_table": _counted(tables),
        "bytes": sum(file.bytes for file in manifest.files),
    }


def of_outcome(outcome: Outcome) -> Metadata:
    """What was published, and the page that shows it."""
    corpus = outcome.folder.parents[1]
    report = corpus / "publications" / str(outcome.publication) / "report.html"
    return of_counts(outcome.counts) | {
        "dagster/uri": outcome.folder.resolve().as_uri(),
        "dagster/column_schema": table_schema(schema.DOCUMENTS),
        "snapshot": outcome.snapshot,
        "publication": outcome.publication,
        "published": str(outcome.published),
        "report": dg.MetadataValue.path(str(report.resolve())),
        "seconds": round(outcome.seconds, 2),
    }


def of_counts(counts: Counts) -> Metadata:
    """The ledger as numbers that plot."""
    return {
        "dagster/row_count": counts.curated,
        "documents_in": counts.documents_in,
        "curated": counts.curated,
        "duplicates": counts.duplicates,
        "quarantined": counts.quarantined,
        "edits": counts.edits,
        "duplicate_rate": _share(counts.duplicates, counts.documents_in),
    }


def table_schema(columns: pl.Schema) -> dg.TableSchema:
    """The columns with their types and descriptions."""
    return dg.TableSchema(
        [
            dg.TableColumn(name, str(dtype), description=DESCRIPTIONS[name])
            for name, dtype in columns.items()
        ]
    )


def _lineage(asset: str, upstream: str) -> dg.TableColumnLineage:
    key = dg.AssetKey(upstream)
    return dg.TableColumnLineage(
        {name: [dg.TableColumnDep(key, source)] for name, source in LINEAGE[asset].items()}
    )


def _frames(run: Run, corpus: Corpus, stage: MapStage, columns: list[str]) -> list[pl.DataFrame]:
    work = run.workspace.work
    return [load_live(b, work=work, stage=stage, columns=columns) for b in corpus.batches]


def _explode(run: Run, corpus: Corpus, stage: MapStage, column: str) -> pl.DataFrame:
    lists = pl.concat(_frames(run, corpus, stage, [column]))
    return lists.explode(column, empty_as_null=False, keep_nulls=False)


def _counted(counts: Mapping[str, int]) -> dg.TableMetadataValue:
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dg.MetadataValue.table(
        [dg.TableRecord({"name": name, "documents": count}) for name, count in rows],
        schema=dg.TableSchema([dg.TableColumn("name"), dg.TableColumn("documents", "int")]),
    )


def _table(frame: pl.DataFrame) -> dg.TableMetadataValue:
    columns = [dg.TableColumn(name, str(dtype)) for name, dtype in frame.schema.items()]
    rows = [dg.TableRecord(row) for row in frame.head(SHOWN).iter_rows(named=True)]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema(columns))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
