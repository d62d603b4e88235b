"""The assets: each calls one step of `pipeline.curate` and reports numbers. No logic lives here.

Handles travel between them, never frames: what a step returns says where its result lies.
"""

from datetime import timedelta

import dagster as dg

from pipeline import curate
from pipeline.curate import Outcome
from pipeline.defs import numbers
from pipeline.defs.workshop import Workshop
from pipeline.store.batches import Corpus
from pipeline.store.clusters import Clusters
from pipeline.store.finished import FinishedFiles
from pipeline.store.ingest import Ingested
from pipeline.store.learning import Learned
from pipeline.store.snapshots import Staged

# A night and a half: one missed night turns the corpus red by the afternoon.
NIGHTLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36))


@dg.asset(group_name="ingest", kinds={"parquet", "polars"})
def raw_documents(context: dg.AssetExecutionContext, workshop: Workshop) -> dg.Output[Ingested]:
    """Records as they came in, byte for byte, with the time each was first seen."""
    run = workshop.run()
    with numbers.effort(run) as took:
        ingested = curate.ingest(run)
    context.log.info(numbers.told_of_ingest(ingested, took))
    return dg.Output(ingested, metadata=numbers.of_ingest(ingested, took))


@dg.asset(group_name="clean", kinds={"polars", "ftfy"})
def cleaned_documents(
    context: dg.AssetExecutionContext, workshop: Workshop, raw_documents: Ingested
) -> dg.Output[Corpus]:
    """Texts decoded, repaired and cut; every change is an edit that can be undone."""
    run = workshop.run()
    with numbers.effort(run, raw_documents.corpus, run.stages.clean) as took:
        cleaned = curate.clean(run, raw_documents.corpus)
    metadata = numbers.of_cleaning(run, cleaned, took)
    cuts = f"cut {metadata['cuts']:,} spans"
    context.log.info(numbers.told("cleaned", cleaned.documents, took, cuts))
    return dg.Output(cleaned, metadata=metadata)


@dg.asset(group_name="clean", kinds={"polars"})
def measured_documents(
    context: dg.AssetExecutionContext, workshop: Workshop, cleaned_documents: Corpus
) -> dg.Output[Corpus]:
    """Language, lengths and the quality signals of the field: columns, never silent filters."""
    run = workshop.run()
    with numbers.effort(run, cleaned_documents, run.stages.measure) as took:
        measured = curate.measure(run, cleaned_documents)
    context.log.info(numbers.told("measured", measured.documents, took))
    return dg.Output(measured, metadata=numbers.of_measuring(run, measured, took))


@dg.asset(group_name="validate", kinds={"polars", "greatexpectations"})
def judged_documents(
    context: dg.AssetExecutionContext, workshop: Workshop, measured_documents: Corpus
) -> dg.Output[Corpus]:
    """Documents with the suites' verdicts: who is kept out, and for which rules."""
    run = workshop.run()
    with numbers.effort(run, measured_documents, run.stages.judge) as took:
        judged = curate.judge(run, measured_documents)
    metadata = numbers.of_judging(run, judged, took)
    refused = f"refused {metadata['quarantined']:,}"
    context.log.info(numbers.told("judged", judged.documents, took, refused))
    return dg.Output(judged, metadata=metadata)


@dg.asset(group_name="dedupe", kinds={"numba", "polars"})
def fingerprints(
    context: dg.AssetExecutionContext, workshop: Workshop, judged_documents: Corpus
) -> dg.Output[Corpus]:
    """MinHash signatures cut into bands, and exact keys: what near-duplicates are found by."""
    run = workshop.run()
    with numbers.effort(run, judged_documents, run.stages.fingerprint) as took:
        fingerprinted = curate.fingerprint(run, judged_documents)
    context.log.info(numbers.told("fingerprinted", fingerprinted.documents, took))
    return dg.Output(fingerprinted, metadata=numbers.of_rows(fingerprinted, "fingerprints", took))


@dg.asset(group_name="dedupe", kinds={"numba", "polars"})
def duplicate_clusters(
    context: dg.AssetExecutionContext, workshop: Workshop, fingerprints: Corpus
) -> dg.Output[Clusters]:
    """Duplicates beside the one canonical document that each verifies against."""
    run = workshop.run()
    with numbers.effort(run) as took:
        clusters = curate.cluster(run, fingerprints)
    context.log.info(numbers.told_of_clusters(clusters, took))
    return dg.Output(clusters, metadata=numbers.of_clusters(clusters, took))


@dg.asset(group_name="clean", kinds={"numba", "polars"})
def learned_lines(
    context: dg.AssetExecutionContext,
    workshop: Workshop,
    cleaned_documents: Corpus,
    duplicate_clusters: Clusters,
) -> dg.Output[Learned]:
    """Lines that a source repeats at the edges of its articles, counted once per story."""
    run = workshop.run()
    with numbers.effort(run) as took:
        learned = curate.learn(run, cleaned_documents, duplicate_clusters)
    context.log.info(numbers.told_of_lines(learned, cleaned_documents, took))
    return dg.Output(learned, metadata=numbers.of_lines(learned, took))


@dg.asset(group_name="publish", kinds={"polars"})
def finished_documents(
    context: dg.AssetExecutionContext,
    workshop: Workshop,
    judged_documents: Corpus,
    duplicate_clusters: Clusters,
    learned_lines: Learned,
) -> dg.Output[FinishedFiles]:
    """Every document with its fate, without learned lines: curated, duplicate or quarantined."""
    run = workshop.run()
    with numbers.effort(run) as took:
        finished = curate.finish(run, judged_documents, duplicate_clusters, learned_lines)
    context.log.info(numbers.told("finished", judged_documents.documents, took))
    metadata = numbers.of_rows(judged_documents, "finished_documents", took)
    return dg.Output(finished, metadata=metadata)


@dg.asset(group_name="publish", kinds={"parquet"})
def staged_snapshot(  # noqa: PLR0913, PLR0917  Dagster passes what it depends on, one by one
    context: dg.AssetExecutionContext,
    workshop: Workshop,
    raw_documents: Ingested,
    duplicate_clusters: Clusters,
    learned_lines: Learned,
    finished_documents: FinishedFiles,
) -> dg.Output[Staged]:
    """The complete snapshot where no reader looks; blocking checks decide what becomes of it."""
    run = workshop.run()
    with numbers.effort(run) as took:
        staged = curate.stage(
            run, raw_documents, duplicate_clusters, learned_lines, finished_documents
        )
    context.log.info(numbers.told("staged", staged.manifest.counts.documents_in, took))
    return dg.Output(staged, metadata=numbers.of_snapshot(staged.manifest, staged.folder, took))


@dg.asset(group_name="publish", kinds={"parquet", "huggingface"}, freshness_policy=NIGHTLY)
def corpus(
    context: dg.AssetExecutionContext,
    workshop: Workshop,
    raw_documents: Ingested,
    judged_documents: Corpus,
    staged_snapshot: Staged,
) -> dg.Output[Outcome]:
    """The served corpus: Parquet that Polars, DuckDB, pandas and Hugging Face datasets read."""
    run = workshop.run()
    validation = curate.validate(run, judged_documents, staged_snapshot)
    outcome = curate.publish(run, raw_documents, staged_snapshot, validation)
    context.log.info(numbers.told_of_outcome(outcome))
    return dg.Output(outcome, metadata=numbers.of_outcome(outcome))


ASSETS = [
    raw_documents,
    cleaned_documents,
    measured_documents,
    judged_documents,
    fingerprints,
    duplicate_clusters,
    learned_lines,
    finished_documents,
    staged_snapshot,
    corpus,
]
