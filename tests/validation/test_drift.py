import polars as pl
import pytest

from pipeline.settings import Settings, ValidationSettings
from pipeline.store.manifest import Counts, Manifest
from pipeline.validation.drift import Comparison, _numbers, choose_suites, compare
from pipeline.validation.expectations import run_suites
from pipeline.validation.facts import NUMBERS
from pipeline.validation.parameters import NAMES, PREFIX
from pipeline.validation.suites import DRIFT, Severity, load_suites

SUITES = load_suites()
NIGHT = Counts(
    documents_in=20_000,
    curated=15_000,
    duplicates=4_000,
    quarantined=1_000,
    edits=0,
    clusters=15_000,
    pairs=0,
    characters=15_000 * 3_000,
    words=0,
    by_reason={},
    by_relation={},
    by_rule={},
    flags={},
    languages={"en": 14_000, "de": 1_000},
)


def after(before: Counts, **changed) -> Comparison:
    """A night compared with the one before."""
    row = _numbers(before, before).row(0, named=True)
    parameters = {name: float(row[name.removeprefix(PREFIX)]) for name in NAMES}
    return Comparison(_numbers(before.model_copy(update=changed), before), parameters, "b" * 16)


def outcomes(comparison: Comparison):
    return {o.name: o for o in run_suites({DRIFT: SUITES[DRIFT]}, {}, comparison).outcomes}


def broken(comparison: Comparison) -> set[str]:
    found = outcomes(comparison)
    assert [o.exception for o in found.values() if o.exception] == []
    return {name for name, outcome in found.items() if not outcome.success}


def test_a_night_like_the_one_before_breaks_nothing():
    assert broken(after(NIGHT)) == set()


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        # A big night: ten times the input, of the same kind. It is shown, and stops nothing.
        (
            {
                "documents_in": 200_000,
                "curated": 150_000,
                "duplicates": 40_000,
                "quarantined": 10_000,
                "characters": 150_000 * 3_000,
                "languages": {"en": 140_000, "de": 10_000},
            },
            {"size_is_steady"},
        ),
        # The input halved, and that was allowed: no rule of disaster is about that.
        (
            {
                "documents_in": 8_000,
                "curated": 6_000,
                "duplicates": 1_600,
                "quarantined": 400,
                "characters": 6_000 * 3_000,
                "languages": {"en": 5_600, "de": 400},
            },
            {"size_is_steady"},
        ),
        ({"duplicates": 6_500}, {"duplicate_rate_is_steady"}),
        ({"quarantined": 2_100}, {"quarantine_rate_is_steady"}),
        ({"characters": 15_000 * 2_000}, {"mean_length_is_steady"}),
        (
            {"characters": 15_000 * 1_400},
            {"mean_length_is_steady", "texts_have_not_halved"},
        ),
        ({"languages": {"en": 12_000, "de": 3_000}}, {"languages_are_steady"}),
        (
            {"languages": {"und": 14_000, "de": 1_000}},
            {"languages_are_steady", "languages_have_not_turned"},
        ),
        (
            {"curated": 7_000, "characters": 7_000 * 3_000, "duplicates": 12_000},
            {"curated_rate_has_not_halved", "size_is_steady", "duplicate_rate_is_steady"},
        ),
    ],
)
def test_what_differs_from_the_night_before_is_named(changed, rules):
    assert broken(after(NIGHT, **changed)) == rules


def test_an_outcome_tells_both_nights():
    found = outcomes(after(NIGHT, quarantined=2_000))["quarantine_rate_is_steady"]
    assert found.observed == "0.1, 0.05 before"


def test_only_disasters_are_critical():
    critical = {r.name for r in SUITES[DRIFT].rules if r.severity is Severity.CRITICAL}
    assert critical == {
        "curated_rate_has_not_halved",
        "texts_have_not_halved",
        "languages_have_not_turned",
    }


def test_allowed_drift_is_shown_and_stops_nothing():
    suites = choose_suites(ValidationSettings(allow_drift=True), SUITES)
    assert all(rule.severity is not Severity.CRITICAL for rule in suites[DRIFT].rules)
    assert suites["curated"] == SUITES["curated"]
    assert choose_suites(ValidationSettings(), SUITES) == SUITES


def test_the_first_snapshot_passes_visibly_uncompared(tmp_path):
    manifest = Manifest(
        snapshot="a" * 16,
        schema_version="1",
        writer="",
        counts=NIGHT,
        tables={},
        settings={},
        rules=(),
        versions={},
    )
    comparison = compare(manifest, root=tmp_path, settings=Settings().validation)
    found = outcomes(comparison)
    assert len(found) == len(SUITES[DRIFT].rules)
    assert {o.success for o in found.values()} == {True}
    assert {o.observed for o in found.values()} == {
        "not compared: there is no snapshot before this one"
    }


def test_an_empty_snapshot_has_numbers_too():
    empty = NIGHT.model_copy(
        update={
            "documents_in": 0,
            "curated": 0,
            "duplicates": 0,
            "quarantined": 0,
            "characters": 0,
            "languages": {},
        }
    )
    numbers = _numbers(empty, NIGHT)
    assert numbers.schema == NUMBERS
    assert numbers["mean_chars"].to_list() == [0.0]
    assert numbers.null_count().sum_horizontal().item() == 0
    assert isinstance(numbers, pl.DataFrame)
