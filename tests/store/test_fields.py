import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import IngestSettings
from pipeline.store.fields import as_text, host_of, parse_time, read_fields


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-01", "2024-05-01T00:00:00"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00"),
        ("2024-05-01 10:00", "2024-05-01T10:00:00"),
        ("2024-05-01T10:00:00.5+02:00", "2024-05-01T08:00:00.5"),
        ("Wed, 01 May 2024 10:00:00 -0300", "2024-05-01T13:00:00"),
        ("1 May 2024 10:00 GMT", "2024-05-01T10:00:00"),
        (b"2024-05-01", "2024-05-01T00:00:00"),
        (datetime(2024, 5, 1, tzinfo=UTC), "2024-05-01T00:00:00"),
    ],
)
def test_times_that_say_what_they_are_are_read(value, expected):
    micros = parse_time(value)
    assert datetime.fromtimestamp(micros / 1e6, UTC) == moment(expected)


@pytest.mark.parametrize(
    "value",
    [
        *("", "soon", "2024", "01/02/2024", "1714557600", "2024-13-01", "2024-05-01T99"),
        *("Wed, 01 May 2024 10:00:00 XYZ", "31 Feb 2024 10:00 GMT", "0001-01-01T00:00+23:59"),
        *(1714557600, 20240501, True, None, []),
    ],
)
def test_times_that_would_be_a_guess_are_absent(value):
    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.org/a", "example.org"),
        ("http://user:pw@news.example.org:8080/", "news.example.org"),
        ("http://[::1", None),
        ("example.org/a", None),
        ("", None),
        (None, None),
    ],
)
def test_the_outlet_of_an_address_is_its_host(url, host):
    assert host_of(url) == host


def test_the_outlet_a_record_names_counts_above_the_host():
    values = {"source": "The Daily", "url": "https://example.org/a"}
    assert read_fields(values, IngestSettings()).source == "The Daily"
    assert read_fields({**values, "source": " "}, IngestSettings()).source == "example.org"


def test_fields_are_found_under_the_names_the_settings_give():
    settings = IngestSettings(id="guid", title="headline")
    fields = read_fields({"guid": 7, "headline": "Rain", "id": "x"}, settings)
    assert (fields.id, fields.title) == ("7", "Rain")


@given(st.recursive(st.none() | st.text() | st.floats() | st.integers(), st.lists))
def test_any_value_becomes_text_that_can_be_stored(value):
    text = as_text(value)
    assert text is None or (text.strip() and text.encode())


@given(st.text(st.characters(categories=["Cs", "Lu"])))
def test_lone_surrogates_of_json_can_be_stored(text):
    stored = as_text(json.loads(json.dumps(text)))
    assert stored is None or stored.encode()
