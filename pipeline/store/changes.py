"""What one snapshot changed against another, document by document.

Files that both share hold the same rows, so only the others are read. A document whose content
changed has a new doc_id: it shows as one removed and one added, under the same source_id.
"""

from pathlib import Path

import polars as pl
import xxhash

from pipeline import schema
from pipeline.stages.digests import PUBLISHED, Fate
from pipeline.stages.learn import RULE
from pipeline.store.manifest import Manifest

TABLES = {
    "documents": Fate.CURATED,
    "duplicates": Fate.DUPLICATE,
    "quarantine": Fate.QUARANTINED,
}
_NAMED = (
    "doc_id",
    "source_id",
    "text_sha256",
    "cluster_id",
    "relation",
    "reasons",
    "language",
    "flags",
)
_STATE = pl.Schema(
    [
        *((name, schema.FINISHED[name]) for name in _NAMED),
        ("fate", pl.String),
        ("rest", pl.UInt64),
    ]
)


def find_changes(old: tuple[Path, Manifest] | None, new: tuple[Path, Manifest]) -> pl.DataFrame:
    """CHANGES from the old snapshot to the new one, by doc_id; all is added where there is no old.

    Each snapshot is its folder and its manifest.
    """
    shared = _contents(old) & _contents(new) if old else set()
    before = _states(old, shared) if old else pl.DataFrame(schema=_STATE)
    after = _states(new, shared)
    both = before.join(after, on="doc_id", how="full", suffix="_new", coalesce=True)
    both = both.join(_learned(old, new, shared), on="doc_id", how="left", maintain_order="left")
    both = both.with_columns(
        pl.col("source_id").is_in(after["source_id"].implode()).alias("source_stays"),
        pl.col("source_id_new").is_in(before["source_id"].implode()).alias("source_known"),
    )
    changes = both.with_columns(_change()).filter(pl.col("change").is_not_null())
    changes = changes.select(
        "doc_id",
        pl.coalesce("source_id_new", "source_id").alias("source_id"),
        "change",
        _reason(),
        pl.col("text_sha256").alias("old_text_sha256"),
        pl.col("text_sha256_new").alias("new_text_sha256"),
    )
    return schema.check(changes.sort("doc_id"), schema.CHANGES, stage="publish")


def _contents(snapshot: tuple[Path, Manifest]) -> set[tuple[str, str]]:
    return {(file.path, file.content) for file in snapshot[1].files}


def _states(snapshot: tuple[Path, Manifest], shared: set[tuple[str, str]]) -> pl.DataFrame:
    folder, manifest = snapshot
    frames = [
        _state(folder / file.path, fate)
        for table, fate in TABLES.items()
        for file in manifest.tables[table].files
        if (file.path, file.content) not in shared
    ]
    return pl.concat([pl.DataFrame(schema=_STATE), *frames])


def _state(path: Path, fate: Fate) -> pl.DataFrame:
    """One row per document of a file, everything without a name of its own in `rest`."""
    names = [name for name in PUBLISHED[fate] if name != "text"]
    rows = pl.read_parquet(path, columns=names)
    others = [name for name in names if name not in _STATE]
    code = rows.select(pl.struct(others).struct.json_encode()).to_series()
    rest = pl.Series("rest", map(xxhash.xxh3_64_intdigest, code.cast(pl.Binary)), dtype=pl.UInt64)
    absent = [pl.lit(None, dtype=kind).alias(n) for n, kind in _STATE.items() if n not in names]
    rows = rows.with_columns(absent).with_columns(pl.lit(fate.value).alias("fate"), rest)
    return rows.select(_STATE.names())


def _learned(
    old: tuple[Path, Manifest] | None, new: tuple[Path, Manifest], shared: set[tuple[str, str]]
) -> pl.DataFrame:
    """doc_id and, of documents that learned lines cut otherwise now than before, `learned`: why."""
    before, after = (_learned_rules(one, shared) for one in (old, new))
    lost = before.join(after, on=["doc_id", "rule"], how="anti").select("doc_id").unique()
    won = after.join(before, on=["doc_id", "rule"], how="anti").select("doc_id").unique()
    lost = lost.join(won, on="doc_id", how="anti")
    return pl.concat(
        [
            won.with_columns(learned=pl.lit("learned line")),
            lost.with_columns(learned=pl.lit("line no longer learned")),
        ]
    )


def _learned_rules(
    snapshot: tuple[Path, Manifest] | None, shared: set[tuple[str, str]]
) -> pl.DataFrame:
    """doc_id and rule of the learned lines' edits in files that are not shared."""
    found = [pl.DataFrame(schema={"doc_id": pl.String, "rule": pl.String})]
    folder, manifest = snapshot or (None, None)
    for file in manifest.tables["edits"].files if folder and manifest else ():
        if folder and (file.path, file.content) not in shared:
            edits = pl.read_parquet(folder / file.path, columns=["doc_id", "rule"])
            found.append(edits.filter(pl.col("rule").str.starts_with(RULE)))
    return pl.concat(found).unique()


def _differs(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"{name}_new"))


def _change() -> pl.Expr:
    refused = Fate.QUARANTINED.value
    to_or_from_quarantine = (pl.col("fate") == refused) != (pl.col("fate_new") == refused)
    others = pl.any_horizontal(map(_differs, ("reasons", "language", "flags", "rest")))
    return (
        pl.when(pl.col("fate").is_null())
        .then(pl.lit("added"))
        .when(pl.col("fate_new").is_null())
        .then(pl.lit("removed"))
        .when(_differs("text_sha256") | to_or_from_quarantine)
        .then(pl.lit("changed"))
        .when(_differs("fate") | _differs("cluster_id") | _differs("relation"))
        .then(pl.lit("reclustered"))
        .when(others)
        .then(pl.lit("changed"))
        .alias("change")
    )


def _reason() -> pl.Expr:
    """A few words, the same for all documents that changed in the same way."""
    fate = pl.col("fate_new")
    became = pl.concat_str(
        pl.format("{} became {}", "fate", "fate_new"), "learned", separator=", ", ignore_nulls=True
    )
    return (
        pl.when(pl.col("change") == "added")
        .then(
            pl.when(pl.col("source_known"))
            .then(pl.format("new content: {}", fate))
            .otherwise(pl.format("new document: {}", fate))
        )
        .when(pl.col("change") == "removed")
        .then(
            pl.when(pl.col("source_stays"))
            .then(pl.lit("its source_id has new content"))
            .otherwise(pl.lit("gone from the inputs"))
        )
        .when(_differs("fate"))
        .then(became)
        .when(pl.col("change") == "reclustered")
        .then(
            pl.when(_differs("cluster_id"))
            .then(pl.lit("another canonical"))
            .otherwise(pl.lit("another relation"))
        )
        .when(_differs("text_sha256") & pl.col("learned").is_not_null())
        .then("learned")
        .otherwise(_differing_values())
        .alias("reason")
    )


def _differing_values() -> pl.Expr:
    words = {
        "text_sha256": "text",
        "reasons": "reasons",
        "language": "language",
        "flags": "flags",
        "rest": "other values",
    }
    found = [pl.when(_differs(name)).then(pl.lit(word)) for name, word in words.items()]
    return pl.concat_str(found, separator=", ", ignore_nulls=True)
