"""The facts that suites are run on, gathered from where documents lie.

raw and cleaned look at the documents that quarantine left, curated at the staged snapshot itself.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.store.batches import Corpus, MapStage, load_live
from pipeline.store.manifest import read_manifest
from pipeline.store.reading import scan_table
from pipeline.validation.facts import FACTS
from pipeline.validation.suites import Suite, Suites

JUDGED_SUITES = ("raw", "cleaned")


@dataclass(frozen=True, slots=True)
class Reasons:
    """How many documents were refused, and by which rules; one may break several."""

    quarantined: int
    by_rule: Counter[str]


def count_reasons(corpus: Corpus, *, work: Path, judged: MapStage) -> Reasons:
    """What the judge refused."""
    quarantined, by_rule = 0, Counter[str]()
    for batch in corpus.batches:
        verdicts = load_live(batch, work=work, stage=judged, columns=["verdicts"])["verdicts"]
        quarantined += int((verdicts.list.len() > 0).sum())
        rules = verdicts.list.eval(pl.element().struct.field("rule")).list.unique()
        by_rule.update(rules.list.explode(empty_as_null=False, keep_nulls=False).to_list())
    return Reasons(quarantined, by_rule)


def gather_facts(
    suites: Suites, corpus: Corpus, *, work: Path, judged: MapStage, folder: Path
) -> dict[str, pl.DataFrame]:
    """One frame of facts for each suite; `folder` holds the staged snapshot."""
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in JUDGED_SUITES}
    for batch in corpus.batches:
        columns = _columns(*(suites[name] for name in JUDGED_SUITES))
        rows = load_live(batch, work=work, stage=judged, columns=[*columns, "verdicts"])
        rows = rows.filter(pl.col("verdicts").list.len() == 0)
        for name, parts in frames.items():
            parts.append(_facts(rows.lazy(), suites[name]))
    gathered = {name: pl.concat(parts) for name, parts in frames.items()}
    documents = scan_table(folder, read_manifest(folder), "documents")
    gathered["curated"] = _facts(documents, suites["curated"])
    return gathered


def _facts(rows: pl.LazyFrame, suite: Suite) -> pl.DataFrame:
    return rows.select(FACTS[name].alias(name) for name in suite.columns).collect()


def _columns(*suites: Suite) -> list[str]:
    expressions = [FACTS[name] for suite in suites for name in suite.columns]
    return sorted({root for expression in expressions for root in expression.meta.root_names()})
