"""Validations on disk, so that what was found for a snapshot need not be found again.

A record is addressed by the snapshot and the suites: the same documents under the same rules can
only come out the same.
"""

import json
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.validation.results import Validation

_VALIDATION = TypeAdapter(Validation)


def recorded(
    folder: Path, *, snapshot: str, suites: str, run: Callable[[], Validation]
) -> Validation:
    """The recorded validation of this snapshot under the suites of this digest, else a new one."""
    path = folder / f"{snapshot}-{suites[:16]}.json"
    try:
        return _VALIDATION.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        validation = run()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(_VALIDATION.dump_python(validation, mode="json"), indent=1))
    draft.replace(path)
    return validation


def in_words(validation: Validation) -> str:
    """The verdict in a line: how many rules hold, and which do not."""
    failed = [outcome for outcome in validation.outcomes if not outcome.success]
    names = ", ".join(f"{o.suite}.{o.name} ({o.severity.value})" for o in failed)
    held = f"{len(validation.outcomes) - len(failed)} of {len(validation.outcomes)} rules hold"
    return f"{held}; not {names}" if failed else held
