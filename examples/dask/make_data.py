#!/usr/bin/env python3
"""Writes a data set that looks like embeddings: Parquet files of lists of float32, and some queries.

The vectors lie around some centres. Dimensions differ in spread and place, and in some vectors one dimension is far out.
File `i` is a function of `i` and the options alone, so the data are the same on every cluster.
"""

import argparse
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CENTRES, QUERIES, ROW_GROUP = 1000, 100, 2500


def vectors(rows, dimensions, seed):
    """Makes vectors; the centres and the dimensions are the same for every seed."""
    shared, own = np.random.default_rng(0), np.random.default_rng([1, seed])
    centres = shared.standard_normal((CENTRES, dimensions), np.float32)
    spread = shared.lognormal(-2, 1, dimensions).astype(np.float32)
    place = spread * shared.standard_normal(dimensions, np.float32)
    x = own.standard_normal((rows, dimensions), np.float32)
    x *= np.float32(0.7)
    x += centres[own.integers(CENTRES, size=rows)]
    far = own.random(rows) < 1e-4
    x[far, own.integers(dimensions, size=far.sum())] *= 20
    x *= spread
    x += place
    return x


def write_file(folder, number, first, rows, dimensions):
    """Writes vectors `first` to `first + rows` of the data set, by groups of rows."""
    schema = pa.schema([("id", pa.int64()), ("embedding", pa.list_(pa.float32(), dimensions))])
    part = folder / f"unfinished-{number}"
    # Random bits of a mantissa cannot be compressed.
    with pq.ParquetWriter(part, schema, compression="none", use_dictionary=False, write_statistics=False) as writer:
        for at in range(first, first + rows, ROW_GROUP):
            ids = np.arange(at, min(at + ROW_GROUP, first + rows))
            x = vectors(len(ids), dimensions, at)
            lists = pa.FixedSizeListArray.from_arrays(x.ravel(), dimensions)
            writer.write_batch(pa.record_batch([pa.array(ids), lists], schema=schema))
    part.replace(folder / f"part-{number:04}.parquet")


def arguments(parser):
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--files", type=int, default=40)


def make(client, folder, rows, dimensions, files):
    """Writes the data set with the workers of a cluster."""
    from distributed import progress

    folder.mkdir(parents=True, exist_ok=True)
    queries = folder / "queries.npy"
    old = list(folder.glob("*.parquet"))
    if old and not queries.exists():
        raise SystemExit(f"{old[0]} is not from this program: it would be overwritten")
    np.save(queries, vectors(QUERIES, dimensions, 2**40))
    for path in old:
        path.unlink()
    # A file begins where a group of rows does, so that the data do not depend on the number of files.
    groups = -(-rows // ROW_GROUP)
    files = min(files, groups)
    ends = [min(rows, ROW_GROUP * (groups * i // files)) for i in range(files + 1)]
    calls = [(folder, i, a, b - a, dimensions) for i, (a, b) in enumerate(zip(ends, ends[1:]))]
    written = client.map(lambda call: write_file(*call), calls, pure=False)
    progress(written, notebook=False)
    client.gather(written)


if __name__ == "__main__":
    import quantize

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    arguments(parser)
    quantize.cluster_arguments(parser)
    options = parser.parse_args()
    with quantize.cluster(options) as client:
        make(client, options.folder, options.rows, options.dimensions, options.files)
