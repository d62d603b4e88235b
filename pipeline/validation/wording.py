"""The rules in words, for people: what is expected, why, and what follows when it is not so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pipeline.validation.parameters import KEY, is_parameter
from pipeline.validation.polars_engine.conditions import Arguments, Value
from pipeline.validation.suites import DRIFT, Rule, Severity, Suites


@dataclass(frozen=True)
class Description:
    """A rule as a list of them or a check in a user interface shows it."""

    suite: str
    name: str
    words: str
    reason: str
    severity: Severity
    blocking: bool
    consequence: str


def describe_suites(suites: Suites) -> list[Description]:
    """Every rule in words, in the order of the suites; Great Expectations is not imported."""
    return [
        Description(
            suite=rule.suite,
            name=rule.name,
            words=in_words(rule),
            reason=rule.reason,
            severity=rule.severity,
            blocking=rule.severity is Severity.CRITICAL,
            consequence=_consequence(rule),
        )
        for suite in suites.values()
        for rule in suite.rules
    ]


def in_words(rule: Rule) -> str:
    """The expectation as a sentence: "n_chars is at least 200, for at least 90% of documents"."""
    arguments = rule.kwargs
    shown = {key: _shown(value) for key, value in arguments.items()}
    # One row has one value: the greatest of it is it.
    words = "{column} is {bounds}" if rule.suite == DRIFT else rule.kind.words
    if len(cast("Sequence[Value]", arguments.get("value_set") or ())) == 1:
        words = words.replace("is one of", "is").replace("is none of", "is not")
    sentence = words.format(**shown, bounds=_bounds(arguments))
    if arguments.get("or_equal"):
        sentence += " or equals it"
    mostly = cast("float", arguments.get("mostly", 1))
    return sentence if mostly == 1 else f"{sentence}, for at least {mostly * 100:.4g}% of documents"


def _bounds(arguments: Arguments) -> str:
    parts = []
    if (low := arguments.get("min_value")) is not None:
        parts.append(f"{'above' if arguments.get('strict_min') else 'at least'} {_shown(low)}")
    if (high := arguments.get("max_value")) is not None:
        parts.append(f"{'below' if arguments.get('strict_max') else 'at most'} {_shown(high)}")
    return " and ".join(parts)


def _shown(value: Value) -> str:
    if is_parameter(value):
        return cast("Mapping[str, str]", value)[KEY]
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _consequence(rule: Rule) -> str:
    if rule.quarantine:
        return "the document goes to quarantine"
    if rule.flag is not None:
        return f"the document is flagged {rule.flag}"
    return "nothing is published" if rule.severity is Severity.CRITICAL else "it is shown"
