"""Exact, fast quantization of NumPy arrays.

    q, scale, zero_point = zeropoint.quantize(x)
    y = zeropoint.dequantize(q, scale, zero_point)

For codes of n bits from qmin to qmax, alpha the greatest and beta the least number:

    asymmetric   scale = (alpha - beta) / (qmax - qmin)        zero_point = rint(qmin - beta / scale)
    symmetric    scale = max(|alpha|, |beta|) / (2**(n-1) - 1)   zero_point = 0, or 2**(n-1) if unsigned
    quantize     q = clip(rint(x / scale) + zero_point, qmin, qmax)
    dequantize   y = (q - zero_point) * scale
    error        the mean of (x - y)**2

Every operation is rounded once to the type of the data, `rint` takes ties to even, and x / scale is a
division. The codes are the same on every CPU, and with any number of threads.
"""

from ._results import MinMax, Params, QuantizationError
from ._zeropoint import (
    __version__,
    abs_max,
    backend,
    dequantize,
    fake_quantize,
    min_max,
    params,
    quantization_error,
    quantize,
)

__all__ = [
    "MinMax",
    "Params",
    "QuantizationError",
    "__version__",
    "abs_max",
    "backend",
    "dequantize",
    "fake_quantize",
    "min_max",
    "params",
    "quantization_error",
    "quantize",
]
