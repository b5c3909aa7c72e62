#!/usr/bin/env python3
"""What a user would otherwise call, from Python: its times, and whether its codes are ours.

    python3 benches/rivals.py            both
    python3 benches/rivals.py codes      zeropoint's codes against ONNX Runtime's, element by element
    python3 benches/rivals.py times      NumPy and ONNX Runtime, one thread, in nanoseconds per element

The first run makes a virtual environment, benches/.venv. README.md beside this says more.
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REQUIREMENTS = ["numpy==2.4.6", "onnx==1.23.2", "onnxruntime==1.32.0"]


def main():
    arguments = parse()
    enter_environment(REQUIREMENTS + (["torch"] if arguments.torch else []))
    # Only the environment has what these import.
    from engines import codes, times

    differences = 0
    if arguments.what in ("codes", "both"):
        differences = codes.compare(quick=arguments.test)
    if arguments.what in ("times", "both"):
        times.measure(quick=arguments.test, with_torch=arguments.torch)
    return 1 if differences else 0


def parse():
    parser = argparse.ArgumentParser(
        prog="rivals.py", description="zeropoint's codes and its Python rivals' times"
    )
    parser.add_argument("what", nargs="?", choices=["codes", "times", "both"], default="both")
    parser.add_argument("--torch", action="store_true", help="PyTorch too, a large download")
    parser.add_argument(
        "--test", action="store_true", help="little of each, to see that it runs"
    )
    return parser.parse_args()


def enter_environment(requirements):
    """Continues in the virtual environment, which it makes or completes first."""
    if not PYTHON.exists():
        print(f"making {VENV}", file=sys.stderr)
        venv.create(VENV, with_pip=True)
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "list", "--format=freeze"], check=True, capture_output=True, text=True
    ).stdout.split()
    missing = [
        wanted
        for wanted in requirements
        if not any(found == wanted or found.startswith(wanted + "==") for found in listed)
    ]
    if missing:
        print(f"installing {', '.join(missing)}", file=sys.stderr)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *missing], check=True)
    sys.exit(subprocess.run([PYTHON, *sys.argv]).returncode)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"rivals.py: {' '.join(map(str, failed.cmd))} failed with {failed.returncode}")
    except FileNotFoundError as failed:
        sys.exit(f"rivals.py: {failed.filename} is not there")
    except KeyboardInterrupt:
        sys.exit(130)
