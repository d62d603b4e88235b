"""What an asset reports: numbers that plot over nights, and a few rows that a person reads.

Documents' texts never go into the event log; rows shown there are ids, counts and names, and the
beginnings of lines that sources repeat.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import polars as pl

from pipeline.curate import Outcome, Run
from pipeline.defs.columns import Metadata, columns_of
from pipeline.report.passages import bounded, visible
from pipeline.store.batches import Corpus, MapStage, load_live, stage_path
from pipeline.store.clusters import Clusters
from pipeline.store.ingest import Ingested
from pipeline.store.learning import Learned
from pipeline.store.manifest import Counts, Manifest
from pipeline.validation.gathering import count_reasons

SHOWN = 10  # rows of a table in the event log
SHOWN_CHARS = 80


@dataclass(slots=True)
class Effort:
    """What a step took; `computed` documents had no stored result. Complete once it has ended."""

    computed: int = 0
    seconds: float = 0.0


@contextmanager
def effort(
    run: Run, corpus: Corpus | None = None, stage: MapStage | None = None
) -> Iterator[Effort]:
    """The effort of the block; with a map stage, how many documents it has to compute."""
    took = Effort()
    for batch in corpus.batches if corpus and stage else ():
        missing = stage is not None and not stage_path(run.workspace.work, stage, batch).exists()
        took.computed += batch.rows if missing else 0
    began = time.perf_counter()
    yield took
    took.seconds = time.perf_counter() - began


def told(done: str, documents: int, took: Effort, *also: str) -> str:
    """The one line a stage leaves in the log.

    >>> told("cleaned", 48_120, Effort(seconds=11.21), "cut 9,204 spans")
    'cleaned 48,120 documents, cut 9,204 spans, 11.2 s'
    """
    return ", ".join([f"{done} {documents:,} documents", *also, f"{took.seconds:.1f} s"])


def told_of_ingest(ingested: Ingested, took: Effort) -> str:
    """The line that reading the input leaves in the log."""
    files = f"read {ingested.files_read:,} of {ingested.files:,} files"
    return told("ingested", ingested.documents, took, files)


def told_of_clusters(clusters: Clusters, took: Effort) -> str:
    """The line that clustering leaves in the log."""
    pairs = f"verified {clusters.verified:,} of {clusters.candidates:,} candidate pairs"
    return told("clustered", clusters.members().height, took, pairs, clusters.index)


def told_of_lines(learned: Learned, corpus: Corpus, took: Effort) -> str:
    """The line that learning leaves in the log."""
    lines = learned.lines()
    found = f"{lines.height:,} lines of {lines['source'].n_unique():,} sources"
    return told("learned from", corpus.documents, took, found)


def told_of_outcome(outcome: Outcome) -> str:
    """The line that publishing leaves in the log."""
    done = "published" if outcome.published else "found unchanged, and did not publish,"
    return f"{done} snapshot {outcome.snapshot} of {outcome.counts.curated:,} documents"


def of_ingest(ingested: Ingested, took: Effort) -> Metadata:
    """Files and records, and what could not be read of them."""
    return columns_of("raw_documents") | {
        "dagster/row_count": ingested.documents,
        "files": ingested.files,
        "files_read": ingested.files_read,
        "unreadable_records": ingested.errors,
        "records_passed_over": ingested.passed,
        "ignored_paths": len(ingested.ignored),
        "batches": len(ingested.corpus.batches),
        "seconds": round(took.seconds, 2),
    }


def of_rows(corpus: Corpus, asset: str, took: Effort) -> Metadata:
    """Rows, columns and speed. Without a document computed there is no speed to speak of."""
    speed = round(took.computed / max(took.seconds, 1e-3), 1)
    return columns_of(asset) | {
        "dagster/row_count": corpus.documents,
        "batches": len(corpus.batches),
        "computed_documents": took.computed,
        "seconds": round(took.seconds, 2),
        **({"documents_per_second": speed} if took.computed else {}),
    }


def of_cleaning(run: Run, cleaned: Corpus, took: Effort) -> Metadata:
    """How much was cut and repaired, by which rules, and where most."""
    by_rule, spans, characters = Counter[str](), 0, 0
    most = [pl.DataFrame(schema={"doc_id": pl.String, "source_id": pl.String, "cut": pl.Int64})]
    for rows in _frames(run, cleaned, run.stages.clean, ["doc_id", "source_id", "edits"]):
        edits = rows.explode("edits", empty_as_null=False, keep_nulls=False).unnest("edits")
        by_rule.update(dict(edits["rule"].value_counts().iter_rows()))
        cuts = edits.filter(pl.col("action").str.starts_with("drop_"))
        spans += cuts.height
        cut = pl.col("removed").str.len_chars().sum().cast(pl.Int64).alias("cut")
        per_document = cuts.group_by("doc_id", "source_id").agg(cut)
        characters += int(per_document["cut"].sum())
        most = [pl.concat([*most, per_document]).sort("cut", "doc_id", descending=True).head(SHOWN)]
    return of_rows(cleaned, "cleaned_documents", took) | {
        "edits": by_rule.total(),
        "cuts": spans,
        "cut_characters": characters,
        "edits_by_rule": _counted(by_rule, of="rule", counted="edits"),
        "most_cut": _table(most[0]),
    }


def of_measuring(run: Run, measured: Corpus, took: Effort) -> Metadata:
    """Languages and lengths."""
    languages, characters, words = Counter[str](), 0, 0
    for rows in _frames(run, measured, run.stages.measure, ["language", "n_chars", "n_words"]):
        languages.update(rows["language"].fill_null("none").to_list())
        characters += int(rows["n_chars"].sum())
        words += int(rows["n_words"].sum())
    return of_rows(measured, "measured_documents", took) | {
        "characters": characters,
        "words": words,
        "languages": len(languages),
        "documents_by_language": _counted(languages, of="language"),
    }


def of_judging(run: Run, judged: Corpus, took: Effort) -> Metadata:
    """Who is kept out, and why."""
    reasons = count_reasons(judged, work=run.workspace.work, judged=run.stages.judge)
    return of_rows(judged, "judged_documents", took) | {
        "quarantined": reasons.quarantined,
        "quarantine_rate": _share(reasons.quarantined, judged.documents),
        "quarantine_by_reason": _counted(reasons.by_rule, of="reason"),
    }


def of_clusters(clusters: Clusters, took: Effort) -> Metadata:
    """Duplicates, what they are to their canonicals, and what it took to find them."""
    members = clusters.members()
    duplicates = members.filter(pl.col("relation").is_not_null())
    sizes = duplicates.group_by("cluster_id").agg((pl.len() + 1).alias("documents"))
    largest = sizes.sort("documents", "cluster_id", descending=[True, False])
    return columns_of("duplicate_clusters") | {
        "dagster/row_count": members.height,
        "duplicates": duplicates.height,
        "duplicate_rate": _share(duplicates.height, members.height),
        "duplicates_by_relation": _counted(Counter(duplicates["relation"]), of="relation"),
        "largest_clusters": _table(largest),
        "candidate_pairs": clusters.candidates,
        "verified_pairs": clusters.verified,
        "uncompared_pairs": clusters.uncompared,
        "measured_pairs": clusters.measured,
        "index": clusters.index,
        "seconds": round(took.seconds, 2),
    }


def of_lines(learned: Learned, took: Effort) -> Metadata:
    """How many lines of how many sources, and the beginnings of the most frequent ones."""
    lines = learned.lines()
    most = lines.sort("support", "rule", descending=[True, False]).head(SHOWN)
    shown = pl.Series("line", [visible(bounded(line, SHOWN_CHARS)) for line in most["line"]])
    figures = ["rule", "source", "support", "source_clusters", "edge_share"]
    return columns_of("learned_lines") | {
        "dagster/row_count": lines.height,
        "learned_lines": lines.height,
        "sources": lines["source"].n_unique(),
        "most_frequent": _table(most.select(*figures, shown.cast(pl.String))),
        "seconds": round(took.seconds, 2),
    }


def of_snapshot(manifest: Manifest, folder: Path, took: Effort) -> Metadata:
    """The ledger, and where the tables lie."""
    tables = {name: facts.rows for name, facts in manifest.tables.items()}
    return (
        columns_of("staged_snapshot")
        | of_counts(manifest.counts)
        | {
            "dagster/uri": folder.resolve().as_uri(),
            "snapshot": manifest.snapshot,
            "rows_by_table": _counted(tables, of="table", counted="rows"),
            "bytes": sum(file.bytes for file in manifest.files),
            "seconds": round(took.seconds, 2),
        }
    )


def of_outcome(outcome: Outcome) -> Metadata:
    """What was published, and the page that shows it."""
    corpus = outcome.folder.parents[1]
    report = corpus / "publications" / str(outcome.publication) / "report.html"
    return (
        columns_of("corpus")
        | of_counts(outcome.counts)
        | {
            "dagster/uri": outcome.folder.resolve().as_uri(),
            "snapshot": outcome.snapshot,
            "publication": outcome.publication,
            "published": outcome.published,
            "report": dg.MetadataValue.path(str(report.resolve())),
            "run_seconds": round(outcome.seconds, 2),
        }
    )


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
        "quarantine_rate": _share(counts.quarantined, counts.documents_in),
    }


def _frames(
    run: Run, corpus: Corpus, stage: MapStage, columns: list[str]
) -> Iterator[pl.DataFrame]:
    for batch in corpus.batches:
        yield load_live(batch, work=run.workspace.work, stage=stage, columns=columns)


def _counted(
    counts: Mapping[str, int], *, of: str, counted: str = "documents"
) -> dg.TableMetadataValue:
    """All of them, the most frequent first: names are the rules', the suites' or the tables'."""
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dg.MetadataValue.table(
        [dg.TableRecord({of: name, counted: count}) for name, count in rows],
        schema=dg.TableSchema([dg.TableColumn(of), dg.TableColumn(counted, "int")]),
    )


def _table(frame: pl.DataFrame) -> dg.TableMetadataValue:
    columns = [dg.TableColumn(name, str(dtype)) for name, dtype in frame.schema.items()]
    rows = [dg.TableRecord(row) for row in frame.head(SHOWN).iter_rows(named=True)]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema(columns))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
