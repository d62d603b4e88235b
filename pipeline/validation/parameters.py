"""Numbers that a suite leaves open until a run: {"$PARAMETER": "previous_curated * 0.8"}.

Great Expectations evaluates the arithmetic itself; here it is only checked, long before that, that
there is nothing in it but known names, numbers, and the four operations.
"""

import ast
from typing import Final

from pipeline.validation.facts import NUMBERS

KEY: Final = "$PARAMETER"
PREFIX: Final = "previous_"
NAMES: Final = frozenset(PREFIX + name for name in NUMBERS if name != "language_change")
_ALLOWED: Final = (
    ast.Expression,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Load,
    ast.Name,
    ast.Constant,
)


def is_parameter(value: object) -> bool:
    """Whether the value stands for a number that is only known when a run compares."""
    return isinstance(value, dict) and set(value) == {KEY} and isinstance(value[KEY], str)


def is_sound(expression: str) -> bool:
    """Whether the expression is arithmetic over known parameters.

    >>> is_sound("previous_curated * 0.8"), is_sound("previous_moons + 1"), is_sound("now()")
    (True, False, False)
    """
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError):
        return False
    nodes = list(ast.walk(tree))
    return (
        all(isinstance(node, _ALLOWED) for node in nodes)
        and all(node.id in NAMES for node in nodes if isinstance(node, ast.Name))
        and all(
            type(node.value) in {int, float} for node in nodes if isinstance(node, ast.Constant)
        )
    )
