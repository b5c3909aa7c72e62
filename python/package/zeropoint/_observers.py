"""Observers of data that are never all in one memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from ._arrow import from_arrow
from ._results import Params
from ._zeropoint import ObserverState

if TYPE_CHECKING:
    from typing import Literal

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from ._zeropoint import _Packed, _Scheme

_Self = TypeVar("_Self", bound="_Observer")
_Merged = TypeVar("_Merged", bound="_Mergeable")


class _Observer:
    """Holds the compiled state that every observer has."""

    __slots__ = ("_axis", "_state")
    _kind: ClassVar[str]
    _axis: int | None
    _state: ObserverState

    def observe(self, x: ArrayLike, *, nulls: Literal["refuse", "skip"] = "refuse") -> None:
        """Adds the elements of an array.

        The interpreter is released meanwhile, and threads may call it at
        once. If it raises, nothing was added.

        Parameters
        ----------
        x : array, or object with `__arrow_c_array__`
            Of the dtype of the observer, any shape and layout, as for
            `quantize`; an Arrow array as for `from_arrow`.
        nulls : "refuse" or "skip"
            The nulls of an Arrow array, as for `from_arrow`.
        """
        if not isinstance(x, np.ndarray) and hasattr(x, "__arrow_c_array__"):
            x = from_arrow(x, nulls=nulls)
        self._state.observe(x, self._axis)

    @property
    def dtype(self) -> str:
        """The type of computation, "float32" or "float64"."""
        return self._state.dtype

    @property
    def min(self) -> Any:
        """The least finite number, inf if there is none."""
        return self._bound(0)

    @property
    def max(self) -> Any:
        """The greatest finite number, -inf if there is none."""
        return self._bound(1)

    @property
    def not_finite(self) -> Any:
        """The number of NaNs and infinities."""
        number = self._bound(2)
        # NumPy 1 makes a float of the sum of a uint64 and an int.
        return int(number) if self._axis is None else number

    def _bound(self, which: int) -> Any:
        bounds = self._state.bounds()[which]
        return bounds[0] if self._axis is None else bounds

    def to_bytes(self) -> bytes:
        """Returns the state as bytes, which Rust and C read too.

        Equal data lead to equal bytes, on every machine.
        """
        return self._state.to_bytes()

    @classmethod
    def from_bytes(cls: type[_Self], state: bytes) -> _Self:
        """Returns the observer of which `to_bytes` made `state`.

        Parameters
        ----------
        state : bytes
            All other bytes are a `ValueError`.
        """
        return cls._restored(state, None)

    def _params(
        self,
        scheme: str,
        bits: int | None,
        dtype: DTypeLike | None,
        packed: str | None,
        clip: str | float = 100.0,
    ) -> Params:
        scale, zero_point = self._state.params(scheme, bits, dtype, packed, clip)
        if self._axis is None:
            return Params(scale[0], zero_point[0])
        return Params(scale, zero_point)

    @classmethod
    def _of(cls: type[_Self], state: ObserverState, axis: int | None = None) -> _Self:
        observer = cls.__new__(cls)
        observer._state, observer._axis = state, axis
        return observer

    @classmethod
    def _restored(cls: type[_Self], state: bytes, axis: int | None) -> _Self:
        kind = cls._kind if axis is None else "per_channel"
        return cls._of(ObserverState.from_bytes(kind, state), axis)

    def __reduce__(self) -> tuple[Any, tuple[bytes, int | None]]:
        return (self._restored, (self.to_bytes(), self._axis))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, _Observer):
            return NotImplemented
        return self._axis == other._axis and self.to_bytes() == other.to_bytes()

    def __repr__(self) -> str:
        name, dtype, not_finite = type(self).__name__, self.dtype, self.not_finite
        if self._axis is not None:
            slices, not_finite = len(not_finite), sum(not_finite.tolist())
            return f"{name}(axis={self._axis}, dtype={dtype!r}, slices={slices}, not_finite={not_finite})"
        return f"{name}(dtype={dtype!r}, min={self.min}, max={self.max}, not_finite={not_finite})"


class _Mergeable(_Observer):
    """An observer whose state is the same for every order of the data."""

    __slots__ = ()

    def merge(self: _Merged, other: _Merged) -> None:
        """Adds the elements that another observer has seen.

        `a += b` is the same, and `a + b` makes a new observer. The result
        depends neither on the order nor on the tree of merges.
        """
        if type(other) is not type(self):
            found, own = type(other).__name__, type(self).__name__
            raise TypeError(f"other is a {found}, a {own} is needed")
        if other._axis != self._axis:
            raise ValueError(f"other has axis {other._axis}, but the observer has axis {self._axis}")
        self._state.merge(other._state)

    def __iadd__(self: _Merged, other: _Merged) -> _Merged:
        if type(other) is not type(self):
            return NotImplemented
        self.merge(other)
        return self

    def __add__(self: _Merged, other: _Merged) -> _Merged:
        if type(other) is not type(self):
            return NotImplemented
        both = self._of(self._state.copy(), self._axis)
        both.merge(other)
        return both


class MinMaxObserver(_Mergeable):
    """Observes the least and the greatest number, of all or of each index.

        min = min over all x,  max = max over all x

    The state depends neither on the order of the data nor on how they are
    split among observers that are merged: the same bytes, for every
    partition, order and tree of merges, on every machine. Observers are
    merged by `merge`, `+` and `+=`, and travel by `pickle` or `to_bytes`.
    After a NaN or an infinity, `params` raises `ValueError`.

    Parameters
    ----------
    axis : int
        Each index of this axis has a range: 1, each column of a matrix.
        The first array that is not empty sets their number. Histograms
        have no axis, since each takes 25 to 50 KiB: keep a list of them.
    dtype : NumPy dtype
        The type of computation: float32 for arrays of float32, float16
        and bfloat16; float64 for float64.

    Examples
    --------
    >>> here, there = zeropoint.MinMaxObserver(), zeropoint.MinMaxObserver()
    >>> here.observe(np.array([0.5, -1.0], np.float32))
    >>> there.observe(np.array([4.1], np.float32))
    >>> (here + there).params()
    Params(scale=np.float32(0.02), zero_point=np.int32(50))
    """

    __slots__ = ()
    _kind = "min_max"

    def __init__(self, *, axis: int | None = None, dtype: DTypeLike = "float32") -> None:
        self._axis = axis
        self._state = ObserverState(self._kind if axis is None else "per_channel", dtype, 1.0)

    @property
    def axis(self) -> int | None:
        """The axis of which each index has a range."""
        return self._axis

    @classmethod
    def from_bytes(cls, state: bytes, *, axis: int | None = None) -> MinMaxObserver:
        """Returns the observer of which `to_bytes` made `state`.

        Parameters
        ----------
        state : bytes
            All other bytes are a `ValueError`.
        axis : int
            The axis of the observer, which is not in its state.
        """
        if state[5:6] == (b"\4" if axis is None else b"\1"):
            ranges = "a range for each index of an axis" if axis is None else "one range"
            raise ValueError(f"axis is {axis}, but the state has {ranges}")
        return cls._restored(state, axis)

    def params(
        self,
        *,
        scheme: _Scheme = "asymmetric",
        bits: int | None = None,
        dtype: DTypeLike | None = None,
        packed: _Packed | None = None,
    ) -> Params:
        """Returns the scale and the zero point of the range.

        Parameters
        ----------
        scheme, bits, dtype, packed
            As for `quantize`.

        Returns
        -------
        Params(scale, zero_point)
            NumPy scalars; with `axis`, arrays.
        """
        return self._params(scheme, bits, dtype, packed)


class HistogramObserver(_Mergeable):
    """Counts numbers in bins, of which `params` chooses a range.

        bin of x     the sign, the exponent and 7 bits of the mantissa

    Each octave, from 2**n to 2**(n+1), has 128 bins of each sign, whatever
    the data are. The counts are exact, and the state is the same for every
    partition, order and tree of merges, as that of `MinMaxObserver`. It
    takes 25 to 50 KiB for common data, and at most 514 KiB, or 4.1 MiB of
    float64. After a NaN or an infinity, `params` raises `ValueError`.

    Parameters
    ----------
    dtype : NumPy dtype
        As for `MinMaxObserver`.

    Examples
    --------
    >>> observer = zeropoint.HistogramObserver(dtype=np.float64)
    >>> observer.observe(np.append(np.linspace(-1, 1, 9999), 500))
    >>> observer.params(scheme="symmetric", clip=99.9).scale
    np.float64(0.007874015748031496)
    """

    __slots__ = ()
    _kind = "histogram"

    def __init__(self, *, dtype: DTypeLike = "float32") -> None:
        self._axis = None
        self._state = ObserverState(self._kind, dtype, 1.0)

    def params(
        self,
        *,
        scheme: _Scheme = "asymmetric",
        bits: int | None = None,
        dtype: DTypeLike | None = None,
        packed: _Packed | None = None,
        clip: Literal["least_error", "entropy"] | float = 100.0,
    ) -> Params:
        """Returns the scale and the zero point of a part of the range.

        Parameters
        ----------
        scheme, bits, dtype, packed
            As for `quantize`.
        clip : number, "least_error" or "entropy"
            The part that the codes cover: at least this percentage of the
            elements, or the range with the least expected squared error,
            or with the least divergence (Kullback and Leibler).

        Returns
        -------
        Params(scale, zero_point)
            NumPy scalars.
        """
        return self._params(scheme, bits, dtype, packed, clip)

    def counts(self) -> NDArray[np.uint64]:
        """Returns the counts of all bins, ascending, as uint64.

        The array has one length for all data, 65279, or 524031 of float64,
        so that an all-reduce can add the arrays of all machines. `min` and
        `max` are reduced by minimum and maximum, `not_finite` is added,
        and `from_counts` takes the results. The sums are exact below
        2**64, or 2**63 where a library adds them as int64.
        """
        return self._state.counts()

    @classmethod
    def from_counts(
        cls,
        counts: NDArray[np.uint64],
        min: float | np.floating[Any],
        max: float | np.floating[Any],
        not_finite: int | np.integer[Any] = 0,
        *,
        dtype: DTypeLike = "float32",
    ) -> HistogramObserver:
        """Returns the observer with these fields.

        Parameters
        ----------
        counts : array of uint64
            As `counts` returns it, or a sum of such arrays.
        min, max : numbers
            The least and the greatest number, in the outermost bins.
        not_finite : int
            The number of NaNs and infinities.
        dtype : NumPy dtype
            The dtype of the observer.
        """
        return cls._of(ObserverState.from_counts(counts, min, max, not_finite, dtype))


class MovingAverageObserver(_Observer):
    """Observes the moving average of the arrays' minima and maxima.

        min = min + constant * (min of the array - min),  max likewise

    The first array sets both, and an empty one changes nothing. The state
    depends on the order of the arrays and on how the data are split into
    them, so two states have no sum: there is no `merge`. After a NaN or an
    infinity, `params` raises `ValueError`.

    Parameters
    ----------
    constant : number
        The weight of a new array, above 0 and at most 1. It is rounded to
        the dtype of the observer.
    dtype : NumPy dtype
        As for `MinMaxObserver`.

    Examples
    --------
    >>> observer = zeropoint.MovingAverageObserver(0.25)
    >>> observer.observe(np.array([-1.0, 1.0], np.float32))
    >>> observer.observe(np.array([-1.0, 9.0], np.float32))
    >>> observer
    MovingAverageObserver(dtype='float32', min=-1.0, max=3.0, not_finite=0)
    """

    __slots__ = ()
    _kind = "moving_average"

    def __init__(self, constant: float = 0.01, *, dtype: DTypeLike = "float32") -> None:
        self._axis = None
        self._state = ObserverState(self._kind, dtype, constant)

    def params(
        self,
        *,
        scheme: _Scheme = "asymmetric",
        bits: int | None = None,
        dtype: DTypeLike | None = None,
        packed: _Packed | None = None,
    ) -> Params:
        """Returns the scale and the zero point of the averages.

        Parameters
        ----------
        scheme, bits, dtype, packed
            As for `quantize`.

        Returns
        -------
        Params(scale, zero_point)
            NumPy scalars.
        """
        return self._params(scheme, bits, dtype, packed)
