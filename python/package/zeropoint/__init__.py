"""Exact, fast quantization of NumPy arrays.

    q, scale, zero_point = zeropoint.quantize(x)
    y = zeropoint.dequantize(q, scale, zero_point)

Codes:

    quantize             numbers to codes, by given parameters or a range
    dequantize           codes to numbers
    fake_quantize        numbers to the nearest numbers that have a code
    requantize           int32 accumulators to codes
    fixed_multiplier     a fixed-point multiplier for `requantize`
    sum_codes            exact sums of codes
    quantize_with_sums   `quantize`, and exact sums of the codes

Parameters, errors, and the package itself:

    min_max              the range, and whether there is a NaN
    abs_max              the greatest magnitude
    params               the scale and the zero point of a range
    quantization_error   how far numbers are from their quantized form
    ggml                 blocks as GGUF files store them
    backend              the name of the CPU instructions in use
    audit                what somebody else's function computes: a module
    __version__          the version of the package

Data that are never all in one memory:

    MinMaxObserver         the range, of all numbers or of each index
    HistogramObserver      counts, of which a range is chosen
    MovingAverageObserver  the moving average of ranges
    from_arrow             an Arrow array as a NumPy array

A call is for a whole array. Most functions also take `axis` and
`block_size`, for parameters of each index of an axis or of each block
along it, and `packed`, for codes of 4 or 2 bits that share bytes.

For codes of n bits from qmin to qmax, and numbers from beta to alpha:

    asymmetric   scale = (alpha - beta) / (qmax - qmin)
                 zero_point = rint(qmin - beta / scale)
    symmetric    scale = max(|alpha|, |beta|) / (2**(n-1) - 1)
                 zero_point = 0, or 2**(n-1) if unsigned
    quantize     q = clip(rint(x / scale) + zero_point, qmin, qmax)
    dequantize   y = (q - zero_point) * scale
    requantize   q = rint(float32(acc) * multiplier) + zero_point, clipped
    error        the mean of (x - y)**2

Every operation is rounded once to the type of the data, `rint` takes
ties to even, and x / scale is a division. The codes are the same on
every CPU, and with any number of threads.
"""

from . import audit, ggml
from ._arrow import from_arrow
from ._observers import HistogramObserver, MinMaxObserver, MovingAverageObserver
from ._results import FixedMultiplier, MinMax, Params, QuantizationError
from ._zeropoint import (
    __version__,
    abs_max,
    backend,
    dequantize,
    fake_quantize,
    fixed_multiplier,
    min_max,
    params,
    quantization_error,
    quantize,
    quantize_with_sums,
    requantize,
    sum_codes,
)

__all__ = [
    "FixedMultiplier",
    "HistogramObserver",
    "MinMax",
    "MinMaxObserver",
    "MovingAverageObserver",
    "Params",
    "QuantizationError",
    "__version__",
    "abs_max",
    "audit",
    "backend",
    "dequantize",
    "fake_quantize",
    "fixed_multiplier",
    "from_arrow",
    "ggml",
    "min_max",
    "params",
    "quantization_error",
    "quantize",
    "quantize_with_sums",
    "requantize",
    "sum_codes",
]

# `help`, messages and pickles name these as users do.
for _public in [
    FixedMultiplier, HistogramObserver, MinMax, MinMaxObserver, MovingAverageObserver, Params, QuantizationError, abs_max,
    backend, dequantize, fake_quantize, fixed_multiplier, from_arrow, min_max, params, quantization_error, quantize,
    quantize_with_sums, requantize, sum_codes,
]:  # fmt: skip
    _public.__module__ = __name__
del _public
