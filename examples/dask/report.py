#!/usr/bin/env python3
"""Compares codes with the floats that they were made of: bytes, errors by dimension, and the neighbours that a search finds.

The search computes the inner products of each query with all vectors, once with the floats and once with the codes, and
keeps the ten greatest. recall@10 is the share of the floats' ten that the codes find too.
"""

import argparse
import json
import pathlib

import dask
import numpy as np
import quantize
import zeropoint
from distributed import progress

NEIGHBOURS, TOGETHER = 10, 8


def best(found):
    """Returns the ids and scores of the greatest scores of each query, of many such pairs; the least id if scores are equal."""
    ids, scores = (np.concatenate(part, axis=1) for part in zip(*found))
    order = np.lexsort((ids, -scores), axis=1)[:, :NEIGHBOURS]
    return np.take_along_axis(ids, order, 1), np.take_along_axis(scores, order, 1)


def nearest(ids, scores):
    """Returns the ids and scores of the nearest vectors of a batch, of which `scores` has a column for each."""
    at = np.argpartition(-scores, min(NEIGHBOURS, scores.shape[1] - 1), axis=1)[:, :NEIGHBOURS]
    return ids[at], np.take_along_axis(scores, at, 1)


def compare(path, out, queries):
    """Compares a file of codes with its file of floats."""
    given = quantize.parameters_in(quantize.pq.read_schema(out / path.name))
    scale, zero_point = given["scale"], given["zero_point"]
    squares, floats, codes = np.zeros((2, queries.shape[1])), [], []
    columns = ["id", quantize.COLUMN]
    for ours, theirs in zip(quantize.batches(out / path.name, columns=columns), quantize.batches(path, columns=columns)):
        ids = theirs.column("id").to_numpy()
        if not ours.column("id").equals(theirs.column("id")):
            raise ValueError(f"{path.name}: other ids than in {out}")
        x = zeropoint.from_arrow(theirs.column(quantize.COLUMN))
        q = ours.column(quantize.COLUMN).flatten().to_numpy().reshape(x.shape)
        y = zeropoint.dequantize(q, scale, zero_point, axis=given["axis"])
        squares += [np.square(x - y, dtype=np.float64).sum(0), np.square(x, dtype=np.float64).sum(0)]
        floats.append(nearest(ids, queries @ x.T))
        # The scales go into the queries; the zero points add the same to all scores of a query.
        codes.append(nearest(ids, (queries * scale) @ q.T.astype(np.float32)))
    return squares, best(floats), best(codes)


def joined(results):
    squares, floats, codes = zip(*results)
    return sum(squares), best(floats), best(codes)


def compared(client, folder, out):
    """Returns bytes, errors by dimension and recall."""
    files, queries = quantize.files_of(folder), np.load(folder / "queries.npy")
    level = [dask.delayed(compare)(path, out, queries) for path in files]
    rows = sum(quantize.pq.read_metadata(path).num_rows for path in files)
    while len(level) > 1:
        level = [dask.delayed(joined)(level[at : at + TOGETHER]) for at in range(0, len(level), TOGETHER)]
    future = client.compute(level[0])
    progress(future, notebook=False)
    (error, signal), (floats, _), (codes, _) = future.result()
    hits = sum(len(np.intersect1d(a, b)) for a, b in zip(floats, codes))
    size = [sum(path.stat().st_size for path in quantize.files_of(of)) for of in (folder, out)]
    return {
        "vectors": rows, "bytes of floats": size[0], "bytes of codes": size[1], "recall@10": hits / floats.size,
        "dB": float(10 * np.log10(signal.sum() / error.sum())),
        "rms error by dimension": np.sqrt(error / rows).tolist(), "rms by dimension": np.sqrt(signal / rows).tolist(),
    }  # fmt: skip


def draw(results, path):
    """Draws the errors of each result by dimension, beside the numbers themselves."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    size = np.array(next(iter(results.values()))["rms by dimension"])
    order = np.argsort(size)[::-1]
    axes.semilogy(size[order], color="black", label="the numbers themselves")
    for name, result in results.items():
        error = np.array(result["rms error by dimension"])[order]
        axes.semilogy(error, ".", markersize=3, label=f"error, a scale for {name}: recall@10 {result['recall@10']:.3f}")
    axes.set(xlabel="dimension, from the greatest to the least", ylabel="root of the mean square")
    axes.legend()
    figure.savefig(path, dpi=150)


def write(client, folder, outs, at):
    """Prints the results of each folder of codes, and writes them beside a picture of the errors."""
    results = {}
    for name, out in outs.items():
        results[name] = result = compared(client, folder, out)
        floats, codes = result["bytes of floats"], result["bytes of codes"]
        print(f"\na scale for {name}: {floats:,} bytes become {codes:,} ({codes / floats:.3f}); "
              f"{result['dB']:.1f} dB, recall@10 {result['recall@10']:.4f}")  # fmt: skip
    (at / "report.json").write_text(json.dumps(results, indent=1) + "\n")
    draw(results, at / "errors.png")
    print(f"{at / 'report.json'}, {at / 'errors.png'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="the floats")
    parser.add_argument("out", type=pathlib.Path, help="the codes")
    quantize.cluster_arguments(parser)
    options = parser.parse_args()
    with quantize.cluster(options) as client:
        write(client, options.folder, {"codes": options.out}, options.out)
