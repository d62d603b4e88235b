"""The whole pipeline: read `curate` first, everything else is a detail of one of its lines.

Each step takes the run and what the steps before it returned, stores its result under the output
folder, and finds it there the next time. The Dagster assets are these same steps, wired.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from pipeline.engine import Engine, announced
from pipeline.report.card import dataset_card
from pipeline.report.publication import Reporter
from pipeline.settings import Settings
from pipeline.stages.cut_lines import Cutting
from pipeline.stages.judge import Limits
from pipeline.stages.settle import settle_pairs
from pipeline.store.arrivals import read_arrivals
from pipeline.store.batches import Corpus, MapStage, missing, run_batch
from pipeline.store.chain import Chain, chain
from pipeline.store.clusters import Clusters, cluster_corpus
from pipeline.store.finished import FinishedFiles
from pipeline.store.finishing import Given, finish_corpus
from pipeline.store.ingest import Ingested, guard_shrink
from pipeline.store.ingest import ingest as read_input
from pipeline.store.learning import Learned, learn_corpus
from pipeline.store.manifest import Counts, read_manifest
from pipeline.store.promises import check_promises, require_promises
from pipeline.store.publications import RunFacts, sweep
from pipeline.store.publications import publish as serve
from pipeline.store.reading import read_latest
from pipeline.store.rules import rule_facts
from pipeline.store.snapshots import Content, Staged, stage_snapshot
from pipeline.store.tidying import tidy
from pipeline.store.versions import library_versions
from pipeline.store.workspace import Workspace, hold
from pipeline.validation.drift import choose_suites, compare
from pipeline.validation.expectations import run_suites
from pipeline.validation.gathering import count_reasons, gather_facts
from pipeline.validation.limits import compile_limits
from pipeline.validation.records import Subject, in_words, recorded
from pipeline.validation.results import Validation, guard_quarantine, require_success
from pipeline.validation.suites import load_suites


@dataclass(frozen=True)
class Run:
    """What a run works on and with; the clock is an argument like any other."""

    source: str
    workspace: Workspace
    settings: Settings
    engine: Engine
    now: datetime
    name: str = "curate"

    @cached_property
    def stages(self) -> Chain:
        """The map stages under this run's settings and the suites' limits."""
        return chain(self.settings, self.limits)

    @cached_property
    def limits(self) -> Limits:
        """What a document is judged by."""
        return compile_limits(load_suites())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    snapshot: str
    folder: Path
    publication: int
    published: bool  # False: nothing had changed, so nothing was published
    counts: Counts
    seconds: float


def curate(run: Run) -> Outcome:
    """The documents of the input, curated and published.

    Raises the named errors of `pipeline.errors`; the last snapshot then stays served.
    """
    with hold(run.workspace):
        ingested = ingest(run)
        cleaned = clean(run, ingested.corpus)
        measured = measure(run, cleaned)
        judged = judge(run, measured)
        fingerprinted = fingerprint(run, judged)
        clusters = cluster(run, fingerprinted)
        learned = learn(run, cleaned, clusters)
        finished = finish(run, judged, clusters, learned)
        staged = stage(run, ingested, clusters, learned, finished)
        prove(run, staged)
        validation = validate(run, judged, staged)
        return publish(run, ingested, staged, validation)


@announced("ingested")
def ingest(run: Run) -> Ingested:
    """What the input holds now, as stored batches, with every arrival on record."""
    settings = run.settings
    ingested = read_input(
        run.source,
        work=run.workspace.work,
        arrivals_path=run.workspace.arrivals,
        settings=settings.ingest,
        batch_documents=settings.execution.batch_documents,
        batch_bytes=settings.execution.batch_bytes,
        now=run.now,
    )
    guard_shrink(_served_documents(run), ingested.documents, allow=settings.ingest.allow_shrink)
    return ingested


def clean(run: Run, corpus: Corpus) -> Corpus:
    """Texts decoded, repaired and cut, with every edit on record."""
    return _map(run, corpus, run.stages.clean, python_bound=True)


def measure(run: Run, corpus: Corpus) -> Corpus:
    """Language, counts and signals of every document."""
    return _map(run, corpus, run.stages.measure, python_bound=True)


def judge(run: Run, corpus: Corpus) -> Corpus:
    """Verdicts and flags by the suites' limits. Raises QuarantineShareError where too many fail."""
    judged = _map(run, corpus, run.stages.judge)
    reasons = count_reasons(corpus, work=run.workspace.work, judged=run.stages.judge)
    guard_quarantine(
        reasons.by_rule,
        quarantined=reasons.quarantined,
        documents=corpus.documents,
        settings=run.settings.validation,
    )
    return judged


