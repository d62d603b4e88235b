import datetime as dt
import hashlib

import polars as pl
import pytest

from pipeline.errors import LedgerError, SnapshotError
from pipeline.store.publications import read_publication
from pipeline.store.reading import open_latest, read_latest
from pipeline.store.tables import write_table
from pipeline.store.verify import verify


def _changes(root, number):
    frame = pl.read_parquet(root / "publications" / str(number) / "changes.parquet")
    return {row["doc_id"]: (row["change"], row["reason"]) for row in frame.iter_rows(named=True)}


def _snapshots(root):
    return {path.name for path in (root / "snapshots").iterdir()}


def test_the_first_publication_adds_every_document_and_is_served(press, corpus):
    step, docs = press(), corpus(30)
    published = step.publish(docs)
    publication = published.publication
    assert published.is_new
    assert (publication.number, publication.previous) == (1, None)
    assert publication.changes == {"added": 30}
    assert read_publication(step.root, 1) == publication
    assert publication.published_at == dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
    assert read_latest(step.root).snapshot == publication.snapshot
    manifest = step.root / "snapshots" / publication.snapshot / "manifest.json"
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert digest == read_latest(step.root).manifest_sha256 == publication.manifest_sha256
    assert open_latest(step.root).collect().height == sum(d.valid and not d.copy_of for d in docs)


def test_the_same_documents_again_are_no_new_publication(press, corpus):
    step = press()
    first = step.publish(corpus(30))
    files = {path: path.stat().st_mtime_ns for path in step.root.rglob("*") if path.is_file()}
    second = step.publish(corpus(30))
    assert not second.is_new
    assert second.publication == first.publication
    after = {path: path.stat().st_mtime_ns for path in step.root.rglob("*") if path.is_file()}
    assert after == files


def test_going_back_to_an_older_corpus_is_a_publication_of_the_older_snapshot(press, corpus):
    step = press()
    first = step.publish(corpus(20)).publication
    step.publish(corpus(30))
    third = step.publish(corpus(20)).publication
    assert (third.number, third.snapshot) == (3, first.snapshot)
    assert third.changes == {"removed": 10}
    assert verify(step.root).ok


def test_changes_say_what_became_of_each_document_and_why(press, doc, changed):
    step = press()
    stays = doc("stays.txt", "This one stays as it is, night for night.")
    kept = doc("kept.txt", "A report on the harbour, its cranes and its crews, in full.")
    copy = doc("copy.txt", "A report on the harbour, its cranes and its crews.", copy_of=kept)
    better = doc("better.txt", "A longer report on the harbour, its cranes and crews, in full.")
    edited = doc("edited.txt", "Menu\nThe mayor spoke.\n")
    refused = doc("refused.txt", "Not long, but long enough.")
    flagged = doc("flagged.txt", "Some words on the weather of the week.")
    gone = doc("gone.txt", "Gone tomorrow.")
    old = doc("page.html", "The first state of a page.")
    new = doc("page.html", "The second state of a page.")
    step.publish([stays, kept, copy, edited, refused, flagged, gone, old])
    moved = changed(copy, copy_of=better)
    published = step.publish(
        [
            stays,
            changed(kept, copy_of=better),
            moved,
            better,
            changed(edited, text="The mayor spoke.\n"),
            changed(refused, refused=("too_short",)),
            changed(flagged, flags=("digest",), language="de"),
            new,
        ]
    )
    assert _changes(step.root, 2) == {
        kept.doc_id: ("reclustered", "curated became duplicate"),
        copy.doc_id: ("reclustered", "another canonical"),
        better.doc_id: ("added", "new document: curated"),
        edited.doc_id: ("changed", "text, other values"),
        refused.doc_id: ("changed", "curated became quarantined"),
        flagged.doc_id: ("changed", "language, flags"),
        gone.doc_id: ("removed", "gone from the inputs"),
        old.doc_id: ("removed", "its source_id has new content"),
        new.doc_id: ("added", "new content: curated"),
    }
    assert published.publication.changes == {
        "added": 2,
        "changed": 3,
        "reclustered": 2,
        "removed": 2,
    }


