"""A run that is killed at any instant loses nothing, and the next one does only what is left."""

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import ExecutionSettings, Settings
from pipeline.store.reading import read_latest
from pipeline.store.verify import verify
from pipeline.store.workspace import Workspace

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
SETTINGS = Settings(execution=ExecutionSettings(batch_documents=25))
# Shares of a run's file moves: while it ingests, in each stage, while it writes and publishes.
KILLED_AT = (0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.93, 1)
WORDS = ["road", "bridge", "market", "school", "mayor", "council", "harbour", "debate", "tax"]
SAYINGS = [
    "The {} was closed because nobody had thought of the {} before the {} came.",
    "Many people in the town want a new {} and fear for the old {} near the {}.",
    "After a long day the {} was opened in public, with a {} and without a {}.",
    "A spokesman said that the {} would be repaired as soon as the {} had paid for the {}.",
]

STEPS = ("raw", "cleaned", "measured", "judged", "fingerprints", "finished")

KILLED_RUN = """
import os, signal, sys
from datetime import datetime
from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import Settings
from pipeline.store.workspace import Workspace
from pathlib import Path

source, output, now, settings, last, workers = sys.argv[1:]
moves = 0

def count(event, arguments):
    global moves
    # Compiled kernels are moved into their cache too, but only the first time on a machine.
    place = str(arguments[1]) if event == "os.rename" else ""
    if place.startswith(output) and "/gx/" not in place:
        if moves == int(last):
            os.kill(os.getpid(), signal.SIGKILL)
        moves += 1

def kill(step, done, items):
    if step == last and 2 * done >= items > 0:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    by_step = not last.lstrip("-").isdigit()
    if not by_step:
        sys.addaudithook(count)
    engine = LocalEngine(int(workers), kill) if by_step else LocalEngine(int(workers))
    settings = Settings.model_validate_json(settings)
    curate(Run(source, Workspace(Path(output)), settings, engine, datetime.fromisoformat(now)))
    print(moves)
"""


def _article(number):
    chance = random.Random(number)
    sentences = [
        chance.choice(SAYINGS).format(*chance.choices(WORDS, k=3)) + f" It was number {place}."
        for place in chance.sample(range(1_000), k=12)
    ]
    lines = [f"News of day {number}", *(" ".join(sentences[n : n + 3]) for n in range(0, 12, 3))]
    return "\n".join(lines) + ("\nShare on Facebook\n" if number % 3 == 0 else "\n")


def _write_input(folder):
    """300 documents in several formats, with copies, damage and things that cannot be read."""
    (folder / "site").mkdir(parents=True)
    for number in range(100):
        (folder / "site" / f"{number}.txt").write_text(_article(number), "utf-8")
    (folder / "site" / "empty.txt").write_bytes(b"")
    (folder / "site" / "odd.txt").write_bytes(_article(900).encode("utf-16"))
    with (folder / "feed.jsonl").open("w", encoding="utf-8") as feed:
        for number in range(80, 280):
            text = (
                _article(number).replace("day", "dÃ©jÃ ") if number % 7 == 0 else _article(number)
            )
            feed.write(json.dumps({"id": f"feed-{number}", "text": text}) + "\n")
        feed.write("{broken\n")


def _run(source, output):
    return curate(Run(str(source), Workspace(output), SETTINGS, LocalEngine(1), NOW))


def _killed_run(source, output, last, *, workers=1):
    words = (source, output, NOW.isoformat(), SETTINGS.model_dump_json(), last, workers)
    script = output.parent / "killed_run.py"
    script.write_text(KILLED_RUN)
    command = [sys.executable, script, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


def _snapshots(output):
    return {
        path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (output / "corpus" / "snapshots").rglob("*")
        if path.is_file()
    }


def _stored(output):
    """The file that holds each result of a batch: one that was written anew is another file."""
    found = (path for name in STEPS for path in (output / "work" / name).rglob("[!.]*.parquet"))
    return {path.relative_to(output): path.stat().st_ino for path in found}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted") / "in"
    _write_input(folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(source):
    """The output of a run that nobody disturbed, and how many files it moved into place."""
    output = source.parent / "undisturbed"
    done = _killed_run(source, output, -1)
    assert done.returncode == 0, done.stderr
    assert len(list((output / "work" / "raw").iterdir())) >= 10
    return output, int(done.stdout)


def _assert_resumed(source, output, expected):
    before = _stored(output)
    _run(source, output)
    assert _snapshots(output) == _snapshots(expected)
    after = _stored(output)
    assert after.keys() == _stored(expected).keys()
    assert before.items() <= after.items()
    assert verify(output / "corpus").ok
    assert not list(output.rglob("*.tmp"))


@pytest.mark.parametrize("share", KILLED_AT)
def test_a_run_killed_at_any_instant_is_resumed_and_ends_in_the_same_bytes(
    source, undisturbed, tmp_path, share
):
    expected, moves = undisturbed
    output = tmp_path / "out"
    # What the suites say of this snapshot is known: validating it again is not what is tested.
    shutil.copytree(expected / "gx", output / "gx")
    died = _killed_run(source, output, min(moves - 1, round(share * moves)))
    assert died.returncode == -signal.SIGKILL, died.stderr
    _assert_resumed(source, output, expected)


def test_a_run_on_two_processes_that_is_killed_is_resumed_on_one(source, undisturbed, tmp_path):
    output = tmp_path / "out"
    died = _killed_run(source, output, "cleaned", workers=2)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert len(list((output / "work" / "cleaned").rglob("[!.]*.parquet"))) >= 5
    _assert_resumed(source, output, undisturbed[0])


def test_a_run_after_a_finished_one_publishes_and_computes_nothing(source, undisturbed, tmp_path):
    output = tmp_path / "out"
    shutil.copytree(undisturbed[0], output)
    before = _stored(output)
    outcome = _run(source, output)
    assert not outcome.published
    assert outcome.snapshot == read_latest(undisturbed[0] / "corpus").snapshot
    assert _stored(output) == before
