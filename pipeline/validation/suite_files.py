"""Suite files as JSON with the line of every expectation, and errors that point there."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import SuiteError

Entry = Mapping[str, object]


@dataclass(frozen=True)
class Place:
    """Where in a suite file something stands; its methods read values or raise with the place."""

    path: Path
    line: int
    rule: str = ""

    def named(self, rule: str) -> "Place":
        """The same place, now that the rule's name is known."""
        return replace(self, rule=rule)

    def error(self, found: str, expected: str, remedy: str) -> SuiteError:
        """The error to raise here."""
        rule = f" rule {self.rule!r}:" if self.rule else ""
        return SuiteError(f"{self.path}:{self.line}:{rule} {found}. Expected {expected}. {remedy}.")

    def mapping(self, value: object, what: str) -> Entry:
        """The value as a JSON object."""
        if isinstance(value, dict):
            return value
        raise self.error(f"{what} is {_shown(value)}", "a JSON object", "Write it as one")

    def text(self, entry: Entry, key: str, what: str) -> str:
        """The entry's text under the key: present and not blank."""
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value
        raise self.error(f"`{what}` is {_shown(value)}", "a text that is not empty", "Add one")

    def one_of(self, entry: Entry, key: str, words: Collection[str]) -> str:
        """The entry's word under the key, out of these."""
        value = entry.get(key)
        if isinstance(value, str) and value in words:
            return value
        choice = ", ".join(sorted(words))
        raise self.error(f"`{key}` is {_shown(value)}", f"one of {choice}", "Choose one")

    def switch(self, entry: Entry, key: str, what: str) -> bool:
        """The entry's true or false under the key; absent is false."""
        value = entry.get(key, False)
        if isinstance(value, bool):
            return value
        raise self.error(f"`{what}` is {_shown(value)}", "true or false", "Correct it")

    def only(self, entry: Entry, keys: Collection[str], what: str) -> None:
        """Refuse keys that mean nothing here: a typing error is an error."""
        if unknown := sorted(set(entry) - set(keys)):
            raise self.error(
                f"{what} has {', '.join(f'`{key}`' for key in unknown)}",
                f"nothing but {', '.join(f'`{key}`' for key in sorted(keys)) or 'no argument'}",
                "Correct or remove it",
            )


def read_entries(path: Path) -> list[tuple[Place, object]]:
    """The expectations of a suite file as they stand in it, each with its place."""
    text = _read(path)
    content = _parse(path, text)
    top = Place(path, 1)
    if content.get("name") != path.stem:
        raise top.error(
            f"the suite is named {_shown(content.get('name'))}",
            f'"name": "{path.stem}", as the file is called',
            "Rename it",
        )
    entries = content.get("expectations")
    if not isinstance(entries, list) or not entries:
        raise top.error(
            f"`expectations` is {_shown(entries)}", "a list with at least one rule", "Restore it"
        )
    lines = list(_entry_lines(text))
    return [
        (Place(path, lines[place] if place < len(lines) else 1), entry)
        for place, entry in enumerate(entries)
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = (
            f"{path}: the suite cannot be read: {error}. Expected a UTF-8 JSON file beside the "
            "other suites. Restore it."
        )
        raise SuiteError(message) from error


def _parse(path: Path, text: str) -> Entry:
    try:
        content: object = json.loads(text)
    except json.JSONDecodeError as error:
        message = (
            f"{path}:{error.lineno}: not JSON: {error.msg} at column {error.colno}. Expected an "
            "expectation suite. Correct that line."
        )
        raise SuiteError(message) from error
    return Place(path, 1).mapping(content, "the suite")


def _entry_lines(text: str) -> Iterator[int]:
    """The line on which each expectation starts, as far as they are objects."""
    decoder = json.JSONDecoder()
    at = text.index("[", text.index('"expectations"')) + 1
    while (start := text.find("{", at)) >= 0 and not text[at:start].strip(" \t\r\n,"):
        yield text.count("\n", 0, start) + 1
        _, at = decoder.raw_decode(text, start)


def _shown(value: object) -> str:
    """A value as it stands in the file, bounded."""
    if value is None:
        return "missing"
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"
