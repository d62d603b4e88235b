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
    code = iter([match.span() for match in _INLINE_CODE.finditer(text)] if "`" in text else ())
    start, end = next(code, (len(text), len(text)))
    for match in _ENTITY.finditer(text):
        while match.start() >= end:
            start, end = next(code, (len(text), len(text) + 1))
        replacement = unescape_html(match[0])
        if match.start() < start and replacement != match[0]:
            yield Edit(*match.span(), Action.REPAIR, RULE, match[0], replacement)
