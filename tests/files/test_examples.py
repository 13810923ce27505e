"""The examples in the docstrings of the packages that read what comes in."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import files
import icd
import mimic

MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (files, icd, mimic)
    for module in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    tried = [doctest.testmod(importlib.import_module(name)).attempted for name in MODULES]
    assert sum(tried) > 10
