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


def python_blocks(text):
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_readme_runs():
    names = {}
    for block in python_blocks(README.read_text(encoding="utf-8")):
        exec(compile(block, str(README), "exec"), names)


def test_readme_replaces_the_notebook_line_for_line():
    section = README.read_text(encoding="utf-8").split("\n## ")[1]
    assert section.startswith("The notebook's cell")
    data, *blocks = python_blocks(section)
    assert len(blocks) == 6
    for before, after in zip(blocks[::2], blocks[1::2]):
        assert before.count("\n") == after.count("\n")
        theirs, ours = {"np": np}, {"np": np, "zeropoint": zeropoint}
        for block, names in [(before, theirs), (after, ours)]:
            assert "np." not in block or names is theirs
            exec(data + block, names)
        for name in theirs.keys() - {"np", "__builtins__", "error"}:
            assert np.array_equal(theirs[name], ours[name]), name
            assert np.asarray(theirs[name]).dtype == np.asarray(ours[name]).dtype or name == "zero"
        if "error" in theirs:
            assert ours["error"] == pytest.approx(theirs["error"], rel=1e-12)


def test_version():
    assert zeropoint.__version__ == version("zeropoint")
