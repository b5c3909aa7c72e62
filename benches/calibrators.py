#!/usr/bin/env python3
"""The ranges that calibration chooses: zeropoint's beside PyTorch's and ONNX Runtime's, on the same data.

    python3 benches/calibrators.py           all data
    python3 benches/calibrators.py --test    little of it, to see that it runs

The first run makes a virtual environment, benches/.venv, with PyTorch in it, which is a large download. What must be
equal is checked, and percentiles beside NumPy's quantile; a difference is a failure. The rest is printed: the ranges,
and the mean squared error of the data when quantized with each. `src/observer/mod.rs` says where and why they differ.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from rivals import REQUIREMENTS, enter_environment

ROOT = Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(prog="calibrators.py", description=__doc__.splitlines()[0])
    parser.add_argument("--test", action="store_true", help="little of each, to see that it runs")
    quick = parser.parse_args().test
    enter_environment([*REQUIREMENTS, "torch"])
    # Only the environment has what this imports.
    from engines import calibration

    return 1 if calibration.compare(build(), quick) else 0


def build():
    """The example that prints zeropoint's ranges."""
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--example", "calibrate"], check=True, cwd=ROOT
    )
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "examples" / ("calibrate.exe" if os.name == "nt" else "calibrate")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"calibrators.py: {' '.join(map(str, failed.cmd))} failed with {failed.returncode}")
    except FileNotFoundError as failed:
        sys.exit(f"calibrators.py: {failed.filename} is not there")
    except KeyboardInterrupt:
        sys.exit(130)
