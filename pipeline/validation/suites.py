"""Expectation suites as data: read from Great Expectations' own JSON and checked, fast.

Loading a suite does not import Great Expectations. Everything that could be wrong with a suite
is found here, with the file and the line, before a single document is read.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias, cast

import polars as pl

from pipeline.validation.catalogue import KINDS, Kind, can_judge
from pipeline.validation.facts import SUITE_SCHEMAS, fact_types
from pipeline.validation.parameters import KEY, NAMES, is_parameter, is_sound
from pipeline.validation.polars_engine.conditions import Arguments, Value
from pipeline.validation.shapes import Shape, fits
from pipeline.validation.suite_files import Entry, Place, read_entries

# Beside the package in a clone, where people edit them; inside of it in an installed wheel.
PLACES: Final = tuple(Path(__file__).parents[up] / "expectations" / "suites" for up in (2, 1))
FOLDER: Final = next((place for place in PLACES if place.is_dir()), PLACES[0])
KEYS: Final = ("type", "kwargs", "severity", "meta", "id", "description", "notes")
META: Final = ("name", "reason", "quarantine", "flag")
# Quarantine is for documents on their way in; a bad published one is a fault of the pipeline.
JUDGING: Final = ("raw", "cleaned")
DRIFT: Final = "drift"


class Severity(StrEnum):
    """What a failed expectation does: critical blocks publishing, the others are shown."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Rule:
    """One expectation of a suite, with the name and the reason it is known by.

    `quarantine`: a document that breaks it is kept out. `flag`: the document is marked so.
    """

    suite: str
    name: str
    reason: str
    severity: Severity
    type: str
    kwargs: Arguments
    quarantine: bool
    flag: str | None

    @property
    def kind(self) -> Kind:
        """What the expectation's type means."""
        return KINDS[self.type]

    @property
    def columns(self) -> tuple[str, ...]:
        """The facts that the rule judges, in the order of its arguments."""
        if "column_list" in self.kwargs:
            return tuple(cast("list[str]", self.kwargs["column_list"]))
        keys = ("column", "column_A", "column_B")
        return tuple(str(self.kwargs[key]) for key in keys if key in self.kwargs)


