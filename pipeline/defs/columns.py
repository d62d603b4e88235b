"""The columns of every asset and where each comes from, as the UI's catalogue shows them.

A column that the asset before has too was handed on; the others are listed here with what they
are computed from.
"""

from collections.abc import Mapping

import dagster as dg
import polars as pl
from polars.datatypes import DataTypeClass

from pipeline import schema
from pipeline.glossary import DESCRIPTIONS

Metadata = dict[
    str, dg.MetadataValue | str | int | float | bool | dg.TableSchema | dg.TableColumnLineage
]
Sources = Mapping[str, tuple[str, ...]]  # the columns that a new one is computed from

COLUMNS: Mapping[str, pl.Schema] = {
    "raw_documents": schema.RAW,
    "cleaned_documents": schema.CLEANED,
    "measured_documents": schema.MEASURED,
    "judged_documents": schema.JUDGED,
    "fingerprints": schema.FINGERPRINTED,
    "duplicate_clusters": schema.CLUSTERED,
    "learned_lines": schema.KNOWN_LINES,
    "finished_documents": schema.FINISHED,
    "staged_snapshot": schema.DOCUMENTS,
    "corpus": schema.DOCUMENTS,
}


def _all(names: str, *, of: tuple[str, ...]) -> Sources:
    return dict.fromkeys(names.split(), of)


# By asset: the one whose columns it hands on, and what its own are computed from in which asset.
LINEAGE: Mapping[str, Mapping[str, Sources]] = {
    "cleaned_documents": {
        "raw_documents": {
            **_all("encoding decoded_sha256 text edits flags", of=("raw", "input_error")),
            "title": ("title", "raw"),
        }
    },
    "measured_documents": {
        "cleaned_documents": {
            **_all("language language_confidence n_chars n_words text_sha256", of=("text",)),
            **_all("first_line last_line", of=("text",)),
            "signals": ("text", "edits"),
            "raw_bytes": ("raw",),
        }
    },
    "judged_documents": {
        "measured_documents": {
            "verdicts": ("signals", "n_words", "language_confidence", "input_error"),
            "flags": ("flags", "signals", "n_chars", "language_confidence"),
        }
    },
    "fingerprints": {
        "judged_documents": {
            **_all("token_key n_tokens n_shingles length_class", of=("title", "text")),
            **_all("bands anchors", of=("title", "text")),
            "raw_key": ("raw_sha256",),
            "valid": ("verdicts",),
            "truncated": ("text",),
            "n_defects": ("flags",),
            "title_key": ("title",),
        }
    },
    "duplicate_clusters": {
        "fingerprints": {
            **_all("cluster_id canonical_id relation", of=("bands", "anchors", "token_key")),
            **_all("jaccard containment reason", of=("bands", "anchors", "token_key")),
        }
    },
    "learned_lines": {
        "cleaned_documents": {
            **_all("rule line line_hash support", of=("source", "text", "title")),
            **_all("source_clusters", of=("source",)),
            **_all("edge_share echo_share samples", of=("source", "text", "title")),
        },
        "duplicate_clusters": _all("support source_clusters edge_share", of=("cluster_id",)),
    },
    "finished_documents": {
        "judged_documents": {
            "first_seen": ("doc_id",),
            "fate": ("verdicts",),
            "stage": ("verdicts", "input_error"),
            "reasons": ("verdicts", "input_error"),
            "detail": ("verdicts", "input_detail"),
            "edits_sha256": ("edits",),
            "row_sha256": ("text", "edits", "signals"),
        },
        "duplicate_clusters": {"fate": ("relation",)},
        "learned_lines": _all("text edits", of=("line", "rule")),
    },
    "staged_snapshot": {"finished_documents": {}},
    "corpus": {"staged_snapshot": {}},
}


def columns_of(asset: str) -> Metadata:
    """The asset's columns with their types and descriptions, and what each was made from."""
    described: Metadata = {"dagster/column_schema": table_schema(COLUMNS[asset])}
    if asset in LINEAGE:
        described["dagster/column_lineage"] = lineage(asset)
    return described


def table_schema(columns: pl.Schema) -> dg.TableSchema:
    """The columns with their types and descriptions; of a struct no more than that it is one."""
    return dg.TableSchema(
        [
            dg.TableColumn(name, _type_name(dtype), description=DESCRIPTIONS[name])
            for name, dtype in columns.items()
        ]
    )


def lineage(asset: str) -> dg.TableColumnLineage:
    """For each column of the asset the columns of the assets before that it comes from."""
    deps: dict[str, list[dg.TableColumnDep]] = {name: [] for name in COLUMNS[asset].names()}
    for upstream, computed in LINEAGE[asset].items():
        key = dg.AssetKey(upstream)
        for column, found in deps.items():
            handed_on = (column,) if column in COLUMNS[upstream] else ()
            names = computed.get(column, handed_on)
            found += [dg.TableColumnDep(key, name) for name in names]
    return dg.TableColumnLineage({column: found for column, found in deps.items() if found})


def _type_name(dtype: pl.DataType | DataTypeClass) -> str:
    """As people say it: `list of struct` rather than forty lines of fields."""
    if isinstance(dtype, pl.List):
        return f"list of {_type_name(dtype.inner)}"
    if isinstance(dtype, pl.Struct):
        return "struct"
    return str(dtype).split("(")[0].lower()
