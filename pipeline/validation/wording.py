"""The rules in words, for people: what is expected, why, and what follows when it is not so."""

from dataclasses import dataclass
from typing import cast

from pipeline.validation.polars_engine.conditions import Arguments, Value
from pipeline.validation.suites import Rule, Severity, Suites


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
    """The expectation as a sentence: "n_chars is at least 200, for 90% of documents"."""
    arguments = rule.kwargs
    shown = {key: _shown(value) for key, value in arguments.items()}
    sentence = rule.kind.words.format(**shown, bounds=_bounds(arguments))
    if arguments.get("or_equal"):
        sentence += " or equals it"
    mostly = cast("float", arguments.get("mostly", 1))
    return sentence if mostly == 1 else f"{sentence}, for {mostly * 100:.4g}% of documents"


def _bounds(arguments: Arguments) -> str:
    parts = []
    if (low := arguments.get("min_value")) is not None:
        parts.append(f"{'above' if arguments.get('strict_min') else 'at least'} {low}")
    if (high := arguments.get("max_value")) is not None:
        parts.append(f"{'below' if arguments.get('strict_max') else 'at most'} {high}")
    return " and ".join(parts)


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return str(value)


def _consequence(rule: Rule) -> str:
    if rule.quarantine:
        return "the document goes to quarantine"
    if rule.flag is not None:
        return f"the document is flagged {rule.flag}"
    return "nothing is published" if rule.severity is Severity.CRITICAL else "it is shown"
