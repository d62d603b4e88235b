"""The rows of a snapshot taken again: texts, edits both ways, and the digests in the parts' names.

A part's name digests the published values of its rows, edits included, so a value that was changed
after publishing is found even where someone has put the checksums right.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.stages.digests import Fate, digest_all, digest_rows, edit_digests, row_digests
from pipeline.store.manifest import Manifest
from pipeline.store.plan import edit_keys, table_salt
from pipeline.text.edits import Action, Edit, apply_edits, undo_edits

TABLES = {
    "documents": Fate.CURATED,
    "duplicates": Fate.DUPLICATE,
    "quarantine": Fate.QUARANTINED,
}
ACTIONS = {action.value for action in Action}
EDIT_LISTS = pl.Schema([("doc_id", pl.String), ("edits", pl.List(schema.EDIT))])


@dataclass(slots=True)
class RowProblems:
    """What was examined, and what is wrong with it."""

    rows: int = 0
    edits: int = 0
    contents: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    replays: list[str] = field(default_factory=list)


def replay_rows(folder: Path, manifest: Manifest) -> RowProblems:
    """Every row of the snapshot against its text, its edits and its part; one file at a time."""
    found = RowProblems()
    found.contents += _narrow_tables(folder, manifest)
    owners = _edit_parts(folder, manifest, found)
    for table, fate in TABLES.items():
        for file in manifest.tables[table].files:
            rows = _with_edits(pl.read_parquet(folder / file.path), owners)
            found.rows += rows.height
            found.edits += int(rows["edits"].list.len().sum() or 0)
            digests = row_digests(rows.with_columns(edit_digests(rows["edits"])), fate)
            if digest_all(digests, salt=_salt(table, manifest)) != file.content:
                found.contents.append(f"{file.path} does not hold the rows it is named by")
            _replay_texts(rows, found)
    if found.edits != manifest.counts.edits:
        found.replays.append(f"of {manifest.counts.edits} edits {found.edits} have a document")
    return found


def _salt(table: str, manifest: Manifest) -> str:
    return table_salt(table, version=manifest.schema_version, writer=manifest.writer)


def _narrow_tables(folder: Path, manifest: Manifest) -> Iterator[str]:
    for table in ("clusters", "pairs", "learned_lines"):
        for file in manifest.tables[table].files:
            rows = pl.read_parquet(folder / file.path)
            if digest_rows(rows, salt=_salt(table, manifest)) != file.content:
                yield f"{file.path} does not hold the rows it is known by"


def _edit_parts(folder: Path, manifest: Manifest, found: RowProblems) -> pl.DataFrame:
    """Which document's edits lie in which file; the files are checked on the way."""
    owners = [pl.DataFrame(schema={"doc_id": pl.String, "file": pl.String})]
    for file in manifest.tables["edits"].files:
        edits = pl.read_parquet(folder / file.path)
        lists = _edit_lists(edits)
        keys = edit_keys(lists["doc_id"], edit_digests(lists["edits"]))
        if digest_all(keys, salt=_salt("edits", manifest)) != file.content:
            found.contents.append(f"{file.path} does not hold the edits it is named by")
        numbers = pl.int_range(pl.len(), dtype=pl.UInt32).over("doc_id")
        for doc_id in edits.filter(pl.col("seq") != numbers)["doc_id"].unique().sort():
            found.replays.append(f"the edits of {doc_id} are not numbered in order")
        owners.append(lists.select("doc_id", file=pl.lit(str(folder / file.path))))
    return pl.concat(owners)


def _edit_lists(edits: pl.DataFrame) -> pl.DataFrame:
    """One row per document, in order, with its edits as a list."""
    packed = edits.select("doc_id", pl.struct(*schema.EDIT.to_schema()).alias("edits"))
    return packed.group_by("doc_id", maintain_order=True).agg("edits")


def _with_edits(rows: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """`rows` with their edits, read from the few files that hold any of them."""
    ids = rows.select("doc_id")
    files = owners.join(ids, on="doc_id", how="semi")["file"].unique().sort()
    lists = [
        _edit_lists(pl.read_parquet(file).join(ids, on="doc_id", how="semi", maintain_order="left"))
        for file in files
    ]
    edits = pl.concat([pl.DataFrame(schema=EDIT_LISTS), *lists])
    return rows.join(edits, on="doc_id", how="left", maintain_order="left")


def _replay_texts(rows: pl.DataFrame, found: RowProblems) -> None:
    names = ("doc_id", "text", "text_sha256", "decoded_sha256", "edits")
    for doc_id, text, text_sha256, decoded_sha256, listed in rows.select(names).iter_rows():
        if text is None:
            if listed:
                found.replays.append(f"{doc_id} has edits but no text")
            continue
        if _sha256(text) != text_sha256:
            found.texts.append(f"the text of {doc_id} does not have its checksum")
        if not all(_is_edit(edit) for edit in listed or ()):
            found.replays.append(f"{doc_id} has an edit with missing or unknown values")
            continue
        edits = [Edit(**edit) for edit in listed or ()]
        decoded = undo_edits(text, edits)
        if _sha256(decoded) != decoded_sha256:
            found.replays.append(f"the edits of {doc_id} do not lead back to the decoded text")
        elif not _fits(decoded, edits) or apply_edits(decoded, edits) != text:
            found.replays.append(f"the edits of {doc_id} do not lead from the decoded text to it")


def _is_edit(edit: dict[str, object]) -> bool:
    return None not in edit.values() and edit["action"] in ACTIONS


def _fits(decoded: str, edits: list[Edit]) -> bool:
    """Whether the edits are in order, apart, and take away what they say."""
    ends = [0, *(edit.end for edit in edits)]
    return all(
        end <= edit.start <= edit.end and decoded[edit.start : edit.end] == edit.removed
        for end, edit in zip(ends, edits, strict=False)
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
