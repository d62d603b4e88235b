"""The dataset card as text: what it says follows from the manifest alone."""

import re

import pytest
import yaml

from pipeline.report.card import dataset_card
from pipeline.settings import Settings
from pipeline.store.manifest import Counts, Manifest, RuleFacts, TableFacts, content_settings
from pipeline.store.plan import SCHEMAS

COUNTS = Counts(
    documents_in=12,
    curated=9,
    duplicates=2,
    quarantined=1,
    edits=31,
    clusters=9,
    pairs=2,
    characters=12_345,
    words=2_345,
    by_reason={"binary": 1},
    by_relation={"near_copy": 2},
    by_rule={"glue.comma": 31},
    flags={"short_text": 1},
    languages={"en": 6, "no": 2, "und": 1},
)
HOSTILE = "`x` | <script>alert(1)</script> [a](http://b) \x1b[2J\n# heading\n---\n* ![i](j)"


def manifest(counts=COUNTS, settings=None, **changed):
    known = {
        "snapshot": "0123456789abcdef",
        "schema_version": "1",
        "writer": "1/pyarrow",
        "counts": counts,
        "tables": {name: TableFacts(rows=2, files=()) for name in SCHEMAS},
        "settings": content_settings(Settings.model_validate(settings or {})),
        "rules": (RuleFacts(name="glue.comma", digest="d", hits=31),),
        "versions": {"winnow": "0.1.0"},
    }
    return Manifest(**(known | changed))


def front_matter(card):
    return yaml.safe_load(card.split("---\n")[1])


def test_the_front_matter_is_what_the_hub_reads():
    front = front_matter(dataset_card(manifest()))
    assert front["language"] == ["en", "no"]
    assert front["license"] == "other"
    assert front["size_categories"] == ["n<1K"]
    assert front["pretty_name"] == "Winnow corpus 0123456789abcdef"
    assert front["configs"][0] == {"config_name": "default", "data_files": "documents/*.parquet"}
    assert [one["config_name"] for one in front["configs"]][1:] == list(SCHEMAS)[1:]


@pytest.mark.parametrize(
    ("curated", "size"),
    [(0, "n<1K"), (1_000, "1K<n<10K"), (2_500_000, "1M<n<10M"), (10**11, "10B<n<100B")],
)
def test_the_size_is_that_of_the_curated_corpus(curated, size):
    counts = COUNTS.model_copy(update={"curated": curated})
    assert front_matter(dataset_card(manifest(counts)))["size_categories"] == [size]


def test_the_ledger_is_written_out_and_a_false_one_is_not_called_balanced():
    card = dataset_card(manifest())
    assert "12 documents in = 9 curated + 2 duplicates + 1 quarantined, which adds up." in card
    false = COUNTS.model_copy(update={"curated": 8})
    assert "which does NOT add up" in dataset_card(manifest(false))


@pytest.mark.parametrize("table", SCHEMAS)
def test_every_column_of_every_table_is_explained(table):
    section = dataset_card(manifest()).split(f"\n### {table}\n")[1].split("\n#")[0]
    known = SCHEMAS["documents"] if table == "duplicates" else {}
    for column in SCHEMAS[table]:
        assert (f"| `{column}` | " in section) is (column not in known)


def test_only_settings_that_were_changed_are_listed():
    assert "All settings have their defaults." in dataset_card(manifest())
    card = dataset_card(
        manifest(settings={"dedup": {"jaccard": 0.7, "preferred_sources": ["a|b`c"]}})
    )
    assert "| `dedup.jaccard` | `0.7` | `0.52` |" in card
    assert '| `dedup.preferred_sources` | `["a¦b\'c"]` | `[]` |' in card
    assert "`dedup.containment`" not in card


def test_what_stems_from_the_documents_cannot_leave_its_code_span():
    hostile = {HOSTILE: 1, "": 2, "x" * 10_000: 3}
    counts = COUNTS.model_copy(
        update={
            "flags": hostile,
            "languages": hostile,
            "by_reason": hostile,
            "by_relation": hostile,
        }
    )
    rules = (RuleFacts(name=HOSTILE, digest="d", hits=3),)
    card = dataset_card(manifest(counts, rules=rules))
    plain = dataset_card(manifest())
    outside = re.sub(r"`[^`\n]*`", "", card)
    for harmful in ("<script", "http://", "\x1b", "heading", "![i]"):
        assert harmful not in outside
    assert "\x1b" not in card
    assert card.count("\n#") == plain.count("\n#")
    assert len(card) < len(plain) + 4_000
    for line in card.splitlines():
        assert not line.startswith("|") or line.count("|") in {3, 4}
    assert "language" not in front_matter(card)


def test_more_names_than_anyone_reads_are_summed_up():
    flags = {f"flag_{number:03}": 1_000 - number for number in range(100)}
    card = dataset_card(manifest(COUNTS.model_copy(update={"flags": flags})))
    assert "`flag_039`" in card
    assert "`flag_040`" not in card
    assert f"| 60 more | {sum(range(901, 961)):,} |" in card
