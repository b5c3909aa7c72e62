"""The examples in the documentation, and the package's name and version."""

import doctest
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import zeropoint

FUNCTIONS = [name for name in zeropoint.__all__ if callable(getattr(zeropoint, name))]
README = Path(__file__).parent.parent / "README.md"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring(name):
    function = getattr(zeropoint, name)
    assert function.__doc__
    # Of a NumPy that writes scalars with their type.
    if int(np.__version__.split(".")[0]) >= 2:
        finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
        for test in finder.find(function, name, globs={"np": np, "zeropoint": zeropoint}):
            assert runner.run(test).failed == 0


def test_readme():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)


def test_version():
    assert zeropoint.__version__ == version("zeropoint")
