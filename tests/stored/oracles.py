#!/usr/bin/env python3
"""usage: oracles.py ENCODER [WEIGHTS.safetensors]

Compares every byte of stored blocks with two other quantizers, and every decoded number with their dequantizers:

* gguf: the Python package that writes GGUF files (`gguf.quants`);
* ggml: the reference quantizers in C, compiled from the sources of the crate llama-cpp-sys-2 without fused
  multiply-add. The crate is only read; benches/ggml/Cargo.toml names its version.

ENCODER is the example stored_blocks. Prints a line for each format, oracle and kind of data, and exits with an error if
a byte differs that is not in KNOWN."""

import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from gguf import GGMLQuantizationType, quants

# The name of a format in C, the bytes and elements of a block, and a great number whose blocks have finite numbers.
FORMATS = {
    "Q8_0": ("q8_0", 34, 32, 8.3e6),
    "Q8_1": ("q8_1", 36, 32, 2000),
    "Q8_K": ("q8_K", 292, 256, 3.4e38),
    "Q4_0": ("q4_0", 18, 32, 5.24e5),
    "Q4_1": ("q4_1", 20, 32, 65500),
    "Q5_0": ("q5_0", 22, 32, 1.04e6),
    "Q5_1": ("q5_1", 24, 32, 65500),
}

# Where the oracles disagree, C is trusted: it writes the files. In a block of zeros, the Python package takes the first
# zero for the element of the greatest magnitude; and the minimum of NumPy may be a later zero than the first. The sign of
# a scale or a minimum of 0 may therefore differ.
KNOWN = {
    *(("gguf", format, data) for format in ("Q4_0", "Q5_0") for data in ("negative zeros", "zeros of both signs")),
    *(("gguf", format, data) for format in ("Q4_1", "Q5_1") for data in ("zeros of both signs", "zeros and others")),
}


def crate():
    """Returns the folder of ggml in the sources that cargo downloads."""
    manifest = pathlib.Path(__file__).parents[2] / "benches/ggml/Cargo.toml"
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--manifest-path", manifest]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    [path] = [p["manifest_path"] for p in packages if p["name"] == "llama-cpp-sys-2"]
    return pathlib.Path(path).parent / "llama.cpp/ggml"


