"""Every natural shape of a file of codings goes in with the right pairs, or is refused in words."""

from __future__ import annotations

import pytest

from files.checked import check_codings
from files.codings import CodingsFile, parse_codings
from files.problems import FileError, Problems
from files.source import from_bytes
from icd.check import CodeCheck
from tests.files.shapes import REFUSED, SHAPES
from tests.files.written import Raters, Shape


def read(shape: Shape) -> tuple[CodingsFile, Raters]:
    """What a shape is read as, and its codes in their proper spelling."""
    file = parse_codings(from_bytes(shape.name, shape.data), shape.asked)
    problems = Problems(shape.name)
    checked = check_codings(file.raters, CodeCheck(), problems)
    problems.refuse()
    return file, checked.raters


def test_there_are_forty() -> None:
    assert len(SHAPES) >= 40


@pytest.mark.parametrize("kind", SHAPES)
def test_a_natural_shape_goes_in_with_the_right_pairs(kind: str) -> None:
    shape = SHAPES[kind]
    file, raters = read(shape)
    assert raters == shape.raters
    for words in shape.words:
        assert words in file.understood
    assert file.understood


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_known_is_refused_in_words(kind: str) -> None:
    shape = REFUSED[kind]
    with pytest.raises(FileError) as error:
        read(shape)
    said = "; ".join([str(error.value), *map(str, error.value.groups)])
    for words in shape.words:
        assert words in said
