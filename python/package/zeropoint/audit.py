"""Finds out which formula somebody else's function computes.

    report = zeropoint.audit.quantize(fn, dtype="uint8")
    print(report)

The function is called some thousand times: with exact ties, with numbers
at which a division and a product by the reciprocal round to different
integers, with NaN at every position, infinities, every length to 300, each of them
also in pieces. The report says how many results differ from the formula

    q = clip(rint(x / scale) + zero_point, qmin, qmax)

and which combination of known rules explains all of them.
"""

import html
import json
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._zeropoint import audit_function

__all__ = ["Report", "decode", "dequantize", "encode", "params", "quantize", "requantize"]

_Blocks = Callable[[NDArray[Any]], ArrayLike]
_Finder = Callable[[NDArray[Any]], tuple[Any, Any]]
_Function = Callable[[NDArray[Any], np.float32, int], ArrayLike]


class Report:
    """The result of an audit. `print` shows it, and notebooks show a table.

    agrees: True if no case differs from the contract, and no result
        depends on how the array is cut.
    cases: the number of elements that were compared.
    differing: how many of them differ from the contract.
    sentence: the verdict in words.
    data: everything, as dictionaries and lists.
    """

    def __init__(self, data: str, text: str, sentence: str) -> None:
        self.data: dict[str, Any] = json.loads(data)
        self.cases: int = self.data["cases"]
        self.differing: int = self.data["differing"]
        self.sentence = f"The function {sentence}"
        self._text = text.replace("The kernel ", "The function ")

    @property
    def agrees(self) -> bool:
        is_faulty = self.data["verdict"]["kind"] == "faulty" or self.data["pieces"]["differing"] > 0
        return self.cases > 0 and self.differing == 0 and not is_faulty

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ["class", "cases", "differing", "greatest", "refused"])
        rows = "".join(
            f"<tr><td>{html.escape(c['name'])}</td>"
            + "".join(f"<td>{c[key]}</td>" for key in ["cases", "differing", "greatest", "refused"])
            + "</tr>"
            for c in self.data["classes"]
        )
        example = self.data["counterexample"]
        last = ""
        if example:
            of = "" if example["len"] == 1 else f"{example['unit']} {example['index']}: "
            last = (
                f"<p><code>{html.escape(example['call'])}</code> returned {of}{html.escape(example['got'])}, "
                f"expected {html.escape(example['expected'])}.</p>"
            )
        return f"<p>{html.escape(self.sentence)}</p><table><tr>{head}</tr>{rows}</table>{last}"


