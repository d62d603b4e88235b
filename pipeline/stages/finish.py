"""The fate of every document: curated, duplicate or quarantined, with its reason.

Lines learned per source have been cut when the rows come here: they depend on clusters, so no
earlier stage can know them, and nothing later may change a text.
"""

import polars as pl

from pipeline import schema
from pipeline.errors import LedgerError, WinnowError, WorkMissingError
from pipeline.stages.digests import Fate, edit_digests, row_digests

UNDECODED = ["binary", "undecodable"]  # the flags of a document that has no text
DETAIL_CHARS = 500


def finish(judged: pl.DataFrame, clusters: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """JUDGED rows as FINISHED. `clusters` and `arrivals` may hold rows of other batches too.

    Raises WorkMissingError where a document has no arrival or a valid one no cluster, LedgerError
    where a refused document is in a cluster or an id stands twice in `clusters` or `arrivals`.
    """
    frame = judged.join(arrivals, on="doc_id", how="left", maintain_order="left")
    frame = frame.join(clusters, on="doc_id", how="left", maintain_order="left")
    frame = frame.with_columns(_stage()).with_columns(_fate(), _reasons(), _details(frame))
    _require_one_fate(frame, judged)
    frame = frame.with_columns(edit_digests(frame["edits"]))
    return schema.check(frame.with_columns(_row_digests(frame)), schema.FINISHED, stage="finish")


def _stage() -> pl.Expr:
    undecoded = pl.col("flags").list.set_intersection(UNDECODED).list.len() > 0
    return (
        pl.when(pl.col("input_error").is_not_null())
        .then(pl.lit("ingest"))
        .when(undecoded)
        .then(pl.lit("decode"))
        .when(_refused())
        .then(pl.col("verdicts").list.first().struct.field("suite"))
        .when(pl.col("text").is_null())
        .then(pl.lit("decode"))
        .alias("stage")
    )


def _refused() -> pl.Expr:
    return pl.col("verdicts").list.len() > 0


def _fate() -> pl.Expr:
    return (
        pl.when(pl.col("stage").is_not_null())
        .then(pl.lit(Fate.QUARANTINED.value))
        .when(pl.col("relation").is_null())
        .then(pl.lit(Fate.CURATED.value))
        .otherwise(pl.lit(Fate.DUPLICATE.value))
        .alias("fate")
    )


def _reasons() -> pl.Expr:
    rules = pl.col("verdicts").list.eval(pl.element().struct.field("rule")).list.unique()
    flags = pl.col("flags").list.set_intersection(UNDECODED)
    return (
        pl.when(pl.col("stage") == "ingest")
        .then(pl.concat_list("input_error"))
        .when(flags.list.len() > 0)
        .then(flags.list.sort())
        .when(_refused())
        .then(rules.list.sort())
        .when(pl.col("text").is_null())
        .then(pl.lit(["no_text"]))
        .alias("reasons")
    )


def _details(frame: pl.DataFrame) -> pl.Series:
    """What was found, for whom it stands in the way: bounded, and safe to print."""
    rows = frame.select("input_error", "input_detail", "verdicts").iter_rows()
    details = [
        _bounded(found if error else "; ".join(f"{v['rule']}: {v['value']}" for v in verdicts))
        if error or verdicts
        else None
        for error, found, verdicts in rows
    ]
    return pl.Series("detail", details, dtype=pl.String)


def _bounded(detail: str | None) -> str | None:
    if not detail:
        return None
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in detail[: DETAIL_CHARS + 1]
    )
    return shown if len(shown) <= DETAIL_CHARS else shown[: DETAIL_CHARS - 1] + "…"


def _row_digests(frame: pl.DataFrame) -> pl.Series:
    rows = frame.with_row_index("row")
    digests = [
        pl.DataFrame([part["row"], row_digests(part, fate)])
        for fate in Fate
        for part in [rows.filter(pl.col("fate") == fate.value)]
    ]
    return pl.concat(digests).sort("row")["row_sha256"]


def _require_one_fate(frame: pl.DataFrame, judged: pl.DataFrame) -> None:
    if frame.height != judged.height:
        message = (
            f"{judged.height} documents became {frame.height} rows at finish. Expected every id "
            "once in the clusters and the arrivals. Delete the working state and run again."
        )
        raise LedgerError(message)
    refused, clustered = pl.col("stage").is_not_null(), pl.col("cluster_id").is_not_null()
    _refuse(frame.filter(refused & clustered), "were refused, yet lie in a cluster", LedgerError)
    _refuse(frame.filter(~refused & ~clustered), "lie in no cluster", WorkMissingError)
    _refuse(frame.filter(pl.col("first_seen").is_null()), "have no arrival", WorkMissingError)


def _refuse(rows: pl.DataFrame, what: str, error: type[WinnowError]) -> None:
    if rows.height:
        message = (
            f"{rows.height} documents {what}, the first is {rows['doc_id'][0]}. Expected every "
            "valid document in one cluster and every document with an arrival. Delete the "
            "working state and run again."
        )
        raise error(message)
