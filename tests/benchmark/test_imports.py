"""Anybody's codings become a rater of a study's Table 1: all rows or none, each bad row named."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from annotation.models import Coding, Event, Rater
from annotation.selectors.codings import codings_of
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.imports import imported as by_page


def imported(file: Path, name: str = "Vendor", kind: str = "model") -> str:
    call_command("import_codings", file, rater=name, kind=kind, stdout=(out := io.StringIO()))
    return out.getvalue()


def refused(file: Path, name: str = "Vendor", kind: str = "model") -> str:
    before = Coding.objects.count(), Rater.objects.count(), Event.objects.count()
    with pytest.raises(CommandError) as error:
        imported(file, name, kind)
    assert error.value.returncode == 2
    assert before == (Coding.objects.count(), Rater.objects.count(), Event.objects.count())
    return str(error.value)


@pytest.fixture
def ids(study) -> list[str]:
    return sorted(codings_of(study, study.reference))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "psv"])
def test_a_file_is_a_rater_of_table_1(study, ids, tmp_path, ending):
    reference = codings_of(study, study.reference)
    lines = {
        "csv": ["note_id,code", *(f"{n},{c}" for n in ids for c in reference[n] or [""])],
        "jsonl": [json.dumps({"note_id": n, "codes": list(reference[n])}) for n in ids],
        "psv": ["|".join([n, *reference[n]]) for n in ids],
    }
    file = tmp_path / f"vendor.{ending}"
    file.write_text("\n".join(lines[ending]) + "\n")
    assert imported(file) == f"Vendor: {len(ids)} new codings in small\n"
    assert imported(file) == "Vendor: 0 new codings in small\n"
    rater = Rater.objects.get(name="Vendor")
    assert {n: set(c) for n, c in codings_of(study, rater).items()} == {
        n: set(reference[n]) for n in ids
    }
    assert imported(file, "Auditor", "coder").startswith("Auditor: ")
    run = benchmark_run(study=study)
    assert run.interim and run.result.to_json()["without_codings"] == ["Human coders"]
    assert {name: row["micro"]["f1"] for name, row in run.result.to_json()["raters"].items()} == {
        "Vendor": 1,
        "Auditor": 1,
    }
    assert Event.objects.filter(verb="codings.imported").count() == 2


def test_another_file_is_a_newer_answer(study, ids, tmp_path):
    file = tmp_path / "codes.csv"
    for code in ("401.9", "428.0"):
        file.write_text("note_id,code\n" + "".join(f"{n},{code}\n" for n in ids))
        imported(file)
        assert set(map(tuple, codings_of(study, Rater.objects.get(name="Vendor")).values())) == {
            (code,)
        }


def test_bad_rows_are_named_and_nothing_is_stored(study, ids, tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text(f"note_id,code\n{ids[0]},401.9\nnowhere,401.9\n{ids[1]},250\n{ids[1]},x1\n")
    message = refused(file)
    assert "row 3: note nowhere is not of this study" in message
    assert "row 4: code 250 looks spoilt by a spreadsheet; it may have been 250.00" in message
    assert "row 5: code x1 is not in the code system" in message and "row 2" not in message
    file.write_text("ward,nurse\n7,12\n")
    assert "note_id" in refused(file)
    file.write_text("note_id,code\n")
    assert "no codings" in refused(file)


def test_a_name_that_codes_here_is_refused(study, ids, titles, tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text(f"note_id,code\n{ids[0]},401.9\n")
    assert "Ada codes on this installation" in refused(file, "Ada", "coder")
    assert "Title matching codes" in refused(file, "Title matching", "model")
    assert "1 to 80 characters" in refused(file, "x" * 81, "coder")


def test_a_reference_is_given_once(study, ids, tmp_path):
    file = tmp_path / "audit.csv"
    file.write_text("note_id,code\n" + "".join(f"{n},401.9\n" for n in ids))
    assert "has a reference already" in refused(file, "Audit", "reference")
    study.reference = None
    study.save(update_fields=["reference"])
    imported(file, "Audit", "reference")
    study.refresh_from_db()
    assert study.reference.name == "Audit" and set(codings_of(study, study.reference)) == set(ids)


def test_by_page(study, ids, rae):
    client = logged_in(rae)
    assert "Import codings" in client.get("/studies/small/").content.decode()

    def sent(text: str):
        fields = {"rater": "Vendor", "kind": "model"}
        return by_page(client, "/studies/small/import/", "codes.csv", text.encode(), **fields)

    refused = sent("note_id,code\nnowhere,401.9\n")
    assert refused.status_code == 422
    assert "Row 2: note nowhere is not of this study" in refused.content.decode()
    taken = client.post("/studies/small/import/", {"rater": "Vendor", "kind": "model"})
    assert taken.status_code == 422 and "required" in taken.content.decode()
    assert not Rater.objects.filter(name="Vendor").exists()
    done = sent("note_id,code\n" + "".join(f"{n},401.9\n" for n in ids))
    assert f"Vendor: {len(ids)} new codings" in done.content.decode()
    assert Event.objects.get(verb="codings.imported").actor == rae


def test_by_api(study, ids, rae, ada, cid):
    def sent(user, text: str, name: str = "Vendor"):
        file = SimpleUploadedFile("codes.psv", text.encode())
        fields = {"file": file, "rater": name, "kind": "coder"}
        return logged_in(user).post("/api/v1/studies/small/codings/", fields)

    for user in (ada, cid):
        assert sent(user, f"{ids[0]}|401.9\n").status_code == 403
    bad = sent(rae, "nowhere|401.9\n")
    assert bad.status_code == 422 and bad.json()["errors"][0]["row"] == 1
    assert sent(rae, f"{ids[0]}|401.9\n", "Ada").status_code == 400
    assert sent(rae, "not a file of codings\x00", "Vendor").status_code == 422
    first, again = (sent(rae, f"{ids[0]}|401.9\n") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    vendor = Rater.objects.get(name="Vendor").pk
    assert first.json() == {
        "rater": vendor,
        "new": 1,
        "raters": [{"rater": vendor, "name": "Vendor", "new": 1}],
        "remarks": ["read as PSV, a note id and its codes a line"],
    }
