"""The facts that suites are run on, gathered from where documents lie.

raw and cleaned look at the documents that quarantine left, curated and duplicates at the staged
snapshot itself.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from pipeline.store.batches import Corpus, MapStage, load_live
from pipeline.store.manifest import read_manifest
from pipeline.store.reading import scan_table
from pipeline.validation.facts import FACTS, facts
from pipeline.validation.suites import JUDGING, Suite, Suites

PUBLISHED: Final = ("documents", "duplicates", "pairs")


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
    """One frame of facts for each suite about documents; `folder` holds the staged snapshot."""
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in JUDGING}
    columns = _columns(*(suites[name] for name in JUDGING))
    for batch in corpus.batches:
        rows = load_live(batch, work=work, stage=judged, columns=[*columns, "verdicts"])
        rows = rows.filter(pl.col("verdicts").list.len() == 0)
        for name, parts in frames.items():
            parts.append(_facts(rows.lazy(), suites[name]))
    manifest = read_manifest(folder)
    tables = {name: scan_table(folder, manifest, name) for name in PUBLISHED}
    return {
        **{name: pl.concat(parts) for name, parts in frames.items()},
        "curated": _facts(_curated(tables), suites["curated"]),
        "duplicates": _facts(_dropped(tables), suites["duplicates"]),
    }


def _curated(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Curated documents, and whether a verified pair ties one to another."""
    kept = tables["documents"].select("doc_id")
    tied = (
        tables["pairs"]
        .filter(decision="merge")
        .join(kept, left_on="left_id", right_on="doc_id", how="semi")
        .join(kept, left_on="right_id", right_on="doc_id", how="semi")
        .select("left_id", "right_id")
        .collect()
    )
    ids = pl.concat([tied["left_id"], tied["right_id"]]).unique()
    return tables["documents"].with_columns(has_verified_copy=_is_in("doc_id", ids))


def _dropped(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Duplicates, and whether the documents and pairs that they refer to are there."""
    kept = tables["documents"].select("doc_id").collect()["doc_id"]
    proved = tables["pairs"].filter(decision="merge").select(_PAIR).collect().to_series()
    return tables["duplicates"].with_columns(
        is_curated_too=_is_in("doc_id", kept),
        canonical_is_curated=_is_in("canonical_id", kept),
        has_evidence=pl.concat_str("doc_id", "canonical_id").is_in(proved.implode()),
    )


_PAIR: Final = pl.concat_str("left_id", "right_id")


def _is_in(column: str, ids: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(ids.implode())


def _facts(rows: pl.LazyFrame, suite: Suite) -> pl.DataFrame:
    return facts(rows, suite.columns).collect()


def _columns(*suites: Suite) -> list[str]:
    expressions = [FACTS[name] for suite in suites for name in suite.columns]
    return sorted({root for expression in expressions for root in expression.meta.root_names()})
