"""What a snapshot promises is taken from its files, not from what the manifest says of them."""

import pytest

from pipeline.errors import LedgerError
from pipeline.store.manifest import read_manifest
from pipeline.store.promises import PROMISES, check_promises, require_promises
from pipeline.store.reading import latest_folder
from pipeline.store.snapshots import Staged
from pipeline.store.workspace import Workspace


@pytest.fixture
def staged(seeds_output):
    folder = latest_folder(seeds_output / "corpus")
    return Staged(folder=folder, manifest=read_manifest(folder))


def test_every_promise_is_checked_and_kept(staged, tmp_path):
    found = check_promises(staged, Workspace(tmp_path))
    assert [one.name for one in found] == list(PROMISES)
    require_promises(found)


@pytest.mark.parametrize("count", ["documents_in", "curated", "edits"])
def test_a_ledger_that_the_files_do_not_bear_out_is_refused(staged, tmp_path, count):
    counts = staged.manifest.counts
    wrong = counts.model_copy(update={count: getattr(counts, count) + 1})
    manifest = staged.manifest.model_copy(update={"counts": wrong})
    found = check_promises(Staged(staged.folder, manifest), Workspace(tmp_path))
    with pytest.raises(LedgerError, match="nothing was published"):
        require_promises(found)


def test_what_was_kept_once_is_not_read_again(staged, seeds_output, monkeypatch):
    workspace = Workspace(seeds_output)
    check_promises(staged, workspace)
    monkeypatch.setattr("pipeline.store.promises.replay_rows", None)
    require_promises(check_promises(staged, workspace))
