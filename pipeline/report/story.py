"""The story of a document on a terminal: what it was, what was changed and why, what became of it.

Right in 80 columns, with or without colour: what was removed stands in [-…-], what was put in
stands in {+…+}. A text never reaches the terminal as markup or as a control sequence.
"""

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from pipeline.report.explain import FILTERS, NOTABLE, Change, Document, Relative, Story
from pipeline.report.meanings import RELATIONS
from pipeline.report.passages import Comparison, bounded, visible
from pipeline.report.shared import Shared
from pipeline.report.terminal import counted, fields, marked, shown
from pipeline.stages.digests import Fate

FATES = {
    Fate.CURATED: ("curated", "bold green"),
    Fate.DUPLICATE: ("duplicate", "bold yellow"),
    Fate.QUARANTINED: ("quarantined", "bold red"),
}
TEXT_CHARS = 600
SHARED_CHARS = 300
INDENT = (0, 0, 0, 4)


def render_story(story: Story) -> RenderableType:
    """The story as it is printed."""
    document = story.document
    word, style = FATES[story.fate]
    title = Text(shown(document.title or document.source_id), style="bold")
    parts: list[RenderableType] = [title, Text(f"{word}: {_fate(story)}", style=style), ""]
    sections = (
        ("Where it comes from", _origin(document)),
        ("From bytes to text", _decoding(story)),
        (_edits_heading(story), _edits(story)),
        ("What it is", _description(document)),
        ("Flags", _flags(story)),
        ("What kept it out", _verdicts(story)),
        ("Copies", _copies(story)),
        ("Alike, but left apart", map(_relative, story.reviews)),
        ("The text", _text(document)),
    )
    for heading, lines in sections:
        body = list(lines)
        if body:
            parts += [Text(heading, style="bold cyan"), Padding(Group(*body), (0, 0, 1, 2))]
    return Group(*parts)


def _fate(story: Story) -> str:
    document = story.document
    if story.fate is Fate.CURATED:
        more = story.cluster_size - 1
        return "published" + (f", standing for {counted(more, 'duplicate')}" if more > 0 else "")
    if story.fate is Fate.QUARANTINED:
        return f"kept out at {document.stage}, for {', '.join(map(shown, document.reasons))}"
    kept = story.kept.source_id if story.kept else document.canonical_id or ""
    return f"dropped as {document.relation} of {shown(kept)}"


def _origin(document: Document) -> Iterator[RenderableType]:
    published = document.published_at
    yield fields(
        ("doc_id", document.doc_id),
        ("source_id", document.source_id),
        ("source", document.source),
        ("url", document.url),
        ("published", f"{published:%Y-%m-%d %H:%M} UTC" if published else None),
        ("first seen", f"{document.first_seen:%Y-%m-%d %H:%M} UTC"),
    )


def _decoding(story: Story) -> Iterator[RenderableType]:
    document = story.document
    decoded = None
    if story.decoded_chars is not None:
        decoded = f"{counted(story.decoded_chars, 'character')} as {document.encoding}"
    proof = {
        None: None,
        True: "the text and its edits rebuild the decoded original (SHA-256)",
        False: "the text and its edits do NOT rebuild the decoded original: run winnow verify",
    }
    yield fields(
        ("raw sha256", document.raw_sha256),
        ("decoded", decoded or "not: nothing could be read as a text"),
        ("checked", proof[story.rebuilt]),
    )


def _edits_heading(story: Story) -> str:
    if not story.rules:
        return "What was changed"
    rules = counted(len(story.rules), "rule")
    return f"What was changed: {counted(sum(story.rules.values()), 'edit')} by {rules}"


def _edits(story: Story) -> Iterator[RenderableType]:
    """Every passage with its rules; a rule's reason stands where the rule is first met."""
    if not story.rules and story.decoded_chars is not None:
        yield Text("Nothing: the text is as it was decoded.")
    told: set[str] = set()
    for change in story.changes:
        yield _numbers(change)
        rules = Counter((edit.rule, edit.action.value) for edit in change.edits)
        for (rule, action), times in rules.items():
            line = Text.assemble(
                (shown(rule), "bold"), f" ({action}, {times} ×)" if times > 1 else f" ({action})"
            )
            if rule not in told:
                line.append(f": {shown(story.meanings.get(rule, 'a rule that is no more'))}", "dim")
            told.add(rule)
            yield Padding(line, INDENT)
        for edit in change.edits:
            if why := story.decided.get(edit.start):
                yield Padding(Text(f"cut because {shown(why)}", style="dim"), INDENT)
        yield Padding(marked(change.passage), INDENT)
    if story.edits_left_out:
        yield Text(f"… and {counted(story.edits_left_out, 'edit')} more of the same rules")


