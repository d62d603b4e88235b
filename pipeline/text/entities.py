"""HTML entities that a scraper left in running text, and the texts whose entities are meant.

`&amp;` in an article is damage; in a tutorial, a style sheet or a page's source it is content. A
text in which `MARKUP` is found keeps every entity it has, inline code keeps its own.
"""

import re
from collections.abc import Iterator

from ftfy.fixes import unescape_html

from pipeline.text.edits import Action, Edit

RULE = "html.entity"
TRIGGER = r"&#?[0-9A-Za-z]{1,24};"

_ENTITY = re.compile(TRIGGER)
# A tag, a fenced block, a tag written with entities, or a line that ends as code does. Both
# Python's and Polars' engine read it.
MARKUP = (
    r"(?m)</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--|<!DOCTYPE|<\?xml|^[ \t]*(?:```|~~~)"
    r"|&(?:amp;)*lt;(?:/|!--|\?)?[A-Za-z]|[{}];?[ \t]*$"
)
_INLINE_CODE = re.compile(r"`[^`\n]*`")


def find_entities(text: str) -> Iterator[Edit]:
    """Every entity outside inline code as an edit; of `&amp;lt;` the outer one, `&amp;`."""
    for match in _ENTITY.finditer(text):
        start, end = match.span()
        replacement = unescape_html(match[0])
        if replacement != match[0] and not _in_code(text, start):
            yield Edit(start, end, Action.REPAIR, RULE, match[0], replacement)


def _in_code(text: str, place: int) -> bool:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[start : end if end >= 0 else len(text)]
    return any(m.start() <= place - start < m.end() for m in _INLINE_CODE.finditer(line))
