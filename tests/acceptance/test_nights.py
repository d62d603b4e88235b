"""Night after night: whatever happened to the inputs, the result is that of a full rebuild."""

import gzip
import hashlib
import json
import random
import shutil
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.errors import InputShrunkError
from pipeline.settings import ExecutionSettings, PublishSettings, Settings
from pipeline.store.reading import open_latest, read_latest
from pipeline.store.workspace import Workspace

# Late enough for every file to have settled, whenever the test runs.
FIRST = datetime.now(UTC) + timedelta(days=1)
NIGHTS = 5
SAYING = (
    "the council met in public and spoke of a new road that many people want because the old one "
    "is narrow while others fear noise dust and higher taxes in a town where little was built"
)


def _settings(batch_documents=20, part_rows=20):
    return Settings(
        execution=ExecutionSettings(batch_documents=batch_documents),
        publish=PublishSettings(part_rows=part_rows),
    )


def _text(number, *, edited=False):
    chance = random.Random(number)
    lines = [" ".join(chance.choices(SAYING.split(), k=12)).capitalize() + "." for _ in range(6)]
    if edited:
        lines[chance.randrange(6)] = f"Edition {number} of the evening adds a line of its own here."
    tail = ["Share on Facebook"] if number % 4 == 0 else []
    if number % 2 == 0:
        tail.append(f"Sewn by hand for the readers of {_paper(number)}")
    return "\n".join([f"Report {number} on the road", *lines, *tail])


def _paper(number):
    return f"paper-{number % 3}.example"


def _paper_of(text):
    """The source of a text, which its first line tells."""
    return _paper(int(text.split(maxsplit=2)[1]))


class Press:
    """An input folder that is changed at random, and the outputs that follow it."""

    def __init__(self, folder, seed):
        self.source, self.chance, self.next = folder / "in", random.Random(seed), 0
        self.source.mkdir()
        self.folder, self.nights = folder, 0
        self.files = {}
        for kind in ("txt", "txt", "txt", "jsonl", "csv", "parquet", "jsonl.gz"):
            self.add_file(kind)

    def add_file(self, kind=None):
        kind = kind or self.chance.choice(["txt", "jsonl", "csv", "parquet", "jsonl.gz"])
        count = 1 if kind == "txt" else self.chance.randrange(6, 12)
        self.files[f"f{self.next}.{kind}"] = [self.record() for _ in range(count)]

    def record(self):
        """A new document, or for one in four an old one again, as it was or edited."""
        self.next += 1
        if self.files and self.chance.random() < 0.25:
            ident, text = self.chance.choice(self.chance.choice(list(self.files.values())))
            kept = self.chance.random() < 0.5
            number = self.chance.randrange(self.next)
            return (ident if kept else f"id{self.next}", text if not kept else _text(number))
        return f"id{self.next}", _text(self.next, edited=self.chance.random() < 0.3)

    def change(self):
        """One thing that happens to inputs."""
        name = self.chance.choice(list(self.files))
        records = self.files[name]
        what = self.chance.choice(["add", "more", "fewer", "edit", "shuffle", "rename", "remove"])
        if what == "add" or (what == "remove" and len(self.files) < 4):
            self.add_file()
        elif what == "more" and not name.endswith("txt"):
            records.insert(self.chance.randrange(len(records) + 1), self.record())
        elif what == "fewer" and len(records) > 1:
            records.pop(self.chance.randrange(len(records)))
        elif what == "edit":
            at = self.chance.randrange(len(records))
            records[at] = records[at][0], _text(self.chance.randrange(1_000), edited=True)
        elif what == "shuffle":
            self.chance.shuffle(records)
        elif what == "rename":
            self.files[f"r{self.next}.{name.split('.', 1)[1]}"] = self.files.pop(name)
            self.next += 1
        elif what == "remove":
            del self.files[name]

    def deliver(self):
        """The input folder as it stands tonight."""
        shutil.rmtree(self.source)
        (self.source / "deep").mkdir(parents=True)
        for name, records in self.files.items():
            where = self.source / "deep" / name if "7" in name else self.source / name
            rows = [{"id": i, "source": _paper_of(t), "text": t} for i, t in records]
            frame = pl.DataFrame(rows)
            lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
            kind = name.split(".", 1)[1]
            if kind == "txt":
                where.write_text(records[0][1], "utf-8")
            elif kind == "csv":
                frame.write_csv(where)
            elif kind == "parquet":
                frame.write_parquet(where)
            else:
                where.write_bytes(gzip.compress(lines) if kind.endswith("gz") else lines)

    def run(self, name, settings, *, workers=2):
        workspace, engine = Workspace(self.folder / name), LocalEngine(workers)
        now = FIRST + timedelta(days=self.nights)
        return curate(Run(str(self.source), workspace, settings, engine, now))

    def rebuild(self, settings):
        """Tonight's snapshot made from scratch, with nothing kept but the arrivals."""
        anew = self.folder / "anew"
        shutil.rmtree(anew, ignore_errors=True)
        anew.mkdir()
        shutil.copy(self.folder / "out" / "arrivals.parquet", anew)
        # The verdict on the very same snapshot stands already.
        shutil.copytree(self.folder / "out" / "gx", anew / "gx")
        return self.run("anew", settings, workers=1)

    def snapshot(self, name):
        folder = self.folder / name / "corpus" / "snapshots"
        place = folder / read_latest(folder.parent).snapshot
        return {
            path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in place.rglob("*")
            if path.is_file()
        }

    def learned(self):
        place = self.folder / "out" / "corpus"
        snapshot = place / "snapshots" / read_latest(place).snapshot
        return pl.read_parquet(snapshot / "learned_lines.parquet").drop("samples")

    def changes(self):
        corpus = self.folder / "out" / "corpus"
        number = read_latest(corpus).publication
        return pl.read_parquet(corpus / "publications" / str(number) / "changes.parquet")


