"""Runs of the Dagster job in this process, each in an output folder of its own."""

import gzip
import json
import os
import random
import shutil
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
import zstandard

from pipeline.definitions import definitions
from pipeline.defs.history import open_instance, prepare
from pipeline.defs.launch import launch
from pipeline.store.settings_file import load_settings
from pipeline.store.workspace import Workspace

ROOT = Path(__file__).parents[2]
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "su",
    "ta",
    "ve",
    "wi",
]
ARTICLES = {
    "harbour.txt": "The ferry to the outer islands sails again from Monday. For six weeks the old "
    "pier had been closed, because two of its beams were found to be rotten. The town paid for "
    "the repair out of the winter fund, and the mayor thanked the carpenters by name.\n",
    "library.txt": "Nobody had asked for a library with a slide in it, and now nobody wants to do "
    "without. Children borrow three times as many books as before, the head librarian says. On "
    "rainy afternoons the queue reaches from the second floor down to the front door.\n",
}


class Mill:
    """One output folder and one input folder, and what may be done with them."""

    def __init__(self, folder: Path) -> None:
        self.input, self.workspace = folder / "in", Workspace(folder / "out")
        self.input.mkdir(parents=True)

    def write(self, articles: dict[str, str]) -> None:
        """These articles are the input."""
        for old in self.input.iterdir():
            old.unlink()
        for name, text in articles.items():
            (self.input / name).write_text(text, encoding="utf-8")

    def launch(self, *words: str):
        """The outcome of a run as the command line starts it."""
        settings = load_settings(None, words)
        return launch(job(), str(self.input), self.workspace.output, settings)

    def materialize(self, *assets: str, words: tuple[str, ...] = ()):
        """The result of a run as the UI starts it, of some assets only where they are named."""
        values = load_settings(None, words).model_dump()
        workshop = {"input": str(self.input), "output": str(self.workspace.output), **values}
        with self.open() as instance:
            return job().execute_in_process(
                run_config={"resources": {"workshop": {"config": workshop}}},
                instance=instance,
                raise_on_error=False,
                asset_selection=[dg.AssetKey(name) for name in assets] or None,
            )

    @staticmethod
    def failures(result) -> str:
        """What the failed steps of a run say, causes included, as the UI shows it."""
        told = []
        for event in result.all_events:
            error = getattr(event.event_specific_data, "error", None)
            while error is not None:
                told.append(error.message)
                error = error.cause
        return "\n".join(told)

    def open(self):
        """The Dagster instance of the output folder."""
        return open_instance(prepare(self.workspace))


def job() -> dg.JobDefinition:
    return definitions().resolve_job_def("curate")


@pytest.fixture(scope="session", autouse=True)
def _quiet():
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"


@pytest.fixture
def mill(tmp_path):
    """A mill with two articles in its input."""
    made = Mill(tmp_path)
    made.write(ARTICLES)
    return made


@pytest.fixture(scope="module")
def sample_run(tmp_path_factory):
    """A mill that ran over the sample documents, and what came of it."""
    made = Mill(tmp_path_factory.mktemp("samples"))
    shutil.copytree(ROOT / "seeds", made.input, dirs_exist_ok=True)
    return made, made.launch()


@pytest.fixture(scope="session")
def varied_corpus(tmp_path_factory):
    """A folder of 230 made-up articles in files of every kind, with all that may be wrong."""
    folder = tmp_path_factory.mktemp("varied")
    texts = list(_articles(random.Random(11), 230))
    (folder / "site").mkdir()
    for number, text in enumerate(texts[:90]):
        path = folder / "site" / f"site-{number:02}.txt"
        path.write_bytes(text.encode("utf-16" if number % 30 == 7 else "utf-8"))
    (folder / "site" / "empty.txt").write_bytes(b"")
    (folder / "site" / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (folder / "site" / "note.txt").write_text("Closed today.")
    records = [
        {
            "id": f"feed-{number}",
            "source": f"paper-{number % 5}.example",
            "title": text.split(".")[0][:60],
            "published_at": f"2026-01-{1 + number % 28:02}T06:00:00Z",
            "text": f"{text}\nSewn by hand for paper number {number % 5}",
        }
        for number, text in enumerate(texts[90:])
    ]
    lines = [json.dumps(record) for record in records]
    (folder / "morning.jsonl").write_text("\n".join([*lines[:40], '{"id": 3', *lines[40:50]]))
    (folder / "noon.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[50:85]).encode()))
    frame = pl.DataFrame(records)
    frame[85:110].write_parquet(folder / "evening.parquet")
    packed = zstandard.compress(frame[110:].write_csv().encode())
    (folder / "night.csv.zst").write_bytes(packed)
    return folder


def _articles(draw, count):
    """Articles, and what other sites make of earlier ones."""
    vocabulary = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 3))) for _ in range(2_000)]
    kept = []
    for number in range(count):
        kind = ("new", "new", "copy", "edited", "new", "half", "damaged", "framed")[number % 8]
        text = draw.choice(kept) if kept and kind in {"copy", "edited", "half"} else None
        if text is None:
            sentences = [
                " ".join(draw.choices(vocabulary, k=draw.randint(6, 14))).capitalize() + "."
                for _ in range(draw.randint(9, 16))
            ]
            text = "\n".join(" ".join(sentences[n : n + 3]) for n in range(0, len(sentences), 3))
            kept.append(text)
        if kind == "edited":
            words = text.split(" ")
            words[draw.randrange(len(words))] = draw.choice(vocabulary)
            text = " ".join(words)
        elif kind == "half":
            text = text[: len(text) * 2 // 3]
        elif kind == "damaged":
            text = f"Café “{text[:40]}” – {text[40:]}".encode().decode("cp1252", "ignore")
        elif kind == "framed":
            text = f"Home | News | Sport\n{text}\nSign up for our newsletter\nShare this article\n"
        yield text
