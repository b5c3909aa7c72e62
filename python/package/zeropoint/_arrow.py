"""Arrow's arrays as NumPy's, by the C data interface.

The structures are read where they are, and stay the property of their capsules, which a result keeps alive. All that an
array says about itself is checked before its memory is read. That its addresses are memory cannot be checked.
"""

from __future__ import annotations

import ctypes
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray


class _Schema(ctypes.Structure):
    format: bytes | None
    name: int | None
    metadata: int | None
    flags: int
    n_children: int
    children: Any
    dictionary: int | None
    release: int | None
    private_data: int | None
    _fields_ = [
        ("format", ctypes.c_char_p), ("name", ctypes.c_void_p), ("metadata", ctypes.c_void_p), ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(ctypes.c_void_p)), ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p), ("private_data", ctypes.c_void_p),
    ]  # fmt: skip


class _Array(ctypes.Structure):
    length: int
    null_count: int
    offset: int
    n_buffers: int
    n_children: int
    buffers: Any
    children: Any
    dictionary: int | None
    release: int | None
    private_data: int | None
    _fields_ = [
        ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64), ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
        ("children", ctypes.POINTER(ctypes.c_void_p)), ("dictionary", ctypes.c_void_p), ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    ]  # fmt: skip


_Struct = TypeVar("_Struct", _Schema, _Array)
_NAMES = {b"e": "float16", b"f": "float32", b"g": "float64"}
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class _Memory:
    """Describes memory to NumPy, which keeps this object, and so its owner."""

    def __init__(self, address: int, dtype: np.dtype[Any], count: int, owner: object) -> None:
        self.owner = owner
        self.__array_interface__ = {"data": (address, True), "typestr": dtype.str, "shape": (count,), "version": 3}


