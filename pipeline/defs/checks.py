"""Asset checks on the staged snapshot: what they block is never served.

One check for each expectation of the suites, named in the suites' files and read from there
without importing Great Expectations, and one for each promise that the tables themselves can show.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from pipeline import curate
from pipeline.defs.workshop import Workshop
from pipeline.store.batches import Corpus
from pipeline.store.checks import Check
from pipeline.store.promises import PROMISES, check_promises
from pipeline.store.snapshots import Staged
from pipeline.validation.data_docs import page_path
from pipeline.validation.results import Outcome
from pipeline.validation.suites import Severity, load_suites
from pipeline.validation.wording import Description, describe_suites

STAGED = dg.AssetKey("staged_snapshot")
SHOWN_CHARS = 300


def check_name(suite: str, rule: str) -> str:
    """The check of a suite's rule."""
    return f"{suite}__{rule}"


def _code(words: str) -> str:
    """The words as code: the UI reads Markdown and would eat a pattern's backslashes and stars."""
    return "`" + words.replace("`", "'") + "`"


def _spec(rule: Description) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check_name(rule.suite, rule.name),
        asset=STAGED,
        description=f"{rule.reason} {_code(rule.words)}",
        additional_deps=["judged_documents"],
        blocking=rule.blocking,
        metadata={"severity": rule.severity.value, "consequence": rule.consequence},
    )


@dg.multi_asset_check(
    specs=[_spec(rule) for rule in describe_suites(load_suites())],
    ins={"staged": dg.AssetIn("staged_snapshot"), "judged": dg.AssetIn("judged_documents")},
    can_subset=True,
)
def expectations(
    context: dg.AssetCheckExecutionContext, workshop: Workshop, staged: Staged, judged: Corpus
) -> Iterator[dg.AssetCheckResult]:
    """The suites, run once by Great Expectations itself."""
    validation = curate.validate(workshop.run(), judged, staged)
    docs = dg.MetadataValue.path(page_path(workshop.workspace.gx, validation))
    results = (_result(outcome, docs) for outcome in validation.outcomes)
    yield from (one for one in results if _is_asked_for(context, one))


def _is_asked_for(context: dg.AssetCheckExecutionContext, result: dg.AssetCheckResult) -> bool:
    """Whether the check was selected: in the UI a single one can be executed."""
    return result.check_name in {key.name for key in context.selected_asset_check_keys}


def _result(outcome: Outcome, docs: dg.MetadataValue) -> dg.AssetCheckResult:
    severe = outcome.severity is Severity.CRITICAL
    return dg.AssetCheckResult(
        asset_key=STAGED,
        check_name=check_name(outcome.suite, outcome.name),
        passed=outcome.success,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        metadata={**_metadata(outcome), "data_docs": docs},
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
    can_subset=True,
)
def promises(
    context: dg.AssetCheckExecutionContext, workshop: Workshop, staged: Staged
) -> Iterator[dg.AssetCheckResult]:
    """What a snapshot promises, taken again from its files."""
    results = map(_promise, check_promises(staged, workshop.workspace))
    yield from (one for one in results if _is_asked_for(context, one))


def _promise(found: Check) -> dg.AssetCheckResult:
    metadata: dict[str, dg.MetadataValue] = {
        "examined": dg.MetadataValue.int(found.examined),
        "broken": dg.MetadataValue.int(found.broken),
    }
    if found.broken:
        # A problem names files and ids; it is cut all the same, for nobody vouches for its length.
        told = "\n".join(problem[:SHOWN_CHARS] for problem in found.problems)
        metadata["problems"] = dg.MetadataValue.text(told)
    return dg.AssetCheckResult(
        asset_key=STAGED, check_name=found.name, passed=not found.broken, metadata=metadata
    )


CHECKS = [expectations, promises]