@pytest.mark.parametrize("seed", range(3))
def test_every_night_ends_in_the_bytes_of_a_full_rebuild(tmp_path, seed):
    press = Press(tmp_path, seed)
    learned = set()
    for _ in range(NIGHTS):
        press.deliver()
        press.run("out", _settings())
        # Other batches on the way there: the order of processing must not show.
        press.rebuild(_settings(batch_documents=press.chance.choice([7, 20, 1_000])))
        assert press.snapshot("out") == press.snapshot("anew")
        learned.add(tuple(press.learned().rows()))
        press.nights += 1
        for _ in range(press.chance.randrange(1, 6)):
            press.change()
    assert len(learned) > 1  # some night taught or unlearned a line, or gave it other figures


def test_documents_that_vanish_leave_the_corpus_and_are_told_of(tmp_path):
    press = Press(tmp_path, 1)
    press.deliver()
    press.run("out", _settings())
    known = open_latest(tmp_path / "out" / "corpus").collect()["doc_id"]
    name = next(name for name in press.files if name.endswith("parquet"))
    gone = {ident for ident, _ in press.files.pop(name)}
    gone -= {ident for records in press.files.values() for ident, _ in records}
    press.nights += 1
    press.deliver()
    press.run("out", _settings())
    left = open_latest(tmp_path / "out" / "corpus").collect()
    assert not set(left["source_id"]) & gone
    removed = press.changes().filter(change="removed")
    assert gone <= set(removed["source_id"])
    assert set(known) - set(left["doc_id"]) <= set(press.changes()["doc_id"])
    stored = {path.stem for path in (tmp_path / "out" / "work" / "raw").iterdir()}
    for step in ("cleaned", "measured", "judged", "fingerprints"):
        paths = (tmp_path / "out" / "work" / step).rglob("*.parquet")
        assert {path.stem for path in paths} == stored


def test_an_input_that_lost_over_half_stops_the_night_and_the_corpus_stays(tmp_path):
    press = Press(tmp_path, 2)
    press.deliver()
    press.run("out", _settings())
    served = press.snapshot("out")
    documents = sum(map(len, press.files.values()))
    while 2 * sum(map(len, press.files.values())) >= documents:
        press.files.pop(max(press.files, key=lambda name: len(press.files[name])))
    press.deliver()
    with pytest.raises(InputShrunkError, match="allow_shrink"):
        press.run("out", _settings())
    assert press.snapshot("out") == served
    meant = _settings()
    ingest = meant.ingest.model_copy(update={"allow_shrink": True})
    assert press.run("out", meant.model_copy(update={"ingest": ingest})).published
