"""What every snapshot promises, taken again from its files before it is served."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from pipeline.errors import LedgerError
from pipeline.store.checks import Check, check, check_tables, find_unmerged
from pipeline.store.durable import write_bytes
from pipeline.store.replay import replay_rows
from pipeline.store.snapshots import Staged
from pipeline.store.workspace import Workspace

PROMISES = {
    "ledger_balanced": "Documents in = curated + duplicates + quarantined, counted in the tables.",
    "edits_replay": "Every edit turns the decoded original into the text, and back.",
    "no_verified_pair_left": "No two curated documents were found to be copies of each other.",
}
_CHECKS = TypeAdapter(list[Check])


def check_promises(staged: Staged, workspace: Workspace) -> Sequence[Check]:
    """One check for each of PROMISES; a snapshot that kept them all is not read again."""
    manifest = staged.manifest
    record = workspace.work / "promises" / f"{manifest.snapshot}.json"
    if staged.folder.parent == workspace.corpus / "snapshots" and record.exists():
        return _CHECKS.validate_json(record.read_bytes())
    tables = [problem for one in check_tables(staged.folder, manifest) for problem in one.problems]
    rows = replay_rows(staged.folder, manifest)
    found = [
        check("ledger_balanced", manifest.counts.documents_in, tables),
        check("edits_replay", rows.edits, [*rows.texts, *rows.replays, *rows.contents]),
        replace(find_unmerged(staged.folder, manifest), name="no_verified_pair_left"),
    ]
    if not any(one.broken for one in found):
        write_bytes(record, _CHECKS.dump_json(found))
    return found


def require_promises(checks: Sequence[Check]) -> None:
    """Nothing, or LedgerError that names every broken promise."""
    broken = [one for one in checks if one.broken]
    if not broken:
        return
    told = "; ".join(f"{one.name}: {one.problems[0][:200]} ({one.broken:,} such)" for one in broken)
    message = (
        f"The staged snapshot breaks what it promises: {told}. Expected none of it. Delete the "
        "working state and run again; nothing was published. If it stays so, please report it."
    )
    raise LedgerError(message)