def fingerprint(run: Run, corpus: Corpus) -> Corpus:
    """What near-duplicates are found by: shingle counts, bands, exact keys."""
    return _map(run, corpus, run.stages.fingerprint)


@announced("clustered")
def cluster(run: Run, corpus: Corpus) -> Clusters:
    """Duplicates beside the canonical document that each verifies against."""
    return cluster_corpus(
        corpus,
        work=run.workspace.work,
        fingerprints=run.stages.fingerprint,
        settings=run.settings.dedup,
    )


def learn(run: Run, corpus: Corpus, clusters: Clusters) -> Learned:
    """The lines that sources repeat at the edges of their articles."""
    if run.settings.learn.lines:
        _map(run, corpus, run.stages.edges)
    return learn_corpus(
        corpus,
        clusters,
        work=run.workspace.work,
        edges=run.stages.edges,
        settings=run.settings.learn,
    )


def finish(run: Run, corpus: Corpus, clusters: Clusters, learned: Learned) -> FinishedFiles:
    """Every document with its fate, and without the lines that were learned."""
    return finish_corpus(
        corpus,
        Given(
            cutting=Cutting(run.settings, run.limits),
            clusters=clusters,
            lines=learned.lines(),
            arrivals=read_arrivals(run.workspace.arrivals),
        ),
        work=run.workspace.work,
        stages=run.stages,
        engine=run.engine,
    )


@announced("staged")
def stage(
    run: Run, ingested: Ingested, clusters: Clusters, learned: Learned, finished: FinishedFiles
) -> Staged:
    """The complete snapshot, where no reader looks yet."""
    sweep(run.workspace.corpus)
    content = Content(
        documents_in=ingested.documents,
        settings=run.settings,
        rules=rule_facts(),
        versions=library_versions(),
        lines=learned.lines(),
        uncompared=clusters.uncompared,
    )
    pairs = settle_pairs(clusters.pairs(), finished.evidence())
    return stage_snapshot(
        finished, pairs, root=run.workspace.corpus, content=content, card=dataset_card
    )


def prove(run: Run, staged: Staged) -> None:
    """Nothing. Raises LedgerError if the staged snapshot breaks a promise that its files show."""
    require_promises(check_promises(staged, run.workspace))


@announced("validated")
def validate(run: Run, corpus: Corpus, staged: Staged) -> Validation:
    """What the suites say of the staged snapshot, by Great Expectations itself."""
    suites = choose_suites(run.settings.validation, load_suites())
    comparison = compare(
        staged.manifest, root=run.workspace.corpus, settings=run.settings.validation
    )

    def look() -> Validation:
        frames = gather_facts(
            suites, corpus, work=run.workspace.work, judged=run.stages.judge, folder=staged.folder
        )
        return run_suites(suites, frames, comparison)

    subject = Subject(staged.manifest.snapshot, suites, comparison)
    return recorded(run.workspace.gx, subject, now=run.now, run=look)


@announced("published")
def publish(run: Run, ingested: Ingested, staged: Staged, validation: Validation) -> Outcome:
    """The staged snapshot is the served one. Raises ValidationFailedError if it must not be."""
    require_success(validation)
    reporter = Reporter(
        corpus=run.workspace.corpus,
        files=ingested.files,
        documents=ingested.documents,
        # As staged: whoever publishes it may have changed his settings since.
        settings=Settings.model_validate(staged.manifest.settings),
        suites=load_suites(),
        validation=validation,
    )
    seconds = (datetime.now(UTC) - run.now).total_seconds()
    published = serve(
        staged,
        root=run.workspace.corpus,
        now=run.now,
        run=RunFacts(
            run=run.name, seconds=seconds, validation=in_words(validation), report=reporter
        ),
        keep_snapshots=run.settings.publish.keep_snapshots,
    )
    tidy(run.workspace, ingested.corpus, last=run.stages.fingerprint, beside=[run.stages.edges])
    return Outcome(
        snapshot=published.publication.snapshot,
        folder=run.workspace.corpus / "snapshots" / published.publication.snapshot,
        publication=published.publication.number,
        published=published.is_new,
        counts=staged.manifest.counts,
        seconds=seconds,
    )


def _map(run: Run, corpus: Corpus, stage: MapStage, *, python_bound: bool = False) -> Corpus:
    work = run.workspace.work
    batches = missing(corpus, work=work, stage=stage)
    one = partial(run_batch, work=work, stage=stage)
    run.engine.map(one, batches, step=stage.name, python_bound=python_bound)
    return corpus


def _served_documents(run: Run) -> int | None:
    latest = read_latest(run.workspace.corpus)
    if latest is None:
        return None
    folder = run.workspace.corpus / "snapshots" / latest.snapshot
    return read_manifest(folder).counts.documents_in
