"""What is taken away from the compare pages: tables, charts, and a benchmark by command."""

import io
import json
import re
from xml.etree import ElementTree

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from benchmark.tables.svg import plane, spread
from tests.cast import logged_in
from tests.pages.compared import HUMANS

pytestmark = pytest.mark.slow


def test_some_raters_alone_by_command(compared, rae, tmp_path):
    """Those left out do not hold the others up, and no page takes such a run for the whole."""
    out = io.StringIO()
    call_command("run_benchmark", "small", raters="Theirs", format="json", stdout=out)
    alone = json.loads(out.getvalue())
    assert list(alone["raters"]) == ["Theirs"]
    assert alone["left_out"] == [HUMANS]
    assert not alone["interim"]
    assert HUMANS in logged_in(rae).get("/api/v1/studies/small/table1/").json()["raters"]
    with pytest.raises(CommandError, match="no rater named Nobody; there is: Human coders, Theirs"):
        call_command("run_benchmark", "small", raters="Nobody")
    call_command("run_benchmark", "small", format="xlsx", out=tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A4"].value == HUMANS
    with pytest.raises(CommandError, match="--out"):
        call_command("run_benchmark", "small", format="xlsx")


def test_every_table_can_be_taken_away(compared, rae):
    client = logged_in(rae)
    page = client.get("/studies/small/results/").content.decode()
    names = {"table1", "intervals", "differences", "coders"}
    names |= {"agreement", "spread", "work", "partial"}
    assert names <= set(re.findall(r"/results/(\w+)\.xlsx", page))
    for name in (*names, "codes", "notes"):
        for extension in ("csv", "md", "tex", "txt", "xlsx"):
            answer = client.get(f"/studies/small/results/{name}.{extension}")
            assert answer.status_code == 200 and answer.content, name
            assert f'filename="small-{name}.{extension}"' in answer["Content-Disposition"]
    workbook = io.BytesIO(client.get("/studies/small/results/codes.xlsx").content)
    sheet = openpyxl.load_workbook(workbook).active
    names = [row[0].value for row in sheet.iter_rows(min_row=4) if row[0].value]
    assert "250.00" in names and all(isinstance(name, str) for name in names)
    assert client.get("/studies/small/results/nothing.csv").status_code == 404
    assert client.get("/studies/small/results/table1.doc").status_code == 404


def test_charts_are_pictures_that_say_what_they_show(compared, rae):
    client = logged_in(rae)
    page = client.get("/studies/small/results/").content.decode()
    names = set(re.findall(r"/results/(\w+)\.svg", page))
    assert {"forest", "bars", "precision_recall", "codes_a_note"} <= names
    for name in names:
        answer = client.get(f"/studies/small/results/{name}.svg")
        assert answer["Content-Type"] == "image/svg+xml"
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("role") == "img"
        kinds = [child.tag.rpartition("}")[2] for child in root]
        assert kinds[:2] == ["title", "desc"]
        assert HUMANS in root[1].text or "Ada, list: mean" in root[1].text
    assert logged_in(rae).get("/studies/small/results/none.svg").status_code == 404
    marked = ElementTree.fromstring(plane([("A & B", 0.5, 0.25)]))
    circle = next(child for child in marked if child.tag == "circle")
    assert (float(circle.get("cx")), float(circle.get("cy"))) == (58 + 350 * 0.25, 400 - 350 * 0.5)
    assert plane([]) == spread([]) == ""
