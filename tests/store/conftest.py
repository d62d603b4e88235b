import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace

import polars as pl
import pytest

from pipeline import schema
from pipeline.settings import PublishSettings, Settings
from pipeline.stages.finish import finish
from pipeline.store.finished import FinishedFiles
from pipeline.store.manifest import RuleFacts
from pipeline.store.publications import RunFacts, publish
from pipeline.store.snapshots import Content, stage_snapshot
from pipeline.store.tables import write_table
from pipeline.text.edits import Action, find_edits

NIGHT = dt.datetime(2026, 3, 1, 2, tzinfo=dt.UTC)


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Doc:
    """One invented document, and what the stages before publishing made of it."""

    source_id: str
    decoded: str
    text: str | None = None  # as cleaned; the decoded text where nothing was changed
    copy_of: "Doc | None" = None
    refused: tuple[str, ...] = ()
    unreadable: str | None = None
    seen: dt.datetime = NIGHT
    flags: tuple[str, ...] = ()
    language: str = "en"

    @property
    def doc_id(self):
        return _sha256(f"{self.source_id}\n{self.decoded}")[:32]

    @property
    def valid(self):
        return not self.refused and self.unreadable is None

    def judged(self):
        decoded = None if self.unreadable else self.decoded
        text = None if self.unreadable else self.text if self.text is not None else decoded
        edits = find_edits(decoded, text, rule="newsletter", action=Action.TRIM) if text else []
        signals = dict.fromkeys(schema.SIGNALS.to_schema())
        return {
            "doc_id": self.doc_id,
            "row_key": self.doc_id,
            "source_id": self.source_id,
            "source": "example.org",
            "raw": b"",
            "raw_sha256": _sha256(self.decoded),
            "input_error": self.unreadable,
            "encoding": "utf-8",
            "decoded_sha256": None if decoded is None else _sha256(decoded),
            "text": text,
            "edits": [
                {name: getattr(edit, name) for name in schema.EDIT.to_schema()} for edit in edits
            ],
            "flags": list(self.flags),
            "language": self.language,
            "language_confidence": 0.875,
            "n_chars": len(text or ""),
            "n_words": len((text or "").split()),
            "signals": {**signals, "n_lines": 1, "mean_word_chars": 4.7, "c4_pass": True},
            "text_sha256": None if text is None else _sha256(text),
            "verdicts": [{"suite": "cleaned", "rule": r, "value": "1"} for r in self.refused],
        }

    def clustered(self):
        canonical = (self.copy_of or self).doc_id
        return {
            "doc_id": self.doc_id,
            "cluster_id": canonical,
            "canonical_id": canonical,
            "relation": "near_copy" if self.copy_of else None,
            "jaccard": 0.75 if self.copy_of else None,
            "containment": 0.875 if self.copy_of else None,
            "reason": "shorter" if self.copy_of else None,
        }


@dataclass
class Press:
    """Publishes invented documents under a folder of its own."""

    root: object
    part_rows: int = 5
    batch_rows: int = 7
    keep_snapshots: int = 30
    nights: int = 0
    rules: list = field(
        default_factory=lambda: [
            RuleFacts(name="newsletter", digest="d1"),
            RuleFacts(name="byline", digest="d2"),
        ]
    )

    def finished(self, docs):
        """FINISHED files of `batch_rows` documents each, in the order given."""
        folder = self.root.parent / f"finished-{self.root.name}"
        judged = pl.DataFrame([d.judged() for d in docs], schema=schema.JUDGED)
        clusters = pl.DataFrame([d.clustered() for d in docs if d.valid], schema=schema.CLUSTERED)
        arrivals = pl.DataFrame(
            [{"doc_id": d.doc_id, "first_seen": d.seen} for d in docs], schema=schema.ARRIVALS
        )
        paths = []
        for start in range(0, len(docs), self.batch_rows):
            rows = finish(judged[start : start + self.batch_rows], clusters, arrivals)
            paths.append(write_table(folder / f"{start}.parquet", rows).path)
        return FinishedFiles(tuple(paths))

    def pairs(self, docs):
        """The evidence for every duplicate among `docs`."""
        rows = [
            {
                "left_id": d.doc_id,
                "right_id": d.copy_of.doc_id,
                "jaccard": 0.75,
                "containment_left": 0.875,
                "containment_right": 0.8,
                "shared_shingles": 30,
                "relation": "near_copy",
                "decision": "merge",
            }
            for d in docs
            if d.copy_of
        ]
        return pl.DataFrame(rows, schema=schema.PAIRS)

    def content(self, docs):
        settings = Settings(publish=PublishSettings(part_rows=self.part_rows))
        return Content(
            documents_in=len(docs), settings=settings, rules=self.rules, versions={"winnow": "1"}
        )

    def stage(self, docs):
        return stage_snapshot(
            self.finished(docs),
            self.pairs(docs),
            root=self.root,
            content=self.content(docs),
            card=lambda manifest: f"# {manifest.counts.curated} documents\n",
        )

    def publish(self, docs, report=None):
        staged = self.stage(docs)
        self.nights += 1
        return publish(
            staged,
            root=self.root,
            now=NIGHT + dt.timedelta(days=self.nights),
            run=RunFacts(run=f"run-{self.nights}", seconds=1.5, validation="passed", report=report),
            keep_snapshots=self.keep_snapshots,
        )


def _corpus(count):
    """Articles on many topics, some with edits, some copied, refused or unreadable."""
    docs, kept = [], None
    for number in range(count):
        body = f"The council of town {number} met. It spoke of road {number * 7} and left.\n" * 3
        at = f"site/{number % 3}/article-{number}.txt"
        if number % 11 == 10:
            doc = Doc(at, "Hi", refused=("too_short", "no_sentence"))
        elif number % 13 == 12:
            doc = Doc(at, f"\x00{number}", unreadable="json_invalid")
        elif number % 5 == 4:
            doc = Doc(at, body + "Read on below.\n", body, copy_of=kept)
        elif number % 3 == 2:
            doc = Doc(at, "Menu\n" + body + "Sign up\n", body, flags=("glued_sentences",))
        else:
            kept = doc = Doc(at, body, seen=NIGHT + dt.timedelta(days=number % 2))
        docs.append(doc)
    return docs


@pytest.fixture
def doc():
    return Doc


@pytest.fixture
def corpus():
    return _corpus


@pytest.fixture
def press(tmp_path):
    """Makes a Press; each name is a corpus of its own."""

    def make(name="corpus", **settings):
        return Press(root=tmp_path / name, **settings)

    return make


@pytest.fixture
def changed():
    """A document with some of its facts exchanged."""
    return replace
