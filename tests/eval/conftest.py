"""The labelled sets: where they lie, that they are the ones meant, and the command's run on each.

They lie beside the repository and not in it. Without their folder the tests that need them are
skipped; where it exists a test here that is skipped, for whatever reason, has failed.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
# A figure belongs to the very rows it was measured on.
DIGESTS = {
    "boilerplate_extractor": "9f3425e038c3d6ab0410e1c5be2c17237b735135c368749a38eccc38098a29ff",
    "boilerplate_window": "8fa245de67f2b2ea6ca736597e76b20f9a50506aa03a416eb163ab87386f5b34",
    "encoding_bytes": "31fbf586a35525646e86472374ce01a65b939db8e921699e28a7d515de689971",
    "encoding_clean": "648067476de01a727fbebf2efc1abec8e0cb423c34193f96f09f50f89677324d",
    "encoding_ftfy": "fd308bba01baad901608c4ec4f44eb9ca64e1fb9765c566ac311e71ea136a7ab",
    "encoding_mojibake": "4993fbe463144b1e3aff0a9476768431d02273bf5628563b1e8712e1f6e21f07",
    "neardup_extractor": "485c4825a776abea49fdff5e9b7e7b91f6c847f8bde47a330b6b509155de02d6",
    "neardup_reuters": "688349109f437e9ef4f282f584182f3d59cbcd9bb5cc1ed8db9930ad2ed64f15",
    "neardup_reuters_pairs": "a130fa892313b98d1ad66ef93c379f6a7e93d7f3df2259bcbd6f267e97bcd20a",
    "volume_en": "1bb867124fde1ae5ac2c9b1cf6c559796d082b4ca11e846f602b29f86af32c22",
    "volume_multilingual": "7b501e0379d62f4c8c60e2e80e4ff8cf0999d7bd5626f830f68dec4227860062",
}
TABLES = {"documents": "curated", "duplicates": "duplicate", "quarantine": "quarantined"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document."""

    doc_id: str
    decoded_sha256: str | None
    text: str | None
    flags: tuple[str, ...]
    fate: str


@dataclass(frozen=True, slots=True)
class Published:
    """An output folder, the snapshot in it, and what became of the rows of the set, in order."""

    output: Path
    snapshot: Path
    outcomes: list[Outcome]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    return _as_failed(report, item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    return _as_failed(report, collector.nodeid)


def _as_failed(report, name):
    """A skip is a failure where the sets are there to be measured on."""
    if report.outcome == "skipped" and SHARED.is_dir():
        report.outcome = "failed"
        report.longrepr = f"{name} was skipped although {SHARED} exists: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def labelled():
    """Reads a set by its name, once, and only as the one that figures are pinned for."""
    if not SHARED.is_dir():
        pytest.skip(f"the labelled sets are not on this machine: no folder {SHARED}")

    @cache
    def read(name):
        path = SHARED / "data" / f"{name}.parquet"
        assert path.is_file(), f"{path} is missing"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest == DIGESTS[name], f"{path} has changed"
        return pl.read_parquet(path)

    return read


@pytest.fixture(scope="session")
def published(labelled, winnow, tmp_path_factory):
    """Runs the command on a set, as a person would who has its documents as files."""

    @cache
    def run(name, *settings):
        folder = tmp_path_factory.mktemp(name)
        settings = ("validation.max_quarantine_share=1", *settings)
        chosen = [word for setting in settings for word in ("--set", setting)]
        names = _write_input(labelled(name), folder / "in")
        done = winnow("run", folder / "in", "--output", folder / "out", *chosen)
        assert done.returncode == 0, done.stdout + done.stderr
        (snapshot,) = (folder / "out/corpus/snapshots").iterdir()
        outcomes = dict(_outcomes(snapshot))
        assert len(outcomes) == len(names)
        return Published(folder / "out", snapshot, [outcomes[name] for name in names])

    return run


def _write_input(rows, folder):
    """The documents of a set, as files where it holds bytes, else as JSON lines; their names."""
    folder.mkdir()
    if "b64" in rows.columns:
        files = {f"{number:04}.txt": raw for number, raw in enumerate(rows["b64"])}
        for name, raw in files.items():
            (folder / name).write_bytes(base64.b64decode(raw))
        return list(files)
    records = [_record(number, row) for number, row in enumerate(rows.iter_rows(named=True))]
    with (folder / "set.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return [record["id"] for record in records]


def _record(number, row):
    if damaged := row.get("mojibake") or row.get("original"):
        return {"id": str(number), "text": damaged}
    text = "\n".join(row["lines"]) if "lines" in row else row["text"]
    known = {key: str(row[key]) for key in ("url", "title") if row.get(key)}
    return {"id": str(row["id"]), "text": text, **known}


def _outcomes(snapshot):
    for table, fate in TABLES.items():
        for path in [*snapshot.glob(f"{table}/*.parquet"), *snapshot.glob(f"{table}.parquet")]:
            for row in pl.read_parquet(path).iter_rows(named=True):
                digest, flags = row["decoded_sha256"], tuple(row.get("flags") or ())
                outcome = Outcome(row["doc_id"], digest, row["text"], flags, fate)
                yield row["source_id"], outcome
