#!/usr/bin/env python3
"""Makes a data set, quantizes it with a scale for each dimension and with one for all, and reports what that costs.

    run.py                                        # 2 000 000 vectors of 384 dimensions: 3.1 GB, minutes
    run.py --rows 20000 --dimensions 64 --files 4 # seconds
"""

import argparse
import pathlib
import time

import make_data
import quantize
import report

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=pathlib.Path("target/dask-data"))
    make_data.arguments(parser)
    quantize.cluster_arguments(parser)
    options = parser.parse_args()
    folder = options.folder.resolve()
    data, outs = folder / "floats", {"each dimension": folder / "codes", "all": folder / "codes-one-scale"}
    with quantize.cluster(options) as client:
        if options.scheduler:
            for module in (make_data, report):
                client.upload_file(module.__file__)

        def step(name, work, *arguments):
            began = time.monotonic()
            work(client, *arguments)
            print(f"\n{name}: {time.monotonic() - began:.1f} s", flush=True)

        step("data", make_data.make, data, options.rows, options.dimensions, options.files)
        for (name, out), kind in zip(outs.items(), quantize.OBSERVERS):
            step(f"codes, a scale for {name}", quantize.quantize, data, out, kind)
        step("report", report.write, data, outs, folder)
