"""Ray Data: each batch becomes a state, and an aggregation merges the states on the workers."""

import numpy as np
import ray
import zeropoint
from ray.data.aggregate import AggregateFn

x = np.random.default_rng(0).normal(0, np.linspace(0.1, 5, 32), (50_000, 32)).astype(np.float32)
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
data = ray.data.from_numpy(np.array_split(x, 20))


def observe(batch):
    observer = zeropoint.MinMaxObserver(axis=1)
    observer.observe(batch["data"])
    return {"state": [observer.to_bytes()]}


def merge(a, b):
    both = zeropoint.MinMaxObserver.from_bytes(a, axis=1) + zeropoint.MinMaxObserver.from_bytes(b, axis=1)
    return both.to_bytes()


merged = AggregateFn(
    init=lambda key: zeropoint.MinMaxObserver(axis=1).to_bytes(),
    accumulate_row=lambda state, row: merge(state, row["state"]),
    merge=merge,
    name="state",
)
state = data.map_batches(observe, batch_size=1000).aggregate(merged)["state"]
scale, zero_point = zeropoint.MinMaxObserver.from_bytes(state, axis=1).params(scheme="symmetric")

codes = data.map_batches(lambda b: {"codes": zeropoint.quantize(b["data"], scale, scheme="symmetric", axis=1)[0]})
whole, expected, _ = zeropoint.quantize(x, scheme="symmetric", axis=1)
assert np.array_equal(scale, expected)
assert np.array_equal(np.concatenate([b["codes"] for b in codes.iter_batches()]).sum(0), whole.sum(0))
print(f"Ray {ray.__version__}: {len(x)} rows, scales from {scale.min():.4f} to {scale.max():.4f}")
