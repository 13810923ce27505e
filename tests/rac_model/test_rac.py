"""The network: shapes, padding, the collapsed coder, several queries a code.

And what a permutation of sentences moves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mimic.text import permute_sentences
from rac_model.data.samples import padded
from rac_model.models.base import Start
from rac_model.models.rac import Rac, RacConfig, attend
from tests.rac_model import reference

SMALL = RacConfig(dim=12, kernel=4, feed_forward=20, modules=2, dropout=0.0)
TITLES = torch.tensor([[2, 3, 4], [5, 0, 0], [6, 7, 0], [8, 9, 10], [11, 0, 0]])
SHORT_TITLES = torch.tensor([[12, 3, 0], [13, 5, 9], [6, 0, 0], [14, 9, 0], [15, 11, 2]])
TWO = torch.stack([TITLES, SHORT_TITLES])
QUERIES, READOUTS = ("titles", "free", "both"), ("shared", "per-label")


def model(titles: torch.Tensor = TITLES, **changes: object) -> Rac:
    torch.manual_seed(3)
    words = torch.randn(30, 12)
    words[0] = 0
    start = Start(words, words, titles, torch.ones(30), [None] * titles.shape[-2])
    return Rac(replace(SMALL, **changes), start).eval()


def notes(*lengths: int) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.integers(2, 30, size).astype(np.int32) for size in lengths]


@pytest.mark.parametrize("queries", QUERIES)
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("bias", [None, -2.0])
def test_logits_of_all_codes_and_of_some(queries: str, readout: str, bias: float | None) -> None:
    rac = model(queries=queries, readout=readout, readout_bias=bias)
    ids, mask = padded(notes(9, 5))
    every = rac(ids, mask)
    assert every.shape == (2, 5)
    rows = torch.tensor([3, 1])
    torch.testing.assert_close(rac(ids, mask, rows), every[:, rows])


@pytest.mark.parametrize("queries", QUERIES)
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("several", ["joint", "max", "mean"])
def test_the_collapsed_coder_equals_the_formulas(queries: str, readout: str, several: str) -> None:
    """In a padded batch of training, and for one note in inference."""
    titles = TITLES if several == "joint" else TWO
    rac = model(titles, queries=queries, readout=readout, title_queries=several, readout_bias=-1.0)
    texts = notes(9, 25)
    with torch.inference_mode():
        plain = reference.logits(rac, texts, 40)
        torch.testing.assert_close(rac(*padded(texts)), plain, atol=1e-5, rtol=0)
        alone = torch.stack([rac.logits(padded([text])[0]) for text in texts])
        torch.testing.assert_close(alone, plain, atol=1e-5, rtol=0)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("several", ["joint", "max", "mean"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_evidence_sums_to_the_logit(
    readout: str, several: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAC_PRECISION", precision)
    titles = TITLES if several == "joint" else TWO
    rac = model(titles, readout=readout, title_queries=several, readout_bias=-1.0)
    rows, (ids, _) = torch.tensor([4, 0, 2]), padded(notes(21))
    with torch.inference_mode():
        bias, weights = rac.parts(ids, rows)
        assert weights.shape == (3, 21)
        torch.testing.assert_close(bias + weights.sum(1), rac.logits(ids)[rows], atol=1e-5, rtol=0)


def test_the_largest_of_several_queries_gives_its_own_evidence() -> None:
    apart = [model(titles) for titles in TWO]
    rac, rows, (ids, _) = model(TWO, title_queries="max"), torch.arange(5), padded(notes(21))
    each = torch.stack([one.logits(ids) for one in apart])
    torch.testing.assert_close(rac.logits(ids), each.amax(0))
    won = each.argmax(0)
    assert 0 < won.sum() < 5, "both queries win somewhere, or the test shows nothing"
    for code in rows:
        own = apart[won[code]].parts(ids, rows)[1][code]
        torch.testing.assert_close(rac.parts(ids, rows)[1][code], own)


def test_codes_in_blocks_equal_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, _ = padded(notes(21))
    for readout in READOUTS:
        rac = model(TWO, readout=readout, title_queries="mean")
        whole = rac.logits(ids)
        with monkeypatch.context() as patch:
            patch.setattr("rac_model.models.rac.AT_ONCE", 2 * 2 * 21)
            torch.testing.assert_close(rac.logits(ids), whole)


def test_training_forgets_the_titles_kept_for_inference() -> None:
    rac, (ids, _) = model(), padded(notes(21))
    with torch.no_grad():
        before = rac.logits(ids)
        rac.train()
        rac.title_words.weight += 1
        rac.eval()
        assert not torch.allclose(rac.logits(ids), before)
        torch.testing.assert_close(rac.logits(ids), rac(ids, None)[0])


@pytest.mark.parametrize("modules", [0, 1, 4])
def test_a_padded_batch_equals_single_notes(modules: int) -> None:
    rac, texts = model(modules=modules), notes(40, 7, 23, 1)
    together = rac(*padded(texts))
    alone = torch.cat([rac(*padded([text])) for text in texts])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_without_the_mask_padding_changes_the_answer() -> None:
    rac, texts = model(mask_padding=False), notes(40, 7)
    together = rac(*padded(texts))[1]
    assert (together - rac(*padded(texts[1:]))[0]).abs().max() > 1e-4


def test_packed_titles_equal_titles_encoded_one_by_one() -> None:
    rac = model()
    for row, title in enumerate(TITLES):
        words = title[title != 0]
        plain = rac.title_convolution(rac.title_words(words)[None])[0].amax(0)
        torch.testing.assert_close(rac.encode_titles()[0, row], plain)


def test_every_parameter_gets_a_gradient() -> None:
    rac = model(queries="both", readout_bias=-1.0).train()
    rac(*padded(notes(30, 12))).square().sum().backward()
    silent = []
    for name, value in rac.named_parameters():
        if value.grad is None or not value.grad.abs().sum():
            silent.append(name)
    assert silent == []


def test_padding_keeps_its_zero_vector() -> None:
    rac = model().train()
    rac(*padded(notes(30, 12))).sum().backward()
    assert not rac.note_words.weight.grad[0].any()


def test_tied_embeddings_are_one_parameter() -> None:
    names = [name for name, _ in model(tie_embeddings=True).named_parameters()]
    assert "note_words.weight" in names
    assert "title_words.weight" not in names


def test_published_size_has_an_odd_border_of_four_left_five_right() -> None:
    start = Start(torch.randn(9, 8), torch.randn(9, 8), TITLES % 8, torch.ones(9), [None] * 5)
    rac = Rac(RacConfig(dim=8, feed_forward=8, modules=0), start)
    convolution = rac.convolutions[0]
    assert (convolution.left, convolution.right) == (4, 5)
    note = torch.randn(1, 30, 8)
    moved = note.clone()
    moved[0, 15] += 1
    changed = (convolution(note) != convolution(moved)).any(-1)[0].nonzero().ravel().tolist()
    assert changed == list(range(10, 20))


def test_a_sentence_permutation_moves_only_words_near_borders() -> None:
    """Two convolutions of k=4 see 1+1 words to the left and 2+2 to the right.

    Farther in, the embedding is the same.
    """
    rac = model(modules=0)
    text, borders = np.arange(2, 30, dtype=np.int32), np.array([0, 9, 19], np.int32)
    other = permute_sentences(text, borders, np.random.default_rng(3))
    assert sorted(other) == sorted(text)
    assert not np.array_equal(other, text)
    before, after = rac.read(*padded([text]))[0], rac.read(*padded([other]))[0]
    inside = [i for start, end in ((0, 9), (9, 19), (19, 28)) for i in range(start + 2, end - 4)]
    places = [int(np.flatnonzero(other == text[i])[0]) for i in inside]
    torch.testing.assert_close(after[places], before[inside], atol=1e-6, rtol=0)
    moved = int(np.flatnonzero(other == text[8])[0])
    assert not torch.allclose(after[[moved]], before[[8]], atol=1e-6)


def test_attention_of_a_width_that_gpus_pad_is_the_same() -> None:
    query, key, value = torch.randn(3, 2, 7, 12)
    plain = (query @ key.transpose(1, 2) / 12**0.5).softmax(-1) @ value
    torch.testing.assert_close(attend(query, key, value, None), plain)
