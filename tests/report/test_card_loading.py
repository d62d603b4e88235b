"""The dataset card of a curated snapshot: every reader loads the corpus as the card says."""

import hashlib
import io
import os
import random
import re
import subprocess
import sys
from datetime import UTC, datetime

import polars as pl
import pytest
from rich.console import Console

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.report.explain import explain
from pipeline.report.story import render_story
from pipeline.settings import Settings
from pipeline.stages.digests import Fate
from pipeline.store.workspace import Workspace

PLACES = ["harbour", "station", "library", "market", "bridge", "school", "theatre", "mill"]
WHO = ["The mayor", "A carpenter", "Two sisters", "The pilot", "A visitor", "Some children"]
SAW = ["painted", "visited", "described", "measured", "photographed", "praised", "sold"]


def article(place):
    """A text of 14 sentences that shares hardly three words in a row with that of another place."""
    chance = random.Random(place)
    told = (
        f"{chance.choice(WHO)} {chance.choice(SAW)} the {place} {chance.randint(2, 99)} times in "
        f"{chance.randint(1900, 2020)} and {chance.choice(SAW)} {chance.choice(WHO).lower()} there."
        for _ in range(14)
    )
    return f"The {place} opens again\n\n{' '.join(told)}\n"


@pytest.fixture(scope="module")
def curated(tmp_path_factory):
    """The folder of a published snapshot of ten small documents."""
    folder = tmp_path_factory.mktemp("curated")
    source = folder / "in"
    source.mkdir()
    for place in PLACES:
        (source / f"{place}.txt").write_text(article(place))
    (source / "mill-again.txt").write_text(article("mill") + "\nRead also: The mill in pictures\n")
    (source / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    outcome = curate(
        Run(
            source=str(source),
            workspace=Workspace(folder / "out"),
            settings=Settings(),
            engine=LocalEngine(1),
            now=datetime(2026, 3, 1, tzinfo=UTC),
        )
    )
    return outcome.folder


def snippets(folder):
    card = (folder / "README.md").read_text()
    return re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)


def run(code, *, folder, home):
    """What the code prints in a process that stands in the snapshot and has no network."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("library", ["polars", "duckdb", "pandas", "datasets"])
def test_the_way_of_loading_that_the_card_gives_works_as_it_is_written(curated, tmp_path, library):
    (code,) = (
        code
        for code in snippets(curated)
        if re.search(rf"(?:import|from) {library}\b", code) and "def " not in code
    )
    printed = run(code, folder=curated, home=tmp_path)
    assert re.search(r"language|'en', 8", printed)


def test_the_card_says_how_every_edit_is_undone(curated, tmp_path):
    (code,) = (code for code in snippets(curated) if "def original" in code)
    first = pl.read_parquet(curated / "documents").row(0, named=True)
    decoded = run(code, folder=curated, home=tmp_path).removesuffix("\n")
    assert hashlib.sha256(decoded.encode()).hexdigest() == first["decoded_sha256"]
    assert decoded != first["text"]


def test_hugging_face_finds_every_table_by_the_card(curated, tmp_path):
    code = """
import datasets, os
for name in datasets.get_dataset_config_names(os.getcwd()):
    print(name, datasets.load_dataset(os.getcwd(), name, split="train").num_rows)
"""
    printed = run(code, folder=curated, home=tmp_path)
    rows = dict(line.split() for line in printed.splitlines())
    tables = ("duplicates", "edits", "clusters", "pairs", "quarantine")
    expected = {"default": pl.read_parquet(curated / "documents").height}
    for table in tables:
        path = curated / table
        expected[table] = pl.read_parquet(
            path if path.is_dir() else path.with_suffix(".parquet")
        ).height
    assert rows == {name: str(number) for name, number in expected.items()}


def test_every_document_of_a_curated_snapshot_has_its_story(curated):
    asked = {f"{place}.txt": Fate.CURATED for place in PLACES[:-1]} | {
        "picture.txt": Fate.QUARANTINED
    }
    for source_id, fate in asked.items():
        story = explain(curated, source_id)
        assert (story.fate, story.rebuilt) == (fate, True if fate is Fate.CURATED else None)
        assert story.meanings.keys() >= {
            *story.rules,
            *story.document.flags,
            *story.document.reasons,
        }
    fates = {explain(curated, name).fate for name in ("mill.txt", "mill-again.txt")}
    assert fates == {Fate.CURATED, Fate.DUPLICATE}
    screen = io.StringIO()
    Console(width=80, file=screen).print(render_story(explain(curated, "mill-again.txt")))
    assert "[-Read also: The mill in pictures" in " ".join(screen.getvalue().split())
