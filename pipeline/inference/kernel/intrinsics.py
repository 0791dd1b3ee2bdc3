"""What the kernel needs of a processor that Numba has no word for."""

# mypy: allow-untyped-calls, allow-untyped-defs, allow-untyped-decorators
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

U8, U16, I32, I64, U64, F32, F64 = (
    types.CPointer(number)
    for number in (
        *(types.uint8, types.uint16, types.int32, types.int64, types.uint64),
        *(types.float32, types.float64),
    )
)
POINTERS = types.CPointer(U8)
compiled = numba.njit(inline="never", error_model="numpy", fastmath=False)


def _instruction(make: Any) -> Any:
    return intrinsic(make)


@_instruction
def load(typing, data, at):
    """Read eight bytes from any place."""

    def generate(context, builder, signature, arguments):
        place = builder.gep(arguments[0], [arguments[1]])
        loaded = builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(U8, types.int64), generate


@_instruction
def plain_letters(typing, first, second):
    """Count the letters of ASCII with which 16 bytes begin, all of them looked at in one step."""

    def generate(context, builder, signature, arguments):
        def splat(value):
            return ir.Constant(ir.VectorType(ir.IntType(8), 16), [value] * 16)

        halves = ir.Constant(ir.VectorType(ir.IntType(64), 2), ir.Undefined)
        for index, half in enumerate(arguments):
            halves = builder.insert_element(halves, half, ir.Constant(ir.IntType(32), index))
        small = builder.or_(builder.bitcast(halves, splat(0).type), splat(0x20))
        letters = builder.icmp_unsigned("<", builder.sub(small, splat(ord("a"))), splat(26))
        mask = builder.zext(builder.bitcast(letters, ir.IntType(16)), ir.IntType(32))
        count = builder.cttz(builder.not_(mask), ir.Constant(ir.IntType(1), 1))
        return builder.zext(count, ir.IntType(64))

    return types.int64(types.uint64, types.uint64), generate


@_instruction
def add_rows(typing, rows, count, weights, sums):
    """Add rows of four weights to four sums, in one step each."""

    def generate(context, builder, signature, arguments):
        rows, count, weights, sums = arguments
        integer, single, double = ir.IntType(64), ir.FloatType(), ir.DoubleType()
        narrow, wide = ir.VectorType(single, 4), ir.VectorType(double, 4)
        place = builder.bitcast(sums, wide.as_pointer())
        total = cgutils.alloca_once_value(builder, builder.load(place, align=8))
        with cgutils.for_range(builder, count) as loop:
            row = builder.zext(builder.load(builder.gep(rows, [loop.index])), integer)
            start = builder.gep(weights, [builder.shl(row, integer(2))])
            added = builder.load(builder.bitcast(start, narrow.as_pointer()), align=4)
            builder.store(builder.fadd(builder.load(total), builder.fpext(added, wide)), total)
        builder.store(builder.load(total), place, align=8)
        return context.get_dummy_value()

    return types.void(I32, types.int64, F32, F64), generate


def _view(kind: Any) -> Any:
    """Make what takes a pointer for one to numbers of another kind."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(kind))

    @_instruction
    def view(typing, pointer):
        return kind(U8), generate

    return view


as_u16, as_i32, as_i64, as_u64, as_f32, as_f64 = map(_view, (U16, I32, I64, U64, F32, F64))
