"""The named errors: a bad world stops a run, and says so in three parts.

A message says what was found, what was expected and what to do. A bad *document* is never an
error: it is a verdict, and ends in quarantine.
"""


class WinnowError(Exception):
    """The world is not as a run needs it; the last snapshot stays served. The CLI exits with 1."""


class InputMissingError(WinnowError):
    """The input path does not exist, or nothing readable lies under it."""


class InputShrunkError(WinnowError):
    """The input holds less than half of the documents of the last run (an unmounted folder?)."""


class ExtraMissingError(WinnowError):
    """The input holds files of a kind whose reader is an extra that is not installed."""


class ArrivalsError(WinnowError):
    """The record of first arrivals cannot be read; it is history and is never rebuilt silently."""


class SettingsError(WinnowError):
    """A settings file or a `--set` cannot be read, or names something that is not allowed."""


class OutputUnwritableError(WinnowError):
    """The output folder cannot be written: read-only, full, or not a folder."""


class LockedError(WinnowError):
    """Another run holds the output folder; the message says who, where and since when."""


class SchemaMismatchError(WinnowError):
    """A frame does not carry the columns its stage promised."""


class SuiteError(WinnowError):
    """An expectation suite cannot be used: not JSON, an unknown rule, a missing column."""


class ValidationFailedError(WinnowError):
    """A critical expectation failed: nothing is published."""


class QuarantineShareError(WinnowError):
    """More documents would be quarantined than the settings allow."""


class LedgerError(WinnowError):
    """documents in != curated + duplicates + quarantined."""


class SnapshotError(WinnowError):
    """A snapshot is missing, incomplete or does not match its manifest."""


class DocumentNotFoundError(WinnowError):
    """No document of the snapshot has the id that was asked for."""


class WorkMissingError(WinnowError):
    """A stage's stored output is gone: the steps before it have to run again."""


class WorkerLostError(WinnowError):
    """A worker died before it was done: killed, out of memory, or in a panic of native code."""
