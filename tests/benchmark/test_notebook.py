"""The notebook of the docs runs against a site and draws what the API says."""

import json
from pathlib import Path

import matplotlib
import pytest
from django.utils import timezone

from annotation.models import Code
from annotation.services.codings import Given, coding_append
from benchmark.services.benchmarks import benchmark_run
from tests.cast import PASSWORD

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "figure.ipynb"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_notebook_draws_its_figure(study, rae, live_server, tmp_path, monkeypatch):
    for assignment in study.assignments.select_related("note", "rater"):
        rows = Code.objects.filter(code__in=["401.9"])
        given = Given(
            assignment.note, dict.fromkeys(rows), f"t{assignment.pk}", timezone.now(), 60.0
        )
        coding_append(study=study, rater=assignment.rater, given=given)
    result = benchmark_run(study=study).result.to_json()
    settings = {"SITE": live_server.url, "STUDY": "small", "USER": "rae", "PASSWORD": PASSWORD}
    for name, value in settings.items():
        monkeypatch.setenv(f"CODERBENCH_{name}", value)
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    names: dict[str, object] = {}
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert all(not cell.get("outputs") for cell in cells), "outputs stay out of the repository"
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    recall = result["raters"]["Human coders"]["micro"]["recall"]
    assert names["raters"].loc["Human coders", "recall"] == recall
    assert names["given"]["Human coders"].tolist() == [1] * 12
    assert (tmp_path / "raters.svg").stat().st_size > 5000
