"""Every rule that may change a text, with its reason: those of the rules file and those in code."""

from dataclasses import dataclass

from pipeline.text.boilerplate import boilerplate_rules
from pipeline.text.mojibake import CHARSETS
from pipeline.text.rules import load_rules

IN_CODE = {
    "chars.control": "Control characters are left over from other software; no reader means them.",
    "chars.soft_hyphen": "A soft hyphen is the layout of a page that is gone.",
    "chars.zero_width": "Invisible characters break searching where no script needs them.",
    "ftfy.encoding": "Text that was decoded with the wrong encoding, as ftfy recognises it.",
    "glue.abbreviation": "A scraper lost the space after an abbreviation.",
    "glue.comma": "A scraper lost the space after a comma, all over the text.",
    "glue.sentence": "A scraper lost the space between sentences, all over the text.",
    "html.entity": "A character that was escaped for a page stands escaped in the text.",
    "learned.line": "A line that its source repeats at the edges of its articles. Each has a rule "
    "of its own, learned.<id>; the table learned_lines has the figures.",
    "line_ends": "One kind of line end, so that a line is a line for every reader.",
    "trim.edges": "Blank lines before and after a text are layout.",
}


@dataclass(frozen=True, slots=True)
class ListedRule:
    """One rule as a list shows it; `definition` is what it does, to be digested."""

    name: str
    languages: tuple[str, ...]
    zone: str
    action: str
    reason: str
    definition: str


def list_rules() -> list[ListedRule]:
    """All rules by name."""
    definitions = {rule.name: repr(rule) for rule in load_rules()}
    listed = [
        ListedRule(
            r.name, r.languages, r.zone, r.action, r.reason, definitions.get(r.name, r.reason)
        )
        for r in boilerplate_rules()
    ]
    in_code = IN_CODE | {
        f"mojibake.{charset}": f"A line that was decoded as {charset} and is UTF-8 beyond doubt."
        for charset in CHARSETS
    }
    actions = {"trim.edges": "trim", "learned.line": "drop_line"}
    listed += [
        ListedRule(name, ("any",), "any", actions.get(name, "repair"), reason, name)
        for name, reason in in_code.items()
    ]
    return sorted(listed, key=lambda rule: rule.name)


def rule_reasons() -> dict[str, str]:
    """Why each rule exists, by name."""
    return {rule.name: rule.reason for rule in list_rules()}