def test_changes_carry_the_checksums_of_both_texts(press, doc, changed):
    step = press()
    one = doc("a.txt", "Menu\nThe mayor spoke.\n")
    step.publish([one])
    step.publish([changed(one, text="The mayor spoke.\n")])
    row = pl.read_parquet(step.root / "publications/2/changes.parquet").row(0, named=True)
    assert row["old_text_sha256"] == hashlib.sha256(one.decoded.encode()).hexdigest()
    assert row["new_text_sha256"] == hashlib.sha256(b"The mayor spoke.\n").hexdigest()


def test_the_report_is_written_from_the_publication_and_its_changes(press, corpus):
    step = press()
    step.publish(
        corpus(10), report=lambda publication, changes: f"{publication.number} {changes.height}"
    )
    assert (step.root / "publications/1/report.html").read_text() == "1 10"


def test_a_ledger_that_does_not_balance_publishes_nothing(press, corpus):
    step = press()
    step.publish(corpus(20))
    before = read_latest(step.root)
    staged = step.stage(corpus(30))
    file = next(iter((staged.folder / "documents").iterdir()))
    write_table(file, pl.read_parquet(file).head(0))
    step.stage = lambda _: staged
    with pytest.raises(LedgerError, match="30 documents came in"):
        step.publish([])
    assert read_latest(step.root) == before
    assert _snapshots(step.root) == {before.snapshot}


def test_what_dead_runs_left_behind_is_swept(press, corpus):
    step = press()
    step.publish(corpus(10))
    (step.root / ".staging-0123456789abcdef-1" / "documents").mkdir(parents=True)
    (step.root / "publications" / ".staging-2-1").mkdir()
    (step.root / "publications" / "2").mkdir()
    (step.root / "publications" / "2" / "report.html").write_text("never served")
    step.publish(corpus(11))
    assert not list(step.root.rglob(".*"))
    assert not (step.root / "publications/2/report.html").exists()


def test_only_the_snapshots_of_the_last_publications_are_kept(press, corpus):
    step = press(keep_snapshots=2)
    ids = [step.publish(corpus(count)).publication.snapshot for count in (10, 11, 12, 13)]
    assert _snapshots(step.root) == set(ids[-2:])
    assert verify(step.root).ok
    assert [read_publication(step.root, n).snapshot for n in (1, 2, 3, 4)] == ids


def test_without_the_records_of_publications_no_snapshot_is_deleted(press, corpus):
    step = press(keep_snapshots=2)
    ids = [step.publish(corpus(count)).publication.snapshot for count in (10, 11)]
    (step.root / "publications/2/publication.json").unlink()
    ids.append(step.publish(corpus(12)).publication.snapshot)
    assert _snapshots(step.root) == set(ids)


@pytest.mark.parametrize("name", ["pairs.parquet", "manifest.json"])
def test_a_served_snapshot_that_lost_a_file_is_put_back(press, corpus, name):
    step = press()
    step.publish(corpus(20))
    folder = step.root / "snapshots" / read_latest(step.root).snapshot
    (folder / name).write_bytes(b"broken")
    assert not step.publish(corpus(20)).is_new
    assert verify(step.root).ok
    assert not list(step.root.rglob(".*"))


def test_a_publication_that_is_not_there_is_a_named_error(press, corpus):
    step = press()
    step.publish(corpus(3))
    with pytest.raises(SnapshotError, match="record of a publication"):
        read_publication(step.root, 7)


def test_a_pointer_that_is_not_json_is_a_named_error(press, corpus):
    step = press()
    step.publish(corpus(3))
    (step.root / "latest.json").write_text("{")
    with pytest.raises(SnapshotError, match=r"latest\.json could not be read"):
        step.publish(corpus(4))


def test_shared_parts_outlive_the_snapshot_that_first_wrote_them(press, corpus, doc):
    step = press(keep_snapshots=2)
    docs = corpus(40)
    for number in range(4):
        docs.append(doc(f"site/9/{number}.txt", f"Article {number} of a later night, in words."))
        step.publish(docs)
    assert verify(step.root).ok