def _numbers(change: Change) -> Text:
    last = change.first + len(change.edits) - 1
    numbers = f"{change.first}" if last == change.first else f"{change.first}–{last}"
    start, end = change.edits[0].start, change.edits[-1].end
    return Text(f"{numbers} at characters {start:,}–{end:,}")


def _description(document: Document) -> Iterator[RenderableType]:
    if document.n_chars is None:
        return
    sure = document.language_confidence
    yield fields(
        ("title", document.title or "none"),
        ("language", f"{document.language or 'und'}" + (f", {sure:.0%} sure" if sure else "")),
        ("length", f"{document.n_chars:,} characters, {document.n_words or 0:,} words"),
        ("signals", ", ".join(_signals(document)) or None),
    )


def _signals(document: Document) -> Iterator[str]:
    """The outcome of the known filters, and what a healthy article has none of."""
    signals = document.signals or {}
    for name in FILTERS:
        if (passed := signals.get(name)) is not None:
            yield f"{name} {'yes' if passed else 'NO'}"
    for name, floor in NOTABLE.items():
        value = signals.get(name)
        if value is not None and value >= floor:
            yield f"{name} {value:.3g}"


def _flags(story: Story) -> Iterator[RenderableType]:
    for flag in story.document.flags:
        if flag not in story.document.reasons:
            yield _named(flag, story)


def _verdicts(story: Story) -> Iterator[RenderableType]:
    for reason in story.document.reasons:
        yield _named(reason, story)
    if story.document.detail:
        yield fields(("found", story.document.detail))


def _named(name: str, story: Story) -> Text:
    meaning = story.meanings.get(name)
    line = Text(shown(name), style="bold")
    return line.append(f": {shown(meaning)}", "not bold") if meaning else line


def _copies(story: Story) -> Iterator[RenderableType]:
    if story.kept is not None:
        relation = RELATIONS.get(story.kept.relation, story.kept.relation)
        yield Text(f"It {relation} the document that was kept:")
        yield _relative(story.kept)
        if story.document.reason:
            yield Text(f"Dropped because: {shown(story.document.reason)}")
    if story.differences is not None:
        yield from _differences(story.differences)
    if story.shared is not None:
        yield from _shared(story.shared)
    if story.members:
        yield Text("Dropped as copies of this one:")
    for member in story.members:
        yield _relative(member)
    unlisted = story.cluster_size - 1 - len(story.members)
    if story.members and unlisted > 0:
        yield Text(f"… and {counted(unlisted, 'duplicate')} more, less alike")


def _differences(found: Comparison) -> Iterator[RenderableType]:
    if not found.passages:
        yield Text("No word of what was compared differs.")
        return
    yield Text("Where they differ: [-only in the kept one-], {+only in this one+}")
    for passage in found.passages:
        yield Padding(marked(passage), INDENT)
    if found.left_out:
        yield Text(f"… and {counted(found.left_out, 'passage')} more")


def _shared(found: Shared) -> Iterator[RenderableType]:
    here, there = (
        f"{start + 1:,} to {start + found.words:,} of {total:,}"
        for start, total in (
            (found.dropped_from, found.dropped_words),
            (found.kept_from, found.kept_words),
        )
    )
    yield Text(f"Longest passage of both, {counted(found.words, 'word')}:")
    yield fields(("in this one", f"words {here}"), ("in the kept one", f"words {there}"))
    yield Padding(Text(visible(bounded(found.text, SHARED_CHARS))), INDENT)


def _relative(other: Relative) -> RenderableType:
    overlap = f"Jaccard {other.jaccard:.3f}, {counted(other.shared_shingles, 'shared shingle')}"
    back = f"and {other.containment_back:.1%} of that one in this one"
    return fields(
        (other.relation, f"{other.source_id} ({other.doc_id})"),
        ("overlap", overlap),
        ("contained", f"{other.containment:.1%} of this one is in that one, {back}"),
    )


def _text(document: Document) -> Iterator[RenderableType]:
    for line in bounded(document.text or "", TEXT_CHARS).splitlines():
        yield Text(visible(line))
