"""The examples in the documentation, and the package's name and version."""

import doctest
import inspect
import io
import pickle
import pydoc
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import zeropoint

OBSERVERS = ["HistogramObserver", "MinMaxObserver", "MovingAverageObserver"]
FUNCTIONS = [name for name in zeropoint.__all__ if callable(getattr(zeropoint, name))]
README = Path(__file__).parent.parent / "README.md"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring(name):
    function = getattr(zeropoint, name)
    assert function.__doc__
    if name == "from_arrow":
        pytest.importorskip("pyarrow")
    # Of a NumPy that writes scalars with their type.
    if int(np.__version__.split(".")[0]) >= 2:
        finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
        for test in finder.find(function, name, globs={"np": np, "zeropoint": zeropoint}):
            assert runner.run(test).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_fits_a_terminal(name):
    """The signature names every argument with its default, and the text names each of them again."""
    function = getattr(zeropoint, name)
    assert function.__module__ == "zeropoint"
    assert pickle.loads(pickle.dumps(function)) is function
    fits_a_terminal(function)


METHODS = [
    pytest.param(getattr(getattr(zeropoint, name), method), id=f"{name}.{method}")
    for name in OBSERVERS
    for method in dir(getattr(zeropoint, name))
    if not method.startswith("_")
]


@pytest.mark.parametrize("method", METHODS)
def test_help_of_a_method_fits_a_terminal(method):
    if isinstance(method, property):
        assert len(inspect.getdoc(method).splitlines()) == 1
    elif method.__name__ not in ["merge", "to_bytes", "counts"]:
        fits_a_terminal(method)


def fits_a_terminal(function):
    signature = inspect.signature(function)
    text = inspect.getdoc(function)
    # `help` of the package indents it by 8.
    for line in text.splitlines():
        assert len(line) <= 72, line
    assert text.splitlines()[1:2] in ([], [""])
    if hasattr(function, "_fields"):
        assert list(signature.parameters) == list(function._fields)
        for field in function._fields:
            assert f"\n{field}: " in text
        return
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        described = re.findall(rf"^[\w, ]*\b{parameter.name}\b[\w, ]*( : |$)", text, re.MULTILINE)
        assert described, parameter
        has_default = parameter.default is not inspect.Parameter.empty
        assert has_default or parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD


def test_help_of_the_package():
    text = pydoc.plain(pydoc.render_doc(zeropoint))
    description = text.split("PACKAGE CONTENTS")[0]
    assert all(len(line) <= 76 for line in zeropoint.__doc__.splitlines())
    for name in FUNCTIONS + ["__version__"]:
        if name in OBSERVERS or not inspect.isclass(getattr(zeropoint, name)):
            assert f"    {name} " in description
    assert "quantize(x, scale=None, zero_point=None, *, scheme='asymmetric', bits=None, " in text
    help_text = io.StringIO()
    pydoc.Helper(output=help_text).help(zeropoint.quantize)
    assert "in module zeropoint:" in help_text.getvalue()


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
