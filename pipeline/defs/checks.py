"""Asset checks on the staged snapshot: what they block is never served.

One check for each expectation of the suites, named in the suites' files and read from there
without importing Great Expectations, and one for each promise that the tables themselves can show.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from pipeline import curate
from pipeline.defs.workshop import Workshop
from pipeline.store.batches import Corpus
from pipeline.store.checks import SHOWN, check_tables, find_unmerged
from pipeline.store.replay import replay_rows
from pipeline.store.snapshots import Staged
from pipeline.validation.results import Outcome
from pipeline.validation.suites import Severity, load_suites
from pipeline.validation.wording import Description, describe_suites

STAGED = dg.AssetKey("staged_snapshot")
PROMISES = {
    "ledger_balanced": "Documents in = curated + duplicates + quarantined, counted in the tables.",
    "edits_replay": "Every edit turns the decoded original into the text, and back.",
    "no_verified_pair_left": "No two curated documents were found to be copies of each other.",
}


def check_name(suite: str, rule: str) -> str:
    """The check of a suite's rule."""
    return f"{suite}__{rule}"


def _spec(rule: Description) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check_name(rule.suite, rule.name),
        asset=STAGED,
        description=f"{rule.words}. {rule.reason}",
        additional_deps=["judged_documents"],
        blocking=rule.blocking,
        metadata={"severity": rule.severity.value, "consequence": rule.consequence},
    )


@dg.multi_asset_check(
    specs=[_spec(rule) for rule in describe_suites(load_suites())],
    ins={"staged": dg.AssetIn("staged_snapshot"), "judged": dg.AssetIn("judged_documents")},
)
def expectations(
    workshop: Workshop, staged: Staged, judged: Corpus
) -> Iterator[dg.AssetCheckResult]:
    """The suites, run once by Great Expectations itself."""
    validation = curate.validate(workshop.run(), judged, staged)
    yield from (_result(outcome) for outcome in validation.outcomes)


def _result(outcome: Outcome) -> dg.AssetCheckResult:
    severe = outcome.severity is Severity.CRITICAL
    return dg.AssetCheckResult(
        asset_key=STAGED,
        check_name=check_name(outcome.suite, outcome.name),
        passed=outcome.success,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        metadata=_metadata(outcome),
    )


def _metadata(outcome: Outcome) -> Mapping[str, dg.MetadataValue]:
    told: dict[str, dg.MetadataValue] = {"severity": dg.MetadataValue.text(outcome.severity.value)}
    if outcome.element_count is not None:
        told["documents"] = dg.MetadataValue.int(outcome.element_count)
    if outcome.unexpected_count is not None:
        told["unexpected"] = dg.MetadataValue.int(outcome.unexpected_count)
    if outcome.observed is not None:
        told["observed"] = dg.MetadataValue.text(outcome.observed)
    if outcome.exception is not None:
        told["exception"] = dg.MetadataValue.text(outcome.exception)
    if outcome.examples:
        rows = [dg.TableRecord({"doc_id": e.doc_id, "value": e.value}) for e in outcome.examples]
        told["examples"] = dg.MetadataValue.table(rows)
    return told


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(name, asset=STAGED, description=words, blocking=True)
        for name, words in PROMISES.items()
    ],
    ins={"staged": dg.AssetIn("staged_snapshot")},
)
def promises(staged: Staged) -> Iterator[dg.AssetCheckResult]:
    """What a snapshot promises, taken again from its files."""
    tables = list(check_tables(staged.folder, staged.manifest))
    rows = replay_rows(staged.folder, staged.manifest)
    left = find_unmerged(staged.folder, staged.manifest)
    problems = [problem for table in tables for problem in table.problems]
    replay = [*rows.texts, *rows.replays, *rows.contents]
    yield _promise("ledger_balanced", staged.manifest.counts.documents_in, problems)
    yield _promise("edits_replay", rows.edits, replay)
    yield _promise("no_verified_pair_left", left.examined, left.problems)


def _promise(name: str, examined: int, problems: Sequence[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=STAGED,
        check_name=name,
        passed=not problems,
        metadata={
            "examined": dg.MetadataValue.int(examined),
            "broken": dg.MetadataValue.int(len(problems)),
            "problems": dg.MetadataValue.text("\n".join(problems[:SHOWN])),
        },
    )


CHECKS = [expectations, promises]
