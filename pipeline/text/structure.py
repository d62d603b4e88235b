"""What a text is made of: its title, and the oddities of form a reader should know of.

Flags tell, they change nothing; each is worth setting only where it is almost surely right.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.text.zones import BODY_CHARS, ends_sentence

TITLE_CHARS = 200
# Lines looked at for a body below the title: page title, article title, standfirst, dateline.
TITLE_REACH = 6
HEADLINE_CHARS = 150

BULLET = re.compile(r"[-–—•*·‣▪]\s+\S")
QUESTION_MARKS = (
    "Q", "Question", "F", "Frage", "P", "Pregunta", "S", "Soru", "В", "Вопрос", "З", "Питання",
)  # fmt: skip
ANSWER_MARKS = (
    "A", "Answer", "Antwort", "R", "Réponse", "Respuesta", "C", "Cevap", "О", "Ответ", "В",
    "Відповідь",
)  # fmt: skip
QUESTION = re.compile(rf"(?:{'|'.join(QUESTION_MARKS)})\s?[:.]\s")
ANSWER = re.compile(rf"(?:{'|'.join(ANSWER_MARKS)})\s?[:.]\s")
# Of a speaker's name, behind its first letter.
NAME_CHARS = 40
SPEAKER = re.compile(rf"([^\W\d_][^:!?]{{1,{NAME_CHARS}}}):\s+\S")
WORD = re.compile(r"[^\W\d_]{5,}")
CUT_OFF = re.compile(
    r"(?:…|\.\.\.|\[(?:…|\.\.\.)\]|\[\+\d+ chars\]|\((?:more|cont(?:inued|\.)?)\))$"
)
UNFINISHED = re.compile(r"[^\W\d_][,;]?$|\d,$")
# Scripts that do without full stops: Thai, Lao, Khmer, Myanmar, Tibetan.
NO_STOPS = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]")


def detect_title(text: str) -> str | None:
    """The first line where it reads like a title and a body stands below it, else None."""
    return title_of(first_lines(text, TITLE_REACH))


def title_of(lines: Sequence[str]) -> str | None:
    """`detect_title`, given the first lines that are not blank."""
    if not lines or not _is_heading(lines[0]) or len(lines[0]) > TITLE_CHARS:
        return None
    return lines[0] if any(_is_long(line) for line in lines[1:]) else None


def first_lines(text: str, count: int) -> list[str]:
    """The first `count` lines that are not blank, without reading on."""
    found: list[str] = []
    at = 0
    while len(found) < count and at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        found += [line] if line else []
        at = end + 1
    return found


def last_lines(text: str, count: int) -> list[str]:
    """The last `count` lines that are not blank, in order, without reading on."""
    found: list[str] = []
    end = len(text)
    while len(found) < count and end >= 0:
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end].strip()
        found += [line] if line else []
        end = start - 1
    return found[::-1]


def edge_flags(first: Sequence[str], last: Sequence[str]) -> set[str]:
    """What the first and the last two lines show: `double_title`, `truncated`."""
    flags = {"double_title"} if _has_double_title(first) else set()
    return flags | ({"truncated"} if _is_cut_off(last) else set())


def form_flags(text: str) -> set[str]:
    """What all lines together show: `qa_block`, `multi_part`, `related_digest`."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    checks = {
        "qa_block": _has_questions_and_answers,
        "multi_part": _has_interview_behind_article,
        "related_digest": _ends_in_digest,
    }
    return {flag for flag, holds in checks.items() if holds(lines)}


def _has_double_title(lines: Sequence[str]) -> bool:
    """A page title and an article title, on one matter, above the body."""
    if len(lines) < 3 or not _is_long(lines[2]):
        return False
    first, second = lines[:2]
    if not _is_heading(first) or second.endswith((".", "!", ":", ",", ";")):
        return False
    if max(len(first), len(second)) > HEADLINE_CHARS or BULLET.match(second):
        return False
    return len(_stems(first) & _stems(second)) >= 2


def _has_questions_and_answers(lines: Sequence[str]) -> bool:
    """At least two questions marked as such, each with a marked answer right below."""
    pairs = pairwise(lines)
    return sum(bool(QUESTION.match(q) and ANSWER.match(a)) for q, a in pairs) >= 2


def _has_interview_behind_article(lines: Sequence[str]) -> bool:
    """Prose of its own, then a headline and a talk between two speakers."""
    speakers = [found[1] if (found := SPEAKER.match(line)) else "" for line in lines]
    turns = [
        i
        for i in range(2, len(lines))
        if len(speakers[i]) > 2 and speakers[i] == speakers[i - 2] != speakers[i - 1] != ""
    ]
    if len(turns) < 3:
        return False
    above = [i for i in range(turns[0] - 2) if _is_long(lines[i]) and not speakers[i]]
    headed = any(
        len(lines[i]) <= HEADLINE_CHARS and not lines[i].endswith(".")
        for i in range(max(turns[0] - 5, 1), turns[0] - 2)
    )
    return len(above) >= 5 and headed


def _ends_in_digest(lines: Sequence[str]) -> bool:
    """Whole news items as bullets at the end of an article that has no other bullets."""
    first = len(lines)
    while first and BULLET.match(lines[first - 1]) and _is_long(lines[first - 1]):
        first -= 1
    above = lines[:first]
    if len(lines) - first < 2 or len(above) < 3 or any(BULLET.match(line) for line in above):
        return False
    return _is_long(above[-1]) and ends_sentence(above[-1])


def _is_cut_off(lines: Sequence[str]) -> bool:
    """The last line of prose stops in mid-sentence."""
    last = lines[-1] if lines else ""
    end = last[-30:]
    if CUT_OFF.search(end):
        return len(last) >= 40
    unfinished = UNFINISHED.search(end) is not None and not NO_STOPS.search(end)
    prose = len(lines) > 1 and ends_sentence(lines[-2]) and len(lines[-2]) >= BODY_CHARS
    return prose and unfinished and len(last) >= 2 * BODY_CHARS and not BULLET.match(last)


def _is_heading(line: str) -> bool:
    return not ends_sentence(line) and not line.endswith((":", ",", ";")) and not BULLET.match(line)


def _is_long(line: str) -> bool:
    return len(line) >= BODY_CHARS


def _stems(line: str) -> set[str]:
    """Beginnings of the longer words: enough to see that two headlines speak of one matter."""
    return {word[:5] for word in WORD.findall(line.casefold())}
