"""Notes on disk: the same tokens, labels and splits as the source.

Read once, and patient data like it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from icd.codes import caml_reading
from mimic.folder import read_admissions, read_splits
from mimic.table import MimicError
from mimic.text import tokenise
from rac_model.data.corpus import (
    FILES,
    Corpus,
    load,
    opened,
    prepare,
)
from rac_model.data.samples import Notes, codes_of, vocabulary_of
from rac_model.data.word2vec import skip_gram
from tests.rac_model.conftest import TINY
from tests.rac_model.folder import write_folder


@pytest.fixture(scope="module")
def corpus(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    out = tmp_path_factory.mktemp("corpus") / "prepared"
    prepare([folder], out, progress=False)
    return load(out, verify=True)


def test_tokens_codes_and_splits_are_those_of_the_notes(folder: Path, corpus: Corpus) -> None:
    split_of = {hadm: split for split, ids in read_splits(folder).items() for hadm in ids}
    admissions = list(read_admissions(folder))
    assert corpus.hadm_ids.tolist() == [note.hadm_id for note in admissions]
    for place, note in enumerate(admissions):
        tokens = tokenise(note.text)
        assert [corpus.words[number] for number in corpus.numbers(place, 10_000)] == tokens.words
        assert corpus.sentences(place).tolist() == tokens.borders
        assert tuple(corpus.codes[i].code for i in corpus.reference[place].indices) == note.codes
        assert place in corpus.where(split_of[note.hadm_id])
    assert corpus.numbers(3, 5).tolist() == corpus.numbers(3, 10_000)[:5].tolist()


def test_the_same_notes_give_the_same_bytes_and_belong_to_their_owner(
    folder: Path, tmp_path: Path
) -> None:
    one, two = (prepare([folder], tmp_path / name, progress=False) for name in ("one", "two"))
    assert one == two
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_corpus_is_made_once_and_again_when_its_source_changes(tmp_path: Path) -> None:
    folder, beside = write_folder(tmp_path / "mimic"), tmp_path / "prepared"
    first = opened([folder], beside, progress=False)
    assert opened([folder], beside, progress=False).folder == first.folder
    assert opened([first.folder], beside, progress=False).sha256 == first.sha256
    write_folder(folder, seed=2)
    second = opened([folder], beside, progress=False)
    assert second.folder != first.folder
    assert second.sha256 != first.sha256
    both = opened([folder, write_folder(tmp_path / "other", seed=3)], beside, progress=False)
    assert both.manifest["notes"]["train"] == 2 * second.manifest["notes"]["train"]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_corpus_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    prepare([folder], tmp_path / "corpus", progress=False)
    path = tmp_path / "corpus" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(MimicError, match=name):
        load(tmp_path / "corpus", verify=True)
    path.write_bytes(content[:-1])
    with pytest.raises(MimicError, match=name):
        load(tmp_path / "corpus")


def test_a_source_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mimic")
    (folder / "PROCEDURES_ICD.csv").write_text("HADM_ID\n1\n")
    with pytest.raises(MimicError, match="ICD9_CODE"):
        prepare([folder], tmp_path / "corpus", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mimic"]


def test_a_corpus_says_whether_it_is_synthetic(
    folder: Path, corpus: Corpus, tmp_path: Path
) -> None:
    assert corpus.manifest["synthetic"] is False
    marked = write_folder(tmp_path / "marked")
    (marked / "SYNTHETIC").write_text("")
    assert prepare([marked], tmp_path / "out", progress=False)["synthetic"] is True


def test_the_vocabulary_is_of_training_notes_and_often_enough(corpus: Corpus) -> None:
    places = corpus.where("train")
    texts = [
        [corpus.words[number] for number in corpus.numbers(int(place), 4096)] for place in places
    ]
    counts = {word: sum(text.count(word) for text in texts) for word in corpus.words}
    holders = {word: sum(word in text for text in texts) for word in corpus.words}
    words, found = vocabulary_of(corpus, places, replace(TINY, min_count=12, min_notes=9))
    assert set(words) == {
        word for word in corpus.words if counts[word] >= 12 and holders[word] >= 9
    }
    ordered = [counts[word] for word in words]
    assert ordered == sorted(ordered, reverse=True)
    assert found.tolist() == [holders[word] for word in words]
    assert len(vocabulary_of(corpus, places, replace(TINY, max_words=5))[0]) == 5


def test_notes_are_in_the_ids_of_the_vocabulary(corpus: Corpus) -> None:
    places = corpus.where("dev")
    words = corpus.words[:10]
    notes = Notes(corpus, places, words, limit=7)
    for note, place in zip(notes, places, strict=True):
        text = [corpus.words[number] for number in corpus.numbers(int(place), 7)]
        assert note.tolist() == [words.index(word) + 2 if word in words else 1 for word in text]
    assert notes.lengths.max() == 7


def test_permuted_sentences_keep_the_words(corpus: Corpus) -> None:
    notes = Notes(corpus, corpus.where("train"), corpus.words, limit=4096)
    permuted = notes.permuted(0, np.random.default_rng(1))
    assert sorted(permuted.tolist()) == sorted(notes[0].tolist())
    assert permuted.tolist() != notes[0].tolist()


def test_word_vectors_are_learned_once_and_the_same_again(corpus: Corpus) -> None:
    places = corpus.where("train")
    words, _ = vocabulary_of(corpus, places, TINY)
    first = skip_gram(corpus, places, words, TINY)
    files = list(corpus.folder.glob("word2vec-*.npy"))
    assert first.shape == (len(words), TINY.dim)
    files[0].unlink()
    np.testing.assert_array_equal(skip_gram(corpus, places, words, TINY), first)
    assert list(corpus.folder.glob("word2vec-*.npy")) == files


def test_both_readings_of_the_labels(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mimic")
    rows = ["HADM_ID,ICD9_CODE"] + [
        f"{hadm},{code}" for hadm in range(100, 210) for code in ("0331", "331", "9910")
    ]
    (folder / "PROCEDURES_ICD.csv").write_text("\n".join(rows) + "\n")
    corpus = opened([folder], tmp_path / "prepared", progress=False)
    places = corpus.where("train")
    correct, reference = codes_of(corpus, places, TINY)
    assert {"03.31", "33.1", "99.10"} <= {row.code for row in correct}
    read, merged = codes_of(corpus, places, replace(TINY, reading="caml"))
    names = [row.code for row in read]
    assert {"33.1", "99.1"} <= set(names)
    assert not {"03.31", "99.10"} & set(names)
    assert names == sorted(names)
    assert merged.max() == 1
    assert merged[:, names.index("33.1")].sum() == len(corpus.hadm_ids)
    assert reference.sum() - merged.sum() == len(corpus.hadm_ids)
    assert merged.has_sorted_indices


@pytest.mark.parametrize(
    ("code", "kind", "read"),
    [
        ("03.31", "proc", "33.1"),
        ("00.10", "proc", "10.0"),
        ("38.93", "proc", "38.93"),
        ("E849.0", "dx", "E849.0"),
    ],
)
def test_what_published_tables_call_a_code(code: str, kind: str, read: str) -> None:
    assert caml_reading(code, kind) == read


def test_a_manifest_of_another_version_is_refused(folder: Path, tmp_path: Path) -> None:
    prepare([folder], tmp_path / "corpus", progress=False)
    path = tmp_path / "corpus" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 0}))
    with pytest.raises(MimicError, match="prepare again"):
        load(tmp_path / "corpus")
