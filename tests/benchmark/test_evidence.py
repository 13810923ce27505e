"""Where a model looked: stored with its codes, and shown behind the same walls.

On the note's page, and by the API.
"""

import json
import re

import pytest

from annotation.models import Batch, Coding, CodingItem, Note, Rater, Role, Study, User
from benchmark.models import Evidence
from benchmark.services.checkpoints import predictor
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from benchmark.tables.notes.highlight import (
    LEVELS,
    Why,
    cut,
    level,
    marked,
    merged,
)
from tests.cast import logged_in

TEXT = "\nAcute renal failure; chest pain.\r\nNo chest pain 😀 since."


def whys():
    kidney, chest = TEXT.index("Acute"), TEXT.index("chest")
    places = [
        (kidney, kidney + 5, 2.0),
        (kidney + 6, kidney + 11, 1.0),
        (kidney + 12, kidney + 19, -0.5),
    ]
    return [
        Why("584.9", "Acute kidney failure", 0.9, 2.0, -1.0, 0.5, places),
        Why("786.50", "Chest pain", 0.8, 1.0, 0.0, 0.0, [(chest, chest + 10, 1.0)]),
        Why("401.9", "Hypertension", 0.6),
    ]


def test_the_pieces_are_the_text_and_light_up_by_weight_and_sign():
    pieces, codes = marked(TEXT, whys(), 0)
    assert "".join(piece.text for piece in pieces) == TEXT
    assert [(p.text, p.level) for p in pieces if p.level] == [
        ("Acute renal", LEVELS),
        ("failure", -1),
    ]
    by_number = {str(p.number): p.text for p in pieces if p.number is not None}
    lights = [[pair.split(":") for pair in code.lights.split()] for code in codes]
    assert [[(by_number[n], int(shade)) for n, shade in found] for found in lights] == [
        [("Acute renal", LEVELS), ("failure", -1)],
        [("chest pain", LEVELS)],
        [],
    ]
    assert codes[0].words == (
        "584.9: logit +2.00 = bias -1.00, 3 strongest +2.50, all others +0.50. "
        "Most: “Acute renal” +3.00, “failure” -0.50."
    )
    assert "no evidence is stored" in codes[2].words
    assert not any(piece.level for piece in marked(TEXT, whys(), None)[0])


def test_a_text_without_codes_is_one_piece_and_overlapping_codes_share_pieces():
    pieces, codes = marked("a b", [], None)
    assert [(p.text, p.number) for p in pieces] == [("a b", None)] and codes == []
    one, other = Why("1", "", 1, spans=[(0, 8, 1.0)]), Why("2", "", 1, spans=[(5, 12, 1.0)])
    pieces, codes = marked("abcdefghijklmn", [one, other], 1)
    assert [(p.text, p.level) for p in pieces] == [
        ("abcde", 0),
        ("fgh", LEVELS),
        ("ijkl", LEVELS),
        ("mn", 0),
    ]
    assert codes[0].lights == f"0:{LEVELS} 1:{LEVELS}"
    assert marked("", [Why("1", "", 1, spans=[(0, 0, 1.0)])], 0)[0] == []


def test_neighbours_merge_only_with_their_own_sign_and_without_a_word_between():
    assert merged("chest, pain", [(0, 5, 1.0), (7, 11, 1.0)]) == [(0, 11, 2.0)]
    assert merged("chest or pain", [(0, 5, 1.0), (9, 13, 1.0)]) == [(0, 5, 1.0), (9, 13, 1.0)]
    assert merged("chest pain", [(0, 5, 1.0), (6, 10, -1.0)]) == [(0, 5, 1.0), (6, 10, -1.0)]
    assert cut("abc", [[(1, 2, 1.0)]]) == [(0, 1), (1, 2), (2, 3)]
    levels = {4.0: 4, 2.1: 3, 0.1: 1, 0.07: 0, 0.0: 0, -0.1: -1, -4.0: -4}
    assert {weight: level(weight, 4.0) for weight in levels} == levels
    assert level(0.0, 0.0) == 0


@pytest.fixture
def run(study, titles):
    made = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(made.pk):
        chunk_work(chunk)
    return made


@pytest.fixture
def note(study):
    return Note.objects.get(external_id="n3")


def test_every_code_of_a_run_has_its_evidence_which_adds_up(run):
    items = CodingItem.objects.filter(coding__rater=run.rater).select_related(
        "evidence", "coding__note", "code"
    )
    assert items.count() == Evidence.objects.count() == 12
    model = predictor(run.checkpoint_sha256)
    for item in items:
        stored, text = item.evidence, item.coding.note.text
        assert stored.bias + sum(w for *_, w in stored.spans) + stored.rest == pytest.approx(
            stored.logit, abs=1e-9
        )
        (why,) = model.explain(text, [model.codes.index(item.code.code)])
        assert (stored.logit, stored.bias) == (why.logit, why.bias)
        assert [text[start:end] for start, end, _ in stored.spans] == ["hypertension"]


