"""Expectations that derive their configuration once, where Great Expectations does so per key.

Every argument that a metric needs is looked up in `Expectation.configuration`, and that property
builds the whole of it anew: 6,900 times for 55 rules, which was half of what validating a small
corpus cost. Nothing is computed otherwise; the property is the stock one, remembered.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


class Remembered:
    """The configuration of each expectation that was asked for it, until a field is set anew."""

    def __init__(self, stock: property) -> None:
        self._stock = stock
        # The expectation is kept beside what it was, so that no other gets its identity.
        self._known: dict[int, tuple[Expectation, dict[str, object], ExpectationConfiguration]] = {}

    def __call__(self, expectation: Expectation) -> ExpectationConfiguration:
        found = self._known.get(id(expectation))
        if found is None or found[1] != expectation.__dict__:
            derived: ExpectationConfiguration = self._stock.__get__(expectation)
            found = (expectation, dict(expectation.__dict__), derived)
            self._known[id(expectation)] = found
        return found[2]


@contextmanager
def derived_once() -> Iterator[None]:
    """Inside the block every expectation of the process remembers its configuration."""
    stock = Expectation.__dict__["configuration"]
    Expectation.configuration = property(Remembered(stock))  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Expectation.configuration = stock  # type: ignore[method-assign]