class _Part(NamedTuple):
    """Holds an array, and the part of it that may be read: `size` elements from `first` on."""

    array: _Array
    first: int
    size: int
    owner: object

    def buffer(self, which: int, dtype: str, first: int, count: int) -> NDArray[Any]:
        """Returns `count` numbers of a buffer, none of which lies beyond the address space."""
        address, of = self.array.buffers[which], np.dtype(dtype)
        if not address and count:
            raise _contradiction(f"buffer {which} is NULL, but has {count} elements")
        if not count:
            return np.empty(0, of)
        if (address or 0) + (first + count) * of.itemsize >= 2**63:
            raise _contradiction(f"buffer {which} of {first + count} elements ends beyond the address space")
        return np.asarray(_Memory(address + first * of.itemsize, of, count, self.owner))

    def valid(self) -> NDArray[np.bool_] | None:
        """Returns which elements are no nulls, or `None` if all are."""
        array = self.array
        if not self.size:
            return None
        if not array.buffers[0]:
            if array.null_count > 0:
                raise _contradiction(f"{array.null_count} nulls, but no bitmap")
            return None
        begin = self.first // 8
        bitmap = self.buffer(0, "uint8", begin, -(-(self.first + self.size) // 8) - begin)
        bits = np.unpackbits(bitmap, bitorder="little")[self.first - begin * 8 :][: self.size]
        nulls = self.size - int(np.count_nonzero(bits))
        if self.size == array.length and array.null_count not in (-1, nulls):
            raise _contradiction(f"{array.null_count} nulls, but the bitmap has {nulls}")
        return bits.astype(bool) if nulls else None


def _contradiction(what: str) -> ValueError:
    return ValueError(f"x contradicts itself: {what}")


def _checked(array: _Array, buffers: int, children: int) -> _Array:
    """Returns an array whose counts are possible."""
    if not array.release:
        raise _contradiction("its array has been released")
    for name, found, needed in [("buffers", array.n_buffers, buffers), ("children", array.n_children, children)]:
        if found != needed:
            raise _contradiction(f"{found} {name}, its type has {needed}")
    if min(array.length, array.offset) < 0 or not -1 <= array.null_count <= array.length:
        raise _contradiction(f"length {array.length}, offset {array.offset}, {array.null_count} nulls")
    if array.dictionary or not array.buffers or (children and not (array.children and array.children[0])):
        raise _contradiction("a pointer is NULL, or is not")
    return array


def _struct(of: type[_Struct], capsule: object, name: bytes) -> _Struct:
    try:
        return of.from_address(_pointer(capsule, name))
    except ValueError as error:
        raise TypeError(f"__arrow_c_array__ of x returned no capsule {name.decode()!r}: {error}") from None


def _type(schema: _Schema) -> tuple[str, int | None]:
    """Returns the type of the numbers, and the size of the lists, if they are in lists."""
    if not schema.release:
        raise _contradiction("its schema has been released")
    form, size = schema.format or b"", None
    if form.startswith(b"+w:") and form[3:].isdigit() and schema.n_children == 1 and schema.children and schema.children[0]:
        size = int(form[3:])
        schema = _Schema.from_address(schema.children[0])
        form = form + b" of " + (schema.format or b"")
    name = _NAMES.get(form.rpartition(b" ")[2])
    if name is None or schema.dictionary:
        found = form.decode(errors="replace")
        raise TypeError(f"x has Arrow format {found!r}, floats or lists of floats of a fixed size are needed")
    return name, size


def from_arrow(x: Any, *, nulls: Literal["refuse", "skip"] = "refuse") -> NDArray[Any]:
    """Returns the numbers of an Arrow array as a NumPy array.

    Nothing is copied, unless nulls are skipped. The result is read-only
    and keeps the memory alive. Every function of this package takes it.

    Parameters
    ----------
    x : object with `__arrow_c_array__`
        An array of float16, float32 or float64, or of lists of them that
        have a fixed size; of pyarrow, nanoarrow or another library. Its
        lengths, offsets, buffers and bitmaps are checked; that its
        addresses are memory cannot be.
    nulls : "refuse" or "skip"
        Skipped nulls are left out: numbers, or whole lists. A null inside
        a list is always refused.

    Returns
    -------
    array
        One dimension; for lists two, a row for each list.

    Raises
    ------
    ValueError
        For nulls, and for an array that contradicts itself.
    TypeError
        For other types.

    Examples
    --------
    >>> import pyarrow
    >>> x = pyarrow.array([0.5, None, 2.0])
    >>> zeropoint.from_arrow(x, nulls="skip")
    array([0.5, 2. ])
    """
    if nulls not in ("refuse", "skip"):
        raise ValueError(f'nulls is {nulls!r}, "refuse" or "skip" is needed')
    if not hasattr(x, "__arrow_c_array__"):
        raise TypeError(f"x is a {type(x).__name__}, an object with __arrow_c_array__ is needed")
    capsules = x.__arrow_c_array__()
    if not (isinstance(capsules, tuple) and len(capsules) == 2):
        raise TypeError("__arrow_c_array__ of x returned no two capsules")
    name, size = _type(_struct(_Schema, capsules[0], b"arrow_schema"))
    array = _struct(_Array, capsules[1], b"arrow_array")
    if size is None:
        part = _Part(_checked(array, 2, 0), array.offset, array.length, capsules)
        return _without_nulls(part.buffer(1, name, part.first, part.size), part.valid(), nulls)
    lists = _Part(_checked(array, 1, 1), array.offset, array.length, capsules)
    child = _checked(_Array.from_address(array.children[0]), 2, 0)
    first, count = array.offset * size, array.length * size
    if first + count > child.length:
        raise _contradiction(f"{first + count} elements in its lists, {child.length} in their child")
    part = _Part(child, child.offset + first, count, capsules)
    rows = part.buffer(1, name, part.first, count).reshape(array.length, size)
    valid, inside = lists.valid(), part.valid()
    rows = _without_nulls(rows, valid, nulls)
    if inside is not None:
        inside = inside.reshape(array.length, size)
        missing = int((~(inside if valid is None else inside[valid])).sum())
        if missing:
            raise ValueError(f"x has {missing} nulls inside its lists")
    return rows


def _without_nulls(numbers: NDArray[Any], valid: NDArray[np.bool_] | None, nulls: str) -> NDArray[Any]:
    if valid is None:
        return numbers
    if nulls == "refuse":
        missing = len(valid) - int(valid.sum())
        raise ValueError(f'x has {missing} nulls of {len(valid)}: pass nulls="skip" to leave them out')
    kept: NDArray[Any] = numbers[valid]
    return kept
