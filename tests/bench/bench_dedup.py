"""What near-duplicate removal costs, on made-up news: CPU seconds and memory of whole processes.

    python tests/bench/bench_dedup.py FOLDER [--million] [--rensa PYTHON SCRIPT] [--rounds N]

Corpora are made in FOLDER once. Each figure is that of a fresh process, imports and all, the least
of N rounds in which the two programs take turns. With `--rensa`, an interpreter that has rensa and
a script that takes an input and an output folder, the same files go through both and the ratio is
told. Beside the news there are two floods that must not take quadratic time. Writes
results/dedup.json and results/dedup.svg, a log-log plot, beside this file.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from rich.console import Console

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """One corpus through one program."""

    corpus: str
    documents: int
    program: str
    cpu_seconds: float
    peak_mb: int


def make(folder: Path, *arguments: str) -> Path:
    """A corpus of the generator's, made unless it is there."""
    if not (folder / "planted.parquet").exists():
        generator = [sys.executable, str(HERE / "news_corpus.py")]
        subprocess.run([*generator, arguments[0], str(folder), *arguments[1:]], check=True)
    return folder


def run(corpus: Path, documents: int, program: str, command: list[str]) -> Cost:
    """The cost of the command on the corpus; its output goes beside it."""
    target = corpus.parent / f"{corpus.name}-{program}"
    process = subprocess.Popen(
        [*command, str(corpus), str(target)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    peak = 0
    while process.returncode is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.05)
        found, status, usage = os.wait4(process.pid, os.WNOHANG)
        if found:
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}")
    return Cost(corpus.name, documents, program, round(usage.ru_utime + usage.ru_stime, 2), peak)


def _memory(process: int) -> int:
    """Resident megabytes of the process."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE >> 20
    except (OSError, IndexError):
        return 0


def plot(costs: list[Cost]) -> str:
    """CPU seconds over documents, both logarithmic, as SVG."""
    news = [cost for cost in costs if cost.corpus.startswith("news")]
    marks = []
    for at in range(4, 7):
        x = 60 + 200 * (at - 4)
        marks.append(f'<text x="{x}" y="330" text-anchor="middle">10^{at}</text>')
    for at in range(3):
        y = 300 - 90 * at
        marks.append(f'<text x="50" y="{y}" text-anchor="end">{10**at} s</text>')
        marks.append(f'<path d="M60 {y}H470" stroke="#ddd"/>')
    for program, colour in (("winnow", "#1a7f5a"), ("rensa", "#b0562b")):
        points = [
            (60 + 200 * (_log(cost.documents) - 4), 300 - 90 * _log(cost.cpu_seconds))
            for cost in news
            if cost.program == program
        ]
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>' for x, y in points]
        if points:
            x, y = points[-1]
            marks.append(f'<text x="{x + 8:.0f}" y="{y:.0f}" fill="{colour}">{program}</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="540" height="345" font-size="12"'
    title = '<text x="60" y="20">Documents, and CPU seconds of the whole process</text>'
    return f'{head} font-family="sans-serif">{title}{"".join(marks)}</svg>\n'


def _log(value: float) -> float:
    return float(pl.Series([value]).log10()[0])


def corpora(folder: Path, *, million: bool) -> list[tuple[Path, int]]:
    """What is measured, and how many documents each has."""
    found = [
        (make(folder / "news10k", "10000"), 10_000),
        (make(folder / "news100k", "100000"), 100_000),
    ]
    if million:
        found.append((make(folder / "news1m", "1000000"), 1_000_000))
    for kind, count in (("template", 50_000), ("identical", 200_000)):
        for part in (count // 2, count):
            made = make(folder / f"{kind}{part}", str(part), "--plant", kind)
            found.append((made, part))
    return found


def main() -> None:
    """Measure, tell, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--rensa", nargs=2, metavar=("PYTHON", "SCRIPT"))
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    folder, console, costs = options.folder.absolute(), Console(), []
    ours = [str(Path(sys.executable).with_name("winnow")), "dedupe"]
    for corpus, documents in corpora(folder, million=options.million):
        programs = {"winnow": ours}
        if options.rensa and corpus.name in {"news10k", "news100k"}:
            programs["rensa"] = [str(Path(part).absolute()) for part in options.rensa]
        rounds = [
            [run(corpus, documents, name, command) for name, command in programs.items()]
            for _ in range(options.rounds if documents <= 100_000 else 1)
        ]
        best = [
            min(turns, key=lambda cost: cost.cpu_seconds) for turns in zip(*rounds, strict=True)
        ]
        for cost in best:
            console.print(
                f"{cost.corpus:16} {cost.program:7} {cost.cpu_seconds:7.2f} s {cost.peak_mb:5} MB"
            )
        if len(best) > 1:
            console.print(f"  ratio {best[0].cpu_seconds / best[1].cpu_seconds:.2f}")
        costs += best
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(asdict(cost)) for cost in costs)
    (results / "dedup.json").write_text(f"[\n{lines}\n]\n")
    (results / "dedup.svg").write_text(plot(costs))


if __name__ == "__main__":
    main()
