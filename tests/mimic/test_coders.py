"""Simulated coders read text and titles only, and do as badly as people in a hurry."""

import re
from pathlib import Path

import pytest

from icd.titles import Title
from mimic.folder import read_admissions, read_titles
from mimic.synthetic import write_corpus
from mimic.synthetic.check import coder_figures, main, shortlist_titles
from mimic.synthetic.coders import SimulatedCoder
from mimic.synthetic.fixture import write_fixture

FIXTURE = Path(__file__).parents[2] / "fixtures" / "mimic_30"
SHORTLIST = {
    "401.9": Title("dx", "Hypertension NOS", "Unspecified essential hypertension"),
    "578.9": Title(
        "dx", "Gastrointest hemorr NOS", "Hemorrhage of gastrointestinal tract, unspecified"
    ),
    "424.1": Title("dx", "Aortic valve disorder", "Aortic valve disorders"),
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dev") / "mimic"
    write_corpus(folder, notes=500, seed=3)
    admissions = list(read_admissions(folder))
    return admissions, shortlist_titles(admissions, read_titles(folder))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Ada", "Ben"])
def test_they_do_as_the_papers_coders_did(notes, name):
    figures = coder_figures(name, *notes)
    assert {figure.name: (figure.low, figure.high) for figure in figures} == {
        "codes a note": (4, 5),
        "micro precision": (0.40, 0.55),
        "micro recall": (0.09, 0.16),
        "seconds a note": (60, 600),
    }
    assert [str(figure) for figure in figures if not figure.kept] == []


def test_same_name_and_note_same_codes_and_other_names_differ(notes):
    admissions, shortlist = notes
    texts = [a.text for a in admissions[:40]]
    ada, again, ben = (SimulatedCoder(name, 1, shortlist) for name in ("Ada", "Ada", "Ben"))
    assert [ada.code(t) for t in texts] == [again.code(t) for t in texts[::-1]][::-1]
    assert [ada.code(t) for t in texts] != [ben.code(t) for t in texts]
    assert ada.habits != ben.habits


def test_they_tick_only_what_is_on_the_shortlist(notes):
    coder = SimulatedCoder("Ada", 1, SHORTLIST)
    ticked = {code for a in notes[0] for code in coder.code(a.text)[0]}
    assert ticked and ticked <= set(SHORTLIST)


def test_capitals_and_denials_are_read():
    coders = [SimulatedCoder("Ada", seed, SHORTLIST) for seed in range(30)]
    said = "Past Medical History:\n1. essential hypertension\n"
    denied = "Past Medical History:\n1. no evidence of essential hypertension\n"
    where_said = sum(coder.code(said)[0] == ["401.9"] for coder in coders)
    where_denied = sum(coder.code(denied)[0] == ["401.9"] for coder in coders)
    assert where_said > where_denied > 0
    assert all(c.code("Past Medical History:\n1. as before\n")[0] == [] for c in coders)
    assert any(c.code("Past Medical History:\n1. AS\n")[0] == ["424.1"] for c in coders)


def test_an_empty_note_takes_time_and_gets_no_code():
    codes, seconds = SimulatedCoder("Ben", 1, SHORTLIST).code("")
    assert codes == [] and seconds > 0


def test_the_thirty_note_folder_is_what_its_command_writes(tmp_path):
    write_fixture(tmp_path / "again")
    names = sorted(path.name for path in FIXTURE.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (FIXTURE / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    assert sum(path.stat().st_size for path in FIXTURE.iterdir()) < 300_000
    assert len(list(read_admissions(FIXTURE))) == 30


def test_check_prints_the_figures_beside_the_published_ones(capsys):
    assert main(["--notes", "40"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == ["corpus", "Ada (simulated)", "Ben (simulated)"]
    codes_a_note = re.compile(r"  codes a note +1\d\.\d{3} +15\.9 +15 - 17( +OUTSIDE)?")
    assert any(codes_a_note.fullmatch(line) for line in lines)
