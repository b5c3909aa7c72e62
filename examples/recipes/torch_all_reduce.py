"""PyTorch: two processes add the counts of their histograms by an all-reduce (gloo), and have the same parameters."""

import tempfile

import numpy as np
import torch
import torch.distributed as dist
import zeropoint

PROCESSES = 2
x = np.random.default_rng(0).standard_t(3, (PROCESSES, 100_000)).astype(np.float32)


def reduced(number, op):
    tensor = torch.from_numpy(np.array(number))
    dist.all_reduce(tensor, op)
    return tensor.numpy()


def work(rank, store):
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=PROCESSES)
    observer = zeropoint.HistogramObserver()
    observer.observe(x[rank])
    # gloo adds int64; below 2**63 the sums are those of uint64.
    counts = reduced(observer.counts().view(np.int64), dist.ReduceOp.SUM).view(np.uint64)
    least, greatest = reduced(observer.min, dist.ReduceOp.MIN), reduced(observer.max, dist.ReduceOp.MAX)
    not_finite = reduced(np.int64(observer.not_finite), dist.ReduceOp.SUM)
    everywhere = zeropoint.HistogramObserver.from_counts(counts, least, greatest, int(not_finite))

    whole = zeropoint.HistogramObserver()
    whole.observe(x)
    assert everywhere.to_bytes() == whole.to_bytes()
    scale, _ = everywhere.params(scheme="symmetric", clip="entropy")
    print(f"PyTorch {torch.__version__}, process {rank}: scale {scale:.6f}")
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(work, (f"{folder}/store",), PROCESSES)
