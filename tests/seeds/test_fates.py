"""Every sample document meets the fate that the table beside it foretells."""

import polars as pl
import pytest

from pipeline.store.reading import latest_folder

COLUMNS = ["doc_id", "source_id", "flags", "language"]


@pytest.fixture(scope="module")
def snapshot(seeds_output):
    return latest_folder(seeds_output / "corpus")


@pytest.fixture(scope="module")
def curated(snapshot):
    return _by_source(pl.read_parquet(snapshot / "documents").select(COLUMNS))


@pytest.fixture(scope="module")
def duplicates(snapshot):
    columns = [*COLUMNS, "canonical_id", "relation"]
    return _by_source(pl.read_parquet(snapshot / "duplicates").select(columns))


@pytest.fixture(scope="module")
def quarantine(snapshot):
    columns = ["doc_id", "source_id", "reasons"]
    return _by_source(pl.read_parquet(snapshot / "quarantine.parquet").select(columns))


def test_every_document_is_in_the_table_and_in_one_place(expected, curated, duplicates, quarantine):
    found = [*curated, *duplicates, *quarantine]
    assert sorted(found) == sorted(expected)


def test_what_should_be_curated_is(expected, curated):
    wanted = {name: row for name, row in expected.items() if row.fate == "curated"}
    assert [name for name in wanted if name not in curated] == []
    languages = {name: curated[name]["language"] for name in wanted}
    assert languages == {name: row.language for name, row in wanted.items()}
    lacking = {name: row.says - set(curated[name]["flags"]) for name, row in wanted.items()}
    assert {name: flags for name, flags in lacking.items() if flags} == {}


def test_what_should_be_a_duplicate_is_one_of_its_partner(expected, curated, duplicates):
    wanted = {name: row for name, row in expected.items() if row.fate == "duplicate"}
    found = {
        name: (_name(curated, duplicates[name]["canonical_id"]), duplicates[name]["relation"])
        for name in wanted
        if name in duplicates
    }
    assert found == {name: (row.partner, row.relation) for name, row in wanted.items()}


def test_one_of_two_twins_is_kept(expected, curated, duplicates):
    for name, row in expected.items():
        if row.fate == "twin":
            kept, dropped = (name, row.partner) if name in curated else (row.partner, name)
            assert duplicates[dropped]["canonical_id"] == curated[kept]["doc_id"]
            assert duplicates[dropped]["relation"] == row.relation


def test_what_should_be_quarantined_is_for_its_reason(expected, quarantine):
    wanted = {name: row for name, row in expected.items() if row.fate == "quarantined"}
    assert set(quarantine) == set(wanted)
    lacking = {name: row.says - set(quarantine[name]["reasons"]) for name, row in wanted.items()}
    assert {name: reasons for name, reasons in lacking.items() if reasons} == {}


def _by_source(frame):
    return {row["source_id"]: row for row in frame.iter_rows(named=True)}


def _name(curated, doc_id):
    return next((name for name, row in curated.items() if row["doc_id"] == doc_id), None)
