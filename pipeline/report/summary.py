"""What a command says at its end: tables for a terminal of 80 columns."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pipeline.store.manifest import Counts, read_manifest
from pipeline.store.reading import latest_folder
from pipeline.store.verify import Verified
from pipeline.text.catalogue import list_rules
from pipeline.validation.suites import load_suites
from pipeline.validation.wording import describe_suites

SHOWN_PROBLEMS = 5


def summarize(
    counts: Counts, *, snapshot: Path, publication: int, published: bool, seconds: float
) -> RenderableType:
    """The ledger of a run and where its snapshot lies."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    rows = (
        ("in", counts.documents_in, ""),
        ("curated", counts.curated, f"{counts.words:,} words"),
        ("duplicates", counts.duplicates, _listed(counts.by_relation)),
        ("quarantined", counts.quarantined, _listed(counts.by_reason)),
        ("edits", counts.edits, f"by {sum(1 for n in counts.by_rule.values() if n)} rules"),
        ("seconds", f"{seconds:.1f}", ""),
    )
    for name, value, note in rows:
        table.add_row(name, f"{value:,}" if isinstance(value, int) else value, note)
    done = (
        f"Published as publication {publication}" if published else "Unchanged, nothing published"
    )
    place = Text.assemble((f"{done}: ", "bold"), str(snapshot), overflow="fold")
    report = snapshot.parents[1] / "publications" / str(publication) / "report.html"
    return Group(
        table, "", place, Text.assemble(("Report: ", "bold"), str(report), overflow="fold")
    )


def verification(verified: Verified) -> RenderableType:
    """Each check of a snapshot, and the first of the problems it found."""
    table = Table(title=f"Snapshot {verified.snapshot}", title_justify="left", box=None)
    for name in ("check", "examined", "broken"):
        table.add_column(name, justify="left" if name == "check" else "right")
    for one in verified.checks:
        colour = "red" if one.broken else "green"
        table.add_row(f"[{colour}]{one.name}[/]", f"{one.examined:,}", f"{one.broken:,}")
    problems = [
        Text(f"{one.name}: {problem}", style="red")
        for one in verified.checks
        for problem in one.problems[:SHOWN_PROBLEMS]
    ]
    verdict = "Everything holds." if verified.ok else "This snapshot is not what it says."
    return Group(table, *problems, Text(verdict, style="bold"))


def rule_table(corpus: Path) -> RenderableType:
    """Every rule that may change a text, with its hits in the served snapshot."""
    hits = read_manifest(latest_folder(corpus)).counts.by_rule
    table = Table(box=None, pad_edge=False)
    table.add_column("rule", style="bold", overflow="fold")
    table.add_column("hits", justify="right")
    table.add_column("where")
    table.add_column("why", overflow="fold")
    for rule in sorted(list_rules(), key=lambda rule: (-hits.get(rule.name, 0), rule.name)):
        where = f"{rule.zone}, {' '.join(rule.languages)}"
        table.add_row(rule.name, f"{hits.get(rule.name, 0):,}", where, escape(rule.reason))
    return table


def expectation_table() -> RenderableType:
    """Every rule of the suites in words, under the name of its suite."""
    rules = describe_suites(load_suites())
    parts: list[RenderableType] = []
    for suite in dict.fromkeys(rule.suite for rule in rules):
        table = Table(
            box=None, pad_edge=False, show_header=False, title=suite, title_justify="left"
        )
        table.add_column(width=8)
        table.add_column(overflow="fold")
        for rule in rules:
            if rule.suite == suite:
                told = Text.assemble(
                    (rule.name, "bold"),
                    f"\n{rule.reason}\n",
                    (f"{rule.words}; else {rule.consequence}", "dim"),
                )
                table.add_row(rule.severity.value, told)
        parts += [table, ""]
    return Group(*parts)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
