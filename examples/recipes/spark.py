"""Spark: mapInPandas turns each partition into a state, a BINARY column; treeReduce merges the states on the executors."""

import os
import sys

import numpy as np
import pandas as pd
import pyspark
import zeropoint
from pyspark.sql import SparkSession

x = np.random.default_rng(0).normal(0, np.linspace(0.1, 5, 32), (20_000, 32)).astype(np.float32)
os.environ["PYSPARK_PYTHON"] = sys.executable
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
rows = spark.createDataFrame(((row.tolist(),) for row in x), "embedding array<float>").repartition(7)


def observe(frames):
    observer = zeropoint.MinMaxObserver(axis=1)
    for frame in frames:
        observer.observe(np.stack(frame["embedding"]).astype(np.float32))
    yield pd.DataFrame({"state": [observer.to_bytes()]})


def merge(a, b):
    both = zeropoint.MinMaxObserver.from_bytes(a, axis=1) + zeropoint.MinMaxObserver.from_bytes(b, axis=1)
    return both.to_bytes()


states = rows.mapInPandas(observe, "state binary")
state = states.rdd.map(lambda row: bytes(row.state)).treeReduce(merge)
scale, zero_point = zeropoint.MinMaxObserver.from_bytes(state, axis=1).params(scheme="symmetric")

alone = zeropoint.MinMaxObserver(axis=1)
alone.observe(x)
assert state == alone.to_bytes()
spark.stop()
print(f"Spark {pyspark.__version__}: {len(x)} rows, scales from {scale.min():.4f} to {scale.max():.4f}")
