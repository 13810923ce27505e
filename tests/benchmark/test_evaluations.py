"""Table 2 in the database, on the compare page and in the API.

And every kind of system as a rater of Table 1.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Event
from benchmark.models import EvaluationRow, EvaluationTable
from benchmark.services.checkpoints import model_register
from benchmark.services.claims import chunk_claim
from benchmark.services.import_table2 import evaluation_import
from benchmark.services.runs import chunk_work, run_create
from demo.steps import import_table2
from rac_model.__main__ import main as rac_model
from rac_model.models.registry import SYSTEMS
from tests.benchmark.metrics.documents import document, row
from tests.broker import work_is_swept
from tests.cast import MIMIC_30, logged_in
from tests.markup import markup

BUDGET = {"stop": "budget", "epochs": 1, "best_epoch": 1, "tokens": 1, "seconds": 1.0}
DOCUMENT = document(
    row("LR", 0.25), row("LAAT", 0.75, training=BUDGET), row("RAC", 0.5, sha256="12" * 32)
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "table2.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def imported(file: Path) -> str:
    call_command("import_results", file, stdout=(out := io.StringIO()))
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_says_what_came_in_and_twice_is_once(file):
    table = "3 systems on 40 notes"
    assert re.fullmatch(rf"table \d+: {table}\n", imported(file))
    assert re.fullmatch(rf"table \d+: {table}, known already: now the newest\n", imported(file))
    assert EvaluationTable.objects.count() == 1 and EvaluationRow.objects.count() == 3
    assert EvaluationTable.objects.get().result == DOCUMENT
    assert Event.objects.filter(verb="evaluation.imported").count() == 2


@pytest.mark.django_db
def test_a_bad_row_is_named_and_nothing_is_stored(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(document(row("LR"), row("RAC", 7.5))))
    with pytest.raises(
        CommandError, match=r"row 2 \(RAC\): auc_macro is 7.5, not a share"
    ) as refused:
        imported(bad)
    assert refused.value.returncode == 2
    assert not EvaluationTable.objects.exists()
    assert not Event.objects.exists()
    with pytest.raises(CommandError, match=r"missing\.json cannot be read"):
        imported(tmp_path / "missing.json")


def test_table_2_is_on_the_page_of_models_with_the_published_rows(study, rae, file):
    client = logged_in(rae)
    assert "No Table 2 yet" in client.get("/models/").content.decode()
    imported(file)
    page = markup(client.get("/models/")).partition('id="table-2"')[2].partition("checkpoints-h")[0]
    assert "3 systems on 40 notes of the test split of small" in page
    assert "No Table 2 yet" not in page
    rows = re.findall(r'<tr class="(rater|paper)"><th scope="row">([^<]+?)(?: <span|</th>)', page)
    names = ["LR", "LR", "LAAT (budget)", "LAAT", "RAC", "RAC"]
    assert rows[:6] == list(zip(["rater", "paper"] * 3, names, strict=True))
    # A row whose training was cut short is not ranked.
    assert "<strong>50.0*</strong>" in page
    assert "<strong>75.0*</strong>" not in page
    assert page.count("<details") == 3 and "11-50: RAC" in page and "procedures: LR" in page


def test_the_newest_import_is_shown(study, rae, file):
    imported(file)
    evaluation_import(text=json.dumps(document(row("CAML"))))
    client = logged_in(rae)
    assert "CAML" in client.get("/models/").content.decode()
    imported(file)
    assert "LAAT" in client.get("/models/").content.decode()


def test_downloads(study, rae, file):
    client = logged_in(rae)
    assert client.get("/studies/small/results/table2.csv").status_code == 404
    imported(file)
    text = client.get("/studies/small/results/table2.csv").content.decode()
    assert [line["system"] for line in csv.DictReader(io.StringIO(text))] == ["LR", "LAAT", "RAC"]
    for extension, words in {
        "md": "| RAC (paper) |",
        "tex": "\\toprule",
        "txt": "LAAT (budget)",
    }.items():
        assert words in client.get(f"/studies/small/results/table2.{extension}").content.decode()
    assert client.get("/studies/small/results/table2.docx").status_code == 404


def test_a_coder_of_the_study_sees_no_download(study, ada, file):
    imported(file)
    assert logged_in(ada).get("/studies/small/results/table2.csv").status_code == 403


def test_the_api_has_the_document(rae, ada, file):
    imported(file)
    evaluation_import(text=json.dumps(document(row("CAML"))), actor=rae)
    client = logged_in(rae)
    found = client.get("/api/v1/evaluations/").json()
    assert found["count"] == 2 and found["results"][0]["imported_by"] == rae.pk
    (own,) = client.get("/api/v1/evaluations/", {"rows__checkpoint_sha256": "12" * 32}).json()[
        "results"
    ]
    assert client.get(f"/api/v1/evaluations/{own['id']}/").json()["result"] == DOCUMENT
    assert logged_in(ada).get(f"/api/v1/evaluations/{own['id']}/").status_code == 403


@pytest.mark.django_db
def test_the_demo_shows_the_table_that_is_shipped(settings, tmp_path, file):
    settings.ROOT = tmp_path
    import_table2()
    assert not EvaluationTable.objects.exists()
    (tmp_path / "fixtures").mkdir()
    file.rename(tmp_path / "fixtures" / "table2.json")
    import_table2()
    assert EvaluationTable.objects.get().result == DOCUMENT
    evaluation_import(text=json.dumps(document(row("CAML"))))
    import_table2()
    assert EvaluationTable.objects.first().result["checkpoints"][0]["system"] == "CAML"


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> dict[str, Path]:
    """A checkpoint of every kind of model, hardly trained."""
    root = tmp_path_factory.mktemp("trained")
    found = {}
    for system in SYSTEMS.values():
        preset = next(
            (name for name in system.presets if name.endswith("-small")), next(iter(system.presets))
        )
        config = system.presets[preset].config
        wanted = {"epochs": 1, "min_notes": 1, "min_count": 1, "dim": 8, "word2vec_epochs": 1}
        changes = [f"{field}={value}" for field, value in wanted.items() if hasattr(config, field)]
        options = [option for change in changes for option in ("--set", change)]
        folders = ["--data", str(MIMIC_30), "--out", str(root / preset)]
        assert rac_model(["train", preset, *options, *folders]) == 0
        found[preset] = root / preset
    return found


@pytest.mark.slow
def test_every_system_is_a_rater_of_table_1_and_a_row_of_table_2(study, rae, trained, tmp_path):
    for preset, folder in trained.items():
        rater = model_register(folder=folder, name=preset)
        run = run_create(study=study, rater=rater, actor=None, poke=lambda run_id: None)
        while chunk := chunk_claim(run.pk):
            chunk_work(chunk)
    client = logged_in(rae)
    client.post("/studies/small/benchmark/")
    work_is_swept()
    page = client.get("/models/").content.decode()
    assert all(f'<th scope="row">{preset}</th>' in page for preset in trained)
    out = tmp_path / "table2.json"
    paths = [str(folder) for folder in trained.values()]
    options = ["--data", str(MIMIC_30), "--format", "json", "--out", str(out)]
    assert rac_model(["evaluate", *paths, *options]) == 0
    assert f"{len(trained)} systems on 10 notes" in imported(out)
    page = client.get("/models/").content.decode()
    assert page.index('<th scope="row">lr-small</th>') < page.index('<th scope="row">LR</th>')
    systems = EvaluationTable.objects.get().result["checkpoints"]
    assert [found["system"] for found in systems][-2:] == ["RAC", ""]
    assert systems[-1]["kind"] == "title-match"
    assert '<span class="tag synthetic">synthetic</span>' in page
