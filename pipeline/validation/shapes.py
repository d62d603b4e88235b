"""What an argument of an expectation can be, and whether a JSON value is that."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl


class Shape(StrEnum):
    """The shapes of arguments, in the words that an error uses."""

    COLUMN = "the name of a column"
    COLUMNS = "a list of at least two column names"
    NUMBER = "a number"
    WHOLE = "a whole number"
    BOUND = "a number, or for a column of times an ISO date"
    SHARE = "a number from 0 to 1"
    SWITCH = "true or false"
    PATTERN = "a regular expression of Rust's kind (no look-around, no back-references)"
    PATTERNS = "a list of regular expressions of Rust's kind (no look-around, no back-references)"
    SET = "a list of values"
    PAIRS = "a list of pairs of values"
    MATCH_ON = '"any" or "all"'
    PAIR_GAPS = '"both_values_are_missing", "either_value_is_missing" or "neither"'
    LIST_GAPS = '"all_values_are_missing", "any_value_is_missing" or "never"'


def fits(value: object, shape: Shape) -> bool:
    """Whether the value has the shape."""
    return TESTS[shape](value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and _is_number(value) and 0 <= value <= 1


def _is_bound(value: object) -> bool:
    if not isinstance(value, str):
        return _is_number(value)
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_pattern(value: object) -> bool:
    """Whether Polars compiles it; Python's `re` would allow what Rust's engine cannot do."""
    if not isinstance(value, str):
        return False
    try:
        pl.Series([""]).str.contains(value)
    except pl.exceptions.ComputeError:
        return False
    return True


def _is_list(value: object, of: Callable[[object], bool], at_least: int = 1) -> bool:
    return isinstance(value, list) and len(value) >= at_least and all(map(of, value))


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2


def _one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: value in words


TESTS: Final[Mapping[Shape, Callable[[object], bool]]] = {
    Shape.COLUMN: lambda value: isinstance(value, str),
    Shape.COLUMNS: lambda value: _is_list(value, lambda v: isinstance(v, str), at_least=2),
    Shape.NUMBER: _is_number,
    Shape.WHOLE: lambda value: _is_number(value) and isinstance(value, int),
    Shape.BOUND: _is_bound,
    Shape.SHARE: _is_share,
    Shape.SWITCH: lambda value: isinstance(value, bool),
    Shape.PATTERN: _is_pattern,
    Shape.PATTERNS: lambda value: _is_list(value, _is_pattern),
    Shape.SET: lambda value: _is_list(value, lambda v: not isinstance(v, list | dict)),
    Shape.PAIRS: lambda value: _is_list(value, _is_pair),
    Shape.MATCH_ON: _one_of("any", "all"),
    Shape.PAIR_GAPS: _one_of("both_values_are_missing", "either_value_is_missing", "neither"),
    Shape.LIST_GAPS: _one_of("all_values_are_missing", "any_value_is_missing", "never"),
}
