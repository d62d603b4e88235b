"""The dataset card: what a snapshot is, for people and for the Hugging Face hub.

It follows from the manifest alone, so that two runs that agree on a snapshot agree on its card.
Whatever stems from the documents stands in code spans, where Markdown means nothing by it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from polars.datatypes import DataType
from pydantic import JsonValue

from pipeline.glossary import DESCRIPTIONS
from pipeline.report.passages import bounded, visible
from pipeline.settings import Settings
from pipeline.store.manifest import Counts, Manifest, content_settings
from pipeline.store.plan import SCHEMAS

CONFIGS = {
    "default": "documents/*.parquet",
    "duplicates": "duplicates/*.parquet",
    "edits": "edits/*.parquet",
    "learned_lines": "learned_lines.parquet",
    "clusters": "clusters.parquet",
    "pairs": "pairs.parquet",
    "quarantine": "quarantine.parquet",
}
TABLES = {
    "documents": "The curated corpus: one row for each document that was kept.",
    "duplicates": "What was dropped as a copy of a document that was kept, whole, and why.",
    "edits": "Every change to every text, whatever became of the document.",
    "learned_lines": "Lines that a source repeats at the edges of its articles, and what they cut.",
    "clusters": "The groups of copies, most of them of one document.",
    "pairs": "Measured likeness: what was merged, and what is alike but was left apart.",
    "quarantine": "What was kept out, with the reasons.",
}
# Sizes as the hub names them: the first whose limit is above the number of curated documents.
SIZES = {
    "n<1K": 1_000,
    "1K<n<10K": 10_000,
    "10K<n<100K": 100_000,
    "100K<n<1M": 1_000_000,
    "1M<n<10M": 10_000_000,
    "10M<n<100M": 100_000_000,
    "100M<n<1B": 1_000_000_000,
    "1B<n<10B": 10_000_000_000,
}
LANGUAGE = re.compile(r"[a-z]{2,3}")
UNKNOWN_LANGUAGE = "und"
LISTED = 40
SHOWN_CHARS = 80
LOADING = Path(__file__).parent / "templates" / "loading.md"


def dataset_card(manifest: Manifest) -> str:
    """README.md of a snapshot: front matter for the hub, then the card for people."""
    sections = {
        "What this is": _purpose(),
        "What it holds": _holdings(manifest.counts),
        "Tables and columns": _columns(manifest),
        "How to load it": [LOADING.read_text("utf-8")],
        "How it was made": _making(manifest),
        "Licence": _licence(),
    }
    parts = [_front_matter(manifest), f"# {_name(manifest)}\n"]
    for heading, lines in sections.items():
        parts += [f"## {heading}\n", *lines]
    return "\n".join(parts)


def _name(manifest: Manifest) -> str:
    return f"Winnow corpus {manifest.snapshot}"


def _front_matter(manifest: Manifest) -> str:
    """YAML, with everything quoted: an unquoted `no` would not be Norwegian, but false."""
    counts = manifest.counts
    size = next((name for name, limit in SIZES.items() if counts.curated < limit), "10B<n<100B")
    languages = sorted(
        language
        for language in counts.languages
        if LANGUAGE.fullmatch(language) and language != UNKNOWN_LANGUAGE
    )
    lines = ["---", f"pretty_name: {json.dumps(_name(manifest))}", 'license: "other"']
    if languages:
        lines += ["language:", *(f"- {json.dumps(language)}" for language in languages)]
    lines += ["size_categories:", f"- {json.dumps(size)}", "configs:"]
    for config, files in CONFIGS.items():
        if config != "default" and not manifest.tables[config].rows:
            continue  # the hub's library refuses a table without rows
        lines += [f"- config_name: {json.dumps(config)}", f"  data_files: {json.dumps(files)}"]
    return "\n".join([*lines, "---", ""])


def _purpose() -> Iterator[str]:
    yield (
        "Texts that were decoded, repaired, stripped of boilerplate, deduplicated and validated, "
        "with a recorded\nreason for every change and every rejection. Nothing is lost: what was "
        "dropped or kept out lies beside\nthe corpus, and every edit can be undone.\n"
    )


def _holdings(counts: Counts) -> Iterator[str]:
    balance = "which adds up" if counts.balanced else "which does NOT add up"
    yield (
        f"{counts.documents_in:,} documents in = {counts.curated:,} curated + "
        f"{counts.duplicates:,} duplicates + {counts.quarantined:,} quarantined, {balance}.\n\n"
        f"The corpus has {counts.words:,} words in {counts.characters:,} characters. "
        f"{counts.edits:,} edits were made.\n"
    )
    yield from _tally("language of curated documents", counts.languages)
    yield from _tally("flag of curated documents", counts.flags)
    yield from _tally("relation of duplicates", counts.by_relation)
    yield from _tally("reason of quarantine", counts.by_reason)


def _tally(heading: str, counts: Mapping[str, int], *, of: str = "documents") -> Iterator[str]:
    """The most frequent names with their counts; nothing where there are none."""
    some = ((name, number) for name, number in counts.items() if number)
    ranked = sorted(some, key=lambda item: (-item[1], item[0]))
    rows = [(_code(name), f"{number:,}") for name, number in ranked[:LISTED]]
    rest = ranked[LISTED:]
    if rest:
        rows.append((f"{len(rest):,} more", f"{sum(number for _, number in rest):,}"))
    if rows:
        yield _table((heading, of), rows)


def _columns(manifest: Manifest) -> Iterator[str]:
    for name, purpose in TABLES.items():
        files = next(files for files in CONFIGS.values() if files.startswith(name))
        yield f"### {name}\n\n{purpose} {manifest.tables[name].rows:,} rows, in `{files}`.\n"
        columns = SCHEMAS[name]
        if name == "duplicates":
            yield "All columns of `documents`, and:\n"
            columns = pl.Schema(list(columns.items())[len(SCHEMAS["documents"]) :])
        yield _table(
            ("column", "type", "what it says"),
            [(f"`{one}`", _kind(kind), DESCRIPTIONS[one]) for one, kind in columns.items()],
        )
    signals = SCHEMAS["documents"]["signals"]
    if isinstance(signals, pl.Struct):
        yield f"The fields of `signals`: {', '.join(f'`{one.name}`' for one in signals.fields)}.\n"


def _kind(kind: DataType) -> str:
    if isinstance(kind, pl.List):
        return "list of strings"
    if isinstance(kind, pl.Struct):
        return "struct"
    return "time, UTC" if isinstance(kind, pl.Datetime) else str(kind).lower()


def _making(manifest: Manifest) -> Iterator[str]:
    used = sum(1 for rule in manifest.rules if rule.hits)
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    yield (
        f"With {versions}. {len(manifest.rules):,} rules could change a text, {used:,} of them did."
        "\n`manifest.json` lists every rule with its hits, every setting, and every file with its "
        "checksum.\n"
    )
    yield from _tally("rule", {rule.name: rule.hits for rule in manifest.rules}, of="edits")
    changed = list(_changed_settings(manifest.settings))
    if changed:
        yield "These settings differ from their defaults:\n"
        yield _table(("setting", "value", "default"), changed)
    else:
        yield "All settings have their defaults.\n"


def _changed_settings(
    settings: Mapping[str, Mapping[str, JsonValue]],
) -> Iterator[tuple[str, str, str]]:
    defaults = content_settings(Settings())
    for group, fields in settings.items():
        for name, value in fields.items():
            default = defaults.get(group, {}).get(name)
            if value != default:
                yield _code(f"{group}.{name}"), _json(value), _json(default)


def _licence() -> Iterator[str]:
    yield (
        "The texts belong to whoever wrote or published them; nothing is granted here. Whoever "
        "publishes this corpus\nstates the licence of the texts in its place, and in the front "
        "matter.\n"
    )


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _json(value: JsonValue) -> str:
    return _code(json.dumps(value, ensure_ascii=False))


def _code(text: str) -> str:
    """`text` in a code span that it cannot leave, bounded, on one line, fit for a table's cell."""
    shown = visible(bounded(text, SHOWN_CHARS)).replace("`", "'").replace("|", "¦").strip()
    return f"`{shown}`" if shown else "(empty)"
