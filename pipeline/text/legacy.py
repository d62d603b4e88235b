"""Which legacy encoding a document is in, weighed in nats over all that could have written it.

Nothing in the bytes says it, so every candidate is judged by the text it gives: are its neighbours
possible, does some alphabet hold its letters, does a language model recognise it. Candidates that
give the same text are one candidate. A single-byte encoding is judged on counts of byte pairs, so
the document is counted once and decoded only for the best few.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.text.byte_costs import (
    Evidence,
    apostrophes,
    gather,
    single_byte_cost,
    strange_letters,
)
from pipeline.text.cjk_costs import LANGUAGE_OF, cjk_cost
from pipeline.text.encodings import MULTI_BYTE, SINGLE_BYTE, Encoding, characters
from pipeline.text.language import guess_language

MARGIN = 1.75  # nats between the best text and the next: better than five to one
HEALTHY = 0.1  # the same where it is surely healthy
TOLERATED = 0.33  # nats per character beyond ASCII that a healthy text may cost
BY_FAR, TOLERATED_BY_FAR = 4.0, 0.55  # the same where nothing else comes near
HOPELESS = 2.2  # with something impossible at every such character it is no text
ENOUGH = 80  # characters beyond ASCII whose evidence counts in full; more are as good
RARE = -3.0  # lead that is left to a rare encoding when it is asked whether the best one is sure
SHORTLIST = 4  # candidates that the language model is asked about
CJK_SAMPLE = 20_000  # characters that are weighed of a multi-byte text
STRANGE = 2.0  # nats for a letter that the language of the text does not write
SURE = 0.5  # confidence from which a language speaks against a text, too
MODEL_SAMPLE = 500  # bytes that the language model sees
PASSAGE = 120  # bytes before and behind a character beyond ASCII that go into them
# Languages whose words may hold an apostrophe.
_ELIDING = """
    af br ca cy da en eo eu fi fr ga gd it lb mt nl no oc sq sv tr uk
"""
ELIDING = frozenset(_ELIDING.split())

_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROLS = re.compile("[\x80-\x9f]")  # what no healthy text holds, though an encoding may


@dataclass(frozen=True, slots=True)
class Guess:
    """The text, its encoding, and whether it is clearly better than all others and healthy."""

    text: str
    encoding: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    encoding: Encoding
    looks: str  # equal where two encodings give the same text
    mean: float  # nats per character beyond ASCII
    score: float  # nats by which it leads


def weigh_encodings(raw: bytes) -> Guess | None:
    """The likeliest reading of bytes that are not UTF-8; null where none gives a text."""
    evidence = gather(raw)
    ranked = _distinct([*_single_byte(evidence), *_multi_byte(raw, evidence.high)])
    sample = _sample(raw)
    heard = [_asked(candidate, sample, evidence) for candidate in ranked[:SHORTLIST]]
    ranked = sorted([*heard, *ranked[SHORTLIST:]], key=lambda c: (c.mean > HOPELESS, -c.score))
    if not ranked or ranked[0].mean > HOPELESS:
        return None
    best = ranked[0]
    odd = best.mean > HEALTHY
    rival = max((_doubt(other, odd=odd) for other in ranked[1:]), default=best.score - MARGIN)
    text = _read(raw, best.encoding)
    lead = best.score - rival
    certain = lead >= MARGIN and best.mean <= (TOLERATED if lead < BY_FAR else TOLERATED_BY_FAR)
    return Guess(text, best.encoding.name, certain and not _CONTROLS.search(text))


def _doubt(rival: _Candidate, *, odd: bool) -> float:
    """The score of a candidate that was not chosen; beside an odd text, rarity counts for less."""
    return rival.score + (max(0.0, RARE - rival.encoding.lead) if odd else 0.0)


def _single_byte(evidence: Evidence) -> Iterator[_Candidate]:
    present = [byte for byte in range(128, 256) if evidence.counts[byte]]
    for encoding in SINGLE_BYTE:
        cost = single_byte_cost(evidence, encoding)
        if cost is not None:
            looks = "".join(characters(encoding)[byte] for byte in present)
            yield _candidate(encoding, looks, cost, evidence.high)


def _multi_byte(raw: bytes, high: int) -> Iterator[_Candidate]:
    for encoding in MULTI_BYTE if len(raw) >= 4 else ():
        try:
            text = _read(raw, encoding)
        except UnicodeDecodeError:
            continue
        share = min(1.0, CJK_SAMPLE / max(1, len(text)))
        language = LANGUAGE_OF.get(encoding.name, "zh")
        cost = cjk_cost(text[:CJK_SAMPLE], language) / share
        yield _candidate(encoding, text[:CJK_SAMPLE], cost, high)


def _candidate(encoding: Encoding, looks: str, cost: float, high: int) -> _Candidate:
    score = encoding.lead - cost * min(1.0, ENOUGH / max(1, high))
    return _Candidate(encoding, looks, cost / max(1, high), score)


def _distinct(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """The best candidate of each text, best first."""
    best: dict[str, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: -c.score):
        best.setdefault(candidate.looks, candidate)
    return list(best.values())


def _asked(candidate: _Candidate, sample: bytes, evidence: Evidence) -> _Candidate:
    """The candidate with what the language model makes of its text."""
    encoding = candidate.encoding
    guess = guess_language(_read(sample, encoding, errors="ignore"), floor=0.0)
    if encoding in MULTI_BYTE:
        gain = 3.0 if guess.language == LANGUAGE_OF.get(encoding.name, "zh") else 0.0
    else:
        strange = strange_letters(evidence, encoding, guess.language)
        weight = min(1.0, ENOUGH / evidence.high)
        gain = 0.0
        if strange is not None:
            strange += (guess.language not in ELIDING) * apostrophes(evidence, encoding)
            gain = max(-3.0 if guess.confidence > SURE else 0.0, 3.0 - STRANGE * weight * strange)
    return replace(candidate, score=candidate.score + gain * guess.confidence)


def _sample(raw: bytes) -> bytes:
    """Passages with other than ASCII characters."""
    passages: list[bytes] = []
    at = 0
    while at < len(raw) and sum(map(len, passages)) < MODEL_SAMPLE:
        found = _HIGH.search(raw, at)
        if found is None:
            break
        start = max(at, raw.rfind(b"\n", at, found.start()) + 1, found.start() - PASSAGE)
        end = raw.find(b"\n", found.start(), found.start() + PASSAGE)
        at = end if end >= 0 else found.start() + PASSAGE
        passages.append(raw[start:at])
    return b"\n".join(passages)


def _read(raw: bytes, encoding: Encoding, *, errors: str = "strict") -> str:
    """The text; a last character that was cut through is left out."""
    if encoding not in MULTI_BYTE:
        return codecs.charmap_decode(raw, "strict", characters(encoding))[0]
    decoder = codecs.getincrementaldecoder(encoding.codec)(errors)
    return decoder.decode(raw)
