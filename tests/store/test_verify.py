import hashlib
import json
import shutil

import polars as pl
import pytest

from pipeline import schema
from pipeline.errors import SnapshotError
from pipeline.store.manifest import read_manifest, snapshot_id
from pipeline.store.tables import write_table
from pipeline.store.verify import verify


@pytest.fixture
def published(press, corpus):
    step = press()
    step.publish(corpus(60))
    return step.root


def _folder(root):
    (folder,) = (root / "snapshots").iterdir()
    return folder


def _broken(root):
    return {check.name for check in verify(root).checks if check.broken}


def _rewrite(root, table, change, file=0):
    """A row changed by someone who puts all checksums, and the id, right again."""
    folder = _folder(root)
    manifest = read_manifest(folder)
    facts = manifest.tables[table].files[file]
    frame = change(pl.read_parquet(folder / facts.path))
    written = write_table(folder / facts.path, frame)
    update = {"bytes": written.bytes, "sha256": written.sha256}
    files = list(manifest.tables[table].files)
    files[file] = facts.model_copy(update=update)
    tables = {
        **manifest.tables,
        table: manifest.tables[table].model_copy(update={"files": tuple(files)}),
    }
    manifest = manifest.model_copy(update={"tables": tables})
    assert snapshot_id(manifest) == folder.name
    (folder / "manifest.json").write_bytes(manifest.to_json())
    shutil.rmtree(root / "publications")
    pointer = json.loads((root / "latest.json").read_bytes())
    written = (folder / "manifest.json").read_bytes()
    pointer["manifest_sha256"] = hashlib.sha256(written).hexdigest()
    (root / "latest.json").write_text(json.dumps(pointer))


def _first(column, value):
    """Exchanges the value of the first row."""
    return lambda frame: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(value).otherwise(column).alias(column)
    )


def test_a_published_snapshot_holds_every_promise(published):
    found = verify(published)
    assert found.ok
    assert found.snapshot == _folder(published).name
    assert [check.name for check in found.checks] == [
        "manifest",
        "files",
        "schema",
        "ledger",
        "unique_ids",
        "canonicals",
        "evidence",
        "clusters",
        "rows",
        "texts",
        "edits",
    ]
    assert all(check.examined for check in found.checks)


def test_the_output_folder_and_an_id_name_a_snapshot_too(press, corpus, tmp_path):
    step = press("corpus")
    first = step.publish(corpus(20)).publication.snapshot
    second = step.publish(corpus(30)).publication.snapshot
    assert verify(tmp_path).snapshot == second
    assert verify(tmp_path, first).ok


def test_an_empty_corpus_holds_every_promise(press):
    step = press()
    step.publish([])
    assert verify(step.root).ok


def test_a_snapshot_that_is_not_there_is_a_named_error(published, tmp_path):
    with pytest.raises(SnapshotError, match="holds no snapshot"):
        verify(published, "../../etc")
    with pytest.raises(SnapshotError, match="holds no published corpus"):
        verify(tmp_path / "empty")


def test_tables_of_another_schema_version_are_a_named_error(published, monkeypatch):
    monkeypatch.setattr(schema, "VERSION", "99")
    with pytest.raises(SnapshotError, match=r"schema version 1\.1.*version 99.*publish anew"):
        verify(published)


def test_one_flipped_byte_anywhere_is_found(published):
    for path in sorted(_folder(published).rglob("*")):
        if path.is_dir():
            continue
        whole = path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert _broken(published), (path, at)
        path.write_bytes(whole)
    assert verify(published).ok


def test_a_deleted_and_an_added_file_are_found(published):
    folder = _folder(published)
    (folder / "README.md").unlink()
    (folder / "documents" / "more.parquet").write_bytes(b"")
    checks = {check.name: check for check in verify(published).checks}
    assert checks["files"].problems == (
        "README.md is missing",
        "documents/more.parquet is not in the manifest",
    )


@pytest.mark.parametrize(
    ("table", "change", "names"),
    [
        ("documents", _first("title", pl.lit("Another")), {"rows"}),
        ("documents", _first("text", pl.lit("Another")), {"texts", "edits"}),
        ("documents", lambda frame: frame.reverse(), {"rows"}),
        ("duplicates", _first("reason", pl.lit("none")), {"rows"}),
        ("duplicates", _first("canonical_id", pl.lit("gone")), {"canonicals", "evidence", "rows"}),
        ("quarantine", _first("detail", pl.lit("")), {"rows"}),
        ("edits", _first("rule", pl.lit("other")), {"rows"}),
        ("edits", _first("removed", pl.lit("no")), {"rows", "edits"}),
        ("edits", _first("action", pl.lit("no")), {"rows", "edits"}),
        ("edits", _first("seq", pl.lit(7, dtype=pl.UInt32)), {"edits"}),
        ("edits", lambda frame: frame.tail(-1), {"ledger", "rows", "edits"}),
        ("clusters", _first("size", pl.lit(9, dtype=pl.UInt32)), {"clusters", "rows"}),
        ("pairs", lambda frame: frame.tail(-1), {"ledger", "evidence", "rows"}),
        ("pairs", _first("jaccard", pl.lit(0.5, dtype=pl.Float32)), {"evidence", "rows"}),
        ("documents", lambda frame: frame.drop("url"), {"schema"}),
    ],
)
def test_a_changed_row_is_found_even_with_all_checksums_put_right(published, table, change, names):
    _rewrite(published, table, change)
    assert names <= _broken(published) <= names | {"edits", "rows"}


def test_a_document_in_two_tables_is_found(published):
    folder = _folder(published)
    documents = pl.read_parquet(folder / "documents")
    _rewrite(published, "quarantine", _first("doc_id", pl.lit(documents["doc_id"][0])))
    assert {"unique_ids", "rows"} <= _broken(published)


def test_a_manifest_with_another_figure_is_found(published):
    path = _folder(published) / "manifest.json"
    path.write_text(path.read_text().replace('"curated": ', '"curated": 1'))
    assert _broken(published) == {"manifest"}
    path.write_text("{}")
    assert _broken(published) == {"manifest"}
