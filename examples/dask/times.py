#!/usr/bin/env python3
"""Measures where the time goes in one process, without a cluster: each step of both passes over a data set.

Reading, observing, the way from Arrow to NumPy, quantizing and writing are measured by themselves. The rest is what is
left of the passes' own time.
"""

import argparse
import contextlib
import pathlib
import tempfile
import time

import pyarrow as pa
import pyarrow.parquet as pq
import quantize
import zeropoint

spent = dict.fromkeys(["read Parquet", "observe", "parameters", "Arrow to NumPy", "quantize", "write Parquet"], 0.0)


@contextlib.contextmanager
def measured(name):
    began = time.perf_counter()
    yield
    spent[name] += time.perf_counter() - began


def wrapped(name, function):
    def call(*arguments, **named):
        with measured(name):
            return function(*arguments, **named)

    return call


def main(folder, out, kind):
    files = quantize.files_of(folder)
    began = time.perf_counter()
    observer = quantize.merged([quantize.observe((path, None), kind) for path in files])
    given = quantize.parameters(observer)
    middle = time.perf_counter()
    for path in files:
        quantize.encode(path, out, given)
    return middle - began, time.perf_counter() - middle


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--scale", choices=quantize.OBSERVERS, default="dimension")
    options = parser.parse_args()
    pa.set_cpu_count(1)
    pq.ParquetFile.read_row_group = wrapped("read Parquet", pq.ParquetFile.read_row_group)
    pq.ParquetWriter.write_batch = wrapped("write Parquet", pq.ParquetWriter.write_batch)
    pq.ParquetWriter.close = wrapped("write Parquet", pq.ParquetWriter.close)
    observer = type(quantize.OBSERVERS[options.scale]())
    observer.observe = wrapped("observe", observer.observe)
    quantize.parameters = wrapped("parameters", quantize.parameters)
    zeropoint.from_arrow = wrapped("Arrow to NumPy", zeropoint.from_arrow)
    zeropoint.quantize = wrapped("quantize", zeropoint.quantize)
    with tempfile.TemporaryDirectory(dir=options.folder.parent) as out:
        passes = main(options.folder, pathlib.Path(out), options.scale)
    spent["the rest"] = sum(passes) - sum(spent.values())
    for name, seconds in spent.items():
        print(f"{name:15} {seconds:8.2f} s {100 * seconds / sum(passes):6.1f} %")
    ours = sum(passes) - spent["read Parquet"] - spent["write Parquet"]
    print(f"observers {passes[0]:.1f} s, codes {passes[1]:.1f} s; all but Parquet {100 * ours / sum(passes):.1f} %")
