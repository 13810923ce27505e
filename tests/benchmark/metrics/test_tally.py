"""Counts by note and by code add up to the comparison, after being stored too."""

import io
import json

import numpy as np
import openpyxl
import pytest
from hypothesis import strategies as st

from benchmark.metrics.codings import encode_all
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.averages import macro, micro
from benchmark.metrics.sets.compare import compare_encoded
from benchmark.metrics.sets.counts import Counts
from benchmark.metrics.sets.tally import Tally, tally
from benchmark.metrics.tables.rendering import Column, Row, Table
from benchmark.metrics.tables.spreadsheet import xlsx
from tests.generated import given

SPACE = LabelSpace("listed", ("401.9", "401.1", "250.00", "428.0", "V10.5"))
CODES = st.sampled_from([*SPACE.codes, "038.9", "38.93"])  # the last two are outside
SETS = st.dictionaries(st.sampled_from(["n1", "n2", "n3"]), st.sets(CODES))


@given(SETS, SETS, SETS)
def test_sums_are_the_comparison(reference, ada, ben):
    notes, raters = list(reference), {"Ada": ada, "Ben": ben}
    counted = tally(encode_all(SPACE, notes, reference, raters))
    figures = compare_encoded(encode_all(SPACE, notes, reference, raters)).raters
    for name in raters:
        by_note, by_code = counted.by_note[name], counted.by_code[name]
        inside = [i for i, code in enumerate(counted.codes) if code not in counted.outside]
        assert micro(by_note) == micro(by_code) == figures[name].micro
        kept = Counts(by_code.tp[inside], by_code.p[inside], by_code.t[inside])
        assert macro(kept, len(SPACE.codes)).jaccard == pytest.approx(
            figures[name].macro.jaccard, abs=1e-12
        )


def test_it_is_stored_and_read_back():
    counted = tally(
        encode_all(SPACE, ["n1"], {"n1": ["038.9", "401.9"]}, {"Ada": {"n1": ["401.9"]}})
    )
    again = Tally.from_json(json.loads(json.dumps(counted.to_json())))
    assert (again.notes, again.codes, again.outside) == (
        counted.notes,
        counted.codes,
        frozenset({"038.9"}),
    )
    assert np.array_equal(again.by_code["Ada"].tp, counted.by_code["Ada"].tp)


def test_a_spreadsheet_keeps_codes_as_text_and_figures_as_numbers():
    table = Table(
        "Ada by code",
        "Code",
        (Column("Jaccard", "", "jaccard"),),
        (
            Row("rater", "250.00", ("12.3",), ("0.123",)),
            Row("rater", "038.9", ("-",), ("",)),
        ),
        ("Below.",),
    )
    data = xlsx(table)
    assert data == xlsx(table)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=5)]
    assert rows == [
        ["Code", "kind", "Jaccard"],
        ["250.00", "rater", 0.123],
        ["038.9", "rater", None],
    ]
