"""What is asked of 64 bytes at once, in an instruction or two: one bit for each.

The compiler finds no such instructions by itself, so they are named to it here; on a processor
without any of that width it takes several others.
"""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from pipeline.compile import bare_kernel
from pipeline.text.line_bits import LANES, Bytes

AS_IS = np.uint8(0)

_BYTE, _BITS = ir.IntType(8), ir.IntType(LANES)
_BLOCK, _ORDER = ir.VectorType(_BYTE, LANES), ir.VectorType(ir.IntType(32), LANES)


@intrinsic
def _in_range(
    _: object,
    data: types.Type,
    at: types.Type,  # noqa: ARG001  numba tells by name and number
    fold: types.Type,
    low: types.Type,
    size: types.Type,
) -> tuple[Signature, Callable[..., ir.Value]]:
    def generate(
        context: BaseContext, builder: ir.IRBuilder, signature: Signature, given: Sequence[ir.Value]
    ) -> ir.Value:
        array = make_array(signature.args[0])(context, builder, given[0])  # type: ignore[no-untyped-call]
        place = builder.bitcast(builder.gep(array.data, [given[1]]), _BLOCK.as_pointer())
        folded = builder.or_(builder.load(place, align=1), _everywhere(builder, given[2]))
        above = builder.sub(folded, _everywhere(builder, given[3]))
        found = builder.icmp_unsigned("<", above, _everywhere(builder, given[4]))
        return builder.bitcast(found, _BITS)

    wanted = (types.uint8 for _ in (fold, low, size))
    return types.uint64(data, types.intp, *wanted), generate


def _everywhere(builder: ir.IRBuilder, byte: ir.Value) -> ir.Value:
    """A block of one byte."""
    none, first = ir.Constant(_BLOCK, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    return builder.shuffle_vector(
        builder.insert_element(none, byte, first), none, ir.Constant(_ORDER, None)
    )


@intrinsic
def _count_ones(_: object, bits: types.Type) -> tuple[Signature, Callable[..., ir.Value]]:
    def generate(
        _: object, builder: ir.IRBuilder, __: object, given: Sequence[ir.Value]
    ) -> ir.Value:
        return builder.ctpop(given[0])

    return types.int64(bits), generate


# Which of 64 bytes from a place on, with the bits of `fold` set, are at least `low`, by less than
# `size`. All must lie in the array.
in_range = cast("Callable[[Bytes, int, np.uint8, np.uint8, np.uint8], np.uint64]", _in_range)
# How many bits are set.
count_ones = cast("Callable[[np.uint64], int]", _count_ones)


@bare_kernel
def count_range(data: Bytes, start: int, stop: int, low: np.uint8, size: np.uint8) -> int:
    """How many bytes from `start` to `stop` are at least `low`, by less than `size`."""
    count = 0
    for at in range(start, stop, LANES):
        if at + LANES <= data.size:
            found = in_range(data, at, AS_IS, low, size)
            if stop - at < LANES:
                found &= (np.uint64(1) << np.uint64(stop - at)) - np.uint64(1)
            count += count_ones(found)
        else:
            for byte in data[at:stop]:
                count += int(np.uint8(byte - low) < size)
    return count
