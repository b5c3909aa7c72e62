"""Blocks as GGUF files store them.

    blocks = zeropoint.ggml.encode(x, "q8_0")
    y = zeropoint.ggml.decode(blocks, "q8_0")

A block is 32 or 256 codes with their scale, in the bytes that ggml's
reference quantizer writes, on every CPU. The formats are q4_0, q4_1,
q5_0, q5_1, q8_0, q8_1 and q8_k. With the package `gguf`, the blocks of a
tensor are the data of `GGUFWriter.add_tensor`.
"""

from ._zeropoint import decode, encode

__all__ = ["decode", "encode"]