def library(folder):
    """Compiles the reference quantizers. Functions that they do not call are left out, and end the program."""
    ggml = crate()
    (folder / "missing.c").write_text(
        "".join(f"void {name}(void) {{ __builtin_trap(); }}\n"
                for name in ("ggml_abort", "ggml_row_size", "ggml_type_name", "ggml_type_size"))
    )
    flags = ["-O2", "-ffp-contract=off", "-shared", "-fPIC", "-D_GNU_SOURCE", "-DNDEBUG", '-DGGML_VERSION=""', '-DGGML_COMMIT=""']
    includes = [f"-I{ggml / part}" for part in ("include", "src", "src/ggml-cpu")]
    sources = [ggml / "src/ggml-quants.c", folder / "missing.c"]
    subprocess.run(["cc", *flags, *includes, *sources, "-o", folder / "ggml.so", "-lm"], check=True)
    return ctypes.CDLL(str(folder / "ggml.so"))


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def by_ggml(c, format):
    name, size, elements, _ = FORMATS[format]

    def encode(x):
        # The sums of a zero block are not written.
        blocks = np.zeros(len(x) // elements * size, np.uint8)
        getattr(c, f"quantize_row_{name}_ref")(pointer(x), pointer(blocks), ctypes.c_int64(len(x)))
        return blocks

    def decode(blocks):
        x = np.empty(len(blocks) // size * elements, np.float32)
        getattr(c, f"dequantize_row_{name}")(pointer(blocks), pointer(x), ctypes.c_int64(len(x)))
        return x

    return encode, decode if hasattr(c, f"dequantize_row_{name}") else None


def by_gguf(format):
    kind = GGMLQuantizationType[format]
    if format in ("Q8_1", "Q8_K"):
        return None, None
    return (lambda x: quants.quantize(x, kind)), (lambda blocks: quants.dequantize(blocks, kind))


def ours(encoder, job, format, data):
    command = [encoder, job, format]
    return np.frombuffer(subprocess.run(command, check=True, input=data.tobytes(), stdout=subprocess.PIPE).stdout, np.uint8)


def beside(values, rng):
    """Returns values, or one of the two floats next to each."""
    bits = values.astype(np.float32).view(np.int32) + rng.integers(-1, 2, values.shape, np.int32)
    return np.where(values == 0, values, bits.view(np.float32)).astype(np.float32)


def data(elements, widest, rng):
    """Yields kinds of blocks: a name, and an array of blocks."""
    n = 1 << 20 >> (3 if elements == 256 else 0)
    shape = (n // 32, elements)
    normal = rng.standard_normal(shape, np.float32)
    yield "normal", normal
    for exponent in (-24, -10, 8):
        yield f"normal · 2^{exponent}", normal * np.float32(2.0**exponent)

    def with_first(x, first):
        x = x.astype(np.float32)
        x[:, 0] = first
        return x

    for steps in (127, 8, 16, 15, 31):
        ties = rng.integers(-2 * steps, 2 * steps + 1, shape) / np.float32(2)
        ties = with_first(np.clip(ties, 0 if steps in (15, 31) else -steps, steps), steps)
        if steps in (15, 31):
            ties[:, 1] = 0
        for scale in (1, 0.0123):
            yield f"ties of {steps} steps · {scale}", ties * np.float32(scale)
            yield f"next to ties of {steps} steps · {scale}", beside(ties * np.float32(scale), rng)
    yield "all equal", np.repeat(rng.standard_normal((shape[0], 1), np.float32), elements, 1)
    yield "zeros", np.zeros(shape, np.float32)
    yield "negative zeros", np.full(shape, -0.0, np.float32)
    yield "zeros of both signs", np.where(rng.integers(0, 2, shape) == 0, 0.0, -0.0).astype(np.float32)
    yield "zeros and others", np.where(rng.integers(0, 2, shape) == 0, normal, np.copysign(np.float32(0), normal))
    yield "not negative", np.maximum(normal, 0)
    outlier = normal.copy()
    outlier[np.arange(len(outlier)), rng.integers(0, elements, len(outlier))] *= 1000
    yield "one outlier", outlier
    twice = np.clip(normal, -2, 2)
    first, second = rng.integers(0, elements, (2, len(twice)))
    twice[np.arange(len(twice)), first] = 3
    twice[np.arange(len(twice)), second] = -3
    yield "greatest twice", twice
    yield "positive", np.abs(normal) + 1
    yield "negative", -np.abs(normal) - 1
    # Scales below are subnormal and have an inverse.
    yield "least scales", normal * np.float32(2.0**-117)
    widest = np.float32(widest)
    yield "widest", with_first(np.clip(normal, -1, 1) * widest, -widest)


def weights(path, elements):
    """Returns blocks of all matrices of a model."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        body = file.read()
    arrays = []
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] == "F32" and len(tensor["shape"]) == 2:
            begin, end = tensor["data_offsets"]
            array = np.frombuffer(body[begin:end], np.float32)
            arrays.append(array[: len(array) // elements * elements])
    return np.concatenate(arrays).reshape(-1, elements)


def unequal(ours, theirs):
    """Returns how many numbers differ in their bits, all NaN being equal."""
    different = ours.view(np.uint32) != theirs.view(np.uint32)
    return np.count_nonzero(different & ~(np.isnan(ours) & np.isnan(theirs)))


def compare(encoder, c, format, name, blocks):
    """Prints the differences of one kind of data, and returns whether there is an unknown one."""
    x = np.ascontiguousarray(blocks, np.float32).reshape(-1)
    encoded = ours(encoder, "encode", format, x)
    decoded = ours(encoder, "decode", format, encoded).view(np.float32)
    wrong = False
    for oracle, (encode, decode) in (("ggml", by_ggml(c, format)), ("gguf", by_gguf(format))):
        if encode is None:
            continue
        with np.errstate(all="ignore"):
            bytes_differ = np.count_nonzero(encoded != encode(x))
            numbers_differ = unequal(decoded, decode(encoded)) if decode else 0
        known = (oracle, format, name) in KNOWN
        wrong |= numbers_differ > 0 or (bytes_differ > 0 and not known)
        note = " (known)" if bytes_differ and known else ""
        numbers = numbers_differ if decode else "–"
        print(f"| {format} | {oracle} | {name} | {len(x)} | {bytes_differ}{note} | {numbers} |")
    return wrong


def main():
    encoder, *paths = sys.argv[1:]
    print("| format | oracle | data | elements | bytes that differ | decoded numbers that differ |\n|---|---|---|--:|--:|--:|")
    wrong = False
    with tempfile.TemporaryDirectory() as folder:
        c = library(pathlib.Path(folder))
        for format, (_, size, elements, widest) in FORMATS.items():
            rng = np.random.default_rng(1)
            for name, blocks in data(elements, widest, rng):
                wrong |= compare(encoder, c, format, name, blocks)
            for path in paths:
                wrong |= compare(encoder, c, format, "weights", weights(path, elements))
            # Any bytes, decoded.
            blocks = rng.integers(0, 256, (1 << 14) * size, np.uint8)
            decoded = ours(encoder, "decode", format, blocks).view(np.float32)
            for oracle, (_, decode) in (("ggml", by_ggml(c, format)), ("gguf", by_gguf(format))):
                if decode:
                    with np.errstate(all="ignore"):
                        differ = unequal(decoded, decode(blocks))
                    wrong |= differ > 0
                    print(f"| {format} | {oracle} | random bytes | {len(decoded)} | – | {differ} |")
    sys.exit("differences" if wrong else 0)


if __name__ == "__main__":
    main()
