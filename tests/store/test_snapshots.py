import hashlib
import random

import polars as pl
import pytest

from pipeline import schema
from pipeline.errors import LedgerError
from pipeline.settings import ExecutionSettings, PublishSettings, Settings
from pipeline.stages.digests import Fate, row_digests
from pipeline.store.finished import FinishedFiles
from pipeline.store.manifest import content_settings, read_manifest, snapshot_id
from pipeline.store.plan import SCHEMAS
from pipeline.store.reading import scan_table


def _files(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _table(staged, name):
    return scan_table(staged.folder, staged.manifest, name).collect()


def test_every_document_lies_in_one_table_with_its_published_columns(press, corpus):
    docs = corpus(60)
    staged = press().stage(docs)
    tables = {name: _table(staged, name) for name in SCHEMAS}
    assert {name: table.schema for name, table in tables.items()} == SCHEMAS
    ids = [
        id_ for name in ("documents", "duplicates", "quarantine") for id_ in tables[name]["doc_id"]
    ]
    assert sorted(ids) == sorted(d.doc_id for d in docs)
    counts = staged.manifest.counts
    assert counts.balanced
    assert (counts.curated, counts.duplicates, counts.quarantined) == tuple(
        tables[name].height for name in ("documents", "duplicates", "quarantine")
    )
    assert counts.by_reason == {"json_invalid": 4, "no_sentence": 5, "too_short": 5}
    assert counts.by_relation == {"near_copy": counts.duplicates}
    assert counts.by_rule == {"newsletter": counts.edits}
    assert tables["edits"].height == counts.edits > 0
    assert sum(counts.languages.values()) == counts.curated
    assert [(rule.name, rule.hits) for rule in staged.manifest.rules] == [
        ("byline", 0),
        ("newsletter", counts.edits),
    ]


def test_texts_and_edits_are_published_as_they_were_finished(press, corpus):
    docs = corpus(60)
    staged = press().stage(docs)
    texts = {d.doc_id: d.judged()["text"] for d in docs}
    for name in ("documents", "duplicates", "quarantine"):
        table = _table(staged, name)
        assert dict(table.select("doc_id", "text").iter_rows()).items() <= texts.items()
    edits = {d.doc_id: d.judged()["edits"] for d in docs if d.judged()["edits"]}
    published = _table(staged, "edits").group_by("doc_id", maintain_order=True)
    seen = {id_: group.drop("doc_id").to_dicts() for (id_,), group in published}
    assert seen == {
        id_: [{"seq": seq, **edit} for seq, edit in enumerate(rows)] for id_, rows in edits.items()
    }


def test_rows_of_all_parts_together_are_in_order_of_arrival(press, corpus):
    staged = press().stage(corpus(60))
    assert len(staged.manifest.tables["documents"].files) > 3
    for name in ("documents", "duplicates"):
        order = _table(staged, name).select("first_seen", "source_id", "doc_id")
        assert order.equals(order.sort(pl.all()))


def test_the_snapshot_depends_on_the_documents_alone(press, corpus):
    docs = corpus(60)
    first = press("a").stage(docs)
    random.Random(5).shuffle(docs)
    second = press("b", batch_rows=23).stage(docs)
    assert first.manifest == second.manifest
    assert _files(first.folder) == _files(second.folder)


def test_an_increment_ends_in_the_same_bytes_as_a_full_build(press, corpus):
    docs = corpus(60)
    step = press("step")
    step.publish(docs[:50])
    step.publish([d for d in docs if d is not docs[1]])
    incremental, full = step.stage(docs), press("full").stage(docs)
    assert _files(incremental.folder) == _files(full.folder)


def test_one_document_more_writes_its_own_part_and_shares_all_others(press, corpus, doc):
    docs = corpus(200)
    step = press(part_rows=20)
    before = step.publish(docs)
    folder = step.root / "snapshots" / before.publication.snapshot
    after = step.stage([*docs, doc("site/1/a-new-one.txt", "A new one came in, and it is long.")])
    shared = [p.stat().st_ino for p in folder.rglob("*.parquet")]
    new = [
        p.relative_to(after.folder).as_posix()
        for p in after.folder.rglob("*.parquet")
        if p.stat().st_ino not in shared
    ]
    assert sorted(path.split("/")[0] for path in new) == ["clusters.parquet", "documents"]


def test_a_part_of_the_wrong_size_in_the_served_snapshot_is_written_again(press, corpus):
    docs = corpus(60)
    step = press("step")
    served = step.publish(docs[:50]).publication.snapshot
    for path in (step.root / "snapshots" / served).rglob("part-*.parquet"):
        path.write_bytes(b"broken")
    assert _files(step.stage(docs).folder) == _files(press("full").stage(docs).folder)


def test_tables_without_rows_still_show_their_columns(press, doc):
    staged = press().stage([doc("a.txt", "One article, and nothing else.")])
    for name, expected in SCHEMAS.items():
        assert _table(staged, name).schema == expected
    assert _table(staged, "edits").is_empty()
    assert press("none").stage([]).manifest.counts.documents_in == 0


def test_the_id_follows_every_setting_that_shapes_content_and_no_other(press, corpus):
    docs = corpus(20)
    usual = press("a").stage(docs).manifest.snapshot
    assert press("b", part_rows=6).stage(docs).manifest.snapshot != usual
    assert press("c", rules=[]).stage(docs).manifest.snapshot != usual
    settings = Settings(
        execution=ExecutionSettings(workers=7), publish=PublishSettings(keep_snapshots=3)
    )
    assert content_settings(settings) == content_settings(Settings())
    assert content_settings(settings)["publish"] == {"part_rows": 20_000}


def test_the_manifest_reads_back_and_names_itself(press, corpus):
    staged = press().stage(corpus(20))
    manifest = read_manifest(staged.folder)
    assert manifest == staged.manifest
    assert snapshot_id(manifest) == manifest.snapshot
    assert manifest.to_json() == (staged.folder / "manifest.json").read_bytes()
    assert str(staged.folder.parent) not in manifest.to_json().decode()
    assert manifest.readme.sha256 == _files(staged.folder)["README.md"]


def test_files_of_the_manifest_are_the_files_of_the_folder(press, corpus):
    staged = press().stage(corpus(40))
    listed = {file.path: file.sha256 for file in staged.manifest.files}
    found = _files(staged.folder)
    assert found.pop("manifest.json")
    assert listed == found


def test_an_id_that_occurs_twice_stops_the_run(press, doc):
    step = press()
    one = step.finished([doc("a.txt", "One article.")])
    step.finished = lambda _: FinishedFiles(one.paths * 2)
    with pytest.raises(LedgerError, match="more than once"):
        step.stage([])


def test_a_document_that_got_lost_stops_the_run(press, corpus):
    step = press()
    docs = corpus(20)
    step.content = lambda _: type(step).content(step, [*docs, None])
    with pytest.raises(LedgerError, match="21 documents came in"):
        step.stage(docs)
    assert not list(step.root.rglob("*"))


def test_columns_of_the_published_tables_come_from_the_finished_row():
    for name in ("DOCUMENTS", "DUPLICATES", "QUARANTINE"):
        published = getattr(schema, name)
        assert all(schema.FINISHED[column] == kind for column, kind in published.items())


def test_the_digest_of_a_row_does_not_depend_on_the_chunks_it_came_in(press, corpus):
    staged = press().stage(corpus(40))
    rows = _table(staged, "documents").with_columns(pl.lit(None, pl.String).alias("edits_sha256"))
    whole = row_digests(rows, Fate.CURATED)
    pieces = pl.concat([rows[at : at + 3] for at in range(0, rows.height, 3)], rechunk=False)
    assert row_digests(pieces, Fate.CURATED).equals(whole)
