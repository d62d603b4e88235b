"""What the tables of a snapshot say of one another, and of the manifest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.store.manifest import Manifest
from pipeline.store.plan import SCHEMAS
from pipeline.store.reading import scan_table

SHOWN = 20  # problems listed per check


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, how many things it was tried on, and those that break it."""

    name: str
    examined: int
    broken: int
    problems: tuple[str, ...]


def check(name: str, examined: int, problems: Iterable[str]) -> Check:
    """The check with all problems counted and the first few listed."""
    found = list(problems)
    return Check(name=name, examined=examined, broken=len(found), problems=tuple(found[:SHOWN]))


def check_tables(folder: Path, manifest: Manifest) -> Iterator[Check]:
    """Counts, ids and references; only narrow columns are read."""
    tables = {name: scan_table(folder, manifest, name) for name in SCHEMAS}
    yield _ledger_check(manifest, tables)
    yield _ids_check(tables)
    yield _canonicals_check(tables)
    yield _evidence_check(tables)
    yield _clusters_check(tables)


def _ledger_check(manifest: Manifest, tables: dict[str, pl.LazyFrame]) -> Check:
    counts = manifest.counts
    claimed = {
        "documents": counts.curated,
        "duplicates": counts.duplicates,
        "quarantine": counts.quarantined,
        "edits": counts.edits,
        "clusters": counts.clusters,
        "pairs": counts.pairs,
        "learned_lines": counts.learned_lines,
    }
    rows = {name: _height(table) for name, table in tables.items()}
    problems = [
        f"{name} holds {rows[name]} rows, the manifest says {number}"
        for name, number in claimed.items()
        if not rows[name] == number == manifest.tables[name].rows
    ]
    fates = rows["documents"] + rows["duplicates"] + rows["quarantine"]
    if fates != counts.documents_in:
        problems.append(f"{counts.documents_in} documents came in, the tables hold {fates}")
    return check("ledger", counts.documents_in, problems)


def _height(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect().item())


def _ids_check(tables: dict[str, pl.LazyFrame]) -> Check:
    names = ("documents", "duplicates", "quarantine")
    ids = pl.concat([tables[name].select("doc_id") for name in names]).collect()["doc_id"]
    twice = ids.filter(ids.is_duplicated()).unique().sort()
    return check("unique_ids", ids.len(), (f"{id_} occurs more than once" for id_ in twice))


def _canonicals_check(tables: dict[str, pl.LazyFrame]) -> Check:
    """Every duplicate was dropped for a document of the corpus, the canonical of its cluster."""
    documents = tables["documents"].select("doc_id", own="cluster_id").collect()
    duplicates = tables["duplicates"].select("doc_id", "canonical_id", "cluster_id").collect()
    lost = duplicates.join(documents, left_on="canonical_id", right_on="doc_id", how="anti")
    astray = duplicates.filter(pl.col("cluster_id") != pl.col("canonical_id"))
    moved = documents.filter(pl.col("own") != pl.col("doc_id"))
    problems = [f"the canonical of {id_} is not in documents" for id_ in lost["doc_id"]]
    problems += [f"{id_} lies in another cluster than its canonical" for id_ in astray["doc_id"]]
    problems += [f"{id_} is curated in another document's cluster" for id_ in moved["doc_id"]]
    return check("canonicals", documents.height + duplicates.height, problems)


def _evidence_check(tables: dict[str, pl.LazyFrame]) -> Check:
    """Every duplicate has the pair that says how like its canonical it is, with its figures."""
    columns = ("left_id", "right_id", "relation", "jaccard", "containment")
    merged = tables["pairs"].filter(decision="merge").rename({"containment_left": "containment"})
    duplicates = tables["duplicates"].rename({"doc_id": "left_id", "canonical_id": "right_id"})
    rows = duplicates.select(columns).collect()
    unproved = rows.join(merged.select(columns).collect(), on=columns, how="anti")
    problems = (f"no pair says why {id_} was merged" for id_ in unproved["left_id"].sort())
    return check("evidence", rows.height, problems)


def _clusters_check(tables: dict[str, pl.LazyFrame]) -> Check:
    members = pl.concat([tables[name].select("cluster_id") for name in ("documents", "duplicates")])
    counted = members.group_by("cluster_id").agg(pl.len().alias("members")).collect()
    listed = tables["clusters"].collect()
    both = listed.join(counted, on="cluster_id", how="full", coalesce=True)
    wrong = both.filter(
        pl.col("size").ne_missing(pl.col("members"))
        | pl.col("canonical_id").ne_missing(pl.col("cluster_id"))
    )
    problems = (f"cluster {id_} is not as its members say" for id_ in wrong["cluster_id"].sort())
    return check("clusters", both.height, problems)


def find_unmerged(folder: Path, manifest: Manifest) -> Check:
    """No pair that was found to be one document stands in the corpus with both its sides."""
    merged = scan_table(folder, manifest, "pairs").filter(decision="merge")
    kept = scan_table(folder, manifest, "documents").select("doc_id")
    both = (
        merged.join(kept, left_on="left_id", right_on="doc_id", how="semi")
        .join(kept, left_on="right_id", right_on="doc_id", how="semi")
        .select("left_id", "right_id")
        .collect()
    )
    problems = (f"{left} and {right} are one, and both curated" for left, right in both.iter_rows())
    return check("unmerged", manifest.tables["pairs"].rows, problems)
