"""What a kernel asks of 64 bytes at once, and numba has no words for.

Written as LLVM vectors of 64 lanes: one AVX-512 register, two of AVX2, four of SSE2 or NEON, from
this same source. Everything here touches 64 bytes (`load_word`: 8) from its index on; it is the
caller who sees to it that the array is that long.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core.types import Array
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

Bytes = npt.NDArray[np.uint8]

BYTE = ir.IntType(8)
LANES = 64
VECTOR = ir.VectorType(BYTE, LANES)


def every_lane(value: int) -> ir.Constant:
    """A vector that holds `value` 64 times."""
    return ir.Constant(VECTOR, [value] * LANES)


def address(context: Any, builder: Any, array_type: Array, array: Any, index: Any) -> Any:
    """Where element `index` of a one-dimensional array lies."""
    view = make_array(array_type)(context, builder, array)  # type: ignore[no-untyped-call]
    return builder.gep(view.data, [index])


def load_lanes(builder: Any, where: Any) -> Any:
    """The 64 bytes from `where` on, which need not be aligned."""
    loaded = builder.load(builder.bitcast(where, VECTOR.as_pointer()))
    loaded.align = 1
    return loaded


def compiled_in(generator: Callable[..., Any]) -> Callable[..., Any]:
    """numba's `intrinsic`, whose own types describe the generator and not its use."""
    return cast("Callable[..., Any]", intrinsic(generator))


@compiled_in
def occupied_mask(_typing: Any, source: Array, index: Any) -> Any:
    """Bit k is set where source[index + k] is not zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where = address(context, builder, signature.args[0], *arguments)
        found = builder.icmp_unsigned("!=", load_lanes(builder, where), every_lane(0))
        return builder.bitcast(found, ir.IntType(64))

    return types.uint64(source, index), generate


@compiled_in
def beyond_ascii_mask(_typing: Any, source: Array, index: Any) -> Any:
    """Bit k is set where source[index + k] is 128 or above."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where = address(context, builder, signature.args[0], *arguments)
        found = builder.icmp_signed("<", load_lanes(builder, where), every_lane(0))
        return builder.bitcast(found, ir.IntType(64))

    return types.uint64(source, index), generate


@compiled_in
def fold_ascii(_typing: Any, source: Array, index: Any, target: Array, place: Any) -> Any:
    """Write 64 bytes to `target`: letters in lower case, digits, and 0 for everything else."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        here = address(context, builder, signature.args[0], arguments[0], arguments[1])
        there = address(context, builder, signature.args[2], arguments[2], arguments[3])
        given = load_lanes(builder, here)
        upper = builder.icmp_unsigned("<", builder.sub(given, every_lane(65)), every_lane(26))
        low = builder.select(upper, builder.or_(given, every_lane(32)), given)
        letter = builder.icmp_unsigned("<", builder.sub(low, every_lane(97)), every_lane(26))
        digit = builder.icmp_unsigned("<", builder.sub(given, every_lane(48)), every_lane(10))
        folded = builder.select(builder.or_(letter, digit), low, every_lane(0))
        stored = builder.store(folded, builder.bitcast(there, VECTOR.as_pointer()))
        stored.align = 1
        return context.get_dummy_value()

    return types.void(source, index, target, place), generate


@compiled_in
def load_word(_typing: Any, source: Array, index: Any) -> Any:
    """The 8 bytes from `index` on as one little-endian number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where = address(context, builder, signature.args[0], *arguments)
        loaded = builder.load(builder.bitcast(where, ir.IntType(64).as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(source, index), generate


@compiled_in
def trailing_zeros(_typing: Any, _number: Any) -> Any:
    """How many bits below the lowest set one are clear."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate
