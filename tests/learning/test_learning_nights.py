"""A line becomes known on one night and is forgotten on another: older documents follow."""

import hashlib
import shutil
from datetime import timedelta

import polars as pl
import pytest

from pipeline.store.reading import read_latest
from pipeline.store.verify import verify

LINE = "Sewn by hand in Lower Street"
SOURCE = "plain.example"


class Nights:
    """An output folder that follows an input of single files, one for each article."""

    def __init__(self, folder, run, write, night):
        self.folder, self.run_once, self.write, self.night = folder, run, write, night
        self.source, self.count = folder / "in", 0

    def deliver(self, name, article):
        self.write(self.source / f"{name}.jsonl", [article], first=int(name))

    def run(self, output="out", **how):
        now = self.night + timedelta(days=self.count)
        return self.run_once(self.source, self.folder / output, now=now, **how).folder

    def changes(self):
        """source_id, change and reason of tonight's publication, by source_id."""
        corpus = self.folder / "out" / "corpus"
        path = corpus / "publications" / str(read_latest(corpus).publication) / "changes.parquet"
        rows = pl.read_parquet(path).select("source_id", "change", "reason")
        return {row[0]: row[1:] for row in rows.iter_rows()}

    def rebuilt(self, **how):
        """Tonight's bytes, made from scratch with nothing kept but the arrivals."""
        anew = self.folder / "anew"
        shutil.rmtree(anew, ignore_errors=True)
        anew.mkdir()
        shutil.copy(self.folder / "out" / "arrivals.parquet", anew)
        return _bytes_of(self.run("anew", **how))


def _bytes_of(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _texts(folder):
    rows = pl.read_parquet(folder / "documents" / "*.parquet").select("source_id", "text")
    return dict(rows.iter_rows())


@pytest.fixture
def nights(tmp_path, run_once, write, desk, first_night):
    """Four stories that end in the line, and four that do not."""
    made = Nights(tmp_path, run_once, write, first_night)
    for n in range(8):
        story = desk.story("bare.example")
        story.source, story.tail = SOURCE, [LINE] if n < 4 else []
        made.deliver(f"{n:05}", story)
    return made


def test_the_night_on_which_a_line_becomes_known_changes_the_documents_that_had_it(nights, desk):
    first = nights.run(batch_documents=3)
    assert sum(LINE in text for text in _texts(first).values()) == 4
    nights.count = 1
    fifth = desk.story("bare.example")
    fifth.source, fifth.tail = SOURCE, [LINE]
    nights.deliver("00008", fifth)
    second = nights.run(batch_documents=3)
    assert not any(LINE in text for text in _texts(second).values())
    changes = nights.changes()
    assert changes.pop("a00008") == ("added", "new document: curated")
    assert changes == {f"a0000{n}": ("changed", "learned line") for n in range(4)}
    assert nights.rebuilt() == _bytes_of(second)
    assert verify(nights.folder / "out").ok


def test_the_night_on_which_its_support_falls_gives_the_line_back(nights, desk):
    fifth = desk.story("bare.example")
    fifth.source, fifth.tail = SOURCE, [LINE]
    nights.deliver("00008", fifth)
    first = nights.run()
    assert not any(LINE in text for text in _texts(first).values())
    nights.count = 1
    (nights.source / "00008.jsonl").unlink()
    second = nights.run()
    assert sum(LINE in text for text in _texts(second).values()) == 4
    changes = nights.changes()
    assert changes.pop("a00008") == ("removed", "gone from the inputs")
    assert changes == {f"a0000{n}": ("changed", "line no longer learned") for n in range(4)}
    assert nights.rebuilt(batch_documents=2) == _bytes_of(second)


def test_a_night_on_which_nothing_happens_cuts_nothing_anew(nights, desk):
    fifth = desk.story("bare.example")
    fifth.source, fifth.tail = SOURCE, [LINE]
    nights.deliver("00008", fifth)
    first = nights.run(batch_documents=3)
    work = nights.folder / "out" / "work"
    stored = {path: path.stat().st_ino for step in ("edges", "learned", "cut", "finished")
              for path in (work / step).rglob("*.parquet")}  # fmt: skip
    nights.count = 1
    assert nights.run(batch_documents=3) == first
    assert {path: path.stat().st_ino for path in stored} == stored


def test_only_batches_with_a_line_that_changed_are_cut_anew(nights, desk):
    fifth = desk.story("bare.example")
    fifth.source, fifth.tail = SOURCE, [LINE]
    nights.deliver("00008", fifth)
    nights.run(batch_documents=3)
    cut = nights.folder / "out" / "work" / "cut"
    stored = {path.name for path in cut.iterdir()}
    nights.count = 1
    nights.deliver("00009", desk.story("harbour.example"))
    nights.run(batch_documents=3)
    assert {path.name for path in cut.iterdir()} == stored


def test_without_the_working_state_the_snapshot_is_the_same(nights, desk):
    fifth = desk.story("bare.example")
    fifth.source, fifth.tail = SOURCE, [LINE]
    nights.deliver("00008", fifth)
    first = nights.run()
    shutil.rmtree(nights.folder / "out" / "work")
    assert nights.run() == first
