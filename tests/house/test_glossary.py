"""Every column of every table has its line in the glossary, and no line is left over."""

import polars as pl

from pipeline import schema
from pipeline.glossary import DESCRIPTIONS


def test_the_glossary_describes_exactly_the_columns_there_are():
    schemas = [value for value in vars(schema).values() if isinstance(value, pl.Schema)]
    columns = {name for one in schemas for name in one}
    assert columns == set(DESCRIPTIONS)