def quantize(
    fn: _Function,
    dtype: DTypeLike = "uint8",
    *,
    packed: Literal["int4", "uint4"] | None = None,
    seed: int = 0,
    seconds: float = 0.0,
) -> Report:
    """Audits a function that turns numbers into codes.

    Parameters
    ----------
    fn : callable
        Called as `fn(x, scale, zero_point)`, with a float32 array of one
        dimension, a NumPy float32 and an int. It returns an array of
        `dtype` and the same shape. A `ValueError` is a refusal of the call,
        which is counted; any other exception ends the audit.
    dtype : "int8", "uint8", "int16" or "uint16"
        The type of the codes.
    packed : "int4" or "uint4"
        Codes of 4 bits, instead of those of `dtype`. `fn` returns a uint8
        array with two codes in a byte, the first one in the low half; its
        size is half that of x, rounded up.
    seed : int
        The seed of the generated cases.
    seconds : float
        Go on with other seeds for so long, or until there are 4 million
        cases.

    Returns
    -------
    Report

    Examples
    --------
    >>> def multiplies(x, scale, zero_point):
    ...     q = np.rint(x * (np.float32(1) / scale)) + zero_point
    ...     return np.clip(np.nan_to_num(q, nan=0), 0, 255).astype(np.uint8)
    >>> report = zeropoint.audit.quantize(multiplies)
    >>> report.agrees, "multiplies by 1/S in f32" in report.sentence
    (False, True)
    """
    if packed is None:
        return _audit("quantize", fn, np.dtype(dtype), np.dtype(dtype), seed, seconds)
    if packed not in ("int4", "uint4"):
        raise ValueError(f"packed is {packed!r}, not 'int4' or 'uint4'")

    def call(x: NDArray[Any], scale: float, zero_point: int) -> NDArray[Any]:
        return _checked(fn(x, np.float32(scale), zero_point), np.dtype(np.uint8), (x.size + 1) // 2)

    return _run("quantize", call, packed, seed, seconds)


def dequantize(fn: _Function, dtype: DTypeLike = "uint8", *, seed: int = 0, seconds: float = 0.0) -> Report:
    """Audits a function that turns codes into numbers.

    `fn(q, scale, zero_point)` gets an array of `dtype` and returns one of
    float32. The rest is as for `quantize`.
    """
    return _audit("dequantize", fn, np.dtype(dtype), np.dtype(np.float32), seed, seconds)


def requantize(fn: _Function, dtype: DTypeLike = "int8", *, seed: int = 0, seconds: float = 0.0) -> Report:
    """Audits a function that turns int32 accumulators into codes.

    `fn(acc, multiplier, zero_point)` gets an array of int32 and returns one
    of `dtype`. The rest is as for `quantize`.
    """
    return _audit("requantize", fn, np.dtype(dtype), np.dtype(dtype), seed, seconds)


def encode(fn: _Blocks, format: str, *, seed: int = 0, seconds: float = 0.0) -> Report:
    """Audits a function that turns numbers into blocks, as GGUF files have them.

    `fn(x)` gets a float32 array of whole blocks and returns their bytes, an
    array of uint8. The formats are those of `zeropoint.ggml`. A case is a
    field of a block. The rest is as for `quantize`.

    Examples
    --------
    >>> zeropoint.audit.encode(lambda x: zeropoint.ggml.encode(x, "q8_0"), "q8_0").agrees
    True
    """
    elements, size = _block(format)

    def call(x: NDArray[Any]) -> NDArray[Any]:
        return _checked(fn(x), np.dtype(np.uint8), x.size // elements * size)

    return _run("encode", call, format, seed, seconds)


def decode(fn: _Blocks, format: str, *, seed: int = 0, seconds: float = 0.0) -> Report:
    """Audits a function that turns blocks into numbers.

    `fn(blocks)` gets the bytes of whole blocks, an array of uint8 of one
    dimension, and returns their numbers, an array of float32. The rest is as
    for `encode`.
    """
    elements, size = _block(format)

    def call(blocks: NDArray[Any]) -> NDArray[Any]:
        return _checked(fn(blocks), np.dtype(np.float32), blocks.size // size * elements)

    return _run("decode", call, format, seed, seconds)


def _block(format: str) -> tuple[int, int]:
    """The elements and the bytes of a block. Unknown formats are refused later."""
    elements = 256 if format == "q8_k" else 32
    sizes = {"q8_0": 34, "q8_1": 36, "q8_k": 292, "q4_0": 18, "q4_1": 20, "q5_0": 22, "q5_1": 24}
    return elements, sizes.get(format, 1)


def _checked(result: ArrayLike, dtype: np.dtype[Any], size: int) -> NDArray[Any]:
    y = np.asarray(result)
    if y.dtype != dtype or y.size != size:
        raise TypeError(f"fn returned {y.dtype} of size {y.size}, not {dtype} of size {size}")
    return np.ascontiguousarray(y).reshape(-1)


def params(fn: _Finder, dtype: DTypeLike = "uint8", *, seed: int = 0, seconds: float = 0.0) -> Report:
    """Audits a function that finds a scale and a zero point.

    `fn(x)` gets data of float32 and returns the scale and the zero point
    for asymmetric codes of `dtype`. A `ValueError` is a refusal of the
    data. The contract refuses data with a NaN.
    """

    def call(x: NDArray[Any]) -> tuple[float, int]:
        scale, zero_point = fn(x)
        return float(scale), int(zero_point)

    return _run("params", call, np.dtype(dtype).name, seed, seconds)


def _audit(
    operation: str, fn: _Function, codes: np.dtype[Any], result: np.dtype[Any], seed: int, seconds: float
) -> Report:
    def call(x: NDArray[Any], scale: float, zero_point: int) -> NDArray[Any]:
        y = np.asarray(fn(x, np.float32(scale), zero_point))
        if y.dtype != result or y.shape != x.shape:
            raise TypeError(f"fn returned {y.dtype} of shape {y.shape}, not {result} of shape {x.shape}")
        return np.ascontiguousarray(y)

    return _run(operation, call, codes.name, seed, seconds)


def _run(operation: str, call: Callable[..., Any], codes: str, seed: int, seconds: float) -> Report:
    # Numbers beyond the integers are among the cases on purpose.
    with np.errstate(all="ignore"):
        return Report(*audit_function(operation, codes, call, seed, seconds))
