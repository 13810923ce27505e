"""The two best-known public files of codings, imported: as the reference, and as raters.

A challenge's file has the majority and three companies, with what coders really mistype and codes
that were valid then. CAML's predictions have notes outside of the study, and procedures whose
zeros were lost.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Code, Rater, Study
from annotation.selectors.codings import codings_of
from benchmark.services.benchmarks import benchmark_run
from tests.cast import logged_in
from tests.files.test_public_files import CHALLENGE, PREDICTED, predictions
from tests.files.written import by_rater, in_caml, xml
from tests.imports import imported

MAJORITY = "CMC_MAJORITY"
COMPANIES = [name for name in CHALLENGE if name != MAJORITY]
WRITTEN = {"cmc.xml": xml(CHALLENGE), "cmc.csv": by_rater(CHALLENGE, "origin")}


def run(path: Path, **options: object) -> None:
    call_command("import_codings", path, stdout=io.StringIO(), **options)


def given_by(name: str, kind: str) -> dict[str, set[str]]:
    codings = codings_of(Study.objects.get(), Rater.objects.get(kind=kind, name=name))
    return {note: set(codes) for note, codes in codings.items()}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_challenge_as_reference_and_as_raters(db, tmp_path, name, capsys):
    path = tmp_path / name
    path.write_text(WRITTEN[name])
    new = {"kind": "reference", "study": "cmc", "new": True}
    with pytest.raises(CommandError, match="say which it is"):
        run(path, **new)
    with pytest.raises(CommandError, match=r"no rater Ada; it has 4 raters \(CMC_MAJORITY"):
        run(path, **new, reference_rater="Ada")
    run(path, **new, reference_rater=MAJORITY)
    assert "left out: 3 raters (COMPANY1, COMPANY2, COMPANY3)" in capsys.readouterr().err
    with pytest.raises(CommandError) as error:
        run(path, kind="coder", reference_rater=MAJORITY)
    for words in (".786.2 looks mistyped", "5185 has no dot", "--unknown keep"):
        assert words in str(error.value)
    run(path, kind="coder", reference_rater=MAJORITY, unknown="keep")
    study = Study.objects.get()
    reference = codings_of(study, study.reference)
    assert {note: set(codes) for note, codes in reference.items()} == CHALLENGE[MAJORITY]
    assert given_by("COMPANY1", "coder") == CHALLENGE["COMPANY1"]
    assert given_by("COMPANY2", "coder") == CHALLENGE["COMPANY2"]
    assert given_by("COMPANY3", "coder")["97635002"] == {"V10.3", "599.0"}
    assert not Rater.objects.filter(kind="coder", name=MAJORITY).exists()
    retired = {code.code for code in Code.objects.filter(retired=True)}
    assert {"780.6", "518.5"} <= retired
    figures = benchmark_run(study=study).result.to_json()["raters"]
    assert figures.keys() >= set(COMPANIES)


def test_the_challenge_by_the_page(db, rae):
    client = logged_in(rae)
    data = WRITTEN["cmc.xml"].encode()
    address = "/studies/from-codings/"
    page = imported(client, address, "cmc.xml", data, slug="cmc", reference_rater=MAJORITY)
    assert "2 notes" in page.content.decode()
    fields = {"kind": "coder", "reference_rater": MAJORITY, "unknown": "keep"}
    imported(client, "/studies/cmc/import/", "cmc.xml", data, **fields)
    assert given_by("COMPANY2", "coder") == CHALLENGE["COMPANY2"]


def test_predictions_of_another_split_with_lost_zeros(db, tmp_path, capsys):
    truth, theirs = tmp_path / "truth.csv", tmp_path / "preds_test.psv"
    truth.write_text("note_id,code\n104128,00.66\n104128,401.9\n193800,250.00\n")
    theirs.write_text(predictions())
    run(truth, kind="reference", study="mimic", new=True)
    with pytest.raises(CommandError) as error:
        run(theirs, kind="model", rater="CAML")
    assert "999999 is not of this study" in str(error.value)
    assert "--notes-of-study" in str(error.value)
    with pytest.raises(CommandError, match="spreadsheet"):
        run(theirs, kind="model", rater="CAML", notes_of_study=True)
    run(theirs, kind="model", rater="CAML", notes_of_study=True, reading="caml")
    told = capsys.readouterr().err
    assert "1 of the 3 notes of the file: 999999" in told and "zeros put back" in told
    assert given_by("CAML", "model") == {n: c for n, c in PREDICTED.items() if n != "999999"}


def test_such_a_file_as_the_reference_of_a_new_study(db, tmp_path):
    """Of several codes that are written alike, the one that somebody here was given is meant."""
    known, file = tmp_path / "known.csv", tmp_path / "labels.csv"
    known.write_text("note_id,code\nx1,00.66\n")
    lines = [f"{note},{in_caml(code)}" for note in ("104128",) for code in sorted(PREDICTED[note])]
    file.write_text("\n".join(["note_id,code", *lines]) + "\n")
    new = {"kind": "reference", "new": True}
    with pytest.raises(CommandError, match=r"00\.66 or 06\.6"):
        run(file, **new, study="labels", reading="caml")
    run(known, **new, study="known")
    run(file, **new, study="labels", reading="caml")
    study = Study.objects.get(slug="labels")
    assert set(codings_of(study, study.reference)["104128"]) == PREDICTED["104128"]
