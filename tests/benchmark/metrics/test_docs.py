"""docs/metrics.md names every figure and option; the examples in the docstrings are true."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

from benchmark import metrics
from benchmark.metrics.command_line import parser
from benchmark.metrics.probabilities.all_figures import figures
from benchmark.metrics.sets.compare import compare
from tests.benchmark.metrics.cases import sparse

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "metrics.md").read_text()
MODULES = [
    each.name
    for each in pkgutil.walk_packages(metrics.__path__, prefix="benchmark.metrics.")
    if not each.name.endswith("__main__")
]


def keys(value) -> set[str]:
    """Every key of nested dicts, but for the rater's name."""
    if not isinstance(value, dict):
        return set()
    return {key for key in value if key != "Ada"} | {
        inner for item in value.values() for inner in keys(item)
    }


@pytest.mark.parametrize(
    "name", sorted(keys(compare({"n1": ["a"]}, {"Ada": {"n1": ["a"]}}).to_json()))
)
def test_every_name_in_the_json_is_in_the_docs(name):
    assert re.search(rf"[`\"]{name}[`\"]", PAGE)


@pytest.mark.parametrize("name", sorted(figures(np.ones((1, 2)), sparse(np.eye(2)[:1]), ks=(5,))))
def test_every_figure_of_scores_is_in_the_docs(name):
    plain = re.sub(r"^(micro|macro)_", "", name).replace("@5", "@k")
    assert f"`{plain}`" in PAGE


@pytest.mark.parametrize(
    "option", [o for action in parser()._actions for o in action.option_strings if o[:2] == "--"]
)
def test_every_option_is_in_the_docs(option):
    assert option in PAGE or option == "--help"


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_modules_have_examples():
    tried = [doctest.testmod(importlib.import_module(module)).attempted for module in MODULES]
    assert sum(tried) > 10
