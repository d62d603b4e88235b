"""report.html: one file that shows a person what happened to a corpus.

It must open from anywhere, offline, and be safe whatever the texts hold: the template escapes
everything, and a content security policy lets no script run but the one of the page itself.
"""

import base64
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2

from pipeline.report.charts import Flow, Funnel, Histogram, funnel, histogram
from pipeline.report.facts import ReportFacts, SettingLine, setting_lines
from pipeline.report.figures import Figures, RuleFigure, take_figures
from pipeline.report.learned import LearnedLines, as_one_rule, learned_lines
from pipeline.report.passages import bounded, visible, visible_change
from pipeline.report.samples import (
    DuplicateSample,
    EditSample,
    LargeCluster,
    QuarantineSample,
    ReviewPair,
    duplicate_samples,
    edit_samples,
    largest_clusters,
    quarantine_samples,
    review_pairs,
)
from pipeline.report.tables import open_tables
from pipeline.text.edits import Action

# Bins of cluster sizes: the single sizes that are common, then ranges up to the next bound.
_SIZE_BOUNDS = (1, 2, 3, 4, 5, 6, 11, 21, 51, 101, 1_001)


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything the template names."""

    facts: ReportFacts
    figures: Figures
    balanced: bool
    flows: list[Flow]
    wide: Funnel
    narrow: Funnel
    cuts: list[RuleFigure]
    repairs: list[RuleFigure]
    edits: dict[str, list[EditSample]]
    learned: LearnedLines
    rejected: dict[str, list[QuarantineSample]]
    duplicates: list[DuplicateSample]
    review: list[ReviewPair]
    clusters: list[LargeCluster]
    lengths: Histogram
    sizes: Histogram
    likeness: Histogram
    settings: list[SettingLine]
    script_hash: str


def write_report(snapshot: Path, *, facts: ReportFacts) -> str:
    """The report of a snapshot as HTML; the same bytes for the same tables and facts."""
    tables = open_tables(snapshot)
    tables = replace(tables, edits=as_one_rule(tables.edits))
    figures = take_figures(tables)
    flows = _flows(figures)
    jaccard = facts.settings.dedup.jaccard
    environment = _environment()
    script = environment.get_template("script.js.j2").render()
    page = _Page(
        facts=facts,
        figures=figures,
        balanced=facts.documents == figures.documents,
        flows=flows,
        wide=funnel(flows, width=1000),
        narrow=funnel(flows, width=380),
        cuts=[rule for rule in figures.rules if _is_cut(rule)],
        repairs=[rule for rule in figures.rules if not _is_cut(rule)],
        edits=edit_samples(tables, [rule.rule for rule in figures.rules]),
        learned=learned_lines(tables),
        rejected=quarantine_samples(tables),
        duplicates=duplicate_samples(tables),
        review=review_pairs(tables),
        clusters=largest_clusters(tables),
        lengths=_lengths(figures),
        sizes=_cluster_sizes(figures),
        likeness=_likeness(figures, jaccard),
        settings=list(setting_lines(facts.settings)),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return environment.get_template("report.html.j2").render(page=page, script=script)


def _is_cut(rule: RuleFigure) -> bool:
    return rule.action not in {Action.REPAIR, Action.TRIM}


def _flows(figures: Figures) -> list[Flow]:
    untouched = figures.curated - figures.edited
    return [
        Flow(
            "curated",
            "curated",
            figures.curated,
            (("with edits", figures.edited), ("as they came", untouched)),
        ),
        Flow(
            "duplicate",
            "duplicates",
            figures.duplicates,
            tuple((tally.name.replace("_", " "), tally.count) for tally in figures.relations),
        ),
        Flow(
            "quarantined",
            "quarantined",
            figures.quarantined,
            tuple((f"at {tally.name}", tally.count) for tally in figures.stages),
        ),
    ]


def _lengths(figures: Figures) -> Histogram:
    """Curated documents by words, in powers of two."""
    bins = figures.length_bins
    span = range(min(bins, default=0), max(bins, default=0) + 1)
    names = {at: (f"{2**at:,}-{2 ** (at + 1) - 1:,} words", _short(2**at)) for at in span}
    return histogram({"curated": bins}, names)


def _cluster_sizes(figures: Figures) -> Histogram:
    """Clusters by their number of documents."""
    binned: dict[int, int] = {}
    for size, count in figures.size_bins.items():
        at = max(bound for bound in _SIZE_BOUNDS if bound <= max(1, size))
        binned[at] = binned.get(at, 0) + count
    used = [bound for bound in _SIZE_BOUNDS if bound <= max(binned, default=1)]
    ends = [*(bound - 1 for bound in _SIZE_BOUNDS[1:]), None]
    names = {}
    for low, high in zip(_SIZE_BOUNDS, ends, strict=True):
        if low in used:
            label = str(low) if low == high else f"{low}+" if high is None else f"{low}-{high}"
            names[low] = (f"{label} documents", label)
    return histogram({"duplicate": binned}, names)


def _likeness(figures: Figures, threshold: float) -> Histogram:
    """Measured pairs by Jaccard, in steps of 0.02, with the threshold."""
    names = {
        at: (f"Jaccard {at / 50:.2f}-{(at + 1) / 50:.2f}", f"{at / 50:.1f}" if at % 10 == 0 else "")
        for at in range(50)
    }
    series = {"duplicate": figures.merge_bins, "review": figures.review_bins}
    return histogram(series, names, rule=threshold * 50)


def _short(number: int) -> str:
    return f"{number // 1024}k" if number >= 1024 else str(number)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bound"] = bounded
    environment.filters["visible"] = visible
    environment.filters["change"] = visible_change
    environment.filters["n"] = "{:,}".format
    environment.filters["of"] = _counted
    environment.filters["share"] = _share
    return environment


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _share(part: float, whole: float = 1) -> str:
    """A percentage that never rounds something down to nothing or up to everything."""
    if not whole or not part:
        return "0%"
    share = 100 * part / whole
    if share < 0.1:
        return "<0.1%"
    return f"{share:.1f}%" if share < 99.95 or part == whole else ">99.9%"
