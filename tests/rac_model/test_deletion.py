"""The deletion test: what it measures on a model whose reasons are known, and the command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mimic.folder import read_admissions
from mimic.synthetic.corpus import write_corpus
from mimic.text import tokenise
from mimic.truth import true_places
from rac_model.__main__ import main
from rac_model.evaluation.deletion import figures, trial
from rac_model.evaluation.pointing import pointed
from rac_model.inference.predict import Predictor, load
from tests.rac_model.folder import FILLER, TITLES

Floats = NDArray[np.float32]
WORTH = {"chf": {0: 4.0, 1: 0.5}, "fever": {1: 3.0}, "no": {0: -1.0}}
BIAS = -1.0


class ByTheBook(Predictor):
    """Two codes; a logit is the sum of what WORTH says of the words.

    So removal does exactly what the weights say.
    """

    codes = ["428.0", "780.6"]
    name, threshold = "by the book", 0.5

    def parts(self, words, columns):  # type: ignore[no-untyped-def]
        rows = [[WORTH.get(word, {}).get(column, 0.0) for word in words[:40]] for column in columns]
        weights = np.array(rows, np.float32).reshape(len(columns), -1)
        return np.full(len(columns), BIAS, np.float32), weights

    def of_words(self, words):  # type: ignore[no-untyped-def]
        bias, weights = self.parts(words, [0, 1])
        return 1 / (1 + np.exp(-(bias + weights.sum(1))))


WORDS = ["seen"] * 10 + ["chf"] + ["seen"] * 10 + ["fever"] + ["no"] + ["seen"] * 30 + ["chf"]


def test_taking_words_out_does_what_their_weights_say() -> None:
    one = trial(ByTheBook(), WORDS, 1, 4, np.random.default_rng(0))
    assert one is not None
    # The last chf is past the 40 words read.
    assert np.allclose(one.whole, [4 - 1 - 1, 0.5 + 3 - 1])
    assert np.allclose(one.weight, [4.0, 3.0])
    assert np.allclose(one.whole - one.top, one.weight)
    assert np.allclose(one.whole - one.other, [0.0, 0.5])
    assert np.allclose(one.top_alone, [BIAS + 4, BIAS + 3])
    assert one.random.shape == one.random_alone.shape == (2, 4)


def test_what_is_past_the_limit_does_not_move_up_when_words_go() -> None:
    one = trial(ByTheBook(), ["chf", *["seen"] * 39, "chf"], 1, 1, np.random.default_rng(0))
    assert one is not None and one.top.tolist() == [BIAS]


def test_random_words_are_never_those_of_the_code_itself_where_it_is_the_only_one() -> None:
    one = trial(ByTheBook(), ["seen", "fever", "seen"], 1, 50, np.random.default_rng(1))
    assert one is not None and np.allclose(one.random, 2.0) and np.isnan(one.other).all()


def test_a_note_without_a_code_or_a_word_is_passed_over() -> None:
    assert trial(ByTheBook(), ["seen"], 1, 1, np.random.default_rng(0)) is None
    assert trial(ByTheBook(), [], 1, 1, np.random.default_rng(0)) is None


def test_figures_are_means_over_codes_with_an_interval_over_notes() -> None:
    notes = []
    for words in (WORDS, ["fever", *["seen"] * 9]):
        notes.append(trial(ByTheBook(), words, 1, 3, np.random.default_rng(0)))
    found = figures({number: note for number, note in enumerate(notes) if note}, 0.5, 0)
    assert found["top"]["logit_drop"]["mean"] == pytest.approx((4 + 3 + 3) / 3)
    # Two of the three codes have another beside.
    assert found["other"]["logit_drop"]["mean"] == pytest.approx(0.25)
    assert found["top"]["lost"]["mean"] == found["top"]["beats_other"]["mean"] == 1
    low, mean, high = (found["top"]["logit_drop"][name] for name in ("low", "mean", "high"))
    assert low == pytest.approx(3) and high == pytest.approx(3.5) and low < mean < high
    p = 1 / (1 + np.exp(-np.array([2, 2.5, 2])))
    gone = 1 / (1 + np.exp(-np.array([-2, -0.5, -1])))
    assert found["top"]["comprehensiveness"]["mean"] == pytest.approx(float((p - gone).mean()))
    alone = 1 / (1 + np.exp(-np.array([3, 2, 2])))
    assert found["top"]["sufficiency"]["mean"] == pytest.approx(float((p - alone).mean()))


def test_pointing_counts_words_inside_true_mentions_of_the_code_itself() -> None:
    leaned = np.array([[3, 9, 4], [9, 3, 0], [1, 2, 3]])
    said = {"428.0": frozenset({3, 4, 70}), "780.6": frozenset({3}), "401.9": frozenset({80})}
    found = pointed(["428.0", "780.6", "401.9"], leaned, 40, said)
    assert found["points.hit"].tolist()[:2] == [1, 0] and np.isnan(found["points.hit"][2])
    assert np.allclose(found["points.share"][:2], [2 / 3, 1 / 3])
    assert np.allclose(found["points.chance"][:2], [2 / 40, 1 / 40])


def test_a_synthetic_folders_truth_says_where_a_code_is_said(
    checkpoints, folder: Path, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    data = shutil.copytree(folder, tmp_path / "told")
    assert true_places(data, [192]) is None
    rows = []
    for note in read_admissions(data):
        places = [(c, note.text.find(TITLES[c.replace(".", "")])) for c in note.codes]
        said = [[c, "long", "said", at, at + len(TITLES[c.replace(".", "")])] for c, at in places]
        denied = [note.codes[0], "long", "denied", 0, 9999]
        rows.append({"hadm_id": note.hadm_id, "mentions": [*said, denied]})
    (data / "SYNTHETIC_TRUTH.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    note = next(read_admissions(data, [192]))
    words = tokenise(note.text).words
    for code, places in true_places(data, [192])[192].items():
        title = TITLES[code.replace(".", "")].lower()
        assert [words[place] for place in sorted(places)] == title.split()
    given = ["--data", str(data), "--top", "2"]
    command = ["deletion", str(checkpoints["title-match"]), *given, "--format"]
    assert main([*command, "json"]) == 0
    points = json.loads(capsys.readouterr().out)["figures"]["points"]
    assert points["hit"]["mean"] == points["share"]["mean"] == 1 and points["chance"]["mean"] < 0.2
    assert main([*command, "text"]) == 0
    assert "strongest word where it is said" in capsys.readouterr().out
    with (data / "SYNTHETIC_TRUTH.jsonl").open("a") as file:
        file.write('{"hadm_id": 192, "mentions": [["secret"]]}')
    assert main([*command, "text"]) == 2
    shown = capsys.readouterr().err.splitlines()[-1]
    assert "SYNTHETIC_TRUTH.jsonl line 111" in shown and "secret" not in shown


@pytest.mark.parametrize("kind", ["rac", "lr", "title-match"])
def test_the_command(
    checkpoints: dict[str, Path], folder: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    given = ["--data", str(folder), "--top", "4", "--notes", "12"]
    command = ["deletion", str(checkpoints[kind]), *given]
    assert main([*command, "--format", "json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    top, random = found["figures"]["top"], found["figures"]["random"]
    assert (found["notes"], found["top"]) == (12, 4)
    assert (found["split"], found["synthetic"]) == ("test", False)
    assert found["codes"] >= 12 and top["logit_drop"]["mean"] > random["logit_drop"]["mean"]
    assert main([*command, "--format", "json"]) == 0
    assert capsys.readouterr().out == printed.out
    assert main(command) == 0
    text = capsys.readouterr().out
    assert f"{found['codes']} codes given" in text and f"{top['lost']['mean']:.3f} [" in text
    words = {word.lower() for title in TITLES.values() for word in title.split()} | set(FILLER)
    spoken = {word.strip(",.:();'").lower() for word in text.split()}
    assert not spoken & (words - {"per"})
    assert not words & set(printed.out.split('"'))


def test_the_shares_of_a_title_are_shares_of_its_words(checkpoints: dict[str, Path]) -> None:
    model = load(checkpoints["title-match"])
    words = ["seen", "acute", "kidney", "injury", "seen"]
    (bias,), (row,) = model.parts(words, [model.codes.index("584.9")])
    assert bias == 0 and row[0] == row[4] == 0 and np.allclose(row[1:4], row[1]) and row[1] > 0


def test_nothing_given_is_said(
    checkpoints: dict[str, Path], folder: Path, tmp_path: Path, capsys, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("rac_model.evaluation.deletion.trial", lambda *rest: None)
    assert main(["deletion", str(checkpoints["title-match"]), "--data", str(folder)]) == 0
    assert "no code was given" in capsys.readouterr().out
    assert main(["deletion", str(checkpoints["title-match"]), "--data", str(tmp_path)]) == 2


def test_the_generators_own_truth_is_read(tmp_path: Path) -> None:
    write_corpus(
        tmp_path / "corpus", notes=4, seed=3, jobs=1, short=True, splits=(1, 1, 2), progress=None
    )
    notes = {note.hadm_id: note for note in read_admissions(tmp_path / "corpus")}
    found = true_places(tmp_path / "corpus", list(notes))
    assert found is not None and found.keys() == notes.keys()
    given = [code in found[hadm] for hadm, note in notes.items() for code in note.codes]
    assert sum(given) > len(given) / 2
    for hadm_id, note in notes.items():
        words = len(tokenise(note.text).words)
        assert all(max(places) < words for places in found[hadm_id].values())