def test_the_same_chunk_delivered_again_leaves_the_evidence_as_it_was(run):
    before = list(Evidence.objects.values_list("pk", "item", "logit"))
    run.chunks.update(state="waiting", attempts=0)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    assert list(Evidence.objects.values_list("pk", "item", "logit")) == before


def test_no_word_of_the_note_is_stored(run):
    stored = json.dumps(
        [list(row) for row in Evidence.objects.values_list("logit", "bias", "rest", "spans")]
    )
    assert not re.search(r"[a-df-z]", stored)  # e: an exponent


def test_the_page_lists_codes_and_marks_the_chosen_one_without_a_script(run, note, rae):
    client, url = logged_in(rae), f"/studies/small/notes/{note.pk}/"
    page = client.get(url).content.decode()
    assert "no proof that a word caused the code" in page
    assert 'class="lit" data-level="4">for<' in page
    assert f'href="?code=401.9&amp;rater={run.rater.pk}#why-' in page
    assert '">hypertension</span>' in page and 'class="lit" data-level="4">hypertension' not in page
    page = client.get(url, {"code": "401.9", "rater": run.rater.pk}).content.decode()
    assert 'class="lit" data-level="4">hypertension</span>' in page
    assert len(re.findall(r'data-why="[^"]+"\s+aria-current="true"', page)) == 1
    for odd in (
        {"code": "401.9", "rater": "x"},
        {"code": "nonsense"},
        {"rater": "0", "code": "401.9"},
    ):
        assert client.get(url, odd).status_code == 200


def test_a_run_from_before_evidence_says_so(run, note, rae):
    Evidence.objects.all().delete()
    page = (
        logged_in(rae)
        .get(f"/studies/small/notes/{note.pk}/?code=401.9&rater={run.rater.pk}")
        .content.decode()
    )
    assert "no evidence is stored for this run" in page


def test_the_newest_run_of_a_model_is_shown(run, note, study):
    again = run_create(study=study, rater=run.rater, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(again.pk):
        chunk_work(chunk)
    from benchmark.selectors.notes import side_and_evidence

    assert Coding.objects.filter(note=note, rater=run.rater).count() == 2
    ((rater, given),) = side_and_evidence(study, note)[1].items()
    assert rater == run.rater and len({why.code for why in given}) == len(given)
    assert [why.probability for why in given] == sorted(
        (why.probability for why in given), reverse=True
    )


def test_the_api_has_the_evidence_of_a_note(run, note, rae):
    rows = (
        logged_in(rae)
        .get("/api/v1/evidence/", {"note": note.pk, "rater": run.rater.pk, "code": "401.9"})
        .json()
    )
    (row,) = rows["results"]
    assert (row["note"], row["rater"], row["study"], row["code"]) == (
        note.pk,
        run.rater.pk,
        run.study_id,
        "401.9",
    )
    assert row["bias"] + sum(s["weight"] for s in row["spans"]) + row["rest"] == pytest.approx(
        row["logit"]
    )
    (span,) = row["spans"]
    assert note.text[span["start"] : span["end"]] == "hypertension"


@pytest.mark.parametrize("role", list(Role))
def test_who_codes_in_the_open_study_sees_none_of_it(run, note, ada, role):
    User.objects.filter(pk=ada.pk).update(role=role)
    ada.refresh_from_db()
    client = logged_in(ada)
    page = client.get(f"/studies/small/notes/{note.pk}/", {"code": "401.9", "rater": run.rater.pk})
    assert page.status_code == 403 and "hypertension" not in page.content.decode()
    answer = client.get("/api/v1/evidence/", {"note": note.pk})
    assert answer.status_code == 403 or answer.json()["count"] == 0
    assert "hypertension" not in client.get("/queue/").content.decode()
    Study.objects.update(status=Study.Status.CLOSED)
    seen = client.get("/api/v1/evidence/", {"note": note.pk})
    assert (seen.status_code == 200 and seen.json()["count"] > 0) == (
        role in (Role.RESEARCHER, Role.ADMIN)
    )


def test_another_studys_note_is_not_found(run, rae, study):
    other = Batch.objects.create(name="other", sha256="0" * 64, origin="own")
    note = Note.objects.create(batch=other, external_id="x", text="private", sha256="")
    assert logged_in(rae).get(f"/studies/small/notes/{note.pk}/").status_code == 404
    assert Rater.objects.filter(kind="model").count() == 1
