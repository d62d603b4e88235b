"""The command line: `winnow run`, and what a person asks afterwards.

Nothing heavy is imported before a command needs it: `winnow --help` answers at once, and
`winnow dedupe` never loads Dagster or Great Expectations.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.errors import WinnowError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turns piles of scraped text into a corpus people can trust.",
)
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for the corpus and its history.")
]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A TOML file of settings.")]
Words = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="GROUP.FIELD=VALUE", help="One setting; may be repeated."),
]
Snapshot = Annotated[str | None, typer.Argument(help="A snapshot's id; the latest if left out.")]
OUTPUTS = Path("outputs")


def main() -> None:
    """Runs a command. Exit code 0: published or unchanged, 1: a named error, 2: usage."""
    try:
        app()
    except WinnowError as error:
        console = Console(stderr=True)
        console.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}", soft_wrap=True)
        sys.exit(1)


@app.command()
def run(
    source: Annotated[str, typer.Argument(metavar="[INPUT]", help="Folder, file or glob.")] = (
        "seeds"
    ),
    output: Output = OUTPUTS,
    settings: SettingsFile = None,
    words: Words = None,
) -> None:
    """Curate the documents of INPUT and publish the result as a snapshot."""
    from pipeline.definitions import definitions
    from pipeline.defs.launch import launch
    from pipeline.report.summary import summarize
    from pipeline.store.settings_file import load_settings

    console = Console()
    chosen = load_settings(settings, words or ())
    _tell_of_compiling()
    with _progress():
        job = definitions().resolve_job_def("curate")
        outcome = launch(job, source, output, chosen)
    console.print(
        summarize(
            outcome.counts,
            snapshot=outcome.folder,
            publication=outcome.publication,
            published=outcome.published,
            seconds=outcome.seconds,
        )
    )


@app.command()
def dedupe(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="Parquet or JSON lines.")],
    target: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder for the result.")],
    settings: SettingsFile = None,
    words: Words = None,
    text: Annotated[str, typer.Option(help="Column that holds the text.")] = "text",
    ident: Annotated[str, typer.Option("--id", help="Column that holds the id.")] = "id",
) -> None:
    """Remove near-duplicates only: OUTPUT gets out.parquet and clusters.parquet."""
    from pipeline.dedupe import Columns
    from pipeline.dedupe import dedupe as remove
    from pipeline.store.settings_file import load_settings

    chosen = load_settings(settings, words or ()).dedup
    columns = Columns(text=text, id=ident)
    console = Console()
    _tell_of_compiling()
    with _progress() as progress:
        result = remove(source, target, settings=chosen, columns=columns, progress=progress)
    console.print(
        f"{result.documents:,} documents in, {result.kept:,} kept, {result.duplicates:,} "
        f"duplicates removed. Wrote {escape(str(target))}/out.parquet and clusters.parquet."
    )


@app.command()
def ui(
    source: Annotated[str, typer.Option("--input", help="Folder, file or glob.")] = "seeds",
    output: Output = OUTPUTS,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Serve the Dagster UI, with the nightly schedule and the new-files sensor, on 127.0.0.1."""
    from pipeline.defs.launch import serve

    serve(source, output, port=port)


@app.command()
def explain(
    document: Annotated[str, typer.Argument(metavar="DOC", help="doc_id, its start, or source_id")],
    output: Output = OUTPUTS,
) -> None:
    """Tell everything that happened to one document, from raw bytes to its fate."""
    from pipeline.report.explain import explain as tell
    from pipeline.report.story import render_story
    from pipeline.store.reading import latest_folder

    Console().print(render_story(tell(latest_folder(output / "corpus"), document)))


@app.command()
def verify(snapshot: Snapshot = None, output: Output = OUTPUTS) -> None:
    """Check a snapshot: checksums, the ledger, every edit replayed both ways."""
    from pipeline.engine import announced
    from pipeline.report.summary import verification
    from pipeline.store.verify import verify as check

    with _progress(), announced("verified"):
        verified = check(output / "corpus", snapshot)
    Console().print(verification(verified))
    if not verified.ok:
        sys.exit(1)


@app.command()
def rules(output: Output = OUTPUTS) -> None:
    """List the rules that may change a text, with how often each did in the latest snapshot."""
    from pipeline.report.summary import rule_table

    Console().print(rule_table(output / "corpus"))


@app.command()
def expectations() -> None:
    """List the rules of the suites in words: what flags, what quarantines, what blocks."""
    from pipeline.report.summary import expectation_table

    Console().print(expectation_table())


def _tell_of_compiling() -> None:
    """Why the first run on a machine takes a minute longer, if this is it."""
    from pipeline.compile import is_compiled

    if not is_compiled():
        told = "The first run compiles kernels for this processor, once: about a minute."
        Console(stderr=True).print(told, style="dim")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar per step while the block runs; silent where nobody watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from pipeline.engine import listener

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # A line to the terminal of its own: Dagster catches what a step writes to standard error.
    with (
        os.fdopen(os.dup(2), "w", encoding="utf-8") as terminal,
        Progress(
            *columns, TimeElapsedColumn(), console=Console(file=terminal), transient=True
        ) as bars,
    ):
        tasks: dict[str, int] = {}

        def listen(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        token = listener.set(listen)
        try:
            yield listen
        finally:
            listener.reset(token)
