"""How odd it is that two characters stand side by side; the measure of mojibake.

Healthy text obeys rules that no language breaks: a word keeps to one script, capitals do not
follow small letters, symbols and block graphics do not stand inside words, quotation marks open
before a word and close behind it. A wrong charset breaks them at nearly every character.
"""

from pipeline.text.letters import (
    LATIN,
    LETTERS,
    Kind,
    differ_in_script,
    share_an_alphabet,
    traits,
)

BEFORE_LETTERS = frozenset("√∆∑∏∫±≈≠≤≥∞¬÷§¿¡$£€¥₽₴₺₦₹¢")  # stand before a letter in healthy text
OPENING, CLOSING = frozenset("“‘„‚«‹"), frozenset("”»›‰")
_SIGNS = frozenset({Kind.SYMBOL, Kind.GRAPHIC})


def odd_pair(left: str, right: str, *, after_letter: bool = False) -> int:
    """0 for neighbours that any prose could have, 1 for odd ones, 2 for impossible ones.

    `after_letter` says that a letter stands before the left one: `$a` is healthy, `x$a` is not.
    """
    a, b = traits(left).kind, traits(right).kind
    if a in LETTERS and b in LETTERS:
        jump = a is Kind.LOWER and b is Kind.UPPER
        return 2 if differ_in_script(left, right) else int(jump)
    if a in LETTERS and b in _SIGNS:
        return 2 if b is Kind.GRAPHIC else 1
    if a in _SIGNS and b in LETTERS:
        healthy = left in BEFORE_LETTERS and not after_letter
        return 2 if a is Kind.GRAPHIC else int(not healthy)
    return int((a in LETTERS and right in OPENING) or (left in CLOSING and b in LETTERS))


def odd_within(left: str, right: str) -> int:
    """Oddity that counts only inside one suspected sequence: mostly pairs beyond ASCII."""
    a, b = traits(left).kind, traits(right).kind
    if a in LETTERS and b in LETTERS:
        latin = traits(left).script == LATIN == traits(right).script
        return int(latin and not share_an_alphabet(left, right))
    if a in _SIGNS and b in _SIGNS and a is not b:
        return 2
    if a is b is Kind.SYMBOL:
        return int(left != right)
    return int(bool({a, b} & _SIGNS) and Kind.PUNCTUATION in {a, b})
