#!/usr/bin/env python3
"""usage: models.py QUANTIZE_MODEL

Has the example quantize_model write GGUF files in every format, from files that the Python package gguf wrote, and reads
the outputs with that package: metadata, shapes, types and bytes; and the errors in the table beside those of the numbers
that the package decodes. Prints a line for each file, and exits with an error if anything differs."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, quants

FORMATS = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"]
SET = {"general.file_type", "general.quantization_version"}


def write(path, alignment, rng):
    """Writes a model with metadata of several types and tensors of all types that are read, and of some that are not."""

    def normal(*shape):
        return rng.standard_normal(shape, np.float32)

    file = GGUFWriter(path, "llama")
    if alignment != 32:
        file.add_custom_alignment(alignment)
    file.add_name("möðel")
    file.add_file_type(1)
    file.add_array("tokenizer.ggml.tokens", ["a", "", "ç"])
    file.add_array("numbers", [1.5, -2.5])
    file.add_bool("flag", True)
    file.add_tensor("single", normal(48, 96))
    file.add_tensor("half", normal(40, 64).astype(np.float16))
    file.add_tensor("cube", normal(3, 5, 32))
    file.add_tensor("vector", normal(96))
    file.add_tensor("odd", normal(7, 33))
    file.add_tensor("integers", np.arange(64, dtype=np.int32).reshape(2, 32))
    for name in [*FORMATS, "BF16"]:
        kind = GGMLQuantizationType[name]
        file.add_tensor(f"stored.{name}", quants.quantize(normal(4, 64), kind), raw_dtype=kind)
    blocks = rng.integers(0, 256, (2, 210)).astype(np.uint8)
    file.add_tensor("unread", blocks, raw_dtype=GGMLQuantizationType.Q6_K)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def entries(file):
    """Returns the types and values of the metadata. What the package itself derives from a file begins with GGUF."""
    named = file.fields.items()
    return {key: (field.types, field.contents()) for key, field in named if not key.startswith("GGUF.") and key not in SET}


def decibel(x, y):
    x, y = x.astype(np.float64), y.astype(np.float64)
    noise = np.sum((x - y) ** 2)
    return f"{10 * np.log10(np.sum(x**2) / noise):.2f}" if noise else "inf"


def compare(before, after, kind, rows):
    """Compares all tensors, and returns the number of those that were encoded."""
    encoded = 0
    for old, new in zip(before.tensors, after.tensors, strict=True):
        assert (new.name, *new.shape) == (old.name, *old.shape)
        row = rows[old.name]
        if "skipped:" in row:
            assert new.tensor_type == old.tensor_type and np.array_equal(new.data, old.data), old.name
            continue
        x = quants.dequantize(old.data, old.tensor_type)
        assert new.tensor_type == kind and np.array_equal(new.data, quants.quantize(x, kind)), old.name
        assert row[-1] == decibel(x, quants.dequantize(new.data, kind)), row
        encoded += 1
    return encoded


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        model, out = (str(pathlib.Path(folder) / name) for name in ("model.gguf", "out.gguf"))
        for alignment in (32, 64):
            write(model, alignment, np.random.default_rng(alignment))
            before = GGUFReader(model)
            for format in FORMATS:
                command = [program, model, "--scheme", "symmetric", "--format", format.lower(), "-o", out]
                table = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                rows = {line.split()[0]: line.split() for line in table.splitlines() if line.strip()}
                after = GGUFReader(out)
                assert entries(after) == entries(before)
                assert after.get_field("general.file_type").contents() == LlamaFileType[f"MOSTLY_{format}"]
                assert after.get_field("general.quantization_version").contents() == 2
                encoded = compare(before, after, GGMLQuantizationType[format], rows)
                assert encoded == 9 and len(before.tensors) == 13
                print(f"{format}, aligned to {alignment}: {encoded} tensors as the package encodes them, {13 - encoded} kept")


if __name__ == "__main__":
    main(*sys.argv[1:])
