"""Many arrays handed to compiled loops as one: a named tuple as a pointer to where each of its arrays lies.

Numba passes a named tuple field by field, every array as eight numbers: functions of a state of seventy arrays take
minutes to compile. A `tabled` tuple is one pointer; in a kernel its fields read as they do in Python. Arrays must be
contiguous, and nobody may replace them; the table keeps them alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import typeof
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import populate_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

WORD = cgutils.intp_t


class Table:
    """The addresses and shapes of a named tuple's fields, and the tuple, which lives as long as this."""

    def __init__(self, fields: Any) -> None:
        self.fields = fields
        self.kind: TableType
        words: list[int] = []
        kinds: list[tuple[str, Any, int]] = []
        self.held: list[Any] = []
        for name, value in zip(fields._fields, fields, strict=True):
            kept = Table(value) if hasattr(value, "_fields") else value
            kind = kept.kind if isinstance(kept, Table) else typeof(value)
            kinds.append((name, kind, len(words)))
            self.held.append(kept)
            words += _words(kept)
        self.words: NDArray[np.int64] = np.array(words, dtype=np.int64)
        self.address = self.words.ctypes.data
        self.kind = TableType(type(fields).__qualname__, tuple(kinds))


def tabled(fields: T) -> T:
    """A named tuple of contiguous arrays, numbers and such tuples, to be passed to kernels only."""
    return cast("T", Table(fields))


def _words(value: Any) -> list[int]:
    if isinstance(value, Table):
        return [value.address]
    if isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise ValueError("an array in a table must be contiguous")
        return [value.ctypes.data, *value.shape]
    number = np.float64(value) if isinstance(value, float) else np.int64(value)
    return [int(number.view(np.int64))]


class TableType(types.Type):
    """Numba's type of a table: name, type and first word of each field."""

    def __init__(self, name: str, fields: tuple[tuple[str, Any, int], ...]) -> None:
        self.fields = fields
        super().__init__(name=f"Table({name}: {fields})")

    def field(self, name: str) -> tuple[Any, int] | None:
        """Type and first word of a field, None where there is none."""
        return next(((kind, word) for known, kind, word in self.fields if known == name), None)


@register_model(TableType)
class TableModel(models.PrimitiveModel):
    """A table is a pointer to its words."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, WORD.as_pointer())  # type: ignore[no-untyped-call]  # numba ships no type


@typeof_impl.register(Table)
def _typeof(value: Table, _: Any) -> TableType:
    return value.kind


@unbox(TableType)
def _unbox(_: Any, value: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    return NativeValue(
        c.builder.inttoptr(address, WORD.as_pointer()), is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    )


@infer_getattr
class TableAttribute(AttributeTemplate):
    """A table has the attributes of its tuple."""

    key = TableType

    def generic_resolve(self, table: Any, name: Any) -> Any:  # type: ignore[override]  # numba declares no result
        """Type of a field."""
        found = table.field(name)
        return None if found is None else found[0]


@lower_getattr_generic(TableType)
def _field(context: Any, builder: Any, table: TableType, pointer: Any, name: str) -> Any:
    kind, first = cast("tuple[Any, int]", table.field(name))

    def word(number: int) -> Any:
        """A word of the table; it never changes, so that reading it once is enough."""
        loaded = builder.load(builder.gep(pointer, [WORD(number)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if isinstance(kind, TableType):
        return builder.inttoptr(word(first), WORD.as_pointer())
    if isinstance(kind, types.Array):
        return _view(context, builder, kind, [word(first + number) for number in range(1 + kind.ndim)])
    if isinstance(kind, types.Float):
        return builder.bitcast(word(first), context.get_value_type(kind))
    if isinstance(kind, types.Boolean):
        return builder.trunc(word(first), context.get_value_type(kind))
    return word(first)


def _view(context: Any, builder: Any, kind: Any, words: list[Any]) -> Any:
    """An array of the table, which does not own its data."""
    array = context.make_array(kind)(context, builder)
    item = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    shape, strides = words[1:], [item]
    for size in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], size))
    populate_array(
        array,
        data=builder.inttoptr(words[0], array.data.type),
        shape=shape,
        strides=strides,
        itemsize=item,
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001  # numba's own name for the finished value
