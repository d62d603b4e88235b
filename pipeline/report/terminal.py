"""What a terminal shows of texts that nobody trusts: marked passages, tables, bounded names.

Everything is a `Text`, never a string that rich would read as its markup, and every control
character is drawn.
"""

from rich.table import Table
from rich.text import Text

from pipeline.report.passages import Mark, Passage, Span, bounded, visible, visible_change

MARKS = {Mark.REMOVED: ("[-", "-]", "red strike"), Mark.ADDED: ("{+", "+}", "green")}
NAME_CHARS = 300
SPANS = 60  # of one passage, from its beginning and its end


def marked(passage: Passage) -> Text:
    """A passage with what was removed and put in between marks that read without colour too."""
    line = Text()
    left_out = len(passage) - SPANS
    for place, span in enumerate(passage):
        if left_out <= 0 or place < SPANS // 2 or place >= SPANS // 2 + left_out:
            line.append_text(_mark(span))
        elif place == SPANS // 2:
            line.append(f" … {left_out:,} pieces … ", "dim")
    return line


def fields(*rows: tuple[str, str | None]) -> Table:
    """Names and values side by side; values of None are left out, long ones are folded."""
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value is not None:
            table.add_row(Text(name), Text(shown(value)))
    return table


def shown(text: str) -> str:
    """A name, title or reason on one line, bounded."""
    return visible(bounded(text, NAME_CHARS))


def counted(number: int, noun: str) -> str:
    """The number with its noun.

    >>> counted(1, "edit"), counted(1200, "edit")
    ('1 edit', '1,200 edits')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _mark(span: Span) -> Text:
    if span.mark is Mark.SAME:
        return Text(visible(span.text))
    start, end, style = MARKS[span.mark]
    return Text(f"{start}{visible_change(span.text)}{end}", style)
