#!/usr/bin/env python3
"""Quantizes a Parquet data set of embeddings on Dask: one pass of observers, one pass of codes.

The first pass observes every part of the data where it is, and merges the observers as a tree. Merging is exact, so the
parameters, and every byte that is written, do not depend on the partition, the workers, or their fate. The second pass
writes a file of int8 lists for each file of floats. The parameters are in the metadata of the files' schema.
"""

import argparse
import contextlib
import json
import os
import pathlib
import uuid

import dask
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zeropoint
from distributed import Client, LocalCluster, progress

COLUMN, KEY = "embedding", b"zeropoint"
# A task merges this many observers.
TOGETHER = 8
# Each dimension has a range, or all numbers are counted, and a range is chosen by the counts.
OBSERVERS = {"dimension": lambda: zeropoint.MinMaxObserver(axis=1), "tensor": zeropoint.HistogramObserver}
CODES = {"scheme": "asymmetric", "dtype": "int8"}


def files_of(folder):
    return sorted(folder.glob("part-*.parquet"))


def parts_of(files, groups):
    """Returns the parts of files that a task observes: `groups` groups of rows, or fewer at the end of a file."""
    count = {path: pq.read_metadata(path).num_row_groups for path in files}
    return [(path, list(range(at, min(at + groups, count[path])))) for path in files for at in range(0, count[path], groups)]


def batches(path, row_groups=None, columns=(COLUMN,)):
    """Reads a file by groups of rows."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups) if row_groups is None else row_groups:
            yield file.read_row_group(group, columns).combine_chunks().to_batches()[0]


def observe(part, kind):
    observer = OBSERVERS[kind]()
    for batch in batches(*part):
        observer.observe(batch.column(COLUMN))
    return observer


def merged(observers):
    first, *others = observers
    for other in others:
        first += other
    return first


def observed(client, parts, kind, observe=observe):
    """Returns the observer of all parts: its state is the same for every partition and every number of workers."""
    level = [dask.delayed(observe)(part, kind) for part in parts]
    while len(level) > 1:
        level = [dask.delayed(merged)(level[at : at + TOGETHER]) for at in range(0, len(level), TOGETHER)]
    print(f"observing {len(parts)} parts", flush=True)
    future = client.compute(level[0])
    progress(future, notebook=False)
    return future.result()


def parameters(observer):
    """Returns the arguments of `zeropoint.quantize`."""
    if isinstance(observer, zeropoint.MinMaxObserver):
        scale, zero_point = observer.params(**CODES)
        return {"scale": scale, "zero_point": zero_point, "axis": 1}
    scale, zero_point = observer.params(clip=99.99, **CODES)
    return {"scale": scale, "zero_point": zero_point, "axis": None}


def schema_of(path, given):
    """Returns the schema of the codes, with the parameters: JSON writes float32 exactly."""
    floats = pq.read_schema(path)
    at = floats.get_field_index(COLUMN)
    plain = {name: value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value for name, value in given.items()}
    codes = pa.field(COLUMN, pa.list_(pa.int8(), floats.field(at).type.list_size))
    return floats.set(at, codes).with_metadata({KEY: json.dumps({**CODES, **plain})})


def parameters_in(schema):
    """Returns the parameters that `schema_of` wrote."""
    read = json.loads(schema.metadata[KEY])
    scale, zero_point = np.array(read["scale"], np.float32)[()], np.array(read["zero_point"], np.int32)[()]
    return {"scale": scale, "zero_point": zero_point, "axis": read["axis"]}


def encode(path, out, given):
    """Writes the codes of a file under another name first: a worker may be lost at any time, or be slow and not lost."""
    schema = schema_of(path, given)
    unfinished = out / f"unfinished-{uuid.uuid4().hex}"
    # An integer of Parquet has 32 bits at least; the index of an entry in a dictionary of 256 codes has 8.
    options = {"compression": "none", "use_dictionary": [f"{COLUMN}.list.element"], "write_statistics": False}
    with pq.ParquetWriter(unfinished, schema, **options) as writer:
        for batch in batches(path, columns=schema.names):
            x = zeropoint.from_arrow(batch.column(COLUMN))
            q, _, _ = zeropoint.quantize(x, **given, **CODES)
            lists = pa.FixedSizeListArray.from_arrays(q.ravel(), x.shape[1])
            columns = [lists if name == COLUMN else batch.column(name) for name in schema.names]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    os.replace(unfinished, out / path.name)


def encoded(client, files, out, given, encode=encode):
    out.mkdir(parents=True, exist_ok=True)
    for old in files_of(out):
        if KEY not in (pq.read_schema(old).metadata or {}):
            raise SystemExit(f"{old} has no codes: it would be overwritten")
        old.unlink()
    print(f"\nwriting {len(files)} files", flush=True)
    futures = client.map(encode, files, out=out, given=given, pure=False)
    progress(futures, notebook=False)
    client.gather(futures)
    for unfinished in out.glob("unfinished-*"):
        unfinished.unlink()


def quantize(client, folder, out, kind="dimension", groups=5):
    files = files_of(folder)
    if not files:
        raise SystemExit(f"{folder} has no part-*.parquet")
    observer = observed(client, parts_of(files, groups), kind)
    encoded(client, files, out, parameters(observer))
    (out / "observer.zpob").write_bytes(observer.to_bytes())


def cluster_arguments(parser):
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a cluster that runs; without it, processes on this machine")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes on this machine")


@contextlib.contextmanager
def cluster(options):
    """Connects to a cluster, or starts one of processes here."""
    if options.scheduler:
        with Client(options.scheduler) as client:
            client.upload_file(__file__)
            yield client
    else:
        with LocalCluster(options.workers, threads_per_worker=1, dashboard_address=":0") as local, Client(local) as client:
            yield client


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--scale", choices=OBSERVERS, default="dimension", help="a scale for each dimension, or one")
    parser.add_argument("--groups", type=int, default=5, help="groups of rows that a task observes")
    cluster_arguments(parser)
    options = parser.parse_args()
    with cluster(options) as client:
        quantize(client, options.folder, options.out, options.scale, options.groups)
