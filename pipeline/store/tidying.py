"""What no longer serves leaves `work/`, so that a year of nights takes no more room than one.

Only a run that holds the output folder may call this. Results under other settings stay for a
while, so that switching a setting back costs little; time stamps say which were used last.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.store.batches import Corpus, MapStage
from pipeline.store.durable import discard, writing
from pipeline.store.workspace import Workspace

KEPT_KEYS = 2  # per stage: what this run used, and what was used last before it


def mark_used(path: Path) -> None:
    """Note that the stored result was used now."""
    with writing(path):
        os.utime(path)


def tidy(
    workspace: Workspace, corpus: Corpus, *, last: MapStage, beside: Sequence[MapStage] = ()
) -> None:
    """Only what the corpus needs is left under `work/`, and a little to fall back upon.

    `last` is the stage at the end of the chain whose results are in use, `beside` those that branch
    off from it.
    """
    work, live = workspace.work, {batch.key for batch in corpus.batches}
    _remove_drafts(workspace)
    _keep_batches(work / "raw", live)
    for stage in (*_chain(last), *beside):
        if (work / stage.name / stage.key).exists():  # some can be switched off
            mark_used(work / stage.name / stage.key)
        _keep_last(work / stage.name, KEPT_KEYS)
        for folder in _entries(work / stage.name):
            _keep_batches(folder, live)
    _keep_last(work / "clusters", KEPT_KEYS)
    _keep_last(work / "index", KEPT_KEYS)
    _keep_last(work / "learned", KEPT_KEYS)
    _keep_last(work / "settled", KEPT_KEYS)
    _keep_finished(work / "cut", live)
    _keep_finished(work / "finished", live)


def _remove_drafts(workspace: Workspace) -> None:
    """What a run was writing when it was killed."""
    drafts = [*workspace.output.glob(".*.tmp"), *workspace.corpus.glob(".*.tmp")]
    for draft in [*drafts, *workspace.work.rglob(".*.tmp")]:
        _remove(draft)


def _chain(last: MapStage) -> Iterator[MapStage]:
    stage: MapStage | None = last
    while stage is not None:
        yield stage
        stage = stage.before


def _keep_batches(folder: Path, live: set[str]) -> None:
    for path in _entries(folder):
        if path.stem not in live:
            _remove(path)


def _keep_last(folder: Path, count: int) -> None:
    for old in _by_use(folder)[count:]:
        discard(old) if old.is_dir() else _remove(old)


def _keep_finished(folder: Path, live: set[str]) -> None:
    """Of each live batch the file that was used last."""
    seen = set()
    for path in _by_use(folder):
        batch = path.stem.partition("-")[0]
        if batch not in live or batch in seen:
            _remove(path)
        seen.add(batch)


def _by_use(folder: Path) -> list[Path]:
    """What was used last comes first."""
    return sorted(_entries(folder), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def _remove(path: Path) -> None:
    with writing(path):
        path.unlink()