@dataclass(frozen=True)
class Suite:
    """The rules for documents at one point of their way, in the order of the file."""

    name: str
    rules: tuple[Rule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every fact that a rule names, and the id that examples of documents are known by."""
        named = [] if self.name == DRIFT else ["doc_id"]
        return tuple(dict.fromkeys([*named, *(c for rule in self.rules for c in rule.columns)]))


Suites: TypeAlias = Mapping[str, Suite]


def load_suites(folder: Path = FOLDER) -> Suites:
    """The suites by name, in order. SuiteError: file, line and rule of what is wrong."""
    suites: dict[str, Suite] = {}
    first: dict[str, Place] = {}
    for name, schema in SUITE_SCHEMAS.items():
        types = fact_types(schema)
        rules = []
        for place, entry in read_entries(folder / f"{name}.json"):
            rule = _rule(place, entry, types)
            _refuse_second(place.named(rule.name), first)
            rules.append(rule)
        suites[name] = Suite(name, tuple(rules))
    return suites


def suite_digest(suites: Suites) -> str:
    """SHA-256 of everything the rules say, their reasons included; layout does not count."""
    rules = [
        [r.suite, r.name, r.reason, r.severity, r.type, r.kwargs, r.quarantine, r.flag]
        for suite in suites.values()
        for r in suite.rules
    ]
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def _refuse_second(place: Place, first: dict[str, Place]) -> None:
    """Quarantine reasons and checks go by a rule's name, over all suites."""
    earlier = first.setdefault(place.rule, place)
    if earlier is not place:
        raise place.error(
            f"the name is taken by {earlier.path.name}:{earlier.line}",
            "a name of its own for every rule of all suites",
            "Rename one of the two",
        )


def _rule(place: Place, entry: object, types: Mapping[str, pl.DataType]) -> Rule:
    found = place.mapping(entry, "the expectation")
    meta = place.mapping(found.get("meta"), "`meta`")
    place = place.named(place.text(meta, "name", "meta.name"))
    place.only(found, KEYS, "the expectation")
    place.only(meta, META, "`meta`")
    if not place.rule.isidentifier() or place.rule != place.rule.lower():
        raise place.error("the name is no identifier", "lower_case_words", "Rename the rule")
    rule = Rule(
        suite=place.path.stem,
        name=place.rule,
        reason=place.text(meta, "reason", "meta.reason"),
        severity=Severity(place.one_of(found, "severity", frozenset(Severity))),
        type=place.one_of(found, "type", frozenset(KINDS)),
        kwargs=cast("Mapping[str, Value]", place.mapping(found.get("kwargs"), "`kwargs`")),
        quarantine=place.switch(meta, "quarantine", "meta.quarantine"),
        flag=place.text(meta, "flag", "meta.flag") if "flag" in meta else None,
    )
    _check_arguments(place, rule)
    _check_columns(place, rule, types)
    _check_consequence(place, rule)
    return rule


def _check_arguments(place: Place, rule: Rule) -> None:
    shapes = {**rule.kind.required, **rule.kind.optional}
    place.only(cast("Entry", rule.kwargs), shapes, "`kwargs`")
    for key in rule.kind.required:
        if key not in rule.kwargs:
            raise place.error(f"`kwargs.{key}` is missing", str(shapes[key]), "Add it")
    for key, value in rule.kwargs.items():
        if is_parameter(value):
            _check_parameter(place, rule, key)
        elif not fits(value, shapes[key]):
            shown = json.dumps(value, ensure_ascii=False)[:80]
            raise place.error(f"`kwargs.{key}` is {shown}", str(shapes[key]), "Correct it")
    if "min_value" in shapes:
        _check_bounds(place, rule)


def _check_bounds(place: Place, rule: Rule) -> None:
    low, high = (rule.kwargs.get(key) for key in ("min_value", "max_value"))
    if low is None and high is None:
        raise place.error("neither bound is given", "`min_value` or `max_value`", "Add one")
    if low is not None and high is not None and not (is_parameter(low) or is_parameter(high)):
        if isinstance(low, str) != isinstance(high, str):
            raise place.error(f"{low!r} and {high!r}", "bounds of one type", "Correct one")
        if low > high:  # type: ignore[operator]
            raise place.error(f"{low!r} is above {high!r}", "min_value <= max_value", "Correct one")


def _check_parameter(place: Place, rule: Rule, key: str) -> None:
    """Only bounds of the drift suite may stay open: nothing else has anything to compare with."""
    expression = cast("Mapping[str, str]", rule.kwargs[key])[KEY]
    if rule.suite != DRIFT or key not in {"min_value", "max_value"}:
        raise place.error(
            f"`kwargs.{key}` is a parameter in the suite {rule.suite}",
            "parameters as bounds in the suite drift alone",
            "Write a value",
        )
    if not is_sound(expression):
        raise place.error(
            f"`kwargs.{key}` is computed by {expression[:80]!r}",
            f"numbers, + - * / and {', '.join(sorted(NAMES))}",
            "Correct it",
        )


def _check_columns(place: Place, rule: Rule, types: Mapping[str, pl.DataType]) -> None:
    dated = any(isinstance(rule.kwargs.get(key), str) for key in ("min_value", "max_value"))
    for column in rule.columns:
        if column not in types:
            raise place.error(
                f"there is no column {column!r}",
                f"one of {', '.join(sorted(types))}",
                "Correct the name",
            )
        dtype = types[column]
        if not can_judge(rule.kind.needs, dtype):
            raise place.error(
                f"{column} is {dtype}",
                f"a {rule.kind.needs} column for {rule.type}",
                "Take another",
            )
        if Shape.BOUND in rule.kind.optional.values() and dated != dtype.is_temporal():
            raise place.error(
                f"{column} is {dtype}", "dates as bounds of times, numbers of numbers", "Correct it"
            )


def _check_consequence(place: Place, rule: Rule) -> None:
    """Only a rule about single documents of a batch can say what becomes of one."""
    if rule.suite == DRIFT and (rule.kind.metric is not None or not rule.columns):
        raise place.error(
            f"{rule.type} in the suite {DRIFT}",
            "rules about one number of the snapshot, as expect_column_max_to_be_between",
            "Take another type",
        )
    consequence = "quarantine" if rule.quarantine else "flag" if rule.flag is not None else None
    if consequence is None:
        return
    if rule.suite not in JUDGING:
        raise place.error(
            f"`meta.{consequence}` in the suite {rule.suite}",
            "rules about published documents to block, never to sort out or mark",
            "Remove it, or move the rule to cleaned.json",
        )
    if rule.kind.metric is None or rule.type in CORPUS_WIDE:
        raise place.error(
            f"`meta.{consequence}` with {rule.type}",
            "a rule that one document breaks by itself",
            "Remove it",
        )
    if rule.quarantine and rule.flag is not None:
        raise place.error("both `meta.quarantine` and `meta.flag`", "one of the two", "Drop one")


CORPUS_WIDE: Final = frozenset(
    {"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"}
)
